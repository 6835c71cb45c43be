/*
 * The flexible identifiers of contract section 7: what the tenants' own users, items and sessions
 * are called. An identifier is kept in its canonical text, so that equal identifiers are equal texts:
 * decimal without leading zeros, lower case uuid, upper case hex, base64url without padding.
 */
#ifndef DOORWARD_IDENTIFIER_H
#define DOORWARD_IDENTIFIER_H

#include <json-c/json.h>
#include <stdbool.h>

enum identifier_kind {
	IDENTIFIER_INT,	    /* size: bits */
	IDENTIFIER_UINT,    /* size: bits */
	IDENTIFIER_UUID,    /* size: 0 */
	IDENTIFIER_HEX,	    /* size: most digits */
	IDENTIFIER_URLSAFE, /* size: most characters */
	IDENTIFIER_BYTES,   /* size: most bytes */
};

struct identifier_type {
	enum identifier_kind kind;
	unsigned size;
};

/* The longest canonical text, that of bytes64, with its end. */
#define IDENTIFIER_SIZE 88

/* Parses a type's name, such as "uint32" or "hex16". False when there is no such type. */
bool identifier_type_parse(struct identifier_type *type_r, const char *name);

/* Writes the canonical text of the identifier that text means. False when the type refuses it. */
bool identifier_parse(const struct identifier_type *type, char text_r[IDENTIFIER_SIZE],
		      const char *text);

/* The same for a value of a JSON body: a string, or for the integer types an integer. */
bool identifier_from_json(const struct identifier_type *type, char text_r[IDENTIFIER_SIZE],
			  struct json_object *value);

/* The JSON value of a canonical text; the caller puts it. */
struct json_object *identifier_to_json(const struct identifier_type *type, const char *text);

#endif
