#include "merge.h"

#include "object.h"

/* As a field of a body, whose own level is one. */
#define DEPTH_MOST (OBJECT_DEPTH - 1)

static void add_elements(struct json_object *list, struct json_object *from)
{
	for (size_t i = 0; i < json_object_array_length(from); i++)
		json_object_array_add(list, json_object_get(json_object_array_get_idx(from, i)));
}

static struct json_object *append(struct json_object *list, struct json_object *more)
{
	struct json_object *both = json_object_new_array();

	add_elements(both, list);
	add_elements(both, more);
	return both;
}

/* An object with the members of another; with none where it is no object. */
static struct json_object *copy_members(struct json_object *from)
{
	struct json_object *copy = json_object_new_object();

	if (!json_object_is_type(from, json_type_object))
		return copy;
	json_object_object_foreach(from, name, value)
		json_object_object_add(copy, name, json_object_get(value));
	return copy;
}

struct json_object *merge_patch(struct json_object *target, struct json_object *patch,
				bool preserve)
{
	struct json_object *merged;

	if (preserve && json_object_is_type(target, json_type_array) &&
	    json_object_is_type(patch, json_type_array))
		return append(target, patch);
	if (!json_object_is_type(patch, json_type_object))
		return json_object_get(patch);
	merged = copy_members(target);
	json_object_object_foreach(patch, name, value) {
		struct json_object *old = object_member(merged, name);

		if (value)
			json_object_object_add(merged, name, merge_patch(old, value, preserve));
		else
			json_object_object_del(merged, name);
	}
	return merged;
}

/* Levels of values, counted as json-c does for OBJECT_DEPTH: a text or an empty list is one. */
static int depth_of(struct json_object *value)
{
	int deepest = 0;

	if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, name, member) {
			int depth = depth_of(member);

			(void)name;
			deepest = depth > deepest ? depth : deepest;
		}
	} else if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++) {
			int depth = depth_of(json_object_array_get_idx(value, i));

			deepest = depth > deepest ? depth : deepest;
		}
	}
	return deepest + 1;
}

enum error merge_check(const char *field, struct json_object *value, struct failure *failure)
{
	size_t size = 0;

	if (!value)
		return OK;
	if (!object_to_text(value, &size))
		return ERR_SERVER;
	if (size > MERGE_TEXT_MOST)
		return fail_field(failure, field, "must be at most %d bytes of JSON, and is %zu",
				  MERGE_TEXT_MOST, size);
	if (depth_of(value) > DEPTH_MOST)
		return fail_field(failure, field, "must be nested at most %d deep", DEPTH_MOST);
	return OK;
}

enum error merge_field(const char *field, struct json_object *target, struct json_object *patch,
		       bool preserve, struct json_object **merged_r, struct failure *failure)
{
	enum error error;

	*merged_r = merge_patch(target, patch, preserve);
	error = merge_check(field, *merged_r, failure);
	if (error) {
		json_object_put(*merged_r);
		*merged_r = NULL;
	}
	return error;
}
