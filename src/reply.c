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
	if (status == 401)
		add(response, "WWW-Authenticate: Bearer%s\r\n",
		    reply->token_sent ? " error=\"invalid_token\"" : "");
	if (status == 405)
		add_methods(response, "Allow", reply->allow);
	if (status == 429)
		add(response, "Retry-After: %lld\r\n", (long long)reply->failure->retry_after);
	if (status == 503)
		add(response, "Retry-After: %d\r\n", RETRY_AFTER);
	add_cors(response, reply);
	add(response, "Status: %d %s\r\nCache-Control: no-store\r\n%sContent-Length: %zu\r\n\r\n",
	    status, reason_of(status), response->json ? "Content-Type: application/json\r\n" : "",
	    response->body_size);
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
