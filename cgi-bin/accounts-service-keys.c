/* POST accounts/service/keys/ — makes a key for a service account; it is shown this once. */
#include <string.h>

#include "account.h"
#include "endpoint.h"
#include "object.h"
#include "service-key.h"

static const struct field post_fields[] = {
	{ "name", FIELD_NAME, REQUIRED },
	{ "expiration_timestamp", FIELD_TIME, OPTIONAL },
	{ "metadata", FIELD_OBJECT, OPTIONAL },
	FIELDS_END,
};

static void answer(struct call *call, const struct service_key *key, const char *text)
{
	json_object_put(call->answer);
	call->answer = json_object_new_object();
	object_add_text(call->answer, "id", key->id);
	object_add_text(call->answer, "key", text);
	object_add_time(call->answer, "created_timestamp", key->created);
	if (key->expires > 0)
		object_add_time(call->answer, "expiration_timestamp", key->expires);
	json_object_object_add(call->answer, "metadata", json_object_get(key->metadata));
}

static enum error create(struct txn *txn, void *arg)
{
	struct call *call = arg;
	struct service_key key = { .record = NULL };
	struct account account;
	char text[SERVICE_KEY_SIZE];
	enum error error;

	error = account_find_to_change(txn, call->caller.organization, ACCOUNT_SERVICE,
				       object_text(call->fields, "name"), &account, &call->failure);
	if (error)
		return error;
	error = service_key_create(
		txn, account.id,
		json_object_get_double(object_member(call->fields, "expiration_timestamp")),
		object_member(call->fields, "metadata"), text, &key);
	if (!error)
		answer(call, &key, text);
	explicit_bzero(text, sizeof(text));
	service_key_free(&key);
	account_free(&account);
	return error;
}

static enum error post(struct call *call)
{
	struct json_object *expires = object_member(call->fields, "expiration_timestamp");
	enum error error;

	if (expires && json_object_get_double(expires) <= time_now())
		return fail_field(&call->failure, "expiration_timestamp", "must be in the future");
	error = store_update(call->context->store, create, call);
	if (!error)
		call_audit(call, "service-key.create", OK, object_text(call->fields, "name"),
			   object_text(call->answer, "id"));
	return error;
}

const struct endpoint accounts_service_keys = {
	.path = "accounts/service/keys/",
	.methods = { [POST] = { .run = post, .roles = ROOT | MANAGER, .fields = post_fields } },
};
