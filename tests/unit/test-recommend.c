/* What is learned of ratings, when, and what is recommended by it. */
#include <sys/file.h>
#include <time.h>
#include <utime.h>

#include "file.h"
#include "learn.h"
#include "popular.h"
#include "rating.h"
#include "recommend.h"
#include "similar.h"
#include "stale.h"
#include "trash.h"
#include "unit-store.h"

static struct context context;
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
	context.config.directory = folder;
	context.store = store;
	return store_update(context.store, make_databases, NULL);
}

static enum error put(struct txn *txn, const char *user, const char *item, double value)
{
	return rating_put(txn, here, &(struct rating){ user, item, value, 1700000000 });
}

/*
 * Three users, three items. Their means, see similar_mean(): 25.5 / 4, 26.5 / 4, 20.5 / 4. What they
 * think of a and b goes together, of c the other way.
 */
static enum error put_three(struct txn *txn, void *arg)
{
	static const struct rating ratings[] = {
		{ "u1", "a", 9, 0 }, { "u1", "b", 9, 0 },  { "u1", "c", 2, 0 },
		{ "u2", "a", 8, 0 }, { "u2", "b", 10, 0 }, { "u2", "c", 3, 0 },
		{ "u3", "a", 2, 0 }, { "u3", "b", 3, 0 },  { "u3", "c", 10, 0 },
	};

	(void)arg;
	return rating_put_many(txn, here, ratings, ROWS(ratings));
}

/*
 * Above the means: u1 a 2.625 b 2.625, u2 a 1.375 b 3.375, u3 a -3.125 b -2.125. Products: 6.890625 +
 * 4.640625 + 6.640625 = 18.171875; squares 18.546875 and 22.796875. The cosine is 0.883745, and 3 / 103
 * of it 0.025740.
 */
#define A_AND_B 257

/* "b:257 …" */
static enum error neighbours_text(struct txn *txn, const char *item, char text_r[512])
{
	struct neighbours neighbours;
	enum error error = similar_get(txn, here, item, &neighbours);
	size_t length = 0;

	*text_r = '\0';
	for (int i = 0; !error && i < neighbours.count && length < 480; i++)
		length += (size_t)snprintf(text_r + length, 512 - length, "%s:%d ",
					   neighbours.list[i].item, neighbours.list[i].score);
	return error;
}

static bool has_neighbours(struct txn *txn, const char *item, const char *wanted)
{
	char text[512];

	if (neighbours_text(txn, item, text) != OK)
		return false;
	if (strcmp(text, wanted) != 0)
		print_error("%s has \"%s\", not \"%s\"\n", item, text, wanted);
	return strcmp(text, wanted) == 0;
}

static int learn_with(const struct learn_options *options)
{
	struct learn_result result;

	assert_int_equal(learn(&context, options, &result), OK);
	assert_false(result.left);
	return (int)result.items;
}

static int learn_now(const char *database)
{
	return learn_with(&(struct learn_options){ .database = database });
}

static enum error three_are_learned(struct txn *txn, void *arg)
{
	(void)arg;
	expect(has_neighbours(txn, "a", "b:257 "));
	expect(has_neighbours(txn, "b", "a:257 "));
	expect(has_neighbours(txn, "c", ""));
	expect(stale_any(txn) == ERR_ABSENT);
	return OK;
}

static void learning(void **state)
{
	(void)state;
	_Static_assert(A_AND_B == 257, "the texts above say so");
	assert_int_equal(learn_now(NULL), 0);
	assert_int_equal(store_update(context.store, put_three, NULL), OK);
	assert_int_equal(store_update(context.store, put_three, NULL),
			 OK); /* still one note each */
	assert_int_equal(learn_now(there), 0);
	assert_int_equal(learn_now(here), 3);
	assert_int_equal(store_view(context.store, three_are_learned, NULL), OK);
	assert_int_equal(learn_now(NULL), 0);

	/* all anew gives the same */
	assert_int_equal(learn_with(&(struct learn_options){ .database = here, .anew = true }), 3);
	assert_int_equal(store_view(context.store, three_are_learned, NULL), OK);
}

/* An item that comes to others: they know it, though they were not rated again. */
static enum error put_newcomer(struct txn *txn, void *arg)
{
	(void)arg;
	expect(put(txn, "u1", "d", 9) == OK && put(txn, "u2", "d", 9) == OK);
	return OK;
}

static enum error newcomer_is_known(struct txn *txn, void *arg)
{
	struct neighbours neighbours;

