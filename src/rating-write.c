/* Ratings written and deleted, and what is counted with it. */
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "object.h"
#include "rating-private.h"
#include "stale.h"
#include "tables.h"

#define DELETED_MOST 256 /* ratings in one transaction */
#define STEP 64 /* ratings that are written, or names counted, in one step: see store_step() */

/*
 * Adds to what is counted under a name, and to *names, how many of them there are, where it is the
 * first or the last rating that comes or goes.
 */
static enum error tally_add(struct txn *txn, unsigned table, const char *database, const char *name,
			    const struct rating_tally *added, int64_t *names)
{
	char key[RATING_KEY_SIZE];
	struct rating_tally tally;
	enum error error;
	bool was;

	if (added->count == 0 && added->sum == 0)
		return OK;
	rating_tally_key(key, database, name);
	error = rating_tally_get(txn, table, key, &tally);
	if (error)
		return error;
	was = tally.count > 0;
	tally.count += added->count;
	tally.sum += added->sum;
	*names += (tally.count > 0) - was;
	return rating_tally_put(txn, table, key, &tally);
}

/* The same for an item, which is stale then, also where one rating makes up for another. */
static enum error item_add(struct txn *txn, const char *database, const char *item,
			   const struct rating_tally *added, int64_t *items)
{
	enum error error = tally_add(txn, TABLE_ITEM, database, item, added, items);

	return error ? error : stale_mark(txn, database, item);
}

/* Adds to the database's counters. With its first rating it is ready, without its last one it waits. */
static enum error counters_add(struct txn *txn, const char *database,
			       const struct database_counters *added)
{
	struct database_counters counters;
	enum error error;
	bool was;

	if (added->ratings == 0 && added->users == 0 && added->items == 0)
		return OK;
	error = counters_get(txn, database, &counters);
	if (error)
		return error;
	was = counters.ratings > 0;
	counters.ratings += added->ratings;
	counters.users += added->users;
	counters.items += added->items;
	error = counters_put(txn, database, &counters);
	if (!error && was != (counters.ratings > 0))
		error = database_set_ready(txn, database, counters.ratings > 0);
	return error;
}

enum error rating_count_one(struct txn *txn, const char *database, const char *user,
			    const char *item, int64_t count, int64_t sum)
{
	struct database_counters added = { .ratings = count };
	const struct rating_tally of_user = { .count = count }, of_item = { count, sum };
	enum error error;

	error = tally_add(txn, TABLE_RATING_USER, database, user, &of_user, &added.users);
	if (!error)
		error = item_add(txn, database, item, &of_item, &added.items);
	return error ? error : counters_add(txn, database, &added);
}

/* One of the ratings being written, and what it adds to the counts. */
struct change {
	const struct rating *rating;
	struct rating_tally added;
};

static int compare(const struct change *a, const struct change *b, const char *a_first,
		   const char *b_first, const char *a_second, const char *b_second)
{
	int order = strcmp(a_first, b_first);

	if (!order)
		order = strcmp(a_second, b_second);
	/* for one pair, in the order of the caller's list */
	return order ? order : (a->rating > b->rating) - (a->rating < b->rating);
}

static int by_user(const void *left, const void *right)
{
	const struct change *a = left, *b = right;

	return compare(a, b, a->rating->user, b->rating->user, a->rating->item, b->rating->item);
}

static int by_item(const void *left, const void *right)
{
	const struct change *a = left, *b = right;

	return compare(a, b, a->rating->item, b->rating->item, a->rating->user, b->rating->user);
}

/* Writes a rating's record and finds out what it adds. */
static enum error put_record(struct txn *txn, const char *database, struct change *change)
{
	const struct rating *rating = change->rating;
	int64_t value = rating_millionths(rating->value);
	struct rating_read old = { .value = 0 };
	struct json_object *record;
	char key[RATING_KEY_SIZE];
	struct bytes found;
	enum error error;

	rating_key(key, database, rating->user, rating->item);
	error = store_get(txn, TABLE_RATING, bytes_of(key), &found);
	if (!error)
		error = rating_parse(bytes_of(key), found, &old);
	else if (error == ERR_ABSENT)
		error = OK;
	if (error)
		return error;
	change->added.count = old.value == 0;
	change->added.sum = value - old.value;
	record = json_object_new_object();
	object_add_decimal(record, "rating", (double)value / MILLION);
	object_add_time(record, "timestamp", rating->timestamp);
	error = record_put(txn, TABLE_RATING, key, &rating_format, record);
	json_object_put(record);
	return error;
}

/* What is written, a step at a time where there is much of it. */
struct batch {
	const char *database;
	struct change *changes;
	size_t count;
	size_t first, next;		/* where this step begins, and the next one */
	struct database_counters found; /* what this step adds to the database's counters */
};

static enum error put_records(struct txn *txn, void *arg)
{
	struct batch *batch = arg;
	enum error error = OK;

	memset(&batch->found, 0, sizeof(batch->found));
	for (batch->next = batch->first; !error && batch->next < batch->count; batch->next++) {
		if (batch->next - batch->first == STEP)
			break;
		error = put_record(txn, batch->database, &batch->changes[batch->next]);
		batch->found.ratings += batch->changes[batch->next].added.count;
	}
	return error;
}

static enum error put_entries(struct txn *txn, void *arg)
{
	struct batch *batch = arg;
	enum error error = OK;

