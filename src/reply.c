#include "reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "object.h"

/* Seconds after which a client may try again: what a restart or a recovery takes, generously. */
#define RETRY_AFTER 1

static const struct {
	int status;
	const char *text;
} statuses[] = {
	{ 200, "200 OK" },
	{ 400, "400 Bad Request" },
	{ 401, "401 Unauthorized" },
	{ 403, "403 Forbidden" },
	{ 404, "404 Not Found" },
	{ 405, "405 Method Not Allowed" },
	{ 413, "413 Content Too Large" },
	{ 429, "429 Too Many Requests" },
	{ 503, "503 Service Unavailable" },
};

static const char *status_text(int status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (statuses[i].status == status)
			return statuses[i].text;
	}
	return "500 Internal Server Error";
}

/*
 * Seconds that a browser may go by the answer to a preflight. Chromium takes no more than two hours. The
 * only things that would be known late are a changed list of origins, which the answer itself goes by,
 * and a new version's methods.
 */
#define PREFLIGHT_MAX_AGE 7200

/* Adds to the headers, which have room for all there can be. */
static void append(struct response *response, const char *text)
{
	size_t length = strlen(text);

	if (length > sizeof(response->headers) - response->headers_size)
		return;
	memcpy(response->headers + response->headers_size, text, length);
	response->headers_size += length;
}

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

static void add_line(struct response *response, const char *name, const char *value)
{
	append(response, name);
	append(response, ": ");
	append(response, value);
	append(response, "\r\n");
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
	add_line(response, "Vary", "Origin");
	if (!cors->origin)
		return;
	add_line(response, "Access-Control-Allow-Origin", cors->origin);
	if (!cors->preflight) {
		add_line(response, "Access-Control-Expose-Headers",
			 "Retry-After, WWW-Authenticate");
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
	add_line(response, "Status", status_text(status));
	if (status == 401)
		add_line(response, "WWW-Authenticate",
			 reply->token_sent ? "Bearer error=\"invalid_token\"" : "Bearer");
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
		append(response, "\r\n");
		return;
	}
	add_cors(response, reply);
	add_line(response, "Cache-Control", cached ? reply->cache_control : "no-store");
	if (response->json)
		add_line(response, "Content-Type", "application/json");
	add(response, "Content-Length: %zu\r\n\r\n", response->body_size);
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
