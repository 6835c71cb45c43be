/*
 * What the endpoints for individual and service accounts have in common: making, changing and deleting
 * accounts of the caller's organization, under the rules for passwords and for the root account.
 */
#ifndef DOORWARD_ACCOUNTS_H
#define DOORWARD_ACCOUNTS_H

#include "account.h"
#include "endpoint.h"

/* How one of the two endpoints names things. */
struct accounts_of_kind {
	enum account_kind kind;
	const char *login_field; /* "email" or "name" */
	enum role initial_role;	 /* where the client says none */
};

/* The handlers; each takes the checked fields that the endpoints declare. */
enum error accounts_create(struct call *call, const struct accounts_of_kind *of);
enum error accounts_change(struct call *call, const struct accounts_of_kind *of);
enum error accounts_delete(struct call *call, const struct accounts_of_kind *of);

#endif
