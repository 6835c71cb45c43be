/* Answers as CGI responses: headers and JSON. */
#ifndef DOORWARD_REPLY_H
#define DOORWARD_REPLY_H

#include <json-c/json.h>
#include <stdbool.h>

#include "cors.h"
#include "endpoint.h"

struct reply {
	const struct failure *failure; /* an error, unless its code is OK */
	struct json_object *answer;    /* else this; NULL for nothing to say */
	struct json_object *warnings;  /* go into an answer that is an object; NULL for none */
	const struct endpoint *allow;  /* whose methods are listed (ERR_METHOD, preflight) */
	const char *cache_control;     /* of an answer that others may keep; NULL: nobody may */
	struct cors cors;
	bool token_sent;	     /* a bearer token was judged: see WWW-Authenticate */
	bool head;		     /* without the body */
	const struct claims *caller; /* NULL, or who calls, for another application */
	bool authorizer;	     /* it goes into variables; else into headers */
};

/* A CGI response (RFC 3875, section 6): its header lines with the empty one, and its body. */
struct response {
	char headers[1024];
	size_t headers_size;
	const char *body; /* borrowed from json */
	size_t body_size;
	struct json_object *json; /* owned; NULL for an empty body */
};

/* Makes the response to a request. The caller frees it. */
void reply_render(const struct reply *reply, struct response *response_r);
void response_free(struct response *response);

#endif
