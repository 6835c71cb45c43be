#include "error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stands between .before and .after in a message, and what error_data holds. */
enum says {
	SAYS_NOTHING, /* nothing; error_data is {} */
	SAYS_HIDDEN,  /* nothing; error_data holds error and name */
	SAYS_ERROR,   /* the error's text; error_data holds error and name */
	SAYS_THING,   /* type and key; error_data holds type, key and name */
	SAYS_METHOD,  /* the method; error_data holds it */
	SAYS_FIELDS,  /* nothing; error_data holds query */
	SAYS_WHEN,    /* nothing; error_data holds name and retry_after */
};

enum kind {
	SERVER_ERROR,
	SERVER_UNAVAILABLE,
	TOO_MANY_REQUESTS,
	AUTH_ERROR,
	JWT_EXPIRED,
	REFRESH_EXPIRED,
	WRONG_DATA,
	WRONG_SIZE,
	WRONG_FIELDS,
	DUPLICATED_ERROR,
	FORBIDDEN_ERROR,
	NOT_FOUND_ERROR,
	METHOD_NOT_ALLOWED,
};

#define WRONG_DATA_MESSAGE "There is an error in the submitted data"

static const struct {
	int status;
	int code;
	const char *name;
	const char *before;
	enum says says;
	const char *after;
} kinds[] = {
	[SERVER_ERROR] = { 500, 0, "ServerError", "Unknown error from server", SAYS_NOTHING, "" },
	[SERVER_UNAVAILABLE] = { 503, 1, "ServerUnavailable",
				 "The server is currently unavailable, please try again later",
				 SAYS_HIDDEN, "" },
	[TOO_MANY_REQUESTS] = { 429, 2, "TooManyRequests",
				"The amount of requests exceeds the limit of your subscription",
				SAYS_WHEN, "" },
	[AUTH_ERROR] = { 401, 21, "AuthError", "Cannot perform authentication: ", SAYS_ERROR, "" },
	[JWT_EXPIRED] = { 401, 22, "JwtTokenExpired", "The JWT token has expired", SAYS_HIDDEN,
			  "" },
	[REFRESH_EXPIRED] = { 401, 28, "RefreshTokenExpired", "The refresh token has expired",
			      SAYS_HIDDEN, "" },
	[WRONG_DATA] = { 400, 40, "WrongData", WRONG_DATA_MESSAGE, SAYS_HIDDEN, "" },
	[WRONG_SIZE] = { 413, 40, "WrongData", WRONG_DATA_MESSAGE, SAYS_HIDDEN, "" },
	[WRONG_FIELDS] = { 400, 40, "WrongData", WRONG_DATA_MESSAGE, SAYS_FIELDS, "" },
	[DUPLICATED_ERROR] = { 400, 42, "DuplicatedError", "The ", SAYS_THING, " is duplicated" },
	[FORBIDDEN_ERROR] = { 403, 50, "ForbiddenError",
			      "Do not have enough permissions to access this resource: ",
			      SAYS_ERROR, "" },
	[NOT_FOUND_ERROR] = { 404, 60, "NotFoundError", "The ", SAYS_THING, " does not exist" },
	[METHOD_NOT_ALLOWED] = { 405, 70, "MethodNotAllowed", "Method \"", SAYS_METHOD,
				 "\" not allowed" },
};

/*
 * One row per error: its kind, its error_data.name, and either the type of the thing (SAYS_THING) or
 * what error_data.error says around the detail.
 */
