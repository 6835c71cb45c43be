#include "rating.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "object.h"
#include "rating-private.h"
#include "record.h"
#include "tables.h"

#define DELETED_MOST 256 /* ratings in one transaction */
#define MILLION 1000000

static const struct record_format format = { .what = "rating", .version = 1 };
static const struct record_format tally_format = { .what = "count of ratings", .version = 1 };

/* The space is less than any character of an identifier, so pairs are in the order of their texts. */
struct bytes rating_key(char key_r[RATING_KEY_SIZE], const char *database, const char *first,
			const char *second)
{
	snprintf(key_r, RATING_KEY_SIZE, "%s%s %s", database, first, second);
	return bytes_of(key_r);
}

struct bytes rating_prefix(char key_r[RATING_KEY_SIZE], const char *database, const char *first)
{
	return rating_key(key_r, database, first, "");
}

struct bytes rating_tally_key(char key_r[RATING_KEY_SIZE], const char *database, const char *name)
{
	snprintf(key_r, RATING_KEY_SIZE, "%s%s", database, name);
	return bytes_of(key_r);
}

static bool take_text(char text_r[IDENTIFIER_SIZE], const char *text, size_t length)
{
	bytes_to_text(text_r, IDENTIFIER_SIZE, (struct bytes){ text, length });
	return length > 0 && length < IDENTIFIER_SIZE;
}

bool rating_key_parse(struct bytes key, char first_r[IDENTIFIER_SIZE],
		      char second_r[IDENTIFIER_SIZE])
{
	const char *text = key.data, *end = text + key.size, *first = text + ID_LENGTH;
	const char *space = key.size > ID_LENGTH ? memchr(first, ' ', (size_t)(end - first)) : NULL;

	return space && take_text(first_r, first, (size_t)(space - first)) &&
	       take_text(second_r, space + 1, (size_t)(end - space - 1));
}

static int64_t millionths(double value)
{
	return (int64_t)(value * MILLION + 0.5);
}

enum error rating_parse(struct bytes key, struct bytes value, struct rating_read *read_r)
{
	struct json_object *record;
	enum error error = record_parse(&format, value, &record);

	if (error)
		return error;
	read_r->value = millionths(object_number(record, "rating", 0));
	read_r->timestamp = object_number(record, "timestamp", 0);
	json_object_put(record);
	return rating_key_parse(key, read_r->user, read_r->item) &&
			       read_r->value >= (int64_t)RATING_LEAST * MILLION &&
			       read_r->value <= (int64_t)RATING_MOST * MILLION
		       ? OK
		       : ERR_SERVER;
}

static struct rating rating_of(const struct rating_read *read)
{
	return (struct rating){ read->user, read->item, (double)read->value / MILLION,
				read->timestamp };
}

enum error rating_tally_parse(struct bytes value, struct rating_tally *tally_r)
{
	struct json_object *record;
	enum error error = record_parse(&tally_format, value, &record);

	if (error)
		return error;
	tally_r->count = object_integer(record, "count", 0);
	tally_r->sum = object_integer(record, "sum", 0);
	json_object_put(record);
	return OK;
}

enum error rating_tally_get(struct txn *txn, unsigned table, const char *key,
			    struct rating_tally *tally_r)
{
	struct bytes value;
	enum error error = store_get(txn, table, bytes_of(key), &value);

	memset(tally_r, 0, sizeof(*tally_r));
	if (error)
		return error == ERR_ABSENT ? OK : error;
	return rating_tally_parse(value, tally_r);
}

enum error rating_tally_put(struct txn *txn, unsigned table, const char *key,
			    const struct rating_tally *tally)
{
	struct json_object *record;
	enum error error;

	if (tally->count <= 0) {
		error = store_delete(txn, table, bytes_of(key));
		return error == ERR_ABSENT ? OK : error;
	}
	record = json_object_new_object();
	object_add_integer(record, "count", tally->count);
	if (table == TABLE_ITEM)
		object_add_integer(record, "sum", tally->sum);
	error = record_put(txn, table, key, &tally_format, record);
	json_object_put(record);
	return error;
}

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
		error = tally_add(txn, TABLE_ITEM, database, item, &of_item, &added.items);
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
	int64_t value = millionths(rating->value);
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
	error = record_put(txn, TABLE_RATING, key, &format, record);
	json_object_put(record);
	return error;
}

