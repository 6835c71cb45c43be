/*
 * databases/current/ — GET describes the token's database, PATCH changes it, DELETE deletes it and all
 * that is in it.
 */
#include "databases.h"
#include "object.h"

static struct json_object *counters_to_json(const struct database_counters *counters)
{
	struct json_object *object = json_object_new_object();

	object_add_integer(object, "rating", counters->ratings);
	object_add_integer(object, "user", counters->users);
	object_add_integer(object, "item", counters->items);
	return object;
}

static enum error describe(struct txn *txn, void *arg)
{
	struct call *call = arg;
	struct database database;
	enum error error = databases_find(txn, call, &database);

	if (error)
		return error;
	json_object_put(call->answer);
	call->answer = database_to_entry(&database);
	json_object_object_add(call->answer, "counters", counters_to_json(&database.counters));
	json_object_object_add(call->answer, "metadata", json_object_get(database.metadata));
	json_object_object_add(call->answer, "core_config", json_object_get(database.core_config));
	database_free(&database);
	return OK;
}

static enum error get(struct call *call)
{
	return store_view(call->context->store, describe, call);
}

static const struct field patch_fields[] = {
	{ "description", FIELD_TEXT, OPTIONAL },
	{ "metadata", FIELD_OBJECT, OPTIONAL },
	{ "core_config", FIELD_OBJECT, OPTIONAL },
	{ "preserve", FIELD_TRUTH, OPTIONAL },
	FIELDS_END,
};

struct removal {
	struct call *call;
	char title[DATABASE_TITLE_SIZE];
};

static enum error remove_database(struct txn *txn, void *arg)
{
	struct removal *removal = arg;
	struct call *call = removal->call;
	struct database database;
	enum error error = databases_find(txn, call, &database);

	if (error)
		return error;
	database_title(removal->title, database.id, database.name);
	database_free(&database);
	return database_delete(txn, call->caller.organization, call->caller.database,
			       &call->failure);
}

static enum error erase(struct call *call)
{
	struct removal removal = { .call = call };
	enum error error = store_update(call->context->store, remove_database, &removal);

	if (!error)
		call_audit(call, "database.delete", OK, NULL, removal.title);
	return error;
}

const struct endpoint databases_current = {
	.path = "databases/current/",
	.methods = {
		[GET] = { .run = get, .roles = ROOT | MANAGER | BACKEND, .needs_database = true },
		[PATCH] = { .run = databases_change, .roles = ROOT | MANAGER,
			    .fields = patch_fields, .needs_database = true },
		[DELETE] = { .run = erase, .roles = ROOT | MANAGER, .needs_database = true },
	},
};
