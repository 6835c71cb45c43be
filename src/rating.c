#include "rating.h"

#include <stdio.h>
#include <string.h>

#include "object.h"
#include "rating-private.h"
#include "record.h"
#include "tables.h"

const struct record_format rating_format = { .what = "rating", .version = 1 };
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

enum error rating_parse(struct bytes key, struct bytes value, struct rating_read *read_r)
{
	struct json_object *record;
	enum error error = record_parse(&rating_format, value, &record);

	if (error)
		return error;
	read_r->value = rating_millionths(object_number(record, "rating", 0));
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

enum error rating_find(struct txn *txn, const char *database, const char *user, const char *item,
		       struct rating_read *read_r)
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
	enum error error = rating_find(txn, database, user, item, &read);

	if (error)
		return error;
	*rating_r = rating_of(&read);
	rating_r->user = user;
	rating_r->item = item;
	return OK;
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
