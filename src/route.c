#include "route.h"

#include <stdlib.h>
#include <string.h>

#include "percent.h"
#include "strict.h"

static const char *const method_names[METHOD__MAX] = {
	[GET] = "GET", [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE",
};

const char *method_name(enum method method)
{
	return method_names[method];
}

/* The path below the prefix, or NULL when it is not below it. */
static const char *below(const char *path, size_t length, const char *prefix, size_t prefix_length)
{
	return length >= prefix_length && memcmp(path, prefix, prefix_length) == 0
		       ? path + prefix_length
		       : NULL;
}

/*
 * What of the path is left for us: below the mount, or, where the URL names the program itself (as
 * /cgi-bin/doorward.fcgi/login/root/ does), below that. No first slash.
 */
static const char *local_path(const char *path, size_t length, const char *mount,
			      const struct site *site, const char *script_name)
{
	const char *base = script_name ? strrchr(script_name, '/') : NULL;
	const char *local;

	if (base && strcmp(base + 1, site->program) == 0 &&
	    (local = below(path, length, script_name, strlen(script_name))) &&
	    (local == path + length || *local == '/'))
		return local + (local < path + length);
	if (length + 1 == strlen(mount) && memcmp(path, mount, length) == 0)
		return path + length; /* the mount without its last slash */
	return below(path, length, mount, strlen(mount));
}

/*
 * Whether an endpoint's path, whose last slash is optional, is what the raw path means. What stands for
 * its "<name>" parts goes to parts_r; the caller frees, also after false.
 */
static bool matches(const char *pattern, const char *raw, size_t length, char *scratch,
		    char *parts_r[PATH_PARTS_MOST])
{
	const char *end = raw + length;
	int parts = 0;

	while (raw < end) {
		size_t segment = strcspn(pattern, "/"), raw_segment = 0;

		while (raw + raw_segment < end && raw[raw_segment] != '/')
			raw_segment++;
		if (!percent_decode(scratch, raw, raw_segment, false) || segment == 0)
			return false;
		if (*pattern == '<' && *scratch)
			parts_r[parts++] = strdup(scratch);
		else if (strlen(scratch) != segment || memcmp(scratch, pattern, segment) != 0)
			return false;
		pattern += segment + (pattern[segment] == '/');
		raw += raw_segment + (raw + raw_segment < end);
	}
	return *pattern == '\0';
}

static void free_parts(char *parts[PATH_PARTS_MOST])
{
	for (int i = 0; i < PATH_PARTS_MOST; i++) {
		free(parts[i]);
		parts[i] = NULL;
	}
}

void route_free(struct route *route)
{
	free_parts(route->path);
}

static const struct endpoint *find_endpoint(const struct site *site, const char *raw, size_t length,
					    char *scratch, char *parts_r[PATH_PARTS_MOST])
{
	if (length >= 2 && memcmp(raw, "v1", 2) == 0 && (length == 2 || raw[2] == '/')) {
		raw += length > 2 ? 3 : 2;
		length -= length > 2 ? 3 : 2;
	}
	for (size_t i = 0; i < endpoint_count; i++) {
		const struct endpoint *endpoint = endpoints[i];

		if (site->alone && site->alone != endpoint)
			continue;
		if (matches(endpoint->path, raw, length, scratch, parts_r) ||
		    (endpoint->alias && matches(endpoint->alias, raw, length, scratch, parts_r)))
			return endpoint;
		free_parts(parts_r);
	}
	return NULL;
}

static enum error find_operation(const struct request *request, struct route *route,
				 struct failure *failure)
{
	const char *name = request->method ? request->method : "";

	route->head = strcmp(name, "HEAD") == 0;
	if (route->head)
		name = method_names[GET];
	for (enum method method = 0; method < METHOD__MAX; method++) {
		if (strcmp(method_names[method], name) == 0 &&
		    route->endpoint->methods[method].run) {
			route->method = method;
			route->operation = &route->endpoint->methods[method];
			return OK;
		}
	}
	return fail(failure, ERR_METHOD, "%s", request->method ? request->method : "");
}

/* Printable ASCII with whole escapes of valid UTF-8: everything else in a path is broken. */
static bool is_path(const char *path, size_t length, char *scratch)
{
	for (size_t i = 0; i < length; i++) {
		if (path[i] <= 0x20 || path[i] >= 0x7f)
			return false;
	}
	return percent_decode(scratch, path, length, false) &&
	       (!memchr(path, '%', length) || strict_utf8(scratch));
}

static bool is_outage(int status)
{
	return status == 500 || (status >= 502 && status <= 504);
}

/*
 * A web server that could not do its part asks us for the error page, so that clients get the
 * contract's errors from it too: a responder that died, a body it did not take, a path it refused.
 */
static enum error server_failure(int status, struct failure *failure)
{
	if (status == 413)
		return fail(failure, ERR_TOO_LARGE, " for the web server");
	return fail(failure, ERR_DATA, "the web server refused the request");
}

/* The operation that the policy decides, for what is asked of another application. */
static enum error find_authorize(const struct site *site, const struct asked *asked,
				 struct route *route, struct failure *failure)
{
	for (size_t i = 0; i < endpoint_count; i++) {
		const struct operation *operation = &endpoints[i]->methods[GET];

		if (!operation->by_policy || (site->alone && site->alone != endpoints[i]))
			continue;
		route->endpoint = endpoints[i];
		route->operation = operation;
		route->method = GET;
		route->head = asked->method && strcmp(asked->method, "HEAD") == 0;
		return OK;
	}
	return fail(failure, ERR_NO_ENDPOINT, "authorize/");
}

enum error route_find(const char *mount, const struct site *site, const struct request *request,
		      struct route *route_r, struct failure *failure)
{
	const char *uri = request->uri ? request->uri : "", *local;
	size_t length = strcspn(uri, "?");
	char *scratch;
	bool good;

	memset(route_r, 0, sizeof(*route_r));
	if (request->asked.uri || request->asked.authorizer)
		return find_authorize(site, &request->asked, route_r, failure);
	if (is_outage(request->server_error))
		return fail(failure, ERR_NO_RESPONDER, NULL);
	scratch = malloc(length + 1);
	if (!scratch)
		return ERR_SERVER;
	route_r->query = uri[length] == '?' ? uri + length + 1 : NULL;
	good = is_path(uri, length, scratch);
	local = local_path(uri, length, mount, site, request->script_name);
	/* called by its own name and nothing more, a program that serves one endpoint serves that */
	if (good && local == uri + length && site->alone)
		route_r->endpoint = site->alone;
	else if (good && local)
		route_r->endpoint = find_endpoint(site, local, (size_t)(uri + length - local),
						  scratch, route_r->path);
	free(scratch);
	if (!good)
		return fail(failure, ERR_DATA, "the path is broken");
	if (!route_r->endpoint)
		return fail(failure, ERR_NO_ENDPOINT, "%.*s", (int)length, uri);
	if (request->server_error)
		return server_failure(request->server_error, failure);
	return find_operation(request, route_r, failure);
}
