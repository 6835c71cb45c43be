/* What makes items alike, against values worked out by hand; samples; places in lists. */
#include "popular.h"
#include "sample.h"
#include "similar.h"
#include "unit.h"

static void means(void **state)
{
	static const struct {
		int line;
		double sum;
		int64_t count;
		double mean;
	} rows[] = {
		{ __LINE__, 0, 0, 5.5 },
		{ __LINE__, 10, 1, 7.75 },	   /* (10 + 5.5) / 2 */
		{ __LINE__, 18, 2, 23.5 / 3 },	   /* (18 + 5.5) / 3 */
		{ __LINE__, 100, 10, 105.5 / 11 }, /* nothing but tens: still below ten */
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		double off = similar_mean(rows[i].sum, rows[i].count) - rows[i].mean;

		check_row(rows[i].line, off < 1e-12 && off > -1e-12);
	}
}

/* Pairs of ratings above the mean, each by so many users. */
static void scores(void **state)
{
	static const struct {
		int line;
		int users;
		double pairs[3][2]; /* in turn; {0, 0} ends them */
		int score;
	} rows[] = {
		/* cosine 4 / sqrt(5 * 5) = 0.8; of two users 2 / 102 of it: 0.015686 */
		{ __LINE__, 2, { { 1, 2 }, { 2, 1 } }, 157 },
		/* of a hundred half: 0.4 */
		{ __LINE__, 100, { { 1, 2 }, { 2, 1 } }, 4000 },
		/* of three hundred alike 300 / 400 */
		{ __LINE__, 300, { { 1, 1 } }, 7500 },
		/* how strong the feelings are does not count, only how they go together */
		{ __LINE__, 300, { { 0.1, 4 } }, 7500 },
		/* (-2 * -1 + 3 * 1 + 1 * 2) / sqrt(14 * 6) = 7 / 9.16515 = 0.763763; * 3 / 103 */
		{ __LINE__, 3, { { -2, -1 }, { 3, 1 }, { 1, 2 } }, 222 },
		/* a single one says nothing */
		{ __LINE__, 1, { { 1, 1 } }, 0 },
		{ __LINE__, 0, { { 1, 1 } }, 0 },
		/* nothing in common: 1 - 1 */
		{ __LINE__, 200, { { 1, 1 }, { 1, -1 } }, 0 },
		/* opposite */
		{ __LINE__, 200, { { 1, -1 } }, 0 },
		/* one item is the mean to all */
		{ __LINE__, 200, { { 0, 2 }, { 0, 1 } }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct similar_sums sums = { .users = 0 };
		int pairs = 0;

		while (pairs < 3 && rows[i].pairs[pairs][1] != 0)
			pairs++;
		for (int user = 0; user < rows[i].users; user++) {
			const double *pair = rows[i].pairs[user % pairs];

			similar_add(&sums, pair[0], pair[1]);
		}
		check_row(rows[i].line, similar_score(&sums) == rows[i].score);
	}
}

static void places(void **state)
{
	struct neighbours neighbours = { .count = 0 };
	char name[IDENTIFIER_SIZE];

	(void)state;
	assert_true(neighbours_offer(&neighbours, "b", 50));
	assert_true(neighbours_offer(&neighbours, "c", 50));
	assert_true(neighbours_offer(&neighbours, "a", 50));
	assert_true(neighbours_offer(&neighbours, "z", 90));
	assert_true(neighbours_offer(&neighbours, "y", 10));
	assert_false(neighbours_offer(&neighbours, "x", 0));
	assert_false(neighbours_offer(&neighbours, "b", 70)); /* it is there */
	assert_int_equal(neighbours.count, 5);
	for (int i = 0; i < 5; i++)
		assert_int_equal(neighbours.list[i].item[0], "zabcy"[i]);

	/* a full list lets the better in, and the worst goes */
	for (int i = 0; neighbours.count < NEIGHBOURS_MOST; i++) {
		snprintf(name, sizeof(name), "n%02d", i);
		assert_true(neighbours_offer(&neighbours, name, 20));
	}
	assert_string_equal(neighbours.list[NEIGHBOURS_MOST - 1].item, "y");
	assert_false(neighbours_offer(&neighbours, "yy", 10)); /* equal, and behind it */
	assert_true(neighbours_offer(&neighbours, "x", 10));   /* equal, and before it */
	assert_int_equal(neighbours.count, NEIGHBOURS_MOST);
	assert_string_equal(neighbours.list[NEIGHBOURS_MOST - 1].item, "x");
	assert_true(neighbours_offer(&neighbours, "v", 100));
	assert_string_equal(neighbours.list[0].item, "v");
	assert_int_equal(neighbours.list[NEIGHBOURS_MOST - 1].score, 20);
}

/* Of count rows take at most most, look through scanned: what is taken, how many are looked at. */
static void samples(void **state)
{
	static const struct {
		int line;
		int64_t count, most, scanned;
		int64_t taken, met, last; /* last: the last one taken, from 0 */
	} rows[] = {
		{ __LINE__, 5, 10, 100, 5, 5, 4 },	  { __LINE__, 10, 10, 100, 10, 10, 9 },
		{ __LINE__, 11, 10, 100, 6, 11, 10 }, /* every second */
		{ __LINE__, 30, 10, 100, 10, 30, 27 },	  { __LINE__, 100, 10, 100, 10, 100, 90 },
		{ __LINE__, 1000, 10, 100, 10, 100, 90 }, /* of the first hundred */
		{ __LINE__, 3, 10, 5, 3, 3, 2 },	  { __LINE__, 0, 10, 100, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct sample sample;
		int64_t taken = 0, last = 0, at = 0;

		sample_begin(&sample, rows[i].count, rows[i].most, rows[i].scanned);
		for (bool more = true; more && at < rows[i].count; at++) {
			if (sample_takes(&sample)) {
				taken++;
				last = at;
			}
			more = sample_goes_on(&sample);
		}
		check_row(rows[i].line, taken == rows[i].taken);
		check_row(rows[i].line, at == rows[i].met);
		check_row(rows[i].line, last == rows[i].last);
	}
}

/* Rows that came after they were counted do not burst the sample. */
static void grown_samples(void **state)
{
	struct sample sample;
	int taken = 0;

	(void)state;
	sample_begin(&sample, 3, 10, 100);
	do
		taken += sample_takes(&sample);
	while (sample_goes_on(&sample));
	assert_int_equal(taken, 10);
}

static void damped_means(void **state)
{
	static const struct {
		int line;
		struct rating_stats stats;
		double score;
	} rows[] = {
		{ __LINE__, { 0, 0 }, 6 },
		{ __LINE__, { 25, 250 }, 8 },	     /* half its own ten, half six */
		{ __LINE__, { 1, 10 }, 160.0 / 26 }, /* a single ten */
		{ __LINE__, { 75, 600 }, 7.5 },	     /* (600 + 150) / 100 */
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		double off = popular_score(&rows[i].stats, 6) - rows[i].score;

		check_row(rows[i].line, off < 1e-12 && off > -1e-12);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(means),	 cmocka_unit_test(scores),
		cmocka_unit_test(places),	 cmocka_unit_test(samples),
		cmocka_unit_test(grown_samples), cmocka_unit_test(damped_means),
	};

	return cmocka_run_group_tests_name("similar", tests, NULL, NULL);
}
