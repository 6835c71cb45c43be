/*
 * The guard: who calls, and may they. The only place where roles are checked, and that a frontend
 * token stays with its own user.
 */
#ifndef DOORWARD_GUARD_H
#define DOORWARD_GUARD_H

#include <stdbool.h>

#include "endpoint.h"

/*
 * Checks the Authorization header (RFC 6750, section 2.1; NULL for none) against what the operation
 * asks. The token's session and account are looked up, so that logging out, a new password, another
 * role and deletion count at once. Fills in the call's caller and, where the operation asks for them,
 * its database and user; its context and path are there already. *token_sent_r: a bearer token was
 * there and was judged.
 */
enum error guard_check(struct call *call, const struct operation *operation,
		       const char *authorization, bool *token_sent_r);

#endif
