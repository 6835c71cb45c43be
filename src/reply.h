/* Answers as text: the CGI response with its headers and its JSON. */
#ifndef DOORWARD_REPLY_H
#define DOORWARD_REPLY_H

#include <json-c/json.h>
#include <stdbool.h>

#include "endpoint.h"

struct reply {
	const struct failure *failure; /* an error, unless its code is OK */
	struct json_object *answer;    /* else this; NULL for nothing to say */
	struct json_object *warnings;  /* go into an answer that is an object; NULL for none */
	const struct endpoint *allow;  /* whose methods the Allow header lists (ERR_METHOD) */
	bool token_sent;	       /* a bearer token was judged: see WWW-Authenticate */
	bool head;		       /* without the body */
};

/* The whole response, with its size; the caller frees. NULL when out of memory. */
char *reply_render(const struct reply *reply, size_t *size_r);

#endif
