/*
 * Who sent a request, as far as the network tells: what the throttle counts by and what audit lines
 * say.
 */
#ifndef DOORWARD_CLIENT_H
#define DOORWARD_CLIENT_H

#include "address.h"

#define REQUEST_ID_SIZE 65

struct client {
	char address[ADDRESS_SIZE];    /* see address_of_client(); "local" for the admin command */
	char request[REQUEST_ID_SIZE]; /* the web server's ID of the request; may be empty */
};

#endif
