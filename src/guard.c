#include "guard.h"

#include <string.h>
#include <strings.h>

#include "policy.h"
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

/* ERR_JWT where the token's session has ended. */
static enum error check_session(struct txn *txn, const struct claims *claims,
				struct failure *failure)
{
	enum error error = session_stands(txn, claims);

	return error == ERR_ABSENT ? fail(failure, ERR_JWT, "revoked") : error;
}

/* Signature and expiry, the former at most once for a token that keeps coming. */
static enum error verify(struct context *context, const char *token, struct claims *claims_r,
			 struct failure *failure)
{
	double clock = time_now();
	int64_t now = (int64_t)clock;
	size_t keys = keyring_count(context->keyring); /* as the file is now */
	uint64_t generation = keyring_generation(context->keyring);
	const struct claims *known = verified_find(context->verified, token, generation, clock);
	enum error error;

	if (known && keys > 0) {
		*claims_r = *known;
		return known->expires <= now ? fail(failure, ERR_JWT_EXPIRED, NULL) : OK;
	}
	error = bearer_token_verify(context->keyring, context->config.issuer, token, now, claims_r,
				    failure);
	if (!error)
		verified_remember(context->verified, token, keyring_generation(context->keyring),
				  keyring_next_retirement(context->keyring, clock), claims_r);
	return error;
}

static enum error look_up(struct txn *txn, void *arg)
{
	return session_stands(txn, arg);
}

/* Where anyone may call, a token that is not good is none. */
static void identify_anyone(struct context *context, const char *token, struct claims *caller_r)
{
	struct failure unused = { .code = OK };

	if (!token || verify(context, token, caller_r, &unused) ||
	    store_view(context->store, look_up, caller_r)) {
		memset(caller_r, 0, sizeof(*caller_r));
		caller_r->role = ROLE__MAX;
	}
	failure_clear(&unused);
}

static enum error open_database(struct txn *txn, struct call *call)
{
	enum error error;

	database_free(&call->database);
	error = database_find(txn, call->caller.organization, call->caller.database, NULL,
			      &call->database, &call->failure);
	if (error)
		return error;
	return identifier_type_parse(&call->user_type, call->database.user_id_type) &&
			       identifier_type_parse(&call->item_type, call->database.item_id_type)
		       ? OK
		       : ERR_SERVER;
}

/*
 * The user that the path names, by identifier or as "~me". Compared as canonical texts: an identifier
 * can be written in many ways, and each of them is the same user.
 */
static enum error enter_user(struct call *call)
{
	const struct claims *caller = &call->caller;
	const char *named = call->path[0];

	if (strcmp(named, "~me") == 0) {
		if (!*caller->user)
			return fail_field(&call->failure, "user", "the token has none of its own");
		named = caller->user;
	}
	if (!identifier_parse(&call->user_type, call->user, named))
		return fail_field(&call->failure, "user", "must be an identifier of type %s",
				  call->database.user_id_type);
	if (caller->role == ROLE_FRONTEND && strcmp(call->user, caller->user) != 0)
		return fail(&call->failure, ERR_OTHER_USER, NULL);
	return OK;
}

struct check {
	struct call *call;
	const struct operation *operation;
};

/* All that a token's claims must meet, in one look at the store. */
static enum error check_caller(struct txn *txn, void *arg)
{
	const struct check *check = arg;
	const struct operation *operation = check->operation;
	struct call *call = check->call;
	bool opens = operation->opens_database || operation->own_user;
	enum error error = check_session(txn, &call->caller, &call->failure);

	if (error)
		return error;
	if (!(operation->roles & (1u << call->caller.role)))
		return fail(&call->failure, ERR_ROLE, "%s", role_name(call->caller.role));
	if ((operation->needs_database || opens) && !*call->caller.database)
		return fail(&call->failure, ERR_DATABASE_NOT_SELECTED, NULL);
	if (opens)
		error = open_database(txn, call);
	return error || !operation->own_user ? error : enter_user(call);
}

/* A good token's claims, where one must be shown. */
static enum error require_token(struct call *call, const char *token, bool *token_sent_r)
{
	if (!token)
		return fail(&call->failure, ERR_JWT, "missing");
	*token_sent_r = true;
	return verify(call->context, token, &call->caller, &call->failure);
}

struct policy_check {
	struct call *call;
	const struct decision *decision;
};

/* As check_caller(), for what the policy has decided. */
static enum error check_decision(struct txn *txn, void *arg)
{
	const struct policy_check *check = arg;
	const struct claims *caller = &check->call->caller;
	struct failure *failure = &check->call->failure;
	enum error error = check_session(txn, caller, failure);

	if (!error)
		error = policy_judge(check->decision, caller, failure);
	if (error || check->decision->rule->need == DATABASE_NEEDLESS)
		return error;
	error = database_exists(txn, caller->database);
	return error == ERR_ABSENT ? fail(failure, ERR_NO_DATABASE, "%s", caller->database) : error;
}

/* What the policy says to what is asked of another application. */
static enum error check_policy(struct call *call, const char *token, bool *token_sent_r)
{
	struct policy_watch *watch = call->context->policy;
	const struct asked *asked = call->asked;
	struct decision decision;
	enum error error;

	if (!asked->uri || !asked->method)
		return fail(&call->failure, ERR_DATA,
			    "the web server does not say what is asked for");
	if (asked->forged)
		return fail(&call->failure, ERR_DATA,
			    "a header like X-Doorward-Role is not for a client to send");
	error = policy_decide(watch ? policy_watch_now(watch) : NULL, asked->method, asked->uri,
			      &decision, &call->failure);
	if (error)
		return error;
	if (decision.rule->roles == ANYONE) {
		identify_anyone(call->context, token, &call->caller);
		return OK;
	}
	error = require_token(call, token, token_sent_r);
	return error ? error
		     : store_view(call->context->store, check_decision,
				  &(struct policy_check){ call, &decision });
}

enum error guard_check(struct call *call, const struct operation *operation,
		       const char *authorization, bool *token_sent_r)
{
	const char *token = bearer_token(authorization);
	struct claims *caller = &call->caller;
	enum error error;

	memset(caller, 0, sizeof(*caller));
	*token_sent_r = false;
	if (operation->by_policy)
		return check_policy(call, token, token_sent_r);
	if (operation->roles == ANYONE) {
		identify_anyone(call->context, operation->identifies ? token : NULL, caller);
		return OK;
	}
	error = require_token(call, token, token_sent_r);
	return error ? error
		     : store_view(call->context->store, check_caller,
				  &(struct check){ call, operation });
}
