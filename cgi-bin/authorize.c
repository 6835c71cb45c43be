/*
 * GET authorize/ — whether somebody may have what he asks of another application, by the policy. Asked by
 * that application's web server, in a subrequest or in the FastCGI role of an Authorizer; a client that
 * asks by itself is told nothing.
 */
#include "endpoint.h"

/*
 * The guard let the caller in. Where the web server asks what to say to a client whom it has refused, it
 * did so for a reason of its own, or because it had no answer from us then.
 */
static enum error get(struct call *call)
{
	int refused = call->asked->refused;

	if (refused == 401 || refused == 403)
		return fail(&call->failure, ERR_SERVER_REFUSED, NULL);
	if (refused)
		return fail(&call->failure, ERR_NO_RESPONDER, NULL);
	call->passes_caller = true;
	return OK;
}

const struct endpoint authorize = {
	.path = "authorize/",
	.methods = { [GET] = { .run = get, .roles = ANYONE, .by_policy = true } },
};
