#include "field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "identifier.h"
#include "object.h"
#include "password.h"
#include "percent.h"
#include "rating.h"
#include "role.h"
#include "strict.h"
#include "text.h"

#define LIST_FAULTS_MOST 64 /* things of a list that are said to be wrong */
#define AMOUNT_MOST 64
#define PAGE_MOST 1000000000
#define TIME_MOST 253402300800.0 /* the year 10000 */

/* A check says what is wrong with a value, a constant, or NULL when nothing is. */
typedef const char *check_fn(struct json_object *value);

static const char *string_of(struct json_object *value)
{
	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

static const char *check_email(struct json_object *value)
{
	const char *text = string_of(value);

	return text && email_is_valid(text) ? NULL : "must be an email address";
}

static const char *check_name(struct json_object *value)
{
	const char *text = string_of(value);

	return text && name_is_valid(text) ? NULL : "must be " NAME_WANTED;
}

static const char *check_line(struct json_object *value)
{
	const char *text = string_of(value);

	return text && line_is_valid(text) ? NULL : "must be " LINE_WANTED;
}

static const char *check_text(struct json_object *value)
{
	const char *text = string_of(value);

	return text && text_is_valid(text) ? NULL : "must be " TEXT_WANTED;
}

static const char *check_secret(struct json_object *value)
{
	const char *text = string_of(value);

	return text && strlen(text) <= PASSWORD_MOST ? NULL : "must be a text of at most 512 bytes";
}

static const char *check_role(struct json_object *value)
{
	const char *text = string_of(value);
	enum role role;

	return text && role_parse(&role, text) && role != ROLE_ROOT ? NULL : "must be " ROLE_WANTED;
}

static const char *check_object(struct json_object *value)
{
	return json_object_is_type(value, json_type_object) ? NULL : "must be an object";
}

static const char *check_truth(struct json_object *value)
{
	return json_object_is_type(value, json_type_boolean) ? NULL : "must be true or false";
}

static const char *check_identifier(struct json_object *value)
{
	return string_of(value) || json_object_is_type(value, json_type_int)
		       ? NULL
		       : "must be a text or an integer";
}

static const char *check_identifier_type(struct json_object *value)
{
	const char *text = string_of(value);
	struct identifier_type type;

	return text && identifier_type_parse(&type, text) ? NULL
							  : "must be int<N> or uint<N> (8, 16, 32, "
							    "64), uuid, or hex<N>, urlsafe<N> or "
							    "bytes<N> (1 to 64)";
}

static const char *check_url(struct json_object *value)
{
	const char *text = string_of(value);

	return text && url_is_valid(text) ? NULL : "must be an http or https address";
}

/* Digits, and perhaps a fraction: what strtod(3) takes whole, and no more than that of it. */
static bool is_decimal(const char *text)
{
	static const char digits[] = "0123456789";
	size_t whole = strspn(text, digits);
	const char *rest = text + whole;

	if (*rest == '.')
		rest += 1 + strspn(rest + 1, digits);
	return whole > 0 && *rest == '\0';
}

/* A client may hand on what it found in the query of a link. */
static const char *check_time(struct json_object *value)
{
	const char *text = string_of(value);
	double seconds = json_object_get_double(value);
	bool number = text ? is_decimal(text)
			   : json_object_is_type(value, json_type_int) ||
				      json_object_is_type(value, json_type_double);

	return number && seconds >= 0 && seconds < TIME_MOST
		       ? NULL
		       : "must be a time in seconds since the epoch";
}

static const char *check_page(struct json_object *value)
{
	return json_object_is_type(value, json_type_int) && json_object_get_int64(value) >= 1 &&
			       json_object_get_int64(value) <= PAGE_MOST
		       ? NULL
		       : "must be a page number, from 1";
}

static const char *check_amount(struct json_object *value)
{
	return json_object_is_type(value, json_type_int) && json_object_get_int64(value) >= 1 &&
			       json_object_get_int64(value) <= AMOUNT_MOST
		       ? NULL
		       : "must be a whole number from 1 to 64";
}

static const char *check_bulk_amount(struct json_object *value)
{
	return json_object_is_type(value, json_type_int) && json_object_get_int64(value) >= 1 &&
			       json_object_get_int64(value) <= FIELD_LIST_MOST
		       ? NULL
		       : "must be a whole number from 1 to 16384";
}

static const char *check_rating(struct json_object *value)
{
	double rating = json_object_get_double(value);
	bool number = json_object_is_type(value, json_type_int) ||
		      json_object_is_type(value, json_type_double);

	return number && rating >= RATING_LEAST && rating <= RATING_MOST
		       ? NULL
		       : "must be a number from 1 to 10";
}

static const char *check_list(struct json_object *value)
{
	return json_object_is_type(value, json_type_array) &&
			       json_object_array_length(value) <= FIELD_LIST_MOST
		       ? NULL
		       : "must be a list of at most 16384";
}

static const struct {
	check_fn *check;
	const char *name;
} types[FIELD__MAX] = {
	[FIELD_EMAIL] = { check_email, "Email" },
	[FIELD_NAME] = { check_name, "Name" },
	[FIELD_LINE] = { check_line, "Line" },
	[FIELD_TEXT] = { check_text, "Text" },
	[FIELD_SECRET] = { check_secret, "Secret" },
	[FIELD_ROLE] = { check_role, "Role" },
	[FIELD_OBJECT] = { check_object, "Object" },
	[FIELD_TRUTH] = { check_truth, "Truth" },
	[FIELD_IDENTIFIER] = { check_identifier, "Identifier" },
	[FIELD_IDENTIFIER_TYPE] = { check_identifier_type, "IdentifierType" },
	[FIELD_URL] = { check_url, "Url" },
	[FIELD_TIME] = { check_time, "Time" },
	[FIELD_PAGE] = { check_page, "Page" },
	[FIELD_AMOUNT] = { check_amount, "Amount" },
	[FIELD_BULK_AMOUNT] = { check_bulk_amount, "BulkAmount" },
	[FIELD_RATING] = { check_rating, "Rating" },
	[FIELD_LIST] = { check_list, "List" },
};

const char *field_type_name(enum field_type type)
{
	return types[type].name;
}

static const struct field no_fields[] = { FIELDS_END };

static const struct field *find_field(const struct field *fields, const char *name)
{
	for (; fields->name; fields++) {
		if (strcmp(fields->name, name) == 0)
			return fields;
	}
	return NULL;
}

/* What is wrong with a field's value, or its absence; NULL for nothing. */
static const char *field_fault(const struct field *field, struct json_object *values)
{
	struct json_object *value;

	if (json_object_object_get_ex(values, field->name, &value) && value)
		return types[field->type].check(value);
	return field->need == REQUIRED ? "is required" : NULL;
}

/* All values by all fields, so that a client learns of every fault at once. */
static enum error check_all(const struct field *fields, struct json_object *values,
			    struct failure *failure)
{
	for (; fields->name; fields++) {
		const char *fault = field_fault(fields, values);

		if (fault)
			fail_field(failure, fields->name, "%s", fault);
	}
	return failure->code;
}

enum error fields_check_list(const char *name, struct json_object *list, const struct field *fields,
			     struct failure *failure)
{
	size_t length = json_object_array_length(list);
	int faults = 0;
	char path[128];

	for (size_t i = 0; i < length && faults < LIST_FAULTS_MOST; i++) {
		struct json_object *values = json_object_array_get_idx(list, i);

		if (!json_object_is_type(values, json_type_object)) {
			snprintf(path, sizeof(path), "%s.%zu", name, i);
			fail_field(failure, path, "must be an object");
			faults++;
			continue;
		}
		for (const struct field *field = fields; field->name; field++) {
			const char *fault = field_fault(field, values);

			if (!fault)
				continue;
			snprintf(path, sizeof(path), "%s.%zu.%s", name, i, field->name);
			fail_field(failure, path, "%s", fault);
			faults++;
		}
	}
	return failure->code;
}

static void warn_unknown(struct json_object **warnings, const char *name)
{
	char text[128];

	/* the name is the client's own text, valid UTF-8; a long one is not repeated in full */
	if (!*warnings)
		*warnings = json_object_new_array();
	if (strlen(name) < sizeof(text) - 32)
		snprintf(text, sizeof(text), "unknown field: %s", name);
	else
		snprintf(text, sizeof(text), "unknown field with a name of %zu bytes",
			 strlen(name));
	json_object_array_add(*warnings, json_object_new_string(text));
}

/* Known values that are not null, borrowed from body by counting. */
static struct json_object *pick(const struct field *fields, struct json_object *body,
				struct json_object **warnings)
{
	struct json_object *values = json_object_new_object();

	json_object_object_foreach(body, name, value) {
		const struct field *field = find_field(fields, name);

		if (!field)
			warn_unknown(warnings, name);
		else if (value)
			json_object_object_add(values, field->name, json_object_get(value));
	}
	return values;
}

/* "application/json", whatever parameters follow. */
static bool is_json(const char *content_type)
{
	static const char json[] = "application/json";
	size_t length = strlen(json);

	if (!content_type || strncasecmp(content_type, json, length) != 0)
		return false;
	content_type += length;
	content_type += strspn(content_type, " \t");
	return *content_type == '\0' || *content_type == ';';
}

enum error fields_from_body(const struct field *fields, const char *text, size_t size,
			    const char *content_type, struct json_object **values_r,
			    struct json_object **warnings_r, struct failure *failure)
{
	struct json_object *body;
	const char *why;

	*values_r = *warnings_r = NULL;
	if (!fields)
		fields = no_fields;
	if (size == 0) {
		*values_r = json_object_new_object();
		return check_all(fields, *values_r, failure);
	}
	if (!is_json(content_type))
		return fail(failure, ERR_DATA, "the content type is not application/json");
	body = object_parse_strict(text, size, &why);
	if (why)
		return fail(failure, ERR_DATA, "%s", why);
	if (!json_object_is_type(body, json_type_object)) {
		json_object_put(body);
		return fail(failure, ERR_DATA, "the body is not a JSON object");
	}
	*values_r = pick(fields, body, warnings_r);
	json_object_put(body);
	return check_all(fields, *values_r, failure);
}

/* What clients' languages write for a truth value: Python "True", PHP "1", the others "true". */
static const struct {
	const char *text;
	bool value;
} truths[] = { { "true", true }, { "1", true }, { "false", false }, { "0", false } };

/* A query has texts only: what is a number or a truth to the field becomes one, if it can. */
static struct json_object *query_value(const struct field *field, const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if ((field->type == FIELD_PAGE || field->type == FIELD_AMOUNT ||
	     field->type == FIELD_BULK_AMOUNT) &&
	    digits > 0 && digits < 16 && !text[digits])
		return json_object_new_int64(strtoll(text, NULL, 10));
	for (size_t i = 0; field->type == FIELD_TRUTH && i < sizeof(truths) / sizeof(truths[0]);
	     i++) {
		if (strcasecmp(text, truths[i].text) == 0)
			return json_object_new_boolean(truths[i].value);
	}
	return json_object_new_string(text);
}

/* One "name=value" of length characters; scratch has room for them and two ends. */
static enum error take_pair(const struct field *fields, const char *pair, size_t length,
			    char *scratch, struct json_object *values, struct failure *failure)
{
	const char *equals = memchr(pair, '=', length);
	size_t name_length = equals ? (size_t)(equals - pair) : length;
	size_t value_length = equals ? length - name_length - 1 : 0;
	char *name = scratch, *value = scratch + name_length + 1;
	const struct field *field;

	if (!percent_decode(name, pair, name_length, true))
		return fail(failure, ERR_DATA, "an escape in the query is broken");
	field = find_field(fields, name);
	if (!field)
		return OK;
	if (!percent_decode(value, equals ? equals + 1 : "", value_length, true) ||
	    !strict_utf8(value))
		return fail(failure, ERR_DATA, "an escape in the query is broken");
	if (json_object_object_get_ex(values, field->name, NULL))
		return fail_field(failure, field->name, "is named twice");
	json_object_object_add(values, field->name, query_value(field, value));
	return OK;
}

enum error fields_from_query(const struct field *fields, const char *query,
			     struct json_object **values_r, struct failure *failure)
{
	enum error error = OK;
	char *scratch;

	*values_r = json_object_new_object();
	if (!fields)
		return OK;
	if (!query)
		query = "";
	scratch = malloc(strlen(query) + 2);
	if (!scratch)
		return ERR_SERVER;
	while (*query && !error) {
		size_t length = strcspn(query, "&");

		error = take_pair(fields, query, length, scratch, *values_r, failure);
		query += length + (query[length] == '&');
	}
	free(scratch);
	return error ? error : check_all(fields, *values_r, failure);
}