	(void)arg;
	expect(similar_get(txn, here, "d", &neighbours) == OK && neighbours.count == 2);
	expect(similar_get(txn, here, "a", &neighbours) == OK && neighbours.count == 2);
	expect(strcmp(neighbours.list[0].item, "b") == 0);
	expect(strcmp(neighbours.list[1].item, "d") == 0);
	expect(has_neighbours(txn, "c", ""));
	return OK;
}

static enum error delete_newcomer(struct txn *txn, void *arg)
{
	(void)arg;
	expect(rating_delete(txn, here, "u1", "d") == OK);
	expect(rating_delete(txn, here, "u2", "d") == OK);
	return OK;
}

static enum error newcomer_is_gone(struct txn *txn, void *arg)
{
	(void)arg;
	return has_neighbours(txn, "d", "") ? OK : ERR_SERVER;
}

static void newcomers(void **state)
{
	(void)state;
	assert_int_equal(store_update(context.store, put_three, NULL), OK);
	assert_int_equal(learn_now(NULL), 3);
	assert_int_equal(store_update(context.store, put_newcomer, NULL), OK);
	assert_int_equal(learn_now(NULL), 1);
	assert_int_equal(store_view(context.store, newcomer_is_known, NULL), OK);
	assert_int_equal(store_update(context.store, delete_newcomer, NULL), OK);
	assert_int_equal(learn_now(NULL), 1);
	assert_int_equal(store_view(context.store, newcomer_is_gone, NULL), OK);
}

static bool take_note(void *arg, const struct stale *stale)
{
	*(struct stale *)arg = *stale;
	return false;
}

/* A note that was made anew meanwhile stays. */
static enum error notes(struct txn *txn, void *arg)
{
	struct stale first = { .item = "" }, second = { .item = "" };

	(void)arg;
	expect(stale_any(txn) == ERR_ABSENT);
	expect(stale_mark(txn, here, "x") == OK && stale_mark(txn, here, "xy") == OK);
	expect(stale_any(txn) == OK && stale_exists(txn, here, "x") == OK);
	expect(stale_exists(txn, there, "x") == ERR_ABSENT);
	expect(stale_each(txn, here, NULL, take_note, &first) == OK);
	expect(strcmp(first.item, "x") == 0 && strcmp(first.database, here) == 0);
	expect(stale_each(txn, NULL, &first, take_note, &second) == OK);
	expect(strcmp(second.item, "xy") == 0);
	do
		expect(stale_mark(txn, here, "x") == OK);
	while (stale_each(txn, here, NULL, take_note, &second) == OK &&
	       strcmp(second.when, first.when) == 0);
	expect(stale_clear(txn, &first) == OK && stale_exists(txn, here, "x") == OK);
	expect(stale_clear(txn, &second) == OK && stale_exists(txn, here, "x") == ERR_ABSENT);
	expect(stale_clear(txn, &second) == OK && stale_exists(txn, here, "xy") == OK);
	return OK;
}

static void one_at_a_time(void **state)
{
	const struct learn_options options = { .database = NULL };
	struct learn_result result;
	int lock = file_open_lock(folder, "learn.lock");

	(void)state;
	assert_int_equal(store_update(context.store, put_three, NULL), OK);
	assert_true(file_lock(lock, LOCK_EX));
	assert_int_equal(learn(&context, &options, &result), OK);
	assert_true(result.left && result.items == 0);
	close(lock);
	assert_int_equal(learn_now(NULL), 3);
}

/* Some seconds lie between two that are started, and there must be a reason. */
static void when_it_is_due(void **state)
{
	char *path = unit_path(folder, "learn.lock");
	time_t now = time(NULL), long_ago = now - 3600;
	const struct utimbuf old = { long_ago, long_ago };

	(void)state;
	close(file_open_lock(folder, "learn.lock"));
	assert_int_equal(utime(path, &old), 0);
	assert_false(learn_is_due(&context, now)); /* nothing is stale */
	assert_int_equal(store_update(context.store, put_three, NULL), OK);
	assert_true(learn_is_due(&context, now));
	assert_false(learn_is_due(&context, now)); /* it has been started */
	assert_false(learn_is_due(&context, now + 3));
	assert_true(learn_is_due(&context, now + 60));
	assert_int_equal(learn_now(NULL), 3);
	assert_int_equal(utime(path, &old), 0);
	assert_false(learn_is_due(&context, now));
	free(path);
}