static const struct {
	enum kind kind;
	const char *name;
	const char *text; /* the type of the thing, or the error's text before the detail */
	const char *tail; /* and after it */
} errors[ERR__MAX] = {
	[OK] = { SERVER_ERROR, "", "", "" },
	[ERR_ABSENT] = { SERVER_ERROR, "", "no such record", "" },
	[ERR_EXISTS] = { SERVER_ERROR, "", "the record exists", "" },
	[ERR_SERVER] = { SERVER_ERROR, "", "", "" },
	[ERR_UNAVAILABLE] = { SERVER_UNAVAILABLE, "STORE_UNAVAILABLE",
			      "the store cannot be used at the moment", "" },
	[ERR_NO_RESPONDER] = { SERVER_UNAVAILABLE, "SERVER_UNAVAILABLE",
			       "no responder of the web server answered", "" },
	[ERR_NOT_READY] = { SERVER_UNAVAILABLE, "DATABASE_NOT_READY",
			    "The database is not ready. Wait using /status/", "" },
	[ERR_THROTTLED] = { TOO_MANY_REQUESTS, "RATE_LIMIT_OVERFLOW", "too many attempts", "" },
	[ERR_PASSWORD] = { AUTH_ERROR, "INCORRECT_PASSWORD", "account password is incorrect", "" },
	[ERR_NOT_VERIFIED] = { AUTH_ERROR, "ACCOUNT_NOT_VERIFIED", "this account is not verified",
			       "" },
	[ERR_ALREADY_VERIFIED] = { AUTH_ERROR, "ACCOUNT_ALREADY_VERIFIED", "the account ",
				   " is already verified" },
	[ERR_JWT] = { AUTH_ERROR, "INCORRECT_JWT_TOKEN", "the JWT token is ", "" },
	[ERR_JWT_EXPIRED] = { JWT_EXPIRED, "INCORRECT_JWT_TOKEN", "the JWT token has expired", "" },
	[ERR_REFRESH_TOKEN] = { AUTH_ERROR, "INCORRECT_REFRESH_TOKEN",
				"refresh token is incorrect or invalidated", "" },
	[ERR_REFRESH_TOKEN_EXPIRED] = { REFRESH_EXPIRED, "REFRESH_TOKEN_EXPIRED",
					"the refresh token has expired", "" },
	[ERR_DATA] = { WRONG_DATA, "WRONG_DATA_TYPE", "", "" },
	[ERR_TOO_LARGE] = { WRONG_SIZE, "WRONG_DATA_TYPE", "the body is too large", "" },
	[ERR_FIELDS] = { WRONG_FIELDS, "WRONG_DATA_TYPE", "", "" },
	[ERR_DATABASE_NOT_SELECTED] = { WRONG_DATA, "DATABASE_NOT_SELECTED",
					"the token has no database: name one at login", "" },
	[ERR_ACTIVATION_CODE] = { AUTH_ERROR, "ACTIVATION_CODE_DOES_NOT_MATCH",
				  "the activation code does not match", "" },
	[ERR_RESET_CODE] = { AUTH_ERROR, "RESET_CODE_DOES_NOT_MATCH",
			     "the reset code does not match or has expired", "" },
	[ERR_DUPLICATED_ACCOUNT] = { DUPLICATED_ERROR, "DUPLICATED_ACCOUNT", "account", "" },
	[ERR_DUPLICATED_DATABASE] = { DUPLICATED_ERROR, "DUPLICATED_DB_NAME", "database", "" },
	[ERR_DUPLICATED_RATING] = { DUPLICATED_ERROR, "DUPLICATED_USER_RATING", "rating", "" },
	[ERR_ROLE] = { FORBIDDEN_ERROR, "ROLE_NOT_ALLOWED", "the role ", " may not do this" },
	[ERR_OTHER_USER] = { FORBIDDEN_ERROR, "OTHER_USER", "another user's resource", "" },
	[ERR_OTHER_DATABASE] = { FORBIDDEN_ERROR, "OTHER_DATABASE", "another database's resource",
				 "" },
	[ERR_OTHER_ORGANIZATION] = { FORBIDDEN_ERROR, "OTHER_ORGANIZATION",
				     "another organization's resource", "" },
	[ERR_NO_RULE] = { FORBIDDEN_ERROR, "PATH_NOT_ALLOWED", "no rule of the policy allows this",
			  "" },
	[ERR_SERVER_REFUSED] = { FORBIDDEN_ERROR, "PATH_NOT_ALLOWED",
				 "the web server does not allow this", "" },
	[ERR_ROOT_ACCOUNT] = { FORBIDDEN_ERROR, "ROOT_ACCOUNT",
			       "the root account cannot be deleted or demoted", "" },
	[ERR_NO_ACCOUNT] = { NOT_FOUND_ERROR, "ACCOUNT_NOT_FOUND", "account", "" },
	[ERR_NO_DATABASE] = { NOT_FOUND_ERROR, "DATABASE_NOT_FOUND", "database", "" },
	[ERR_NO_KEY] = { NOT_FOUND_ERROR, "KEY_NOT_FOUND", "key", "" },
	[ERR_NO_RATING] = { NOT_FOUND_ERROR, "USER_RATING_NOT_FOUND", "rating", "" },
	[ERR_NO_ENDPOINT] = { NOT_FOUND_ERROR, "ENDPOINT_NOT_FOUND", "endpoint", "" },
	[ERR_METHOD] = { METHOD_NOT_ALLOWED, "", "", "" },
};

/* Ends text at size bytes at most, and not inside a UTF-8 character that the cut broke. */
static void cut_utf8(char *text, size_t size)
{
	size_t end = strlen(text);

	if (end < size - 1)
		return;
	while (end > 0 && ((unsigned char)text[end - 1] & 0xc0) == 0x80)
		end--;
	if (end > 0 && (unsigned char)text[end - 1] >= 0xc0)
		end--;
	else
		end = size - 1;
	text[end] = '\0';
}

enum error fail(struct failure *failure, enum error code, const char *format, ...)
{
	failure->code = code;
	failure->detail[0] = '\0';
	if (format) {
		va_list args;

		va_start(args, format);
		vsnprintf(failure->detail, sizeof(failure->detail), format, args);
		va_end(args);
		cut_utf8(failure->detail, sizeof(failure->detail));
	}
	return code;
}

