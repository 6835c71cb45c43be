/*
 * A strict judge of JSON: jansson, which libjwt brings along anyway. json-c, which holds our values,
 * lets pass single quotes, NaN, control characters, bad UTF-8, U+0000 and double names; jansson does
 * not, but has no room for the integers of an identifier of type uint64. The two libraries' headers
 * exclude each other, so this one stands alone.
 */
#ifndef DOORWARD_STRICT_H
#define DOORWARD_STRICT_H

#include <stdbool.h>
#include <stddef.h>

#define STRICT_JSON_TOO_DEEP "the body is nested too deeply"

/*
 * NULL when text is one JSON value of RFC 8259 in valid UTF-8, without U+0000, without a name that
 * stands twice in one object, and without a number beyond the range of a double; else what is wrong,
 * a constant.
 */
const char *strict_json_fault(const char *text, size_t length);

/* Whether text is valid UTF-8 (RFC 3629). */
bool strict_utf8(const char *text);

#endif
