/*
 * Network addresses of clients: which one a request comes from when trusted proxies stand between, and
 * what counts as one place on the network.
 */
#ifndef DOORWARD_ADDRESS_H
#define DOORWARD_ADDRESS_H

#include <stdbool.h>

#define ADDRESS_SIZE 46 /* INET6_ADDRSTRLEN */

struct address_list;

/*
 * Parses addresses and blocks in CIDR notation, IPv4 and IPv6, with commas or spaces between them. The
 * caller frees. False when one of them is none; *list_r is NULL then, and for an empty text.
 */
bool address_list_parse(struct address_list **list_r, const char *text);
void address_list_free(struct address_list *list);

/*
 * The client's address in its canonical text: remote, or, where that is a trusted proxy, the rightmost
 * hop of the X-Forwarded-For header (NULL for none) that is not. A hop that is no address ends the
 * search: the one to its right is who said so. "unknown" where remote is no address.
 */
void address_of_client(char address_r[ADDRESS_SIZE], const struct address_list *trusted,
		       const char *remote, const char *forwarded);

/*
 * The place that an address belongs to: itself for IPv4, its /64 for IPv6, of which one customer has
 * at least one.
 */
void address_place(char place_r[ADDRESS_SIZE], const char *address);

#endif
