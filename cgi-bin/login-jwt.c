/* POST login/jwt/ — what a token says, for those it is shown to. */
#include "database.h"
#include "endpoint.h"
#include "object.h"

struct look {
	const struct claims *caller;
	struct database database;
	struct failure *failure;
};

static enum error look_up(struct txn *txn, void *arg)
{
	struct look *look = arg;

	return database_find(txn, look->caller->organization, look->caller->database, NULL,
			     &look->database, look->failure);
}

static void add_identifier(struct json_object *answer, const char *name, const char *type_name,
			   const char *text)
{
	struct identifier_type type;

	if (*text && type_name && identifier_type_parse(&type, type_name))
		json_object_object_add(answer, name, identifier_to_json(&type, text));
}

static enum error post(struct call *call)
{
	const struct claims *caller = &call->caller;
	struct look look = { .caller = caller, .failure = &call->failure };
	struct database *database = &look.database;
	struct json_object *account, *named;

	if (*caller->database) {
		enum error error = store_view(call->context->store, look_up, &look);

		if (error)
			return error;
	}
	account = json_object_new_object();
	object_add_text(account, "id", caller->account);
	object_add_text(account, "role", role_name(caller->role));
	call->answer = json_object_new_object();
	object_add_text(call->answer, "org_id", caller->organization);
	json_object_object_add(call->answer, "account", account);
	if (database->record) {
		named = json_object_new_object();
		object_add_text(named, "id", database->id);
		object_add_text(named, "item_id_type", database->item_id_type);
		object_add_text(named, "user_id_type", database->user_id_type);
		object_add_text(named, "session_id_type", database->session_id_type);
		json_object_object_add(call->answer, "database", named);
		add_identifier(call->answer, "frontend_user_id", database->user_id_type,
			       caller->user);
		add_identifier(call->answer, "frontend_session_id", database->session_id_type,
			       caller->user_session);
	}
	database_free(database);
	return OK;
}

const struct endpoint login_jwt = {
	.path = "login/jwt/",
	.methods = { [POST] = { .run = post, .roles = EVERY_ROLE } },
};