/* In the order of users, so that pages are met once and what is counted of a user is written once. */
static enum error put_by_user(struct txn *txn, const char *database, struct change *changes,
			      size_t count, struct database_counters *added)
{
	struct rating_tally of_user = { .count = 0 };
	enum error error = OK;

	qsort(changes, count, sizeof(*changes), by_user);
	for (size_t i = 0; !error && i < count; i++) {
		const char *user = changes[i].rating->user;

		error = put_record(txn, database, &changes[i]);
		of_user.count += changes[i].added.count;
		added->ratings += changes[i].added.count;
		if (error || (i + 1 < count && strcmp(changes[i + 1].rating->user, user) == 0))
			continue;
		error = tally_add(txn, TABLE_RATING_USER, database, user, &of_user, &added->users);
		of_user.count = 0;
	}
	return error;
}

/* And in the order of items. */
static enum error put_by_item(struct txn *txn, const char *database, struct change *changes,
			      size_t count, struct database_counters *added)
{
	struct rating_tally of_item = { .count = 0 };
	enum error error = OK;

	qsort(changes, count, sizeof(*changes), by_item);
	for (size_t i = 0; !error && i < count; i++) {
		const struct rating *rating = changes[i].rating;
		char key[RATING_KEY_SIZE];

		of_item.count += changes[i].added.count;
		of_item.sum += changes[i].added.sum;
		if (changes[i].added.count > 0)
			error = store_put(txn, TABLE_RATING_ITEM,
					  rating_key(key, database, rating->item, rating->user),
					  bytes_of(""));
		if (error ||
		    (i + 1 < count && strcmp(changes[i + 1].rating->item, rating->item) == 0))
			continue;
		error = tally_add(txn, TABLE_ITEM, database, rating->item, &of_item, &added->items);
		memset(&of_item, 0, sizeof(of_item));
	}
	return error;
}

enum error rating_put_many(struct txn *txn, const char *database, const struct rating *ratings,
			   size_t count)
{
	struct change *changes = calloc(count + 1, sizeof(*changes));
	struct database_counters added = { .ratings = 0 };
	enum error error;

	if (!changes)
		return ERR_SERVER;
	for (size_t i = 0; i < count; i++)
		changes[i].rating = &ratings[i];
	error = put_by_user(txn, database, changes, count, &added);
	if (!error)
		error = put_by_item(txn, database, changes, count, &added);
	if (!error)
		error = counters_add(txn, database, &added);
	free(changes);
	return error;
}

enum error rating_put(struct txn *txn, const char *database, const struct rating *rating)
{
	return rating_put_many(txn, database, rating, 1);
}

static enum error read_record(struct txn *txn, const char *database, const char *user,
			      const char *item, struct rating_read *read_r)
{
	char key[RATING_KEY_SIZE];
	struct bytes value;
	enum error error;

	rating_key(key, database, user, item);
	error = store_get(txn, TABLE_RATING, bytes_of(key), &value);
	return error ? error : rating_parse(bytes_of(key), value, read_r);
}

enum error rating_get(struct txn *txn, const char *database, const char *user, const char *item,
		      struct rating *rating_r)
{
	struct rating_read read;
	enum error error = read_record(txn, database, user, item, &read);

	if (error)
		return error;
	*rating_r = rating_of(&read);
	rating_r->user = user;
	rating_r->item = item;
	return OK;
}

