#include "gateway.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "encode.h"

/* A body beyond the limit is still read, so that the client gets its answer, but not without end. */
#define DRAIN_MOST (16 << 20)

static size_t gateway_read(const struct gateway *gateway, char *data_r, size_t size)
{
	int got;

	if (!gateway->in)
		return fread(data_r, 1, size, stdin);
	got = FCGX_GetStr(data_r, (int)size, gateway->in);
	return got > 0 ? (size_t)got : 0;
}

void gateway_write(const struct gateway *gateway, const char *data, size_t size)
{
	if (gateway->out)
		FCGX_PutStr(data, (int)size, gateway->out);
	else
		fwrite(data, 1, size, stdout);
}

/*
 * Whether a CGI program may read until the end of its input. It must not wait for one (RFC 3875, 4.2), but
 * for a body whose length the client did not tell (RFC 9112, 7.1) Apache gives none, and ends the input.
 */
static bool has_end(char **environment)
{
	const char *coding = FCGX_GetParam("HTTP_TRANSFER_ENCODING", environment);

	return coding && strcasecmp(coding, "chunked") == 0;
}

/*
 * Reads the body up to the limit and one byte more, which tells that it is too large; the rest is
 * drained. Returns the buffer, which the caller frees, or NULL when there is none.
 */
static char *read_body(const struct gateway *gateway, size_t limit, struct request *request)
{
	const char *length_text = FCGX_GetParam("CONTENT_LENGTH", gateway->environment);
	unsigned long long length = length_text ? strtoull(length_text, NULL, 10) : 0;
	size_t most = limit + 1, size = 0, got = 1;
	char *body, end;

	if (!gateway->in && length == 0 && !has_end(gateway->environment))
		return NULL;
	if (request->asked.authorizer)
		return NULL; /* which is not sent one (FastCGI specification, section 6.3) */
	if (length > 0 && length < most)
		most = (size_t)length;
	body = malloc(most + 1);
	if (!body)
		return NULL;
	while (size < most && (got = gateway_read(gateway, body + size, most - size)) > 0)
		size += got;
	body[size] = '\0';
	request->body = body;
	request->body_size = size;
	if (gateway->in && size == length && got > 0)
		gateway_read(gateway, &end, 1); /* nothing is to be left: see finish() */
	/* an error page is asked for with the length of a body that it does not get */
	request->body_cut_off = size < length && size < most && !request->server_error;
	if (request->body_cut_off)
		request->server_error = 400; /* nothing is done */
	if (size > limit) {
		request->body_too_large = true;
		request->body_size = 0;
		for (size_t all = size; all < DRAIN_MOST && got > 0; all += got)
			got = gateway_read(gateway, body, most);
	}
	return body;
}

/*
 * The web server's own failure, when it asks us for the error page. It says GET then, whatever the
 * client said. One failure is none to us: lighttpd takes no POST without a length, which to the
 * contract is one with an empty body.
 */
static void take_failure(char **environment, struct request *request)
{
	const char *text = FCGX_GetParam("REDIRECT_STATUS", environment);
	int status = text ? atoi(text) : 0;

	if (status == 411)
		request->method = "POST";
	else if (status >= 400)
		request->server_error = status;
}

/*
 * Whether a client has sent what an application could take for a header that says who calls: CGI makes one
 * name of X-Doorward-Role, X_Doorward_Role and X.Doorward.Role (RFC 3875, section 4.1.18), and a proxied
 * application may do the same. Not every web server makes "_" of what stands between the words.
 */
static bool is_forged(char **environment)
{
	static const char pattern[] = "HTTP_X[!0-9A-Za-z]DOORWARD[!0-9A-Za-z]*";

	for (; *environment; environment++) {
		if (fnmatch(pattern, *environment, 0) == 0)
			return true;
	}
	return false;
}

/*
 * What is asked of another application: in the Authorizer's role the request itself, else what these
 * parameters say, which no client can set since the names of its headers' start with HTTP_.
 */
