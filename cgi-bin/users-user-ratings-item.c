/* users/<user>/ratings/<item>/ — PUT rates an item for a user, or again; DELETE takes that back. */
#include "endpoint.h"
#include "object.h"
#include "rating-list.h"
#include "trash.h"

static const struct field put_fields[] = {
	{ "rating", FIELD_RATING, REQUIRED },
	{ "timestamp", FIELD_TIME, OPTIONAL },
	FIELDS_END,
};

static enum error put(struct call *call)
{
	struct json_object *timestamp = object_member(call->fields, "timestamp");
	char item[IDENTIFIER_SIZE];
	struct rating rating = {
		.user = call->user,
		.item = item,
		.value = object_number(call->fields, "rating", 0),
		.timestamp = timestamp ? json_object_get_double(timestamp) : time_now(),
	};
	struct rating_list list = { .ratings = &rating, .count = 1 };
	enum error error = rating_list_item(call, call->path[1], item);

	return error ? error : rating_list_write(call, &list);
}

struct removal {
	struct call *call;
	char item[IDENTIFIER_SIZE];
};

static enum error remove_rating(struct txn *txn, void *arg)
{
	struct removal *removal = arg;
	struct call *call = removal->call;
	enum error error = call_check_database(call, txn);

	if (!error)
		error = rating_delete(txn, call->database.id, call->user, removal->item);
	if (error == ERR_ABSENT)
		return fail(&call->failure, ERR_NO_RATING, "%s %s", call->user, removal->item);
	return error ? error : trash_sweep_few(txn);
}

static enum error erase(struct call *call)
{
	struct removal removal = { .call = call };
	enum error error = rating_list_item(call, call->path[1], removal.item);

	return error ? error : store_update(call->context->store, remove_rating, &removal);
}

const struct endpoint users_user_ratings_item = {
	.path = "users/<user>/ratings/<item>/",
	.methods = {
		[PUT] = { .run = put, .roles = EVERY_ROLE, .fields = put_fields, .own_user = true },
		[DELETE] = { .run = erase, .roles = EVERY_ROLE, .own_user = true },
	},
};
