#include "database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "merge.h"
#include "object.h"
#include "record.h"
#include "tables.h"
#include "text.h"
#include "trash.h"

static const struct record_format format = { .what = "database", .version = 1 };

void database_free(struct database *database)
{
	json_object_put(database->record);
	memset(database, 0, sizeof(*database));
}

/* Organization and name; the caller frees. */
static char *name_key(const char *organization, const char *name)
{
	char *key;

	return asprintf(&key, "%s%s", organization, name) < 0 ? NULL : key;
}

/* What stands in the record as it is. */
static void borrow(struct database *database)
{
	struct json_object *record = database->record;

	database->name = object_text(record, "name");
	database->description = object_text(record, "description");
	database->item_id_type = object_text(record, "item_id_type");
	database->user_id_type = object_text(record, "user_id_type");
	database->session_id_type = object_text(record, "session_id_type");
	database->metadata = object_member(record, "metadata");
	database->core_config = object_member(record, "core_config");
}

/* Takes over record. */
static enum error from_record(const char *id, struct json_object *record,
			      struct database *database_r)
{
	const char *organization = object_text(record, "org");

	memset(database_r, 0, sizeof(*database_r));
	database_r->record = record;
	text_copy(database_r->id, ID_SIZE, id);
	text_copy(database_r->organization, ID_SIZE, organization ? organization : "");
	borrow(database_r);
	database_r->ready = object_truth(record, "ready");
	if (database_r->name && database_r->description && database_r->item_id_type &&
	    database_r->user_id_type && database_r->metadata && database_r->core_config)
		return OK;
	database_free(database_r);
	return ERR_SERVER;
}

static struct json_object *object_or_empty(struct json_object *object)
{
	return object ? json_object_get(object) : json_object_new_object();
}

static struct json_object *to_record(const struct database_new *new)
{
	struct json_object *record = json_object_new_object();

	object_add_text(record, "org", new->organization);
	object_add_text(record, "name", new->name);
	object_add_text(record, "description", new->description ? new->description : "");
	object_add_text(record, "item_id_type", new->item_id_type);
	object_add_text(record, "user_id_type", new->user_id_type);
	object_add_text(record, "session_id_type", new->session_id_type);
	object_add_time(record, "created", time_now());
	json_object_object_add(record, "metadata", object_or_empty(new->metadata));
	json_object_object_add(record, "core_config", object_or_empty(new->core_config));
	return record;
}

/*
 * The index by name holds the ID and, behind it, the database's entry in lists as JSON text: so a list
 * is one scan, without a look at the records. Whatever changes what an entry says writes it anew.
 */
static char *name_value(const struct database *database)
{
	struct json_object *entry = database_to_entry(database);
	size_t length;
	char *value;

	if (asprintf(&value, "%s%s", database->id, object_to_text(entry, &length)) < 0)
		value = NULL;
	json_object_put(entry);
	return value; /* the caller frees */
}

/* Writes it with store_add() or store_put(). */
typedef enum error put_fn(struct txn *, unsigned, struct bytes, struct bytes);

static enum error write_name(struct txn *txn, const struct database *database, put_fn *put)
{
	char *key = name_key(database->organization, database->name), *value = name_value(database);
	enum error error = ERR_SERVER;

	if (key && value)
		error = put(txn, TABLE_DATABASE_NAME, bytes_of(key), bytes_of(value));
	free(key);
	free(value);
	return error;
}

enum error database_create(struct txn *txn, const struct database_new *new, char id_r[ID_SIZE],
			   struct failure *failure)
{
	struct json_object *record;
	struct database database;
	enum error error;

	if ((error = merge_check("metadata", new->metadata, failure)) ||
	    (error = merge_check("core_config", new->core_config, failure)))
		return error;
	id_new(id_r);
	record = to_record(new);
	error = from_record(id_r, record, &database);
	if (error)
		return error;
	error = write_name(txn, &database, store_add);
	if (error == ERR_EXISTS)
		error = fail(failure, ERR_DUPLICATED_DATABASE, "%s", new->name);
	if (!error)
		error = record_put(txn, TABLE_DATABASE, id_r, &format, record);
	database_free(&database);
	return error ? error : trash_sweep_few(txn);
}

