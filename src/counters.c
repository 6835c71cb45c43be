#include "counters.h"

#include <string.h>

#include "object.h"
#include "record.h"
#include "tables.h"

static const struct record_format format = { .what = "counters", .version = 1 };

static void take(struct json_object *record, struct database_counters *counters_r)
{
	counters_r->ratings = object_integer(record, "rating", 0);
	counters_r->users = object_integer(record, "user", 0);
	counters_r->items = object_integer(record, "item", 0);
}

enum error counters_get(struct txn *txn, const char *database, struct database_counters *counters_r)
{
	struct json_object *record;
	enum error error = record_get(txn, TABLE_DATABASE_COUNT, database, &format, &record);

	memset(counters_r, 0, sizeof(*counters_r));
	if (error)
		return error == ERR_ABSENT ? OK : error;
	take(record, counters_r);
	json_object_put(record);
	return OK;
}

enum error counters_put(struct txn *txn, const char *database,
			const struct database_counters *counters)
{
	struct json_object *record;
	enum error error;

	if (counters->ratings == 0 && counters->users == 0 && counters->items == 0) {
		error = store_delete(txn, TABLE_DATABASE_COUNT, bytes_of(database));
		return error == ERR_ABSENT ? OK : error;
	}
	record = json_object_new_object();
	object_add_integer(record, "rating", counters->ratings);
	object_add_integer(record, "user", counters->users);
	object_add_integer(record, "item", counters->items);
	error = record_put(txn, TABLE_DATABASE_COUNT, database, &format, record);
	json_object_put(record);
	return error;
}

enum error counters_links(const char *database, struct bytes value, link_fn *each, void *arg)
{
	struct json_object *record;
	enum error error = record_parse(&format, value, &record);

	if (error)
		return error;
	json_object_put(record);
	return link_each(
		(const struct link[]){
			{ LINK_NEEDS, TABLE_DATABASE, bytes_of(database), bytes_of("") },
		},
		1, each, arg);
}
