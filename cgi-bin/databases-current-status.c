/* GET databases/current/status/ — "pending" until the token's database holds a rating, then "ready". */
#include "databases.h"
#include "object.h"

static enum error look(struct txn *txn, void *arg)
{
	struct call *call = arg;
	struct database database;
	enum error error = databases_find(txn, call, &database);

	if (error)
		return error;
	json_object_put(call->answer);
	call->answer = json_object_new_object();
	object_add_text(call->answer, "status", database_status(&database));
	database_free(&database);
	return OK;
}

static enum error get(struct call *call)
{
	return store_view(call->context->store, look, call);
}

const struct endpoint databases_current_status = {
	.path = "databases/current/status/",
	.methods = { [GET] = { .run = get, .roles = EVERY_ROLE, .needs_database = true } },
};
