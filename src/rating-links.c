/* What the records of ratings imply, and what is counted of them, for verify, export and import. */
#include <stdio.h>
#include <string.h>

#include "database.h"
#include "rating-private.h"
#include "tables.h"
#include "walk.h"

enum error rating_links(const char *key, struct bytes value, link_fn *each, void *arg)
{
	char database[ID_SIZE], entry[RATING_KEY_SIZE], user[RATING_KEY_SIZE],
		item[RATING_KEY_SIZE];
	struct rating_read read;
	enum error error = rating_parse(bytes_of(key), value, &read);

	if (error)
		return error;
	snprintf(database, sizeof(database), "%s", key);
	return link_each(
		(const struct link[]){
			{ LINK_NEEDS, TABLE_DATABASE, bytes_of(database), bytes_of("") },
			{ LINK_INDEX, TABLE_RATING_ITEM,
			  rating_key(entry, database, read.item, read.user), bytes_of("") },
			{ LINK_COUNTED, TABLE_RATING_USER,
			  rating_tally_key(user, database, read.user), bytes_of("") },
			{ LINK_COUNTED, TABLE_ITEM, rating_tally_key(item, database, read.item),
			  bytes_of("") },
			{ LINK_COUNTED, TABLE_DATABASE_COUNT, bytes_of(database), bytes_of("") },
		},
		5, each, arg);
}

static enum error tally_links(const char *key, struct bytes value, link_fn *each, void *arg)
{
	char database[ID_SIZE];
	struct rating_tally tally;
	enum error error = rating_tally_parse(value, &tally);

	if (error)
		return error;
	snprintf(database, sizeof(database), "%s", key);
	return link_each(
		(const struct link[]){
			{ LINK_NEEDS, TABLE_DATABASE, bytes_of(database), bytes_of("") },
		},
		1, each, arg);
}

enum error rating_user_links(const char *key, struct bytes value, link_fn *each, void *arg)
{
	return tally_links(key, value, each, arg);
}

enum error rating_item_links(const char *key, struct bytes value, link_fn *each, void *arg)
{
	return tally_links(key, value, each, arg);
}

bool rating_of_entry(struct bytes key, char *owner_r, size_t size)
{
	char database[ID_SIZE], item[IDENTIFIER_SIZE], user[IDENTIFIER_SIZE];

	if (size < RATING_KEY_SIZE || !rating_key_parse(key, item, user))
		return false;
	bytes_to_text(database, sizeof(database), key);
	rating_key(owner_r, database, user, item);
	return true;
}

enum error rating_count(struct txn *txn, const char *key, struct bytes value, int sign)
{
	char database[ID_SIZE];
	struct rating_read read;
	enum error error = rating_parse(bytes_of(key), value, &read);

	if (error)
		return error;
	snprintf(database, sizeof(database), "%s", key);
	return rating_count_one(txn, database, read.user, read.item, sign, sign * read.value);
}

/* What is counted anew, batch by batch: rows, and of an item's what its ratings add up to. */
struct recount {
	struct rating_tally batch, all;
};

static void begin(void *arg)
{
	struct recount *recount = arg;

	memset(&recount->batch, 0, sizeof(recount->batch));
}

static enum error end(void *arg)
{
	struct recount *recount = arg;

	recount->all.count += recount->batch.count;
	recount->all.sum += recount->batch.sum;
	return OK;
}

static enum error count_row(struct txn *txn, void *arg, struct bytes key, struct bytes value)
{
	struct recount *recount = arg;

	(void)txn;
	(void)key;
	(void)value;
	recount->batch.count++;
	return OK;
}

/* An entry of the index of items: its rating counts. One that is missing verify says by itself. */
static enum error add_value(struct txn *txn, void *arg, struct bytes key, struct bytes value)
{
	struct recount *recount = arg;
	struct rating_read read;
	char owner[RATING_KEY_SIZE];
	enum error error;

	if (!rating_of_entry(key, owner, sizeof(owner)))
		return OK;
	error = store_get(txn, TABLE_RATING, bytes_of(owner), &value);
	if (!error)
		error = rating_parse(bytes_of(owner), value, &read);
	if (error)
		return error == ERR_ABSENT ? OK : error;
	recount->batch.count++;
	recount->batch.sum += read.value;
	return OK;
}

static enum error count_rows(struct txn *txn, unsigned table, struct bytes prefix, int64_t *count_r)
{
	struct recount recount = { .all = { 0 } };
	const struct walk walk = { begin, count_row, end, &recount };
	enum error error = walk_rows(txn, table, prefix, &walk);

	*count_r = recount.all.count;
	return error;
}

/* Compares what is counted with what was found, and writes the latter where that is asked for. */
static enum error settle(struct txn *txn, unsigned table, const char *key,
			 const struct rating_tally *found, bool repair, const char **wrong_r)
{
	struct rating_tally tally;
	enum error error = rating_tally_get(txn, table, key, &tally);

	*wrong_r = NULL;
	if (error == ERR_SERVER && repair)
		memset(&tally, 0, sizeof(tally)); /* damaged: written anew */
	else if (error)
		return error;
	if (error == OK && tally.count == found->count && tally.sum == found->sum)
		return OK;
	*wrong_r = tally.count != found->count ? "does not count what is there"
					       : "does not add up what is there";
	return repair ? rating_tally_put(txn, table, key, found) : OK;
}

enum error rating_recount_user(struct txn *txn, const char *key, bool repair, const char **wrong_r)
{
	struct rating_tally found = { .count = 0 };
	char prefix[RATING_KEY_SIZE];
	enum error error;

	snprintf(prefix, sizeof(prefix), "%s ", key);
	error = count_rows(txn, TABLE_RATING, bytes_of(prefix), &found.count);
	return error ? error : settle(txn, TABLE_RATING_USER, key, &found, repair, wrong_r);
}

enum error rating_recount_item(struct txn *txn, const char *key, bool repair, const char **wrong_r)
{
	struct recount recount = { .all = { 0 } };
	const struct walk walk = { begin, add_value, end, &recount };
	char prefix[RATING_KEY_SIZE];
	enum error error;

	snprintf(prefix, sizeof(prefix), "%s ", key);
	error = walk_rows(txn, TABLE_RATING_ITEM, bytes_of(prefix), &walk);
	return error ? error : settle(txn, TABLE_ITEM, key, &recount.all, repair, wrong_r);
}

/* With it, whether the database is ready. */
enum error rating_recount_database(struct txn *txn, const char *key, bool repair,
				   const char **wrong_r)
{
	struct database_counters counted, found;
	enum error error = count_rows(txn, TABLE_RATING, bytes_of(key), &found.ratings);

	*wrong_r = NULL;
	if (!error)
		error = count_rows(txn, TABLE_RATING_USER, bytes_of(key), &found.users);
	if (!error)
		error = count_rows(txn, TABLE_ITEM, bytes_of(key), &found.items);
	if (!error)
		error = counters_get(txn, key, &counted);
	if (error || (counted.ratings == found.ratings && counted.users == found.users &&
		      counted.items == found.items))
		return error;
	*wrong_r = "does not count what is there";
	if (repair)
		error = counters_put(txn, key, &found);
	if (!error && repair)
		error = database_set_ready(txn, key, found.ratings > 0);
	return error == ERR_ABSENT ? OK : error;
}
