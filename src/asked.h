/*
 * What somebody asks of another application, whose web server asks us whether he may. None of it but
 * "forged" is from a header that a client could set.
 */
#ifndef DOORWARD_ASKED_H
#define DOORWARD_ASKED_H

#include <stdbool.h>

/* Of an Authorizer's request, and of one with a URI, no part is for us, whatever else is missing. */
struct asked {
	const char *method, *uri; /* raw; NULL: the request is for us */
	bool authorizer; /* in the FastCGI role of that name: the caller goes into variables */
	bool forged;	 /* a header could be taken for one that says who calls */
	int refused;	 /* status: it was refused before, and the client is to be told why; or 0 */
};

#endif
