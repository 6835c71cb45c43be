#include "trash.h"

#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "object.h"
#include "record.h"
#include "tables.h"

#define MANY 1024 /* rows in one transaction, where nothing else is done */

static const struct record_format format = { .what = "note of a deleted database", .version = 1 };

enum error trash_add(struct txn *txn, const char *database)
{
	struct json_object *record = json_object_new_object();
	enum error error;

	object_add_time(record, "deleted", time_now());
	error = record_put(txn, TABLE_TRASH, database, &format, record);
	json_object_put(record);
	return error;
}

/* Keys that were met, one behind the other. */
struct keys {
	char *data;
	size_t size, room;
	size_t *ends; /* of each */
	int64_t count, most;
};

static bool append(struct keys *keys, struct bytes key)
{
	if (keys->size + key.size > keys->room) {
		size_t room = 2 * (keys->room + key.size);
		char *data = realloc(keys->data, room);

		if (!data)
			return false;
		keys->data = data;
		keys->room = room;
	}
	memcpy(keys->data + keys->size, key.data, key.size);
	keys->size += key.size;
	keys->ends[keys->count++] = keys->size;
	return true;
}

static bool note_key(void *arg, struct bytes key, struct bytes value)
{
	struct keys *keys = arg;

	(void)value;
	return append(keys, key) && keys->count < keys->most;
}

/* Removes up to most rows of one table. */
static enum error sweep_table(struct txn *txn, enum table table, const char *database, int64_t most,
			      int64_t *removed_r)
{
	struct keys keys = { .ends = calloc((size_t)most, sizeof(*keys.ends)), .most = most };
	size_t begin = 0;
	enum error error;

	if (!keys.ends)
		return ERR_SERVER;
	error = store_scan(txn, table, bytes_of(database), bytes_of(""), note_key, &keys);
	for (int64_t i = 0; !error && i < keys.count; i++) {
		error = store_delete(txn, table,
				     (struct bytes){ keys.data + begin, keys.ends[i] - begin });
		begin = keys.ends[i];
	}
	*removed_r = keys.count;
	free(keys.data);
	free(keys.ends);
	return error;
}

static bool take_first(void *arg, struct bytes key, struct bytes value)
{
	(void)value;
	bytes_to_text(arg, ID_SIZE, key);
	return false;
}

/* Removes of the first database that is noted. *removed_r is most, or its note is gone. */
static enum error sweep_first(struct txn *txn, int64_t most, bool *any_r, int64_t *removed_r)
{
	char database[ID_SIZE] = "";
	enum error error =
		store_scan(txn, TABLE_TRASH, bytes_of(""), bytes_of(""), take_first, database);

	*removed_r = 0;
	*any_r = *database;
	if (error || !*any_r)
		return error;
	for (unsigned i = 0; !error && i < tables_of_database_count && *removed_r < most; i++) {
		int64_t removed = 0;

		error = sweep_table(txn, tables_of_database[i], database, most - *removed_r,
				    &removed);
		*removed_r += removed;
	}
	if (!error && *removed_r < most)
		error = store_delete(txn, TABLE_TRASH, bytes_of(database));
	return error;
}

enum error trash_sweep(struct txn *txn, int64_t most, int64_t *removed_r)
{
	enum error error = OK;
	bool any = true;

	*removed_r = 0;
	while (!error && any && *removed_r < most) {
		int64_t removed;

		error = sweep_first(txn, most - *removed_r, &any, &removed);
		*removed_r += removed;
	}
	return error;
}

enum error trash_sweep_few(struct txn *txn)
{
	int64_t removed;

	return trash_sweep(txn, TRASH_FEW, &removed);
}

static enum error sweep_many(struct txn *txn, void *arg)
{
	return trash_sweep(txn, MANY, arg);
}

enum error trash_empty(struct store *store)
{
	int64_t removed = 0;
	enum error error;

	do
		error = store_update(store, sweep_many, &removed);
	while (!error && removed == MANY);
	return error;
}

enum error trash_has(struct txn *txn, unsigned table, struct bytes key)
{
	for (unsigned i = 0; i < tables_of_database_count; i++) {
		if (tables_of_database[i] == table && key.size >= ID_LENGTH)
			return store_exists(txn, TABLE_TRASH,
					    (struct bytes){ key.data, ID_LENGTH });
	}
	return ERR_ABSENT;
}

enum error trash_links(const char *database, struct bytes value, link_fn *each, void *arg)
{
	struct json_object *record;
	enum error error = record_parse(&format, value, &record);

	(void)database;
	(void)each;
	(void)arg;
	json_object_put(error ? NULL : record);
	return error;
}