static enum error delete_here(struct txn *txn, void *arg)
{
	struct failure failure = { .code = OK };
	int64_t removed;

	(void)arg;
	expect(database_delete(txn, organization, here, &failure) == OK);
	expect(trash_sweep(txn, 1000, &removed) == OK);
	return OK;
}

static enum error nothing_is_left(struct txn *txn, void *arg)
{
	static const enum table tables[] = { TABLE_STALE, TABLE_SIMILAR, TABLE_POPULAR,
					     TABLE_TRASH };
	uint64_t count;

	(void)arg;
	for (size_t i = 0; i < ROWS(tables); i++)
		expect(store_count(txn, tables[i], &count) == OK && count == 0);
	return OK;
}

static enum error mark_dead(struct txn *txn, void *arg)
{
	(void)arg;
	return stale_mark(txn, here, "a");
}

/* What was learned goes with its database, and none is learned of one that is gone. */
static void deleted_databases(void **state)
{
	(void)state;
	assert_int_equal(store_update(context.store, put_three, NULL), OK);
	assert_int_equal(learn_now(NULL), 3);
	assert_int_equal(store_update(context.store, put_newcomer, NULL), OK);
	assert_int_equal(store_update(context.store, delete_here, NULL), OK);
	assert_int_equal(store_view(context.store, nothing_is_left, NULL), OK);
	assert_int_equal(store_update(context.store, mark_dead, NULL), OK);
	assert_int_equal(learn_now(NULL), 1);
	assert_int_equal(store_view(context.store, nothing_is_left, NULL), OK);
}

/* What a user is recommended, as a text: "b c " and the like; "+" where there is more, "p" popular. */
static enum error recommended(struct txn *txn, const struct recommend_query *query,
			      char text_r[512])
{
	struct recommendation found;
	enum error error = recommend(txn, query, &found);
	size_t length = 0;

	*text_r = '\0';
	for (int i = 0; !error && i < found.count && length < 480; i++)
		length += (size_t)snprintf(text_r + length, 512 - length, "%s ", found.items[i]);
	if (!error)
		snprintf(text_r + length, 512 - length, "%s%s%s", found.more ? "+" : "",
			 found.popular ? "p" : "", found.unknown ? "u" : "");
	return error;
}

static enum error recommendations(struct txn *txn, void *arg)
{
	static const struct {
		int line;
		const char *user;
		int amount;
		bool exclude;
		const char *wanted;
	} rows[] = {
		/* the mean is 56 / 9; the damped means: b 177.6 / 28, a 174.6 / 28, c 170.6 / 28 */
		{ __LINE__, "u0", 16, true, "b a c pu" },
		{ __LINE__, "u0", 2, true, "b a +pu" },
		{ __LINE__, "u1", 16, true, "" },
		{ __LINE__, "u1", 16, false, "a b c p" }, /* a and b by each other, equally */
		/* who likes a likes b */
		{ __LINE__, "u4", 16, true, "b c p" },
		{ __LINE__, "u4", 1, true, "b +" },
		{ __LINE__, "u4", 16, false, "b a c p" },
	};

	(void)arg;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct recommend_query query = { .database = here,
						 .user = rows[i].user,
						 .amount = rows[i].amount,
						 .exclude_rated = rows[i].exclude };
		char text[512];

		expect(recommended(txn, &query, text) == OK);
		if (strcmp(text, rows[i].wanted) != 0) {
			print_error("line %d: %s\n", rows[i].line, text);
			return ERR_SERVER;
		}
	}
	return OK;
}

static enum error not_ready(struct txn *txn, void *arg)
{
	struct recommend_query query = { .database = there, .user = "u1", .amount = 16 };
	struct recommendation found;

	(void)arg;
	expect(recommend(txn, &query, &found) == ERR_NOT_READY);
	return OK;
}

static enum error put_fourth(struct txn *txn, void *arg)
{
	(void)arg;
	return put(txn, "u4", "a", 10);
}

static void recommending(void **state)
{
	(void)state;
	assert_int_equal(store_update(context.store, put_three, NULL), OK);
	assert_int_equal(store_view(context.store, not_ready, NULL), OK);
	assert_int_equal(learn_now(NULL), 3);
	assert_int_equal(store_update(context.store, put_fourth, NULL), OK);
	/* the neighbours and the list of popular items are as they were learned */
	assert_int_equal(store_view(context.store, recommendations, NULL), OK);
}

#define MANY 300 /* items, more than a listing has */

static enum error put_many(struct txn *txn, void *arg)
{
	char item[16];