static enum error find_id(struct txn *txn, const char *organization, const char *name,
			  char id_r[ID_SIZE])
{
	char *key = name_key(organization, name);
	struct bytes id;
	enum error error;

	if (!key)
		return ERR_SERVER;
	error = store_get(txn, TABLE_DATABASE_NAME, bytes_of(key), &id);
	if (!error)
		bytes_to_text(id_r, ID_SIZE, id);
	free(key);
	return error;
}

/* record_get() or record_get_to_change(). */
typedef enum error get_fn(struct txn *, unsigned, const char *, const struct record_format *,
			  struct json_object **);

/* ERR_ABSENT where the organization has no such database. */
static enum error get(struct txn *txn, get_fn *get_record, const char *organization, const char *id,
		      struct database *database_r)
{
	struct json_object *record;
	enum error error = get_record(txn, TABLE_DATABASE, id, &format, &record);

	if (!error)
		error = from_record(id, record, database_r);
	if (!error && strcmp(database_r->organization, organization) != 0) {
		database_free(database_r);
		error = ERR_ABSENT;
	}
	if (!error && database_r->ready) {
		error = counters_get(txn, id, &database_r->counters);
		if (error)
			database_free(database_r);
	}
	return error;
}

enum error database_find(struct txn *txn, const char *organization, const char *id,
			 const char *name, struct database *database_r, struct failure *failure)
{
	char found[ID_SIZE];
	enum error error = OK;

	if (!id)
		error = find_id(txn, organization, name, found);
	if (!error)
		error = get(txn, record_get, organization, id ? id : found, database_r);
	if (!error && id && name && strcmp(database_r->name, name) != 0) {
		database_free(database_r);
		return fail(failure, ERR_NO_DATABASE, "%s", name);
	}
	if (error == ERR_ABSENT)
		return fail(failure, ERR_NO_DATABASE, "%s", id ? id : name);
	return error;
}

enum error database_find_to_change(struct txn *txn, const char *organization, const char *id,
				   struct database *database_r, struct failure *failure)
{
	enum error error = get(txn, record_get_to_change, organization, id, database_r);

	return error == ERR_ABSENT ? fail(failure, ERR_NO_DATABASE, "%s", id) : error;
}

enum error database_merge(struct database *database, const struct database_changes *changes,
			  struct failure *failure)
{
	const struct {
		const char *name;
		struct json_object *patch;
	} objects[] = { { "metadata", changes->metadata },
			{ "core_config", changes->core_config } };
	struct json_object *record = database->record, *merged;
	enum error error = OK;

	/* both, so that a client learns of every fault at once */
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		enum error fault;

		if (!objects[i].patch)
			continue;
		fault = merge_field(objects[i].name, object_member(record, objects[i].name),
				    objects[i].patch, changes->preserve, &merged, failure);
		if (fault)
			error = fault;
		else
			json_object_object_add(record, objects[i].name, merged);
	}
	object_add_text(record, "description", changes->description);
	borrow(database);
	return error;
}

enum error database_change(struct txn *txn, struct database *database,
			   const struct database_changes *changes, struct failure *failure)
{
	bool other_entry =
		changes->description && strcmp(changes->description, database->description) != 0;
	enum error error = database_merge(database, changes, failure);

	if (!error && other_entry)
		error = write_name(txn, database, store_put);
	return error ? error
		     : record_put(txn, TABLE_DATABASE, database->id, &format, database->record);
}

enum error database_exists(struct txn *txn, const char *id)
{
	return store_exists(txn, TABLE_DATABASE, bytes_of(id));
}

enum error database_set_ready(struct txn *txn, const char *id, bool ready)
{
	struct json_object *record;
	struct database database;
	enum error error = record_get(txn, TABLE_DATABASE, id, &format, &record);

	if (error)
		return error;
	object_add_truth(record, "ready", ready);
	error = from_record(id, record, &database);
	if (error)
		return error;
	error = write_name(txn, &database, store_put);
	if (!error)
		error = record_put(txn, TABLE_DATABASE, id, &format, database.record);
	database_free(&database);
	return error;
}

