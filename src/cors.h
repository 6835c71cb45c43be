/*
 * Cross-origin resource sharing (the Fetch standard, "CORS protocol"): which pages of other sites may
 * read our answers. Only those of the configured origins, each named exactly. There is no
 * Access-Control-Allow-Credentials: tokens travel in the Authorization header, which no page sends
 * without knowing the token, so a browser's cookies and passwords stay out of it.
 */
#ifndef DOORWARD_CORS_H
#define DOORWARD_CORS_H

#include <stdbool.h>

struct config;
struct request;

/* What an answer has to say of it. */
struct cors {
	bool varies;	    /* origins are configured, so answers depend on the Origin header */
	const char *origin; /* the request's, borrowed from the configuration; NULL: not allowed */
	bool preflight;	    /* the request asks which methods and headers its path takes */
};

/* Looks at a request. Where no origins are configured all is false, and nothing is preflight. */
struct cors cors_of(const struct config *config, const struct request *request);

#endif
