#include "identifier.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"

#define UUID_LENGTH 36
#define HEX_DIGITS "0123456789abcdefABCDEF"

static const struct {
	const char *name;
	enum identifier_kind kind;
	bool sized;
} kinds[] = {
	{ "int", IDENTIFIER_INT, true },	 { "uint", IDENTIFIER_UINT, true },
	{ "uuid", IDENTIFIER_UUID, false },	 { "hex", IDENTIFIER_HEX, true },
	{ "urlsafe", IDENTIFIER_URLSAFE, true }, { "bytes", IDENTIFIER_BYTES, true },
};

static bool size_fits(enum identifier_kind kind, unsigned long size)
{
	if (kind == IDENTIFIER_INT || kind == IDENTIFIER_UINT)
		return size == 8 || size == 16 || size == 32 || size == 64;
	return size >= 1 && size <= 64;
}

bool identifier_type_parse(struct identifier_type *type_r, const char *name)
{
	size_t letters = strspn(name, "abcdefghijklmnopqrstuvwxyz");
	const char *digits = name + letters;
	size_t length = strspn(digits, "0123456789");

	if (digits[length] || length > 2 || *digits == '0')
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		unsigned long size = strtoul(digits, NULL, 10);

		if (strlen(kinds[i].name) != letters || memcmp(kinds[i].name, name, letters) != 0)
			continue;
		if (kinds[i].sized ? !size_fits(kinds[i].kind, size) : length > 0)
			return false;
		*type_r = (struct identifier_type){ kinds[i].kind, (unsigned)size };
		return true;
	}
	return false;
}

/* Digits only, after a sign where the type has one: strtoll() alone would take spaces and "+". */
static bool is_decimal(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && text[digits] == '\0';
}

static bool parse_int(unsigned bits, char *text_r, const char *text)
{
	int64_t most = INT64_MAX >> (64 - bits);
	int64_t value;

	if (!is_decimal(text + (*text == '-')))
		return false;
	errno = 0;
	value = strtoll(text, NULL, 10);
	if (errno || value > most || value < -most - 1)
		return false;
	snprintf(text_r, IDENTIFIER_SIZE, "%" PRId64, value);
	return true;
}

static bool parse_uint(unsigned bits, char *text_r, const char *text)
{
	uint64_t value;

	if (!is_decimal(text))
		return false;
	errno = 0;
	value = strtoull(text, NULL, 10);
	if (errno || value > UINT64_MAX >> (64 - bits))
		return false;
	snprintf(text_r, IDENTIFIER_SIZE, "%" PRIu64, value);
	return true;
}

static bool parse_uuid(char *text_r, const char *text)
{
	if (strlen(text) != UUID_LENGTH)
		return false;
	for (int i = 0; i < UUID_LENGTH; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (hyphen ? text[i] != '-' : !strchr(HEX_DIGITS, text[i]))
			return false;
		text_r[i] = (char)tolower((unsigned char)text[i]);
	}
	text_r[UUID_LENGTH] = '\0';
	return true;
}

static bool parse_hex(unsigned most, char *text_r, const char *text)
{
	size_t length = strlen(text);

	if (length < 1 || length > most || strspn(text, HEX_DIGITS) != length)
		return false;
	for (size_t i = 0; i <= length; i++)
		text_r[i] = (char)toupper((unsigned char)text[i]);
	return true;
}

static bool parse_urlsafe(unsigned most, char *text_r, const char *text)
{
	size_t length = strlen(text);

	if (length < 1 || length > most ||
	    strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-") !=
		    length)
		return false;
	memcpy(text_r, text, length + 1);
	return true;
}

/* Padding may be there, but then it must be all of it (RFC 4648, section 3.2). */
static bool parse_bytes(unsigned most, char *text_r, const char *text)
{
	unsigned char raw[64];
	size_t length = strcspn(text, "="), padding = strlen(text) - length, size;

	if (strspn(text + length, "=") != padding)
		return false;
	if (padding > 0 && (padding > 2 || (length + padding) % 4 != 0))
		return false;
	if (!base64url_decode(raw, most, &size, text, length) || size == 0)
		return false;
	memcpy(text_r, text, length);
	text_r[length] = '\0';
	return true;
}

bool identifier_parse(const struct identifier_type *type, char text_r[IDENTIFIER_SIZE],
		      const char *text)
{
	switch (type->kind) {
	case IDENTIFIER_INT:
		return parse_int(type->size, text_r, text);
	case IDENTIFIER_UINT:
		return parse_uint(type->size, text_r, text);
	case IDENTIFIER_UUID:
		return parse_uuid(text_r, text);
	case IDENTIFIER_HEX:
		return parse_hex(type->size, text_r, text);
	case IDENTIFIER_URLSAFE:
		return parse_urlsafe(type->size, text_r, text);
	case IDENTIFIER_BYTES:
		return parse_bytes(type->size, text_r, text);
	}
	return false;
}

static bool is_integer_type(const struct identifier_type *type)
{
	return type->kind == IDENTIFIER_INT || type->kind == IDENTIFIER_UINT;
}

bool identifier_from_json(const struct identifier_type *type, char text_r[IDENTIFIER_SIZE],
			  struct json_object *value)
{
	if (!json_object_is_type(value, json_type_string) &&
	    !(is_integer_type(type) && json_object_is_type(value, json_type_int)))
		return false;
	return identifier_parse(type, text_r, json_object_get_string(value));
}

struct json_object *identifier_to_json(const struct identifier_type *type, const char *text)
{
	if (type->kind == IDENTIFIER_INT)
		return json_object_new_int64(strtoll(text, NULL, 10));
	if (type->kind == IDENTIFIER_UINT)
		return json_object_new_uint64(strtoull(text, NULL, 10));
	return json_object_new_string(text);
}
