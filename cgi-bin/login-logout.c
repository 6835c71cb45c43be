/* POST login/logout/ — ends the token's session: its JWTs and its refresh token stop working. */
#include "endpoint.h"
#include "session.h"

static enum error end(struct txn *txn, void *arg)
{
	enum error error = session_end(txn, arg);

	return error == ERR_ABSENT ? OK : error; /* ended by another request at the same time */
}

static enum error post(struct call *call)
{
	enum error error = store_update(call->context->store, end, call->caller.session);

	if (!error)
		call_audit(call, "logout", OK, NULL, NULL);
	return error;
}

const struct endpoint login_logout = {
	.path = "login/logout/",
	.methods = { [POST] = { .run = post, .roles = EVERY_ROLE } },
};
