/*
 * GET .well-known/jwks.json — the public keys by which others verify our tokens (RFC 7517). Whoever keeps
 * the list for as long as it says knows every key that will sign meanwhile: see rotation.h.
 */
#include <inttypes.h>
#include <stdio.h>

#include "endpoint.h"
#include "rotation.h"

static enum error get(struct call *call)
{
	struct keyring *keyring = call->context->keyring;
	size_t count;

	call->answer = keyring_to_jwks(keyring, NULL, &count);
	if (keyring_count(keyring) == 0) /* not "there are none": the file is missing or damaged */
		return fail(&call->failure, ERR_UNAVAILABLE, NULL);
	/* an empty list is not to be kept: the first key signs as soon as it is there */
	if (count > 0)
		snprintf(call->cache_control, sizeof(call->cache_control),
			 "public, max-age=%" PRId64, call->context->config.jwks_max_age);
	return OK;
}

const struct endpoint well_known_jwks = {
	.path = ".well-known/jwks.json",
	.methods = { [GET] = { .run = get, .roles = ANYONE } },
};