static void take_asked(char **environment, int server_error, struct asked *asked_r)
{
	const char *role = FCGX_GetParam("FCGI_ROLE", environment);
	bool authorizer = role && strcmp(role, "AUTHORIZER") == 0;

	asked_r->authorizer = authorizer;
	asked_r->uri =
		FCGX_GetParam(authorizer ? "REQUEST_URI" : "DOORWARD_ORIGINAL_URI", environment);
	asked_r->method = FCGX_GetParam(authorizer ? "REQUEST_METHOD" : "DOORWARD_ORIGINAL_METHOD",
					environment);
	asked_r->forged = asked_r->uri && is_forged(environment);
	asked_r->refused = authorizer ? 0 : server_error;
}

static const char *authorization_of(char **environment)
{
	const char *value = FCGX_GetParam("HTTP_AUTHORIZATION", environment);

	/* what Apache calls it after a rewrite */
	return value ? value : FCGX_GetParam("REDIRECT_HTTP_AUTHORIZATION", environment);
}

/*
 * X-Forwarded-For, whose lines are one list (RFC 9110, section 5.3): nginx before 1.23 hands on each by itself,
 * and the proxy's own may be the last. *joined_r is NULL, or what the caller frees.
 */
static const char *forwarded_of(char **environment, char **joined_r)
{
	static const char name[] = "HTTP_X_FORWARDED_FOR=";
	const char *all = NULL;

	*joined_r = NULL;
	for (char **at = environment; *at; at++) {
		const char *line = *at + sizeof(name) - 1;
		char *joined;

		if (strncmp(*at, name, sizeof(name) - 1) != 0)
			continue;
		if (all && asprintf(&joined, "%s, %s", all, line) >= 0) {
			free(*joined_r);
			line = *joined_r = joined;
		}
		all = line;
	}
	return all;
}

static struct client client_of(const struct config *config, char **environment,
			       const char *forwarded)
{
	static uint64_t requests;
	static int64_t started; /* not in seconds: one that begins anew keeps its process ID */

	if (requests == 0)
		started = (int64_t)(time_now() * 1e6);
	return (struct client){
		.trusted = config->trusted_proxies,
		.remote = FCGX_GetParam("REMOTE_ADDR", environment),
		.forwarded = forwarded,
		.id = FCGX_GetParam("UNIQUE_ID", environment),
		.started = started,
		.number = ++requests,
	};
}

/* Before it is known which operation the body is for, and so what its limit is. */
static size_t largest_body(const struct config *config)
{
	int64_t most =
		config->body_limit > config->bulk_limit ? config->body_limit : config->bulk_limit;

	return (size_t)most;
}

void gateway_receive(const struct config *config, const struct gateway *gateway,
		     struct arrival *arrival_r)
{
	char **environment = gateway->environment;
	struct request *request = &arrival_r->request;
	const char *forwarded = forwarded_of(environment, &arrival_r->forwarded);

	*request = (struct request){
		.method = FCGX_GetParam("REQUEST_METHOD", environment),
		.uri = FCGX_GetParam("REQUEST_URI", environment),
		.script_name = FCGX_GetParam("SCRIPT_NAME", environment),
		.content_type = FCGX_GetParam("CONTENT_TYPE", environment),
		.authorization = authorization_of(environment),
		.client = client_of(config, environment, forwarded),
		.origin = FCGX_GetParam("HTTP_ORIGIN", environment),
		.preflight_method =
			FCGX_GetParam("HTTP_ACCESS_CONTROL_REQUEST_METHOD", environment),
	};
	take_failure(environment, request);
	take_asked(environment, request->server_error, &request->asked);
	arrival_r->body = read_body(gateway, largest_body(config), request);
}

void arrival_free(struct arrival *arrival)
{
	if (arrival->body)
		explicit_bzero(arrival->body, arrival->request.body_size);
	free(arrival->body);
	free(arrival->forwarded);
}
