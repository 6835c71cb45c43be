#include "reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void write_allow(FILE *out, const struct endpoint *endpoint)
{
	const char *separator = "";

	fputs("Allow: ", out);
	for (enum method method = 0; method < METHOD__MAX; method++) {
		if (!endpoint->methods[method].run)
			continue;
		fprintf(out, "%s%s%s", separator, method_name(method),
			method == GET ? ", HEAD" : "");
		separator = ", ";
	}
	fputs("\r\n", out);
}

static void write_headers(FILE *out, const struct reply *reply, int status)
{
	fprintf(out, "Status: %d %s\r\nCache-Control: no-store\r\n", status, reason_of(status));
	if (status == 401)
		fprintf(out, "WWW-Authenticate: Bearer%s\r\n",
			reply->token_sent ? " error=\"invalid_token\"" : "");
	if (status == 405)
		write_allow(out, reply->allow);
	if (status == 503)
		fprintf(out, "Retry-After: %d\r\n", RETRY_AFTER);
}

char *reply_render(const struct reply *reply, size_t *size_r)
{
	int status = reply->failure->code ? error_status(reply->failure->code) : 200;
	struct json_object *json = reply->failure->code ? failure_to_json(reply->failure)
							: json_object_get(reply->answer);
	const char *body = NULL;
	char *text = NULL;
	size_t size = 0;
	FILE *out;

	if (!reply->failure->code && reply->warnings && json_object_is_type(json, json_type_object))
		json_object_object_add(json, "warnings", json_object_get(reply->warnings));
	if (json)
		body = json_object_to_json_string_length(
			json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &size);

	out = open_memstream(&text, size_r);
	if (out) {
		write_headers(out, reply, status);
		if (json)
			fputs("Content-Type: application/json\r\n", out);
		fprintf(out, "Content-Length: %zu\r\n\r\n", size);
		if (!reply->head)
			fwrite(body ? body : "", 1, size, out);
		if (fclose(out) != 0) {
			free(text);
			text = NULL;
		}
	}
	json_object_put(json);
	return text;
}
