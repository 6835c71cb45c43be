/*
 * users/<user>/ratings/ — GET lists a user's ratings, a page at a time; PUT writes many, all of them or
 * none; DELETE deletes all.
 */
#include "endpoint.h"
#include "object.h"
#include "rating-list.h"
#include "trash.h"

#define AMOUNT 64

static const struct field get_fields[] = {
	{ "page", FIELD_PAGE, OPTIONAL },
	{ "amt", FIELD_AMOUNT, OPTIONAL },
	FIELDS_END,
};

struct listing {
	struct call *call;
	int64_t page, amount;
	int64_t skip; /* of this attempt */
	struct json_object *list;
	bool has_next;
};

static bool add(void *arg, const struct rating *rating)
{
	struct listing *listing = arg;
	struct json_object *object;

	if (listing->skip-- > 0)
		return true;
	if ((int64_t)json_object_array_length(listing->list) == listing->amount) {
		listing->has_next = true;
		return false;
	}
	object = json_object_new_object();
	rating_list_describe(listing->call, rating, object);
	json_object_array_add(listing->list, object);
	return true;
}

static enum error list(struct txn *txn, void *arg)
{
	struct listing *listing = arg;
	struct call *call = listing->call;

	json_object_put(listing->list);
	listing->list = json_object_new_array();
	listing->has_next = false;
	listing->skip = (listing->page - 1) * listing->amount;
	return rating_each_of_user(txn, call->database.id, call->user, NULL, add, listing);
}

static enum error get(struct call *call)
{
	struct listing listing = {
		.call = call,
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
	json_object_object_add(call->answer, "user_ratings", listing.list);
	return OK;
}

static const struct field put_fields[] = {
	{ "ratings", FIELD_LIST, REQUIRED },
	FIELDS_END,
};

struct removal {
	struct call *call;
	int64_t left;
};

static enum error remove_some(struct txn *txn, void *arg)
{
	struct removal *removal = arg;
	struct call *call = removal->call;
	enum error error = call_check_database(call, txn);

	if (!error)
		error = rating_delete_user(txn, call->database.id, call->user, &removal->left);
	return error ? error : trash_sweep_few(txn);
}

/* A user's ratings may be more than one transaction should hold. */
static enum error erase(struct call *call)
{
	struct removal removal = { .call = call };
	enum error error;

	do
		error = store_update(call->context->store, remove_some, &removal);
	while (!error && removal.left > 0);
	return error;
}

const struct endpoint users_user_ratings = {
	.path = "users/<user>/ratings/",
	.methods = {
		[GET] = { .run = get, .roles = EVERY_ROLE, .fields = get_fields, .own_user = true },
		[PUT] = { .run = rating_list_put, .roles = EVERY_ROLE, .fields = put_fields,
			  .own_user = true, .bulk = true },
		[DELETE] = { .run = erase, .roles = EVERY_ROLE, .own_user = true },
	},
};
