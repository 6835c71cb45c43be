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

/* What is looked up of a token, in one transaction. */
struct standing {
	const struct claims *claims;
	bool wants_database, has_database; /* whether the token's database is there, where asked */
};

static enum error look_up(struct txn *txn, void *arg)
{
	struct standing *standing = arg;
	enum error error = session_stands(txn, standing->claims);

	if (error || !standing->wants_database)
		return error;
	error = database_exists(txn, standing->claims->database);
	standing->has_database = !error;
	return error == ERR_ABSENT ? OK : error;
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

/* Who calls: the claims of a token that is good now. has_database_r: NULL where that does not matter. */
static enum error identify(struct context *context, const char *token, struct claims *caller_r,
			   bool *has_database_r, struct failure *failure)
{
	struct standing standing = { .claims = caller_r, .wants_database = has_database_r != NULL };
	enum error error = verify(context, token, caller_r, failure);

	if (!error)
		error = store_view(context->store, look_up, &standing);
	if (has_database_r)
		*has_database_r = standing.has_database;
	return error == ERR_ABSENT ? fail(failure, ERR_JWT, "revoked") : error;
}

/* Where anyone may call, a token that is not good is none. */
static void identify_anyone(struct context *context, const char *token, struct claims *caller_r)
{
	struct failure unused = { .code = OK };

	caller_r->role = ROLE__MAX;
	if (!token || identify(context, token, caller_r, NULL, &unused)) {
		memset(caller_r, 0, sizeof(*caller_r));
		caller_r->role = ROLE__MAX;
	}
	failure_clear(&unused);
}

static enum error open_database(struct txn *txn, void *arg)
{
	struct call *call = arg;
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

static enum error check_database(struct call *call, const struct operation *operation)
{
	bool opens = operation->opens_database || operation->own_user;
	enum error error = OK;

	if ((operation->needs_database || opens) && !*call->caller.database)
		return fail(&call->failure, ERR_DATABASE_NOT_SELECTED, NULL);
	if (opens)
		error = store_view(call->context->store, open_database, call);
	if (!error && operation->own_user)
		error = enter_user(call);
	return error;
}

/* Who calls, where one must be known. */
static enum error require_token(struct call *call, const char *token, bool *has_database_r,
				bool *token_sent_r)
{
	if (!token)
		return fail(&call->failure, ERR_JWT, "missing");
	*token_sent_r = true;
	return identify(call->context, token, &call->caller, has_database_r, &call->failure);
}

/* What the policy says to what is asked of another application. */
static enum error check_policy(struct call *call, const char *token, bool *token_sent_r)
{
	struct policy_watch *watch = call->context->policy;
	const struct asked *asked = call->asked;
	struct claims *caller = &call->caller;
	struct failure *failure = &call->failure;
	struct decision decision;
	bool has_database, needs_database;
	enum error error;

	if (!asked->uri || !asked->method)
		return fail(failure, ERR_DATA, "the web server does not say what is asked for");
	error = policy_decide(watch ? policy_watch_now(watch) : NULL, asked->method, asked->uri,
			      &decision, failure);
	if (error)
		return error;
	if (decision.rule->roles == ANYONE) {
		identify_anyone(call->context, token, caller);
		return OK;
	}
	needs_database = decision.rule->need != DATABASE_NEEDLESS;
	error = require_token(call, token, needs_database ? &has_database : NULL, token_sent_r);
	if (!error)
		error = policy_judge(&decision, caller, failure);
	if (!error && needs_database && !has_database)
		error = fail(failure, ERR_NO_DATABASE, "%s", caller->database);
	return error;
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
	error = require_token(call, token, NULL, token_sent_r);
	if (error)
		return error;
	if (!(operation->roles & (1u << caller->role)))
		return fail(&call->failure, ERR_ROLE, "%s", role_name(caller->role));
	return check_database(call, operation);
}
