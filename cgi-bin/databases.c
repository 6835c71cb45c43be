/* POST databases/ makes a database; GET databases/ lists them by name, a page at a time. */
#include "database.h"
#include "endpoint.h"
#include "object.h"

static const struct field post_fields[] = {
	{ "name", FIELD_NAME, REQUIRED },
	{ "item_id_type", FIELD_IDENTIFIER_TYPE, REQUIRED },
	{ "user_id_type", FIELD_IDENTIFIER_TYPE, REQUIRED },
	{ "description", FIELD_TEXT, OPTIONAL },
	{ "session_id_type", FIELD_IDENTIFIER_TYPE, OPTIONAL },
	{ "metadata", FIELD_OBJECT, OPTIONAL },
	{ "core_config", FIELD_OBJECT, OPTIONAL },
	FIELDS_END,
};

struct creation {
	struct database_new new;
	char id[ID_SIZE];
	struct failure *failure;
};

static enum error create(struct txn *txn, void *arg)
{
	struct creation *creation = arg;

	return database_create(txn, &creation->new, creation->id, creation->failure);
}

static enum error post(struct call *call)
{
	struct creation creation = {
		.new = {
			.organization = call->caller.organization,
			.name = object_text(call->fields, "name"),
			.description = object_text(call->fields, "description"),
			.item_id_type = object_text(call->fields, "item_id_type"),
			.user_id_type = object_text(call->fields, "user_id_type"),
			.session_id_type = object_text(call->fields, "session_id_type"),
			.metadata = object_member(call->fields, "metadata"),
			.core_config = object_member(call->fields, "core_config"),
		},
		.failure = &call->failure,
	};
	enum error error = store_update(call->context->store, create, &creation);
	char title[DATABASE_TITLE_SIZE];

	if (error)
		return error;
	database_title(title, creation.id, creation.new.name);
	call_audit(call, "database.create", OK, NULL, title);
	call->answer = json_object_new_object();
	object_add_text(call->answer, "id", creation.id);
	return OK;
}

#define AMOUNT 64

static const struct field get_fields[] = {
	{ "page", FIELD_PAGE, OPTIONAL },
	{ "amt", FIELD_AMOUNT, OPTIONAL },
	FIELDS_END,
};

struct listing {
	const char *organization;
	int64_t page, amount;
	struct json_object *list;
	bool has_next;
};

static bool add(void *arg, struct bytes entry)
{
	struct listing *listing = arg;

	if ((int64_t)json_object_array_length(listing->list) == listing->amount) {
		listing->has_next = true;
		return false;
	}
	json_object_array_add(listing->list, object_from_text(entry.data, entry.size));
	return true;
}

static enum error list(struct txn *txn, void *arg)
{
	struct listing *listing = arg;

	json_object_put(listing->list);
	listing->list = json_object_new_array();
	listing->has_next = false;
	return database_each(txn, listing->organization, (listing->page - 1) * listing->amount, add,
			     listing);
}

static enum error get(struct call *call)
{
	struct listing listing = {
		.organization = call->caller.organization,
		.page = object_integer(call->fields, "page", 1),
		.amount = object_integer(call->fields, "amt", AMOUNT),
	};
	enum error error = store_view(call->context->store, list, &listing);

	if (error) {
		json_object_put(listing.list);
		return error;
	}
	call->answer = json_object_new_object();
	object_add_truth(call->answer, "has_next", listing.has_next);
	object_add_integer(call->answer, "next_page", listing.page + 1);
	json_object_object_add(call->answer, "databases", listing.list);
	return OK;
}

const struct endpoint databases = {
	.path = "databases/",
	.methods = {
		[GET] = { .run = get, .roles = ROOT | MANAGER | BACKEND, .fields = get_fields },
		[POST] = { .run = post, .roles = ROOT | MANAGER, .fields = post_fields },
	},
};
