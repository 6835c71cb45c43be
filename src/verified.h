/*
 * Bearer tokens that this process has verified lately, and what they claim. A browser sends the same
 * token for minutes, and its signature does not change its mind: only the expiry, the session and the
 * account have to be looked at again. Bounded, and emptied whenever the key ring changes or a key of it
 * retires.
 */
#ifndef DOORWARD_VERIFIED_H
#define DOORWARD_VERIFIED_H

#include <stdint.h>

#include "token.h"

struct verified;

/* NULL only when out of memory. */
struct verified *verified_open(void);

/* Wipes and frees; NULL is allowed. */
void verified_close(struct verified *verified);

/* The claims of a token remembered under this generation of the key ring, and still at now; or NULL. */
const struct claims *verified_find(const struct verified *verified, const char *token,
				   uint64_t generation, double now);

/*
 * Remembers a token that was just verified, in the place of an older one, until a time in seconds since the
 * epoch: keyring_next_retirement().
 */
void verified_remember(struct verified *verified, const char *token, uint64_t generation,
		       double until, const struct claims *claims);

#endif