enum error fail_field(struct failure *failure, const char *field, const char *format, ...)
{
	struct json_object *list;
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	cut_utf8(text, sizeof(text));

	failure->code = ERR_FIELDS;
	if (!failure->fields)
		failure->fields = json_object_new_object();
	if (!json_object_object_get_ex(failure->fields, field, &list)) {
		list = json_object_new_array();
		json_object_object_add(failure->fields, field, list);
	}
	json_object_array_add(list, json_object_new_string(text));
	return ERR_FIELDS;
}

void failure_clear(struct failure *failure)
{
	json_object_put(failure->fields);
	memset(failure, 0, sizeof(*failure));
}

const char *error_name(enum error code)
{
	return errors[code].name;
}

int error_status(enum error code)
{
	return kinds[errors[code].kind].status;
}

/* The text that fills the message's gap or error_data.error; the caller frees. */
static char *error_text(const struct failure *failure, enum says says)
{
	const char *text = errors[failure->code].text, *tail = errors[failure->code].tail;
	bool thing = says == SAYS_THING;
	char *line;

	if (asprintf(&line, "%s%s%s%s", text, thing ? " " : "", failure->detail,
		     thing ? "" : tail) < 0)
		return NULL;
	return line;
}

/* ERR_FIELDS for people: "field: what is wrong; …", as the API has it in error_data.query. */
static char *fields_text(const struct failure *failure)
{
	char *line = strdup("");
	struct json_object_iterator at = json_object_iter_begin(failure->fields);
	struct json_object_iterator end = json_object_iter_end(failure->fields);

	for (; line && !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		struct json_object *list = json_object_iter_peek_value(&at);
		char *longer;

		for (size_t i = 0; line && i < json_object_array_length(list); i++) {
			if (asprintf(&longer, "%s%s%s %s", line, *line ? "; " : ": ",
				     json_object_iter_peek_name(&at),
				     json_object_get_string(json_object_array_get_idx(list, i))) <
			    0)
				longer = NULL;
			free(line);
			line = longer;
		}
	}
	return line;
}

char *failure_message(const struct failure *failure)
{
	enum kind kind = errors[failure->code].kind;
	enum says says = kinds[kind].says;
	char *gap = NULL, *message = NULL;

	if (says == SAYS_ERROR || says == SAYS_THING || says == SAYS_METHOD)
		gap = error_text(failure, says);
	if (asprintf(&message, "%s%s%s", kinds[kind].before, gap ? gap : "", kinds[kind].after) < 0)
		message = NULL;
	free(gap);
	return message;
}

char *failure_explain(const struct failure *failure)
{
	enum says says = kinds[errors[failure->code].kind].says;
	char *message = failure_message(failure), *text = NULL, *line = NULL;

	if (failure->fields)
		text = fields_text(failure);
	else if (says == SAYS_HIDDEN && (text = error_text(failure, says)) &&
		 asprintf(&line, ": %s", text) >= 0) {
		free(text);
		text = line;
	}
	line = NULL;
	if (message && asprintf(&line, "%s%s", message, text ? text : "") < 0)
		line = NULL;
	free(message);
	free(text);
	return line;
}

static struct json_object *error_data(const struct failure *failure, enum says says)
{
	struct json_object *data = json_object_new_object();
	const char *name = errors[failure->code].name;
	char *text;

	switch (says) {
	case SAYS_NOTHING:
		break;
	case SAYS_FIELDS:
		json_object_object_add(data, "query", json_object_get(failure->fields));
		break;
	case SAYS_METHOD:
		json_object_object_add(data, "method", json_object_new_string(failure->detail));
		break;
	case SAYS_THING:
		json_object_object_add(data, "type",
				       json_object_new_string(errors[failure->code].text));
		json_object_object_add(data, "key", json_object_new_string(failure->detail));
		json_object_object_add(data, "name", json_object_new_string(name));
		break;
	case SAYS_WHEN:
		json_object_object_add(data, "name", json_object_new_string(name));
		json_object_object_add(data, "retry_after",
				       json_object_new_int64(failure->retry_after));
		break;
	case SAYS_HIDDEN:
	case SAYS_ERROR:
		text = error_text(failure, says);
		json_object_object_add(data, "error", json_object_new_string(text ? text : ""));
		json_object_object_add(data, "name", json_object_new_string(name));
		free(text);
		break;
	}
	return data;
}

struct json_object *failure_to_json(const struct failure *failure)
{
	enum kind kind = errors[failure->code].kind;
	struct json_object *object = json_object_new_object();
	char *message = failure_message(failure);

	json_object_object_add(object, "error_code", json_object_new_int(kinds[kind].code));
	json_object_object_add(object, "error_name", json_object_new_string(kinds[kind].name));
	json_object_object_add(object, "message", json_object_new_string(message ? message : ""));
	json_object_object_add(object, "error_data", error_data(failure, kinds[kind].says));
	free(message);
	return object;
}