enum error database_recheck(struct txn *txn, const char *id, bool repair, const char **wrong_r)
{
	struct database_counters counters;
	struct json_object *record;
	enum error error = record_get(txn, TABLE_DATABASE, id, &format, &record);
	bool ready;

	*wrong_r = NULL;
	if (error)
		return error == ERR_ABSENT ? OK : error;
	ready = object_truth(record, "ready");
	json_object_put(record);
	error = counters_get(txn, id, &counters);
	if (error == ERR_SERVER)
		return OK; /* damaged: they are reported themselves */
	if (error || ready == (counters.ratings > 0))
		return error;
	*wrong_r = ready ? "is ready, but no rating is counted"
			 : "is not ready, but ratings are counted";
	return repair ? database_set_ready(txn, id, !ready) : OK;
}

enum error database_delete(struct txn *txn, const char *organization, const char *id,
			   struct failure *failure)
{
	struct database database;
	enum error error = database_find(txn, organization, id, NULL, &database, failure);
	char *key;

	if (error)
		return error;
	key = name_key(organization, database.name);
	error = key ? store_delete(txn, TABLE_DATABASE_NAME, bytes_of(key)) : ERR_SERVER;
	free(key);
	database_free(&database);
	if (!error)
		error = store_delete(txn, TABLE_DATABASE, bytes_of(id));
	if (!error)
		error = trash_add(txn, id);
	return error ? error : trash_sweep_few(txn);
}

struct visit {
	int64_t skip;
	database_fn *each;
	void *arg;
};

static bool visit_name(void *arg, struct bytes key, struct bytes value)
{
	struct visit *visit = arg;

	(void)key;
	if (visit->skip-- > 0)
		return true;
	return visit->each(visit->arg, (struct bytes){ (const char *)value.data + ID_LENGTH,
						       value.size - ID_LENGTH });
}

enum error database_each(struct txn *txn, const char *organization, int64_t skip, database_fn *each,
			 void *arg)
{
	struct visit visit = { .skip = skip, .each = each, .arg = arg };

	return store_scan(txn, TABLE_DATABASE_NAME, bytes_of(organization), bytes_of(""),
			  visit_name, &visit);
}

const char *database_status(const struct database *database)
{
	return database->ready ? "ready" : "pending";
}

struct json_object *database_to_json(const struct database *database)
{
	struct json_object *object = json_object_new_object();

	object_add_text(object, "id", database->id);
	object_add_text(object, "name", database->name);
	object_add_text(object, "description", database->description);
	object_add_text(object, "item_id_type", database->item_id_type);
	object_add_text(object, "user_id_type", database->user_id_type);
	object_add_text(object, "session_id_type", database->session_id_type);
	return object;
}

struct json_object *database_to_entry(const struct database *database)
{
	struct json_object *object = database_to_json(database);

	object_add_text(object, "status", database_status(database));
	return object;
}

void database_title(char title_r[DATABASE_TITLE_SIZE], const char *id, const char *name)
{
	snprintf(title_r, DATABASE_TITLE_SIZE, "%s %s", id, name);
}

enum error database_links(const char *id, struct bytes value, link_fn *each, void *arg)
{
	struct json_object *record;
	struct database database;
	char *key, *entry;
	enum error error = record_parse(&format, value, &record);

	if (!error)
		error = from_record(id, record, &database);
	if (error)
		return error;
	key = name_key(database.organization, database.name);
	entry = name_value(&database);
	if (key && entry)
		error = link_each(
			(const struct link[]){
				{ LINK_INDEX, TABLE_DATABASE_NAME, bytes_of(key), bytes_of(entry) },
				{ LINK_NEEDS, TABLE_ORGANIZATION, bytes_of(database.organization),
				  bytes_of("") },
			},
			2, each, arg);
	else
		error = ERR_SERVER;
	free(key);
	free(entry);
	database_free(&database);
	return error;
}

bool database_name_owner(struct bytes key, struct bytes value, struct bytes *owner_r)
{
	*owner_r = (struct bytes){ value.data, ID_LENGTH };
	return value.size > ID_LENGTH && key.size > ID_LENGTH;
}
