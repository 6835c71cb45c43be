#include "object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "strict.h"

/*
 * json-c clamps integers that do not fit, silently. In a text that is known to be JSON, a digit
 * outside a string belongs to a number, so each integer can be tried where it stands.
 */
static bool integers_fit(const char *text, size_t length)
{
	const char *end = text + length;

	for (const char *at = text; at < end; at++) {
		char *after;

		if (*at == '"') {
			for (at++; at < end && *at != '"'; at++)
				at += *at == '\\';
			continue;
		}
		if (*at != '-' && (*at < '0' || *at > '9'))
			continue;
		errno = 0;
		if (*at == '-')
			(void)strtoll(at, &after, 10);
		else
			(void)strtoull(at, &after, 10);
		if (errno && *after != '.' && *after != 'e' && *after != 'E')
			return false;
		at += strspn(at, "+-.0123456789eE") - 1;
	}
	return true;
}

/*
 * A tokener prepares each level of nesting that it may meet, which is most of the work for a short text:
 * so it begins with few.
 */
#define SHALLOW_DEPTH 6

static enum json_tokener_error parse_within(int depth, const char *text, int length,
					    struct json_object **value_r)
{
	struct json_tokener *tokener = json_tokener_new_ex(depth);
	enum json_tokener_error error;

	*value_r = NULL;
	if (!tokener)
		return json_tokener_error_size;
	*value_r = json_tokener_parse_ex(tokener, text, length);
	/* a bare number at the very end waits for more digits, until it sees the end */
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		*value_r = json_tokener_parse_ex(tokener, "", 1);
	error = json_tokener_get_error(tokener);
	json_tokener_free(tokener);
	if (error) {
		json_object_put(*value_r);
		*value_r = NULL;
	}
	return error;
}

/* False when text is not JSON to json-c, or nested deeper. JSON's null is a NULL value. */
static bool parse(const char *text, size_t length, int depth, struct json_object **value_r)
{
	enum json_tokener_error error;

	*value_r = NULL;
	if (length > INT32_MAX)
		return false;
	error = parse_within(SHALLOW_DEPTH, text, (int)length, value_r);
	if (error == json_tokener_error_depth)
		error = parse_within(depth, text, (int)length, value_r);
	return error == json_tokener_success;
}

struct json_object *object_parse_strict(const char *text, size_t length, const char **why_r)
{
	struct json_object *value = NULL;

	*why_r = strict_json_fault(text, length);
	if (!*why_r && !integers_fit(text, length))
		*why_r = "a number is out of range";
	if (!*why_r && !parse(text, length, OBJECT_DEPTH, &value))
		*why_r = STRICT_JSON_TOO_DEEP;
	return value;
}

struct json_object *object_parse_own(const char *text, size_t length)
{
	struct json_object *value;

	parse(text, length, JSON_TOKENER_DEFAULT_DEPTH + OBJECT_DEPTH, &value);
	return value;
}

struct json_object *object_member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return value;
}

static struct json_object *get(struct json_object *object, const char *name, enum json_type type)
{
	struct json_object *value = object_member(object, name);

	return json_object_is_type(value, type) ? value : NULL;
}

const char *object_text(struct json_object *object, const char *name)
{
	struct json_object *value = get(object, name, json_type_string);

	return value ? json_object_get_string(value) : NULL;
}

int64_t object_integer(struct json_object *object, const char *name, int64_t otherwise)
{
	struct json_object *value = get(object, name, json_type_int);

	return value ? json_object_get_int64(value) : otherwise;
}

double object_number(struct json_object *object, const char *name, double otherwise)
{
	struct json_object *value = object_member(object, name);

	if (!json_object_is_type(value, json_type_double) &&
	    !json_object_is_type(value, json_type_int))
		return otherwise;
	return json_object_get_double(value);
}

bool object_truth(struct json_object *object, const char *name)
{
	struct json_object *value = get(object, name, json_type_boolean);

	return value && json_object_get_boolean(value);
}

static int write_text(struct json_object *object, struct printbuf *out, int level, int flags)
{
	const char *text = json_object_get_userdata(object);

	(void)level;
	(void)flags;
	return printbuf_memappend(out, text, (int)strlen(text));
}

static void free_text(struct json_object *object, void *text)
{
	(void)object;
	free(text);
}

struct json_object *object_from_text(const char *text, size_t length)
{
	struct json_object *object = json_object_new_boolean(1);
	char *copy = strndup(text, length);

	if (!object || !copy) {
		json_object_put(object);
		free(copy);
		return NULL;
	}
	json_object_set_serializer(object, write_text, copy, free_text);
	return object;
}

const char *object_to_text(struct json_object *object, size_t *length_r)
{
	return json_object_to_json_string_length(
		object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, length_r);
}

/* Names are constants of the program, so that json-c need not copy them. */
static void add(struct json_object *object, const char *name, struct json_object *value)
{
	json_object_object_add_ex(object, name, value, JSON_C_OBJECT_ADD_CONSTANT_KEY);
}

void object_add_text(struct json_object *object, const char *name, const char *text)
{
	if (text)
		add(object, name, json_object_new_string(text));
}

void object_add_integer(struct json_object *object, const char *name, int64_t value)
{
	add(object, name, json_object_new_int64(value));
}

void object_add_truth(struct json_object *object, const char *name, bool value)
{
	add(object, name, json_object_new_boolean(value));
}

static void add_double(struct json_object *object, const char *name, double number,
		       const char *format)
{
	struct json_object *value = json_object_new_double(number);

	json_object_set_serializer(value, json_object_double_to_json_string, (void *)format, NULL);
	add(object, name, value);
}

void object_add_decimal(struct json_object *object, const char *name, double value)
{
	add_double(object, name, value, "%.8g");
}

void object_add_time(struct json_object *object, const char *name, double seconds)
{
	add_double(object, name, seconds, "%.6f");
}
