/*
 * Who sent a request, as far as the network tells: what the throttle counts by and what audit lines
 * say. Most requests need neither, so the texts are made when they are asked for.
 */
#ifndef DOORWARD_CLIENT_H
#define DOORWARD_CLIENT_H

#include <stdint.h>

#include "address.h"

#define REQUEST_ID_SIZE 65

/* What the web server said of a request; all of it is the caller's. */
struct client {
	const struct address_list *trusted; /* proxies whose word counts */
	const char *remote;		    /* REMOTE_ADDR; NULL for none */
	const char *forwarded;		    /* X-Forwarded-For; NULL for none */
	const char *id;			    /* the web server's ID of the request; NULL for none */
	int64_t started; /* the process, in microseconds: with its ID it tells requests apart */
	uint64_t number; /* of the request in its process, from 1; 0: the admin command's doing */
};

/* The client's address, see address_of_client(); "local" for the admin command. */
void client_address(const struct client *client, char address_r[ADDRESS_SIZE]);

/* The server's own ID of the request (Apache's mod_unique_id), or one of ours; empty for the admin command. */
void client_request_id(const struct client *client, char id_r[REQUEST_ID_SIZE]);

#endif
