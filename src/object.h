/*
 * JSON values: parsing, as strict as a body from the network needs it, and reading and writing the
 * members of objects through json-c. (No name here starts with json_: libjwt's jansson and json-c
 * share that prefix, and a program's own functions would stand in for a library's.)
 */
#ifndef DOORWARD_OBJECT_H
#define DOORWARD_OBJECT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Deepest nesting of a body. The contract's own bodies need 3; metadata may use the rest. */
#define OBJECT_DEPTH 32

/*
 * Parses one JSON text of RFC 8259 from a client. Refused: anything that is not JSON, invalid UTF-8,
 * U+0000 in a string or name, a name twice in one object, nesting beyond OBJECT_DEPTH, an integer
 * outside -2^63..2^64-1 and a number too large for a double. Then *why_r says what is wrong, a
 * constant; else it is NULL, and the caller puts the value, which is NULL for JSON's null.
 */
struct json_object *object_parse_strict(const char *text, size_t length, const char **why_r);

/* Parses JSON of our own (records, key ring). NULL when it is none; the caller puts the value. */
struct json_object *object_parse_own(const char *text, size_t length);

/* The member, borrowed from object; NULL when there is none. */
struct json_object *object_member(struct json_object *object, const char *name);

/* The member's text, borrowed from object; NULL when there is none or it is no string. */
const char *object_text(struct json_object *object, const char *name);

/* The member's integer, number or truth value, or what is said instead where there is none. */
int64_t object_integer(struct json_object *object, const char *name, int64_t otherwise);
double object_number(struct json_object *object, const char *name, double otherwise);
bool object_truth(struct json_object *object, const char *name);

/*
 * A value that is written as the given JSON text, so that what the store holds as JSON need not be
 * parsed to be sent. The caller puts it; NULL when out of memory.
 */
struct json_object *object_from_text(const char *text, size_t length);

/* The object as JSON text without spaces, borrowed from it. */
const char *object_to_text(struct json_object *object, size_t *length_r);

/* Adds a member, whose name must outlive the object, as a literal does; a NULL text adds none. */
void object_add_text(struct json_object *object, const char *name, const char *text);
void object_add_integer(struct json_object *object, const char *name, int64_t value);
void object_add_truth(struct json_object *object, const char *name, bool value);

/* Adds a number, written with eight digits and no more. */
void object_add_decimal(struct json_object *object, const char *name, double value);

/* Adds a time in seconds, written with microseconds and no more. */
void object_add_time(struct json_object *object, const char *name, double seconds);

#endif