	(void)arg;
	for (int i = 0; i < MANY; i++) {
		snprintf(item, sizeof(item), "i%03d", i);
		expect(put(txn, i % 2 ? "u1" : "u2", item, 1 + i % 10) == OK);
	}
	return OK;
}

struct paging {
	struct recommend_query query;
	struct recommendation found;
	bool seen[MANY];
	int count;
};

static enum error next_page(struct txn *txn, void *arg)
{
	struct paging *paging = arg;

	return recommend(txn, &paging->query, &paging->found);
}

/* Notes what a page has, as a cursor does. False when an item was there before. */
static bool note_page(struct paging *paging)
{
	for (int i = 0; i < paging->found.count; i++) {
		const char *item = paging->found.items[i];
		int number = atoi(item + 1);

		if (paging->seen[number])
			return false;
		paging->seen[number] = true;
		paging->query.shown[paging->count++] = recommend_mark_of(item);
	}
	paging->query.shown_count = paging->count;
	return true;
}

/* Turns the order of the popular items round, and has the user rate the last one shown. */
static enum error change_all(struct txn *txn, void *arg)
{
	struct paging *paging = arg;
	char item[16];

	for (int i = 0; i < MANY; i++) {
		snprintf(item, sizeof(item), "i%03d", i);
		expect(put(txn, i % 2 ? "u1" : "u2", item, 1 + (i + paging->count) % 10) == OK);
	}
	return put(txn, "u9", paging->found.items[paging->found.count - 1], 9);
}

/* No item twice, whatever happens between the pages; and they come to an end. */
static void paging(void **state)
{
	struct paging *pages = calloc(1, sizeof(*pages));
	int count = 0;

	(void)state;
	pages->query = (struct recommend_query){
		.database = here, .user = "u9", .amount = 30, .exclude_rated = true
	};
	assert_int_equal(store_update(context.store, put_many, NULL), OK);
	assert_int_equal(learn_now(NULL), MANY);
	do {
		assert_int_equal(store_view(context.store, next_page, pages), OK);
		assert_true(note_page(pages));
		assert_int_equal(store_update(context.store, change_all, pages), OK);
		assert_int_equal(learn_now(NULL), MANY);
	} while (pages->found.more && ++count < 20);
	assert_int_equal(pages->count, RECOMMEND_LISTED_MOST);
	assert_int_equal(count, RECOMMEND_LISTED_MOST / 30);
	free(pages);
}

#define HEAVY 1100 /* ratings of one user, more than are looked through */

static enum error put_heavy(struct txn *txn, void *arg)
{
	char item[16];

	(void)arg;
	for (int i = 0; i < HEAVY; i++) {
		snprintf(item, sizeof(item), "j%04d", i);
		expect(put(txn, "heavy", item, 1 + i % 10) == OK);
	}
	/* the best known of all, and the last in order, so that it is not looked through */
	for (int i = 0; i < 40; i++) {
		snprintf(item, sizeof(item), "v%d", i);
		expect(put(txn, item, "j1099", 10) == OK && put(txn, item, "a", 10) == OK);
	}
	return OK;
}

static enum error heavy_gets_no_old(struct txn *txn, void *arg)
{
	struct recommend_query query = {
		.database = here, .user = "heavy", .amount = 64, .exclude_rated = true
	};
	char text[512];

	(void)arg;
	expect(recommended(txn, &query, text) == OK);
	expect(strcmp(text, "a p") == 0);
	return OK;
}

/* Who has rated more than is looked through is recommended nothing of it either. */
static void heavy_users(void **state)
{
	(void)state;
	assert_int_equal(store_update(context.store, put_heavy, NULL), OK);
	assert_int_equal(store_view(context.store, heavy_gets_no_old, NULL), OK);
	assert_int_equal(learn_now(NULL), HEAVY + 1);
	assert_int_equal(store_view(context.store, heavy_gets_no_old, NULL), OK);
}

static void test_notes(void **state)
{
	(void)state;
	assert_int_equal(store_update(context.store, notes, NULL), OK);
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, open_store, close_store)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(test_notes),	    WITH_STORE(learning),
		WITH_STORE(newcomers),	    WITH_STORE(one_at_a_time),
		WITH_STORE(when_it_is_due), WITH_STORE(deleted_databases),
		WITH_STORE(recommending),   WITH_STORE(paging),
		WITH_STORE(heavy_users),
	};

	return cmocka_run_group_tests_name("recommend", tests, NULL, NULL);
}
