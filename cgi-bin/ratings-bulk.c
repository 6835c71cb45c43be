/*
 * ratings-bulk/ — PUT writes ratings of many users, all of them or none; GET lists all of a database's
 * ratings. Its cursor is the place of the last one listed, so that what is written meanwhile moves
 * nothing.
 */
#include <stdio.h>
#include <string.h>

#include "cursor.h"
#include "endpoint.h"
#include "object.h"
#include "rating-list.h"

#define AMOUNT 64

static const struct field put_fields[] = {
	{ "ratings", FIELD_LIST, REQUIRED },
	FIELDS_END,
};

static const struct field get_fields[] = {
	{ "amt", FIELD_BULK_AMOUNT, OPTIONAL },
	{ "cursor", FIELD_SECRET, OPTIONAL },
	FIELDS_END,
};

struct listing {
	struct call *call;
	const struct rating *after; /* NULL for the beginning */
	int64_t amount;
	struct json_object *list;
	char last[CURSOR_POSITION_SIZE]; /* user and item */
	bool has_next;
};

static bool add(void *arg, const struct rating *rating)
{
	struct listing *listing = arg;
	struct call *call = listing->call;
	struct json_object *object;

	if ((int64_t)json_object_array_length(listing->list) == listing->amount) {
		listing->has_next = true;
		return false;
	}
	object = json_object_new_object();
	json_object_object_add(object, "user_id",
			       identifier_to_json(&call->user_type, rating->user));
	rating_list_describe(call, rating, object);
	json_object_array_add(listing->list, object);
	snprintf(listing->last, sizeof(listing->last), "%s %s", rating->user, rating->item);
	return true;
}

static enum error list(struct txn *txn, void *arg)
{
	struct listing *listing = arg;

	json_object_put(listing->list);
	listing->list = json_object_new_array();
	listing->has_next = false;
	return rating_each(txn, listing->call->database.id, listing->after, add, listing);
}

static enum error answer(struct call *call, const struct cursor_scope *scope,
			 const struct listing *listing)
{
	char cursor[CURSOR_SIZE];
	enum error error = OK;

	if (listing->has_next)
		error = cursor_make(call->context->keyring, scope, listing->last, cursor);
	if (error)
		return error;
	call->answer = json_object_new_object();
	object_add_truth(call->answer, "has_next", listing->has_next);
	json_object_object_add(call->answer, "next_cursor",
			       listing->has_next ? json_object_new_string(cursor) : NULL);
	json_object_object_add(call->answer, "ratings", json_object_get(listing->list));
	return OK;
}

static enum error get(struct call *call)
{
	const struct cursor_scope scope = { "ratings-bulk", call->database.id };
	const char *cursor = object_text(call->fields, "cursor");
	char position[CURSOR_POSITION_SIZE] = "", *space;
	struct rating after = { .user = position };
	struct listing listing = { .call = call,
				   .amount = object_integer(call->fields, "amt", AMOUNT) };
	enum error error;

	if (cursor) {
		if (!cursor_read(call->context->keyring, &scope, cursor, position) ||
		    !(space = strchr(position, ' ')))
			return fail_field(&call->failure, "cursor", "is none of this list");
		*space = '\0';
		after.item = space + 1;
		listing.after = &after;
	}
	error = store_view(call->context->store, list, &listing);
	if (!error)
		error = answer(call, &scope, &listing);
	json_object_put(listing.list);
	return error;
}

const struct endpoint ratings_bulk = {
	.path = "ratings-bulk/",
	.methods = {
		[GET] = { .run = get, .roles = ROOT | MANAGER | BACKEND, .fields = get_fields,
			  .opens_database = true },
		[PUT] = { .run = rating_list_put, .roles = ROOT | MANAGER | BACKEND,
			  .fields = put_fields, .opens_database = true, .bulk = true },
	},
};
