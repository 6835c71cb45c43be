#include "guard.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "account.h"
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

struct look {
	const struct claims *claims;
};

/* OK while the token's session stands; ERR_ABSENT once it does not. */
static enum error look_up(struct txn *txn, void *arg)
{
	const struct claims *claims = ((struct look *)arg)->claims;
	struct session session;
	struct account account;
	enum error error;
	bool gone;

	error = session_get(txn, claims->session, &session);
	if (!error && strcmp(session.account, claims->account) != 0)
		error = ERR_ABSENT;
	if (!error)
		error = session_account(txn, &session, &account, &gone);
	if (!error)
		account_free(&account);
	return error;
}

static void to_caller(const struct claims *claims, struct caller *caller_r)
{
	snprintf(caller_r->account, ID_SIZE, "%s", claims->account);
	snprintf(caller_r->organization, ID_SIZE, "%s", claims->organization);
	snprintf(caller_r->session, ID_SIZE, "%s", claims->session);
	snprintf(caller_r->database, ID_SIZE, "%s", claims->database);
	snprintf(caller_r->user, IDENTIFIER_SIZE, "%s", claims->user);
	snprintf(caller_r->user_session, IDENTIFIER_SIZE, "%s", claims->user_session);
	caller_r->role = claims->role;
}

enum error guard_check(struct context *context, const struct operation *operation,
		       const char *authorization, struct caller *caller_r, bool *token_sent_r,
		       struct failure *failure)
{
	const char *token = bearer_token(authorization);
	struct claims claims;
	struct look look = { &claims };
	enum error error;

	memset(caller_r, 0, sizeof(*caller_r));
	*token_sent_r = false;
	if (operation->roles == ANYONE)
		return OK;
	if (!token)
		return fail(failure, ERR_JWT, "missing");
	*token_sent_r = true;
	error = bearer_token_verify(context->keyring, context->config.issuer, token,
				    (int64_t)time_now(), &claims, failure);
	if (error)
		return error;
	error = store_view(context->store, look_up, &look);
	if (error == ERR_ABSENT)
		return fail(failure, ERR_JWT, "revoked");
	if (error)
		return error;
	if (!(operation->roles & (1u << claims.role)))
		return fail(failure, ERR_ROLE, "%s", role_name(claims.role));
	if (operation->needs_database && !*claims.database)
		return fail(failure, ERR_DATABASE_NOT_SELECTED, NULL);
	to_caller(&claims, caller_r);
	return OK;
}
