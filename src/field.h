/*
 * Fields: what an operation takes in its body, or for GET in its query, and the checks that every
 * value passes before a handler sees it.
 */
#ifndef DOORWARD_FIELD_H
#define DOORWARD_FIELD_H

#include <json-c/json.h>
#include <stdbool.h>

#include "error.h"

enum field_type {
	FIELD_EMAIL,	  /* an email address, contract section 3 */
	FIELD_NAME,	  /* 1 to 128 bytes without control characters */
	FIELD_LINE,	  /* up to 255 bytes without control characters */
	FIELD_TEXT,	  /* up to 4096 bytes */
	FIELD_SECRET,	  /* a password, key or token that is to be compared: up to 512 bytes */
	FIELD_ROLE,	  /* manager, backend or frontend */
	FIELD_OBJECT,	  /* a JSON object */
	FIELD_TRUTH,	  /* true or false; in a query also 1 or 0, in any case of letters */
	FIELD_IDENTIFIER, /* text or integer; a database's type decides the rest */
	FIELD_IDENTIFIER_TYPE, /* a type of contract section 7 */
	FIELD_URL,	       /* an absolute web address without fragment */
	FIELD_TIME,	   /* seconds since the epoch, with a fraction or without; as text too */
	FIELD_PAGE,	   /* 1 and up */
	FIELD_AMOUNT,	   /* 1 to 64 */
	FIELD_BULK_AMOUNT, /* 1 to FIELD_LIST_MOST */
	FIELD_RATING,	   /* a number from 1 to 10 */
	FIELD_LIST,	   /* of at most FIELD_LIST_MOST things: see fields_check_list() */
	FIELD__MAX
};

/* Things in one list: what one transaction writes within a second. */
#define FIELD_LIST_MOST 16384

enum field_need { OPTIONAL, REQUIRED };

struct field {
	const char *name;
	enum field_type type;
	enum field_need need;
};

/* What doc/openapi.yaml calls the type: a schema among its components. */
const char *field_type_name(enum field_type type);

/* clang-format off */
#define FIELDS_END { NULL, FIELD__MAX, OPTIONAL }
/* clang-format on */

/*
 * Checks a body, parsed from text of size bytes with its content type (NULL for none). *values_r gets
 * the known fields, *warnings_r a list of what is said about unknown ones, or NULL; the caller puts
 * both, also after an error: ERR_DATA or ERR_FIELDS.
 */
enum error fields_from_body(const struct field *fields, const char *text, size_t size,
			    const char *content_type, struct json_object **values_r,
			    struct json_object **warnings_r, struct failure *failure);

/*
 * Checks a list of objects, such as a FIELD_LIST, by a table for each of them. Faults are said of
 * "name.3.member", for some dozen of the first. Unknown members are ignored, null counts as absent.
 */
enum error fields_check_list(const char *name, struct json_object *list, const struct field *fields,
			     struct failure *failure);

/* The same for the query of a URI, without its question mark; NULL for none. Unknown ones are ignored. */
enum error fields_from_query(const struct field *fields, const char *query,
			     struct json_object **values_r, struct failure *failure);

#endif
