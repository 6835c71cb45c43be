#include "rating-list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "object.h"
#include "trash.h"

#define FAULTS_MOST 64 /* identifiers of a list that are said to be wrong */

static const struct field of_user[] = {
	{ "item_id", FIELD_IDENTIFIER, REQUIRED },
	{ "rating", FIELD_RATING, REQUIRED },
	{ "timestamp", FIELD_TIME, OPTIONAL },
	FIELDS_END,
};

static const struct field of_anyone[] = {
	{ "user_id", FIELD_IDENTIFIER, REQUIRED },
	{ "item_id", FIELD_IDENTIFIER, REQUIRED },
	{ "rating", FIELD_RATING, REQUIRED },
	{ "timestamp", FIELD_TIME, OPTIONAL },
	FIELDS_END,
};

/* One identifier of the rating at an index. Returns whether it is good; else the failure says so. */
static bool take_identifier(struct call *call, const struct identifier_type *type,
			    const char *type_name, size_t index, const char *field,
			    struct json_object *values, char text_r[IDENTIFIER_SIZE])
{
	char path[64];

	if (identifier_from_json(type, text_r, object_member(values, field)))
		return true;
	snprintf(path, sizeof(path), "ratings.%zu.%s", index, field);
	fail_field(&call->failure, path, "must be an identifier of type %s", type_name);
	return false;
}

static bool take_rating(struct call *call, size_t index, struct json_object *values, double now,
			char texts[2][IDENTIFIER_SIZE], struct rating *rating_r)
{
	struct json_object *timestamp = object_member(values, "timestamp");
	bool good = take_identifier(call, &call->item_type, call->database.item_id_type, index,
				    "item_id", values, texts[1]);

	*rating_r = (struct rating){
		.user = call->user,
		.item = texts[1],
		.value = object_number(values, "rating", 0),
		.timestamp = timestamp ? json_object_get_double(timestamp) : now,
	};
	if (*call->user)
		return good;
	rating_r->user = texts[0];
	return take_identifier(call, &call->user_type, call->database.user_id_type, index,
			       "user_id", values, texts[0]) &&
	       good;
}

static int compare(const void *left, const void *right)
{
	const struct rating *a = *(const struct rating *const *)left;
	const struct rating *b = *(const struct rating *const *)right;
	int order = strcmp(a->user, b->user);

	return order ? order : strcmp(a->item, b->item);
}

static enum error find_duplicate(struct call *call, const struct rating_list *list)
{
	const struct rating **sorted = calloc(list->count + 1, sizeof(*sorted));
	enum error error = OK;

	if (!sorted)
		return ERR_SERVER;
	for (size_t i = 0; i < list->count; i++)
		sorted[i] = &list->ratings[i];
	qsort(sorted, list->count, sizeof(*sorted), compare);
	for (size_t i = 1; !error && i < list->count; i++) {
		if (compare(&sorted[i - 1], &sorted[i]) == 0)
			error = fail(&call->failure, ERR_DUPLICATED_RATING, "%s %s",
				     sorted[i]->user, sorted[i]->item);
	}
	free(sorted);
	return error;
}

/* texts: room for the users and items, two for each rating. */
static enum error read_list(struct call *call, struct json_object *values,
			    char (*texts)[IDENTIFIER_SIZE], const struct rating_list *list)
{
	double now = time_now();
	int faults = 0;

	for (size_t i = 0; i < list->count && faults < FAULTS_MOST; i++)
		faults += !take_rating(call, i, json_object_array_get_idx(values, i), now,
				       &texts[2 * i], &list->ratings[i]);
	return faults ? call->failure.code : find_duplicate(call, list);
}

struct writing {
	struct call *call;
	const struct rating_list *list;
};

static enum error write_list(struct txn *txn, void *arg)
{
	const struct writing *writing = arg;
	enum error error = call_check_database(writing->call, txn);

	if (!error)
		error = rating_put_many(txn, writing->call->database.id, writing->list->ratings,
					writing->list->count);
	return error ? error : trash_sweep_few(txn);
}

enum error rating_list_write(struct call *call, const struct rating_list *list)
{
	struct writing writing = { call, list };

	return store_update(call->context->store, write_list, &writing);
}

enum error rating_list_put(struct call *call)
{
	struct json_object *values = object_member(call->fields, "ratings");
	struct rating_list list = { .count = json_object_array_length(values) };
	char(*texts)[IDENTIFIER_SIZE];
	enum error error = fields_check_list("ratings", values, *call->user ? of_user : of_anyone,
					     &call->failure);

	if (error)
		return error;
	list.ratings = calloc(list.count + 1, sizeof(*list.ratings));
	texts = calloc(2 * list.count + 1, sizeof(*texts));
	error = list.ratings && texts ? read_list(call, values, texts, &list) : ERR_SERVER;
	if (!error)
		error = rating_list_write(call, &list);
	free(list.ratings);
	free(texts);
	return error;
}

void rating_list_describe(const struct call *call, const struct rating *rating,
			  struct json_object *object)
{
	json_object_object_add(object, "item_id",
			       identifier_to_json(&call->item_type, rating->item));
	object_add_decimal(object, "rating", rating->value);
	object_add_time(object, "timestamp", rating->timestamp);
}

enum error rating_list_item(struct call *call, const char *text, char item_r[IDENTIFIER_SIZE])
{
	if (identifier_parse(&call->item_type, item_r, text))
		return OK;
	return fail_field(&call->failure, "item", "must be an identifier of type %s",
			  call->database.item_id_type);
}
