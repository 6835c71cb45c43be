#include "reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "object.h"

/* Seconds after which a client may try again: what a restart or a recovery takes, generously. */
#define RETRY_AFTER 1

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 413, "Content Too Large" },
	{ 429, "Too Many Requests" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
};

static const char *reason_of(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return "";
}

/*
 * Seconds that a browser may go by the answer to a preflight. Chromium takes no more than two hours. The
 * only things that would be known late are a changed list of origins, which the answer itself goes by,
 * and a new version's methods.
 */
#define PREFLIGHT_MAX_AGE 7200

/* Adds to the headers, which have room for all there can be. */
__attribute__((format(printf, 2, 3))) static void add(struct response *response, const char *format,
						      ...)
{
	size_t room = sizeof(response->headers) - response->headers_size;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(response->headers + response->headers_size, room, format, args);
	va_end(args);
	if (length > 0 && (size_t)length < room)
		response->headers_size += (size_t)length;
}

static void add_methods(struct response *response, const char *name,
			const struct endpoint *endpoint)
{
	const char *separator = "";

	add(response, "%s: ", name);
	for (enum method method = 0; method < METHOD__MAX; method++) {
		if (!endpoint->methods[method].run)
			continue;
		add(response, "%s%s%s", separator, method_name(method),
		    method == GET ? ", HEAD" : "");
		separator = ", ";
	}
	add(response, "\r\n");
}

/* By whether others may keep the answer, and whether there is one. */
static const char *const fixed_headers[2][2] = {
	{ "Cache-Control: no-store\r\n",
	  "Cache-Control: no-store\r\nContent-Type: application/json\r\n" },
	{ "", "Content-Type: application/json\r\n" },
};

/* A header line without the cost of a format; the room is there, as with add(). */
static void add_line(struct response *response, const char *name, const char *value)
{
	const char *parts[] = { name, ": ", value, "\r\n" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		size_t length = strlen(parts[i]);

		if (length > sizeof(response->headers) - response->headers_size)
			return;
		memcpy(response->headers + response->headers_size, parts[i], length);
		response->headers_size += length;
	}
}

/*
 * What another application is told of the caller, as variables (FastCGI specification, section 6.3) or as
 * headers. All of it is ASCII without spaces: IDs, and identifiers in their canonical text. What the
 * caller has not is left out.
 */
static void add_caller(struct response *response, const struct claims *caller, bool authorizer)
{
	const struct {
		const char *variable, *header, *value;
	} lines[] = {
		{ "Variable-DOORWARD_ACCOUNT", "X-Doorward-Account", caller->account },
		{ "Variable-DOORWARD_ROLE", "X-Doorward-Role",
		  caller->role == ROLE__MAX ? "" : role_name(caller->role) },
		{ "Variable-DOORWARD_ORG", "X-Doorward-Org", caller->organization },
		{ "Variable-DOORWARD_DATABASE", "X-Doorward-Database", caller->database },
		{ "Variable-DOORWARD_USER", "X-Doorward-User", caller->user },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (*lines[i].value)
			add_line(response, authorizer ? lines[i].variable : lines[i].header,
				 lines[i].value);
	}
}

/* Errors are for the page to read, too: it has to know when to renew its token, or to wait. */
static void add_cors(struct response *response, const struct reply *reply)
{
	const struct cors *cors = &reply->cors;

	if (!cors->varies)
		return;
	add(response, "Vary: Origin\r\n");
	if (!cors->origin)
		return;
	add(response, "Access-Control-Allow-Origin: %s\r\n", cors->origin);
	if (!cors->preflight) {
		add(response, "Access-Control-Expose-Headers: Retry-After, WWW-Authenticate\r\n");
	} else if (reply->allow) {
		add_methods(response, "Access-Control-Allow-Methods", reply->allow);
		add(response,
		    "Access-Control-Allow-Headers: Authorization, Content-Type\r\n"
		    "Access-Control-Max-Age: %d\r\n",
		    PREFLIGHT_MAX_AGE);
	}
}

static void add_headers(struct response *response, const struct reply *reply, int status)
{
	bool cached = status == 200 && reply->cache_control;

	/* first: lighttpd takes no other header of an Authorizer before it knows the status */
	add(response, "Status: %d %s\r\n", status, reason_of(status));
	if (status == 401)
		add(response, "WWW-Authenticate: Bearer%s\r\n",
		    reply->token_sent ? " error=\"invalid_token\"" : "");
	if (reply->caller)
		add_caller(response, reply->caller, reply->authorizer);
	if (status == 405)
		add_methods(response, "Allow", reply->allow);
	if (status == 429)
		add(response, "Retry-After: %lld\r\n", (long long)reply->failure->retry_after);
	if (status == 503)
		add(response, "Retry-After: %d\r\n", RETRY_AFTER);
	/* an Authorizer's leave is no answer: Apache would add its headers to those of what is served */
	if (reply->caller && reply->authorizer) {
		add(response, "\r\n");
		return;
	}
	add_cors(response, reply);
	if (cached)
		add(response, "Cache-Control: %s\r\n", reply->cache_control);
	add(response, "%sContent-Length: %zu\r\n\r\n",
	    fixed_headers[cached][response->json != NULL], response->body_size);
}

void reply_render(const struct reply *reply, struct response *response_r)
{
	enum error error = reply->failure->code;

	memset(response_r, 0, sizeof(*response_r));
	response_r->json = error ? failure_to_json(reply->failure) : json_object_get(reply->answer);
	if (!error && reply->warnings && json_object_is_type(response_r->json, json_type_object))
		json_object_object_add(response_r->json, "warnings",
				       json_object_get(reply->warnings));
	if (response_r->json)
		response_r->body = object_to_text(response_r->json, &response_r->body_size);
	add_headers(response_r, reply, error ? error_status(error) : 200);
	if (reply->head)
		response_r->body = NULL;
}

void response_free(struct response *response)
{
	json_object_put(response->json);
	memset(response, 0, sizeof(*response));
}
