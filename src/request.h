/*
 * A request as the web server hands it over, nothing parsed, and the answer to it.
 */
#ifndef DOORWARD_REQUEST_H
#define DOORWARD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "asked.h"
#include "client.h"
#include "context.h"

struct endpoint;
struct response;

/* All texts are borrowed for the time of the request; NULL where the server gave none. */
struct request {
	const char *method;
	const char *uri;	 /* REQUEST_URI: raw path and query */
	const char *script_name; /* SCRIPT_NAME */
	const char *content_type;
	const char *authorization;    /* the Authorization header */
	const char *origin;	      /* the Origin header */
	const char *preflight_method; /* the Access-Control-Request-Method header */
	const char *body;
	size_t body_size;
	bool body_too_large; /* for any operation: body holds nothing then */
	bool body_cut_off;   /* who sent it is gone */
	struct client client;
	struct asked asked;
	int server_error; /* the status with which the web server's own answer failed, or 0 */
};

/* What serves a request besides the context. */
struct site {
	const char *program;	      /* the name it was started by, for URLs that contain it */
	const struct endpoint *alone; /* the only endpoint served, or NULL for all */
};

/*
 * Answers a request: route, guard, fields, handler, reply. The caller frees the response. True when a
 * mail may have been queued, which is to be delivered once the answer is on its way.
 */
bool request_answer(struct context *context, const struct site *site, const struct request *request,
		    struct response *response_r);

#endif
