#include "guard.h"

#include <string.h>
#include <strings.h>

#include "session.h"
#include "token.h"

/* The token of "Bearer <token>", or NULL when the header holds none. */
static const char *bearer_token(const char *authorization)
{
	static const char scheme[] = "Bearer";
	size_t length = strlen(scheme);

	if (!authorization || strncasecmp(authorization, scheme, length) != 0 ||
	    authorization[length] != ' ')
		return NULL;
	authorization += length + strspn(authorization + length, " ");
	return *authorization ? authorization : NULL;
}

static enum error look_up(struct txn *txn, void *arg)
{
	return session_stands(txn, arg);
}

/* Signature and expiry, the former at most once for a token that keeps coming. */
static enum error verify(struct context *context, const char *token, struct claims *claims_r,
			 struct failure *failure)
{
	int64_t now = (int64_t)time_now();
	size_t keys = keyring_count(context->keyring); /* as the file is now */
	uint64_t generation = keyring_generation(context->keyring);
	const struct claims *known = verified_find(context->verified, token, generation);
	enum error error;

	if (known && keys > 0) {
		*claims_r = *known;
		return known->expires <= now ? fail(failure, ERR_JWT_EXPIRED, NULL) : OK;
	}
	error = bearer_token_verify(context->keyring, context->config.issuer, token, now, claims_r,
				    failure);
	if (!error)
		verified_remember(context->verified, token, keyring_generation(context->keyring),
				  claims_r);
	return error;
}

/* Who calls: the claims of a token that is good now. */
static enum error identify(struct context *context, const char *token, struct claims *caller_r,
			   struct failure *failure)
{
	enum error error = verify(context, token, caller_r, failure);

	if (!error)
		error = store_view(context->store, look_up, caller_r);
	return error == ERR_ABSENT ? fail(failure, ERR_JWT, "revoked") : error;
}

/* Where anyone may call, a token that is not good is none. */
static void identify_anyone(struct context *context, const char *token, struct claims *caller_r)
{
	struct failure unused = { .code = OK };

	caller_r->role = ROLE__MAX;
	if (!token || identify(context, token, caller_r, &unused)) {
		memset(caller_r, 0, sizeof(*caller_r));
		caller_r->role = ROLE__MAX;
	}
	failure_clear(&unused);
}

enum error guard_check(struct context *context, const struct operation *operation,
		       const char *authorization, struct claims *caller_r, bool *token_sent_r,
		       struct failure *failure)
{
	const char *token = bearer_token(authorization);
	enum error error;

	memset(caller_r, 0, sizeof(*caller_r));
	*token_sent_r = false;
	if (operation->roles == ANYONE) {
		identify_anyone(context, operation->identifies ? token : NULL, caller_r);
		return OK;
	}
	if (!token)
		return fail(failure, ERR_JWT, "missing");
	*token_sent_r = true;
	error = identify(context, token, caller_r, failure);
	if (error)
		return error;
	if (!(operation->roles & (1u << caller_r->role)))
		return fail(failure, ERR_ROLE, "%s", role_name(caller_r->role));
	if (operation->needs_database && !*caller_r->database)
		return fail(failure, ERR_DATABASE_NOT_SELECTED, NULL);
	return OK;
}
