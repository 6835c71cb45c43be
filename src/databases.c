#include "databases.h"

#include "object.h"

enum error databases_find(struct txn *txn, struct call *call, struct database *database_r)
{
	return database_find(txn, call->caller.organization, call->caller.database, NULL,
			     database_r, &call->failure);
}

static struct database_changes read_changes(const struct call *call)
{
	return (struct database_changes){
		.description = object_text(call->fields, "description"),
		.metadata = object_member(call->fields, "metadata"),
		.core_config = object_member(call->fields, "core_config"),
		.preserve = object_truth(call->fields, "preserve"),
	};
}

struct change {
	struct call *call;
	char title[DATABASE_TITLE_SIZE];
};

static enum error change_database(struct txn *txn, void *arg)
{
	struct change *change = arg;
	struct call *call = change->call;
	struct database_changes changes = read_changes(call);
	struct database database;
	enum error error;

	error = database_find_to_change(txn, call->caller.organization, call->caller.database,
					&database, &call->failure);
	if (error)
		return error;
	database_title(change->title, database.id, database.name);
	error = database_change(txn, &database, &changes, &call->failure);
	database_free(&database);
	return error;
}

enum error databases_change(struct call *call)
{
	struct change change = { .call = call };
	enum error error = store_update(call->context->store, change_database, &change);

	if (!error)
		call_audit(call, "database.change", OK, NULL, change.title);
	return error;
}

/* What a change can change. */
static struct json_object *changeable_to_json(const struct database *database)
{
	struct json_object *object = json_object_new_object();

	object_add_text(object, "description", database->description);
	json_object_object_add(object, "metadata", json_object_get(database->metadata));
	json_object_object_add(object, "core_config", json_object_get(database->core_config));
	return object;
}

static enum error preview(struct txn *txn, void *arg)
{
	struct call *call = arg;
	struct database_changes changes = read_changes(call);
	struct json_object *old;
	struct database database;
	enum error error = databases_find(txn, call, &database);

	if (error)
		return error;
	old = changeable_to_json(&database);
	error = database_merge(&database, &changes, &call->failure);
	if (error) {
		json_object_put(old);
	} else {
		json_object_put(call->answer);
		call->answer = json_object_new_object();
		json_object_object_add(call->answer, "metadata_old", old);
		json_object_object_add(call->answer, "metadata_new", changeable_to_json(&database));
	}
	database_free(&database);
	return error;
}

enum error databases_preview(struct call *call)
{
	return store_view(call->context->store, preview, call);
}