enum error rating_delete(struct txn *txn, const char *database, const char *user, const char *item)
{
	char key[RATING_KEY_SIZE];
	struct rating_read read;
	enum error error = read_record(txn, database, user, item, &read);

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

/* A scan whose rows are handed on as what they mean. */
struct visit {
	rating_fn *each;
	rating_user_fn *each_user;
	rating_item_fn *each_item;
	void *arg;
	enum error error;
};

static bool visit_rating(void *arg, struct bytes key, struct bytes value)
{
	struct visit *visit = arg;
	struct rating_read read;
	struct rating rating;

	visit->error = rating_parse(key, value, &read);
	if (visit->error)
		return false;
	rating = rating_of(&read);
	return visit->each(visit->arg, &rating);
}

static bool visit_entry(void *arg, struct bytes key, struct bytes value)
{
	struct visit *visit = arg;
	char item[IDENTIFIER_SIZE], user[IDENTIFIER_SIZE];

	(void)value;
	visit->error = rating_key_parse(key, item, user) ? OK : ERR_SERVER;
	return !visit->error && visit->each_user(visit->arg, user);
}

static bool visit_item(void *arg, struct bytes key, struct bytes value)
{
	struct visit *visit = arg;
	struct rating_tally tally;
	struct rating_stats stats;
	char item[IDENTIFIER_SIZE];

	visit->error = rating_tally_parse(value, &tally);
	if (!visit->error &&
	    !take_text(item, (const char *)key.data + ID_LENGTH, key.size - ID_LENGTH))
		visit->error = ERR_SERVER;
	if (visit->error)
		return false;
	stats = (struct rating_stats){ tally.count, (double)tally.sum / MILLION };
	return visit->each_item(visit->arg, item, &stats);
}

static enum error scan(struct txn *txn, unsigned table, struct bytes prefix, struct bytes from,
		       scan_fn *each, struct visit *visit)
{
	enum error error = store_scan(txn, table, prefix, from, each, visit);

	return error ? error : visit->error;
}

enum error rating_each_of_user(struct txn *txn, const char *database, const char *user,
			       const char *from, rating_fn *each, void *arg)
{
	struct visit visit = { .each = each, .arg = arg };
	char prefix[RATING_KEY_SIZE], start[RATING_KEY_SIZE];

	return scan(txn, TABLE_RATING, rating_prefix(prefix, database, user),
		    rating_key(start, database, user, from ? from : ""), visit_rating, &visit);
}

enum error rating_each_of_item(struct txn *txn, const char *database, const char *item,
			       const char *from, rating_user_fn *each, void *arg)
{
	struct visit visit = { .each_user = each, .arg = arg };
	char prefix[RATING_KEY_SIZE], start[RATING_KEY_SIZE];

	return scan(txn, TABLE_RATING_ITEM, rating_prefix(prefix, database, item),
		    rating_key(start, database, item, from ? from : ""), visit_entry, &visit);
}

enum error rating_each(struct txn *txn, const char *database, const struct rating *after,
		       rating_fn *each, void *arg)
{
	struct visit visit = { .each = each, .arg = arg };
	char start[RATING_KEY_SIZE];
	struct bytes from = bytes_of("");

	if (after) {
		from = rating_key(start, database, after->user, after->item);
		from.size++; /* with the zero byte: the least key behind it */
	}
	return scan(txn, TABLE_RATING, bytes_of(database), from, visit_rating, &visit);
}

enum error rating_counters(struct txn *txn, const char *database,
			   struct database_counters *counters_r)
{
	return counters_get(txn, database, counters_r);
}

enum error rating_user_count(struct txn *txn, const char *database, const char *user,
			     int64_t *count_r)
{
	char key[RATING_KEY_SIZE];
	struct rating_tally tally;
	enum error error;

	rating_tally_key(key, database, user);
	error = rating_tally_get(txn, TABLE_RATING_USER, key, &tally);
	*count_r = tally.count;
	return error;
}

enum error rating_item_stats(struct txn *txn, const char *database, const char *item,
			     struct rating_stats *stats_r)
{
	char key[RATING_KEY_SIZE];
	struct rating_tally tally;
	enum error error;

	rating_tally_key(key, database, item);
	error = rating_tally_get(txn, TABLE_ITEM, key, &tally);
	*stats_r = (struct rating_stats){ tally.count, (double)tally.sum / MILLION };
	return error;
}

enum error rating_each_item(struct txn *txn, const char *database, const char *from,
			    rating_item_fn *each, void *arg)
{
	struct visit visit = { .each_item = each, .arg = arg };
	char start[RATING_KEY_SIZE];

	return scan(txn, TABLE_ITEM, bytes_of(database),
		    rating_tally_key(start, database, from ? from : ""), visit_item, &visit);
}
