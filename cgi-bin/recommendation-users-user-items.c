/*
 * GET recommendation/users/<user>/items/ — items for a user, the best first. The cursor names what the
 * pages before have shown, so that none comes twice, however much was rated, and learned, in between.
 */
#include <stdio.h>
#include <string.h>

#include "cursor.h"
#include "endpoint.h"
#include "object.h"
#include "recommend.h"

#define AMOUNT 16

static const char *const unknown_user =
	"this user has rated nothing yet: these are items that are popular";
static const char *const little_known =
	"too little is known of this user's taste: filled up with items that are popular";

static const struct field get_fields[] = {
	{ "amt", FIELD_AMOUNT, OPTIONAL },
	{ "cursor", FIELD_TEXT, OPTIONAL },
	{ "exclude_rated_items", FIELD_TRUTH, OPTIONAL },
	FIELDS_END,
};

struct listing {
	struct recommend_query query;
	struct recommendation found;
};

static enum error find(struct txn *txn, void *arg)
{
	struct listing *listing = arg;

	return recommend(txn, &listing->query, &listing->found);
}

/* The user, and behind a space the marks of what was shown, in base64url. */
static enum error read_cursor(struct call *call, const struct cursor_scope *scope,
			      struct recommend_query *query)
{
	const char *cursor = object_text(call->fields, "cursor"), *marks;
	size_t length = strlen(call->user), size;
	char position[CURSOR_POSITION_SIZE];

	if (!cursor)
		return OK;
	if (!cursor_read(call->context->keyring, scope, cursor, position) ||
	    strncmp(position, call->user, length) != 0 || position[length] != ' ')
		return fail_field(&call->failure, "cursor", "is none of this list");
	marks = position + length + 1;
	if (!base64url_decode(query->shown, sizeof(query->shown), &size, marks, strlen(marks)))
		return ERR_SERVER;
	query->shown_count = (int)(size / sizeof(query->shown[0]));
	return OK;
}

/* Adds what this page shows. */
static enum error make_cursor(struct call *call, const struct cursor_scope *scope,
			      struct listing *listing, char cursor_r[CURSOR_SIZE])
{
	struct recommend_query *query = &listing->query;
	char marks[BASE64URL_LENGTH(sizeof(query->shown)) + 1], position[CURSOR_POSITION_SIZE];

	_Static_assert(sizeof(marks) + IDENTIFIER_SIZE <= sizeof(position), "the longest fits");
	for (int i = 0; i < listing->found.count; i++)
		query->shown[query->shown_count++] = recommend_mark_of(listing->found.items[i]);
	base64url_encode(marks, query->shown, (size_t)query->shown_count * sizeof(query->shown[0]));
	snprintf(position, sizeof(position), "%s %s", call->user, marks);
	return cursor_make(call->context->keyring, scope, position, cursor_r);
}

static void warn(struct call *call, const struct recommendation *found)
{
	if (!found->popular)
		return;
	call->warnings = json_object_new_array();
	json_object_array_add(call->warnings,
			      json_object_new_string(found->unknown ? unknown_user : little_known));
}

static enum error answer(struct call *call, const struct cursor_scope *scope,
			 struct listing *listing)
{
	const struct recommendation *found = &listing->found;
	struct json_object *items = json_object_new_array();
	char cursor[CURSOR_SIZE];
	enum error error = OK;

	for (int i = 0; i < found->count; i++)
		json_object_array_add(items, identifier_to_json(&call->item_type, found->items[i]));
	if (found->more)
		error = make_cursor(call, scope, listing, cursor);
	call->answer = json_object_new_object();
	json_object_object_add(call->answer, "items_id", items);
	json_object_object_add(call->answer, "next_cursor",
			       found->more && !error ? json_object_new_string(cursor) : NULL);
	warn(call, found);
	return error;
}

static enum error get(struct call *call)
{
	const struct cursor_scope scope = { "recommendation", call->database.id };
	struct json_object *exclude = object_member(call->fields, "exclude_rated_items");
	struct listing listing = {
		.query = {
			.database = call->database.id,
			.user = call->user,
			.amount = (int)object_integer(call->fields, "amt", AMOUNT),
			.exclude_rated = !exclude || json_object_get_boolean(exclude),
		},
	};
	enum error error;

	error = read_cursor(call, &scope, &listing.query);
	if (!error)
		error = store_view(call->context->store, find, &listing);
	return error ? error : answer(call, &scope, &listing);
}

const struct endpoint recommendation_users_user_items = {
	.path = "recommendation/users/<user>/items/",
	.methods = {
		[GET] = { .run = get, .roles = EVERY_ROLE, .fields = get_fields,
			  .own_user = true },
	},
};