	memset(&batch->found, 0, sizeof(batch->found));
	for (batch->next = batch->first; !error && batch->next < batch->count; batch->next++) {
		const struct change *change = &batch->changes[batch->next];
		char key[RATING_KEY_SIZE];

		if (batch->next - batch->first == STEP)
			break;
		if (change->added.count == 0)
			continue;
		rating_key(key, batch->database, change->rating->item, change->rating->user);
		error = store_put(txn, TABLE_RATING_ITEM, bytes_of(key), bytes_of(""));
	}
	return error;
}

/* What a run of changes of one user adds to what is counted of it; *next_r is the run's end. */
static struct rating_tally add_up(const struct batch *batch, size_t first, bool of_items,
				  size_t *next_r)
{
	struct rating_tally added = { .count = 0 };
	const struct rating *one = batch->changes[first].rating;
	size_t i = first;

	for (; i < batch->count; i++) {
		const struct change *change = &batch->changes[i];

		if (strcmp(of_items ? change->rating->item : change->rating->user,
			   of_items ? one->item : one->user) != 0)
			break;
		added.count += change->added.count;
		added.sum += of_items ? change->added.sum : 0;
	}
	*next_r = i;
	return added;
}

static enum error count_users(struct txn *txn, void *arg)
{
	struct batch *batch = arg;
	enum error error = OK;

	memset(&batch->found, 0, sizeof(batch->found));
	batch->next = batch->first;
	for (int i = 0; !error && i < STEP && batch->next < batch->count; i++) {
		const char *user = batch->changes[batch->next].rating->user;
		struct rating_tally added = add_up(batch, batch->next, false, &batch->next);

		error = tally_add(txn, TABLE_RATING_USER, batch->database, user, &added,
				  &batch->found.users);
	}
	return error;
}

static enum error count_items(struct txn *txn, void *arg)
{
	struct batch *batch = arg;
	enum error error = OK;

	memset(&batch->found, 0, sizeof(batch->found));
	batch->next = batch->first;
	for (int i = 0; !error && i < STEP && batch->next < batch->count; i++) {
		const char *item = batch->changes[batch->next].rating->item;
		struct rating_tally added = add_up(batch, batch->next, true, &batch->next);

		error = item_add(txn, batch->database, item, &added, &batch->found.items);
	}
	return error;
}

/*
 * In the order of users and then in that of items, so that pages are met once, and what is counted of
 * each user and item is written once.
 */
static const struct {
	txn_fn *run;
	int (*order)(const void *, const void *); /* NULL: as it is */
} works[] = {
	{ put_records, by_user },
	{ count_users, NULL },
	{ put_entries, by_item },
	{ count_items, NULL },
};

static enum error put_batch(struct txn *txn, struct batch *batch, struct database_counters *added)
{
	enum error error = OK;

	for (size_t i = 0; !error && i < sizeof(works) / sizeof(works[0]); i++) {
		if (works[i].order)
			qsort(batch->changes, batch->count, sizeof(*batch->changes),
			      works[i].order);
		batch->next = 0;
		while (!error && batch->next < batch->count) {
			batch->first = batch->next;
			error = batch->count > STEP ? store_step(txn, works[i].run, batch)
						    : works[i].run(txn, batch);
			added->ratings += batch->found.ratings;
			added->users += batch->found.users;
			added->items += batch->found.items;
		}
	}
	return error;
}

enum error rating_put_many(struct txn *txn, const char *database, const struct rating *ratings,
			   size_t count)
{
	struct batch batch = { .database = database,
			       .changes = calloc(count + 1, sizeof(*batch.changes)),
			       .count = count };
	struct database_counters added = { .ratings = 0 };
	enum error error;

	if (!batch.changes)
		return ERR_SERVER;
	for (size_t i = 0; i < count; i++)
		batch.changes[i].rating = &ratings[i];
	error = put_batch(txn, &batch, &added);
	if (!error)
		error = counters_add(txn, database, &added);
	free(batch.changes);
	return error;
}

enum error rating_put(struct txn *txn, const char *database, const struct rating *rating)
{
	return rating_put_many(txn, database, rating, 1);
}

enum error rating_delete(struct txn *txn, const char *database, const char *user, const char *item)
{
	char key[RATING_KEY_SIZE];
	struct rating_read read;
	enum error error = rating_find(txn, database, user, item, &read);

	if (!error)
		error = store_delete(txn, TABLE_RATING, rating_key(key, database, user, item));
	if (!error)
		error = store_delete(txn, TABLE_RATING_ITEM, rating_key(key, database, item, user));
	if (!error)
		error = rating_count_one(txn, database, user, item, -1, -read.value);
	return error;
}

/* Items that are to lose a rating. */
struct doomed {
	char items[DELETED_MOST][IDENTIFIER_SIZE];
	int count;
};

static bool doom(void *arg, const struct rating *rating)
{
	struct doomed *doomed = arg;

	strcpy(doomed->items[doomed->count++], rating->item);
	return doomed->count < DELETED_MOST;
}

enum error rating_delete_user(struct txn *txn, const char *database, const char *user,
			      int64_t *left_r)
{
	struct doomed *doomed = calloc(1, sizeof(*doomed));
	enum error error;

	if (!doomed)
		return ERR_SERVER;
	error = rating_each_of_user(txn, database, user, NULL, doom, doomed);
	for (int i = 0; !error && i < doomed->count; i++)
		error = rating_delete(txn, database, user, doomed->items[i]);
	free(doomed);
	return error ? error : rating_user_count(txn, database, user, left_r);
}
