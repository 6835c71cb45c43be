/*
 * The web server's side of a request: what the parameters of CGI (RFC 3875, section 4.1) and FastCGI say of
 * it, its body, and the way its answer takes.
 */
#ifndef DOORWARD_GATEWAY_H
#define DOORWARD_GATEWAY_H

#include <fcgiapp.h>
#include <stddef.h>

#include "config.h"
#include "request.h"

/* Where a request comes from and its answer goes: a FastCGI stream pair, or stdin and stdout. */
struct gateway {
	char **environment;
	FCGX_Stream *in, *out; /* NULL for plain CGI */
};

/* A request with what it borrows. */
struct arrival {
	struct request request;
	char *body;
	char *forwarded; /* X-Forwarded-For, where there are several lines of it; else NULL */
};

/*
 * Reads all of a request; of a body beyond the largest limit there is, one byte more than that, which tells
 * that it is too large. Texts are borrowed from the gateway's environment.
 */
void gateway_receive(const struct config *config, const struct gateway *gateway,
		     struct arrival *arrival_r);

/* Wipes the body, and frees. */
void arrival_free(struct arrival *arrival);

/* Sends a part of the answer. */
void gateway_write(const struct gateway *gateway, const char *data, size_t size);

#endif
