#include "strict.h"

#include <jansson.h>

const char *strict_json_fault(const char *text, size_t length)
{
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL | JSON_DECODE_ANY;
	json_error_t error;
	json_t *value = json_loadb(text, length, flags, &error);

	if (value) {
		json_decref(value);
		return NULL;
	}
	switch (json_error_code(&error)) {
	case json_error_numeric_overflow:
		return "a number is out of range";
	case json_error_stack_overflow:
		return STRICT_JSON_TOO_DEEP;
	case json_error_invalid_utf8:
		return "the body is not valid UTF-8";
	case json_error_duplicate_key:
		return "a name stands twice in one object";
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return "a text contains U+0000";
	default:
		return "the body is not JSON";
	}
}

bool strict_utf8(const char *text)
{
	json_t *value = json_string(text); /* NULL for anything else */

	json_decref(value);
	return value != NULL;
}
