/* Paths to endpoints. */
#ifndef DOORWARD_ROUTE_H
#define DOORWARD_ROUTE_H

#include <stdbool.h>

#include "endpoint.h"
#include "request.h"

struct route {
	const struct endpoint *endpoint;
	const struct operation *operation;
	enum method method;
	bool head;		     /* HEAD: answered as GET, without the body */
	const char *query;	     /* borrowed from the URI; NULL for none */
	char *path[PATH_PARTS_MOST]; /* the endpoint's "<name>" parts, decoded */
};

/* Frees what the route holds. */
void route_free(struct route *route);

/*
 * Finds the endpoint and operation for a request. Paths are matched segment by segment on the raw
 * path, each decoded by itself, since web servers decode PATH_INFO differently. ERR_DATA for a broken
 * path, ERR_NO_ENDPOINT, or ERR_METHOD (route_r->endpoint is set then). Also turns the web server's
 * own failures into errors. The caller frees the route, also after an error.
 */
enum error route_find(const char *mount, const struct site *site, const struct request *request,
		      struct route *route_r, struct failure *failure);

#endif
