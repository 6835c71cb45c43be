/* Ratings, what is counted of them, what becomes of them with their database, what verify finds. */
#include "rating.h"
#include "trash.h"
#include "unit-store.h"
#include "verify.h"

static char organization[ID_SIZE], here[ID_SIZE], there[ID_SIZE];

static enum error make_databases(struct txn *txn, void *arg)
{
	enum error error = unit_make_organization(txn, organization);

	(void)arg;
	if (!error)
		error = unit_make_database(txn, organization, "here", here);
	return error ? error : unit_make_database(txn, organization, "there", there);
}

static int open_store(void **state)
{
	if (open_empty_store(state))
		return -1;
	return store_update(store, make_databases, NULL);
}

static enum error put(struct txn *txn, const char *database, const char *user, const char *item,
		      double value)
{
	return rating_put(txn, database, &(struct rating){ user, item, value, 1700000000.25 });
}

/* Joins what it is called with, for comparison with a text. */
struct joined {
	char text[512];
	int most;
};

static bool join(struct joined *joined, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static bool join(struct joined *joined, const char *format, ...)
{
	size_t length = strlen(joined->text);
	va_list args;

	va_start(args, format);
	vsnprintf(joined->text + length, sizeof(joined->text) - length, format, args);
	va_end(args);
	return --joined->most != 0;
}

static bool join_rating(void *arg, const struct rating *rating)
{
	return join(arg, "%s:%s=%g ", rating->user, rating->item, rating->value);
}

static bool join_user(void *arg, const char *user)
{
	return join(arg, "%s ", user);
}

static bool join_item(void *arg, const char *item, const struct rating_stats *stats)
{
	return join(arg, "%d*%s=%g ", (int)stats->count, item, stats->sum);
}

static bool counts_are(struct txn *txn, const char *database, int ratings, int users, int items)
{
	struct database_counters counters;

	return rating_counters(txn, database, &counters) == OK && counters.ratings == ratings &&
	       counters.users == users && counters.items == items;
}

static bool status_is(struct txn *txn, const char *id, const char *status)
{
	struct failure failure = { .code = OK };
	struct database database;
	bool good;

	if (database_find(txn, organization, id, NULL, &database, &failure))
		return false;
	good = strcmp(database_status(&database), status) == 0;
	database_free(&database);
	return good;
}

static bool see_status(void *arg, struct bytes entry)
{
	bool ready = memmem(entry.data, entry.size, "\"ready\"", 7);

	join(arg, "%s ", ready ? "ready" : "pending");
	return true;
}

static enum error put_and_get(struct txn *txn, void *arg)
{
	struct joined listed = { .text = "" };
	struct rating_stats stats;
	struct rating rating;
	int64_t count;

	(void)arg;
	expect(rating_get(txn, here, "ann", "i1", &rating) == ERR_ABSENT);
	expect(counts_are(txn, here, 0, 0, 0) && status_is(txn, here, "pending"));
	expect(put(txn, here, "ann", "i1", 7.25) == OK);
	expect(rating_get(txn, here, "ann", "i1", &rating) == OK);
	expect(rating.value == 7.25 && rating.timestamp == 1700000000.25);
	expect(counts_are(txn, here, 1, 1, 1) && status_is(txn, here, "ready"));
	expect(status_is(txn, there, "pending"));
	expect(database_each(txn, organization, 0, see_status, &listed) == OK);
	expect(strcmp(listed.text, "ready pending ") == 0);

	/* replacing counts once */
	expect(put(txn, here, "ann", "i1", 2.1) == OK && put(txn, here, "ann", "i1", 9.7) == OK);
	expect(rating_get(txn, here, "ann", "i1", &rating) == OK && rating.value == 9.7);
	expect(counts_are(txn, here, 1, 1, 1));
	expect(put(txn, here, "bob", "i1", 1) == OK && put(txn, here, "ann", "i2", 10) == OK);
	expect(counts_are(txn, here, 3, 2, 2));
	expect(rating_item_stats(txn, here, "i1", &stats) == OK);
	expect(stats.count == 2 && stats.sum == 10.7);
	expect(rating_user_count(txn, here, "ann", &count) == OK && count == 2);
	expect(rating_user_count(txn, here, "an", &count) == OK && count == 0);
	expect(rating_item_stats(txn, here, "i", &stats) == OK && stats.count == 0);

	/* deleting takes everything back */
	expect(rating_delete(txn, here, "ann", "i3") == ERR_ABSENT);
	expect(rating_delete(txn, there, "ann", "i1") == ERR_ABSENT);
	expect(rating_delete(txn, here, "ann", "i1") == OK);
	expect(rating_item_stats(txn, here, "i1", &stats) == OK && stats.sum == 1);
	expect(rating_delete(txn, here, "bob", "i1") == OK && counts_are(txn, here, 1, 1, 1));
	expect(rating_delete(txn, here, "ann", "i2") == OK && counts_are(txn, here, 0, 0, 0));
	expect(status_is(txn, here, "pending"));
	memset(&listed, 0, sizeof(listed));
	expect(database_each(txn, organization, 0, see_status, &listed) == OK);
	expect(strcmp(listed.text, "pending pending ") == 0);
	return OK;
}

static void test_put_and_get(void **state)
{
	(void)state;
	assert_int_equal(store_update(store, put_and_get, NULL), OK);
}

static enum error put_many(struct txn *txn, void *arg)
{
	const struct rating ratings[] = {
		{ "zoe", "i9", 3, 1 },	{ "ann", "i2", 5, 2 },	{ "zoe", "i1", 4, 3 },
		{ "ann", "i2", 6, 4 },	{ "a", "i2", 7, 5 },	{ "ann", "i1", 8, 6 },
		{ "an-n", "i1", 9, 7 }, { "an.n", "i1", 1, 8 },
	};
	struct joined all = { .text = "" }, items = { .text = "" };
	struct rating rating;

	(void)arg;
	expect(put(txn, here, "ann", "i1", 2) == OK);
	expect(rating_put_many(txn, here, ratings, 0) == OK && counts_are(txn, here, 1, 1, 1));
	expect(rating_put_many(txn, here, ratings, ROWS(ratings)) == OK);
	expect(counts_are(txn, here, 7, 5, 3));
	expect(rating_get(txn, here, "ann", "i2", &rating) == OK && rating.value == 6);
	expect(rating_get(txn, here, "ann", "i1", &rating) == OK && rating.value == 8);
	expect(put(txn, there, "ann", "i1", 1) == OK);
	expect(rating_each(txn, here, NULL, join_rating, &all) == OK);
	expect(strcmp(all.text, "a:i2=7 an-n:i1=9 an.n:i1=1 ann:i1=8 ann:i2=6 "
				"zoe:i1=4 zoe:i9=3 ") == 0);
	expect(rating_each_item(txn, here, NULL, join_item, &items) == OK);
	expect(strcmp(items.text, "4*i1=22 2*i2=13 1*i9=3 ") == 0);
	return OK;
}

static void test_put_many(void **state)
{
	(void)state;
	assert_int_equal(store_update(store, put_many, NULL), OK);
}

static enum error walk(struct txn *txn, void *arg)
{
	static const char *const users[] = { "a", "aa", "a-a", "b" };
	struct joined joined;

	(void)arg;
	for (size_t i = 0; i < ROWS(users); i++) {
		expect(put(txn, here, users[i], "x", 1) == OK);
		expect(put(txn, here, users[i], "xx", 2) == OK);
		expect(put(txn, there, users[i], "x", 3) == OK);
	}
#define gives(wanted, most_of, call)                           \
	do {                                                   \
		joined = (struct joined){ .most = (most_of) }; \
		expect((call) == OK);                          \
		expect(strcmp(joined.text, (wanted)) == 0);    \
	} while (0)
	gives("a:x=1 a:xx=2 ", 0, rating_each_of_user(txn, here, "a", NULL, join_rating, &joined));
	gives("a:x=1 ", 1, rating_each_of_user(txn, here, "a", NULL, join_rating, &joined));
	gives("a:xx=2 ", 0, rating_each_of_user(txn, here, "a", "xx", join_rating, &joined));
	gives("a:xx=2 ", 0, rating_each_of_user(txn, here, "a", "x-", join_rating, &joined));
	gives("", 0, rating_each_of_user(txn, here, "a", "y", join_rating, &joined));
	gives("", 0, rating_each_of_user(txn, here, "", NULL, join_rating, &joined));
	gives("a a-a aa b ", 0, rating_each_of_item(txn, here, "x", NULL, join_user, &joined));
	gives("aa b ", 0, rating_each_of_item(txn, here, "x", "aa", join_user, &joined));
	gives("a a-a ", 2, rating_each_of_item(txn, here, "x", NULL, join_user, &joined));
	gives("4*xx=8 ", 0, rating_each_item(txn, here, "x0", join_item, &joined));
	/* behind a pair, whether it is there or not */
	gives("aa:xx=2 b:x=1 b:xx=2 ", 0,
	      rating_each(txn, here, &(struct rating){ .user = "aa", .item = "x" }, join_rating,
			  &joined));
	gives("b:x=1 b:xx=2 ", 0,
	      rating_each(txn, here, &(struct rating){ .user = "aa", .item = "y" }, join_rating,
			  &joined));
	gives("b:x=3 ", 0,
	      rating_each(txn, there, &(struct rating){ .user = "aa", .item = "x" }, join_rating,
			  &joined));
	gives("", 0,
	      rating_each(txn, here, &(struct rating){ .user = "b", .item = "xx" }, join_rating,
			  &joined));
#undef gives
	return OK;
}

static void test_walk(void **state)
{
	(void)state;
	assert_int_equal(store_update(store, walk, NULL), OK);
}

#define MANY 700

static enum error fill(struct txn *txn, void *arg)
{
	static char items[MANY][16];
	struct rating ratings[MANY];

	for (int i = 0; i < MANY; i++) {
		snprintf(items[i], sizeof(items[i]), "i%d", i);
		ratings[i] = (struct rating){ arg, items[i], 1 + i % 10, 1 };
	}
	expect(rating_put_many(txn, here, ratings, MANY) == OK);
	return put(txn, there, "ann", "i1", 5);
}

static enum error delete_some(struct txn *txn, void *arg)
{
	return rating_delete_user(txn, here, "ann", arg);
}

static enum error only_bob_is_left(struct txn *txn, void *arg)
{
	(void)arg;
	expect(counts_are(txn, here, MANY, 1, MANY) && counts_are(txn, there, 1, 1, 1));
	return OK;
}

static void test_delete_user(void **state)
{
	int64_t left = -1, before;
	int rounds = 0;

	(void)state;
	assert_int_equal(store_update(store, fill, (void *)"ann"), OK);
	assert_int_equal(store_update(store, fill, (void *)"bob"), OK);
	do {
		before = left;
		assert_int_equal(store_update(store, delete_some, &left), OK);
		assert_true(before < 0 || left < before);
		rounds++;
	} while (left > 0);
	assert_true(rounds > 1);
	assert_int_equal(store_view(store, only_bob_is_left, NULL), OK);
	assert_int_equal(store_update(store, delete_some, &left), OK);
	assert_int_equal(left, 0);
}

struct findings {
	int count, mended;
	char first[256];
};

static void note(void *arg, const struct verify_finding *finding)
{
	struct findings *findings = arg;

	if (findings->count++ == 0)
		snprintf(findings->first, sizeof(findings->first), "%s: %s", finding->table,
			 finding->what);
	findings->mended += finding->mended;
}

static struct findings verify(bool repair, uint64_t *outlived_r)
{
	struct findings findings = { .count = 0 };
	struct verify_summary summary;

	assert_int_equal(verify_store(store,
				      &(struct verify_options){ .directory = folder,
								.repair = repair,
								.report = note,
								.arg = &findings },
				      &summary),
			 OK);
	if (outlived_r)
		*outlived_r = summary.outlived;
	return findings;
}

/* The rows of all tables in which a database has some. */
static enum error count_rows(struct txn *txn, void *arg)
{
	static const enum table tables[] = {
		TABLE_TRASH,	   TABLE_RATING, TABLE_RATING_ITEM,
		TABLE_RATING_USER, TABLE_ITEM,	 TABLE_DATABASE_COUNT
	};
	uint64_t *rows = arg;

	*rows = 0;
	for (size_t i = 0; i < ROWS(tables); i++) {
		uint64_t count;

		expect(store_count(txn, tables[i], &count) == OK);
		*rows += count;
	}
	return OK;
}

static enum error delete_here(struct txn *txn, void *arg)
{
	struct failure failure = { .code = OK };

	(void)arg;
	return database_delete(txn, organization, here, &failure);
}

static enum error sweep(struct txn *txn, void *arg)
{
	return trash_sweep(txn, 500, arg);
}

static void test_trash(void **state)
{
	uint64_t rows, before, outlived;
	int64_t removed = 500;

	(void)state;
	assert_int_equal(store_update(store, fill, (void *)"ann"), OK);
	assert_int_equal(store_view(store, count_rows, &before), OK);
	assert_int_equal(store_update(store, delete_here, NULL), OK);
	assert_int_equal(store_view(store, count_rows, &rows), OK);
	assert_true(rows > MANY && rows <= before + 1);
	assert_int_equal(verify(true, &outlived).count, 0);
	assert_true(outlived > 0);
	while (removed == 500)
		assert_int_equal(store_update(store, sweep, &removed), OK);
	assert_int_equal(store_view(store, count_rows, &rows), OK);
	assert_int_equal(rows, 5); /* what is there */
	assert_int_equal(verify(false, &outlived).count, 0);
	assert_int_equal(outlived, 0);
	assert_int_equal(store_update(store, sweep, &removed), OK);
	assert_int_equal(removed, 0);
}

/* What can go wrong in the tables, and what verify says of it. */
struct damage {
	int line;
	enum table table;
	const char *key, *value; /* behind the database's ID; value: NULL to delete */
	const char *said;
};

static enum error do_damage(struct txn *txn, void *arg)
{
	const struct damage *damage = arg;
	char key[64];

	snprintf(key, sizeof(key), "%s%s", here, damage->key);
	return damage->value ? store_put(txn, damage->table, bytes_of(key), bytes_of(damage->value))
			     : store_delete(txn, damage->table, bytes_of(key));
}

static enum error rate_two(struct txn *txn, void *arg)
{
	(void)arg;
	expect(put(txn, here, "ann", "i1", 3) == OK && put(txn, here, "bob", "i1", 4) == OK);
	return put(txn, here, "ann", "i2", 5);
}

static enum error is_whole(struct txn *txn, void *arg)
{
	struct rating_stats stats;
	int64_t count;

	(void)arg;
	expect(counts_are(txn, here, 3, 2, 2) && status_is(txn, here, "ready"));
	expect(rating_user_count(txn, here, "ann", &count) == OK && count == 2);
	expect(rating_item_stats(txn, here, "i1", &stats) == OK && stats.count == 2);
	expect(stats.sum == 7);
	return OK;
}

static void test_verify(void **state)
{
	static const struct damage damages[] = {
		{ __LINE__, TABLE_RATING_USER, "ann", "{\"count\":3,\"v\":1}",
		  "rating-user: does not count what is there" },
		{ __LINE__, TABLE_RATING_USER, "ann", NULL, "rating: is not counted in " },
		{ __LINE__, TABLE_ITEM, "i1", "{\"count\":1,\"sum\":7000000,\"v\":1}",
		  "item: does not count what is there" },
		{ __LINE__, TABLE_ITEM, "i1", "{\"count\":2,\"sum\":7000001,\"v\":1}",
		  "item: does not add up what is there" },
		{ __LINE__, TABLE_ITEM, "i1", NULL, "rating: is not counted in " },
		{ __LINE__, TABLE_ITEM, "none", "{\"count\":2,\"sum\":7000000,\"v\":1}",
		  "item: does not count what is there" },
		{ __LINE__, TABLE_DATABASE_COUNT, "",
		  "{\"rating\":2,\"user\":2,\"item\":2,\"v\":1}",
		  "database-count: does not count what is there" },
		{ __LINE__, TABLE_DATABASE_COUNT, "", NULL,
		  "database: is ready, but no rating is counted" },
		{ __LINE__, TABLE_RATING_ITEM, "i1 ann", NULL, "rating: has no entry in " },
		{ __LINE__, TABLE_RATING_ITEM, "i7 ann", "", "rating-item: the rating is not " },
	};

	(void)state;
	assert_int_equal(store_update(store, rate_two, NULL), OK);
	assert_int_equal(verify(false, NULL).count, 0);
	for (size_t i = 0; i < ROWS(damages); i++) {
		const struct damage *damage = &damages[i];
		struct findings findings;

		check_row(damage->line, store_update(store, do_damage, (void *)damage) == OK);
		findings = verify(false, NULL);
		check_row(damage->line, findings.count > 0 && findings.mended == 0);
		check_row(damage->line,
			  strncmp(findings.first, damage->said, strlen(damage->said)) == 0);
		verify(true, NULL);
		check_row(damage->line, verify(false, NULL).count == 0);
		check_row(damage->line, store_view(store, is_whole, NULL) == OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_put_and_get, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_put_many, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_walk, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_delete_user, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_trash, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_verify, open_store, close_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
