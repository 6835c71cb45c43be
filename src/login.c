#include "login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "object.h"
#include "password.h"
#include "service-key.h"
#include "text.h"
#include "throttle.h"

/* How old a session's "renewed" may be before a renewal writes it. */
#define RENEWED_GRAIN 3600

struct login_wish login_wish_of(struct json_object *fields)
{
	return (struct login_wish){
		.database_id = object_text(fields, "db_id"),
		.database_name = object_text(fields, "db_name"),
		.user = object_member(fields, "frontend_user_id"),
		.user_session = object_member(fields, "frontend_session_id"),
	};
}

void login_grant_free(struct login_grant *grant)
{
	database_free(&grant->database);
	explicit_bzero(grant, sizeof(*grant));
}

static enum error sign_jwt(struct context *context, struct login_grant *grant)
{
	const struct session *session = &grant->session;
	struct claims claims = { .role = session->role, .issued = (int64_t)time_now() };

	claims.expires = claims.issued + context->config.jwt_lifetime;
	claims.epoch = session->epoch;
	text_copy(claims.account, ID_SIZE, session->account);
	text_copy(claims.organization, ID_SIZE, session->organization);
	text_copy(claims.session, ID_SIZE, session->id);
	text_copy(claims.database, ID_SIZE, session->database);
	text_copy(claims.key, ID_SIZE, session->key);
	text_copy(claims.user, IDENTIFIER_SIZE, session->user);
	text_copy(claims.user_session, IDENTIFIER_SIZE, session->user_session);
	grant->expires_in = context->config.jwt_lifetime;
	return bearer_token_sign(context->keyring, context->config.issuer, &claims, grant->jwt);
}

static enum error make_refresh_token(struct context *context, struct login_grant *grant)
{
	const struct session *session = &grant->session;
	struct refresh_claims claims = { .counter = session->counter, .expires = session->expires };

	text_copy(claims.session, ID_SIZE, session->id);
	return refresh_token_make(context->keyring, &claims, grant->refresh_token);
}

/* One identifier that a client named, checked against its type; absent is OK and leaves it empty. */
static enum error take_identifier(char text_r[IDENTIFIER_SIZE], const char *field,
				  struct json_object *value, const char *type_name,
				  struct failure *failure)
{
	struct identifier_type type;

	text_r[0] = '\0';
	if (!value)
		return OK;
	if (!type_name)
		return fail_field(failure, field, "the database has no type for it");
	if (!identifier_type_parse(&type, type_name))
		return ERR_SERVER;
	if (!identifier_from_json(&type, text_r, value))
		return fail_field(failure, field, "must be an identifier of type %s", type_name);
	return OK;
}

/*
 * Narrows a session to one end user: as the role frontend must be, and as every other role is that
 * names one. Such a session belongs to a database, whose types its identifiers have.
 */
static enum error narrow(struct session *session, const struct login_wish *wish,
			 const struct database *database, struct failure *failure)
{
	bool named = wish->user || wish->user_session;

	if (!named && session->role != ROLE_FRONTEND)
		return OK;
	if (!named)
		fail_field(failure, "frontend_user_id",
			   "is required for the role frontend, or frontend_session_id is");
	if (!database->record)
		fail_field(failure, "db_id", "is required to log in for one user, or db_name is");
	if (failure->code)
		return failure->code;

	session->role = ROLE_FRONTEND;
	take_identifier(session->user, "frontend_user_id", wish->user, database->user_id_type,
			failure);
	take_identifier(session->user_session, "frontend_session_id", wish->user_session,
			database->session_id_type, failure);
	return failure->code;
}

static enum error select_database(struct txn *txn, const char *organization,
				  const struct login_wish *wish, struct database *database_r,
				  struct failure *failure)
{
	if (!wish->database_id && !wish->database_name)
		return OK;
	return database_find(txn, organization, wish->database_id, wish->database_name, database_r,
			     failure);
}

struct login {
	struct context *context;
	const struct login_request *request;
	struct account account;		      /* as it was when its password was checked */
	int64_t epoch;			      /* its epoch then, or an older one */
	const char *better_hash;	      /* NULL unless the stored one is outdated */
	struct service_key key;		      /* the one that was shown; all zero for a password */
	const struct throttle_login *attempt; /* NULL where the throttle is off */
	struct login_grant *grant;
	struct failure *failure;
};

static enum error find_account(struct txn *txn, void *arg)
{
	struct login *login = arg;

	account_free(&login->account);
	service_key_free(&login->key);
	return account_find(txn, login->request->kind, login->request->login, &login->account,
			    &login->epoch);
}

/* The same, and the key that is shown in the place of a password. */
static enum error find_key(struct txn *txn, void *arg)
{
	struct login *login = arg;
	enum error error = find_account(txn, login);

	return error ? error
		     : service_key_find(txn, login->account.id, login->request->password,
					time_now(), &login->key);
}

/* A better hash is written only over the very hash that was verified. */
static enum error rehash(struct txn *txn, struct login *login)
{
	struct account account;
	enum error error = account_find_to_change(txn, NULL, login->account.kind,
						  login->account.login, &account, login->failure);

	if (error == ERR_NO_ACCOUNT) /* just deleted: as if it had never been there */
		return fail(login->failure, ERR_PASSWORD, NULL);
	if (error)
		return error;
	if (account.password && strcmp(account.password, login->account.password) == 0)
		error = account_rehash(txn, &account, login->better_hash);
	account_free(&account);
	return error;
}

/*
 * Opens the session for the account as its password was checked: should it have changed since, the
 * session has the old epoch and is void from the start.
 */
static enum error open_session(struct txn *txn, void *arg)
{
	struct login *login = arg;
	const struct account *account = &login->account;
	struct login_grant *grant = login->grant;
	struct session *session = &grant->session;
	enum error error;

	failure_clear(login->failure);
	login_grant_free(grant);
	text_copy(session->account, ID_SIZE, account->id);
	text_copy(session->login, sizeof(session->login), account->login);
	text_copy(session->organization, ID_SIZE, account->organization);
	session->role = account->role;
	session->epoch = login->epoch;
	text_copy(session->key, ID_SIZE, login->key.id);
	session->ends = (int64_t)login->key.expires;

	if (*login->key.id && service_key_exists(txn, login->key.id) == ERR_ABSENT)
		return fail(login->failure, ERR_PASSWORD, NULL); /* deleted this very moment */
	if ((error = select_database(txn, account->organization, &login->request->wish,
				     &grant->database, login->failure)) ||
	    (error = narrow(session, &login->request->wish, &grant->database, login->failure)))
		return error;
	text_copy(session->database, ID_SIZE, grant->database.id);
	if (login->better_hash && (error = rehash(txn, login)))
		return error;
	if (login->attempt && (error = throttle_login_succeeded(txn, login->attempt)))
		return error;
	return session_create(txn, &login->context->config, !login->request->root_only, session);
}

/* A key is random enough to be found by its digest: no hash, whoever's it is. */
static enum error check_key(struct login *login)
{
	if (login->request->kind != ACCOUNT_SERVICE ||
	    !service_key_is_one(login->request->password))
		return ERR_ABSENT;
	return store_view(login->context->store, find_key, login);
}

/* An unknown account takes the time of a known one. */
static enum error check_password(struct login *login, char better_r[PASSWORD_HASH_SIZE])
{
	const struct login_request *request = login->request;
	int cost = (int)login->context->config.password_cost;
	enum error error = store_view(login->context->store, find_account, login);
	const char *hash;

	if (error && error != ERR_ABSENT)
		return error;
	hash = error ? NULL : login->account.password;
	if (!password_verify(hash, request->password, cost))
		return fail(login->failure, ERR_PASSWORD, NULL);
	if (password_is_outdated(hash, cost) && password_hash(better_r, request->password, cost))
		login->better_hash = better_r;
	return OK;
}

/* Who it is: throttle first, so that who has to wait costs no hash. */
static enum error authenticate(struct login *login, char better_r[PASSWORD_HASH_SIZE])
{
	struct store *store = login->context->store;
	enum error error = OK;

	if (login->attempt)
		error = throttle_login_try(store, login->attempt, login->failure);
	if (error)
		return error;
	error = check_key(login);
	if (error == ERR_ABSENT)
		error = check_password(login, better_r);
	if (error == ERR_PASSWORD && login->attempt)
		throttle_login_failed(store, login->attempt);
	return error;
}

enum error login_with_password(struct context *context, const struct client *client,
			       const struct login_request *request, struct login_grant *grant_r,
			       struct failure *failure)
{
	char address[ADDRESS_SIZE];
	const struct throttle_login attempt = { request->kind, request->login, address };
	struct login login = {
		.context = context,
		.request = request,
		.attempt = context->config.throttle ? &attempt : NULL,
		.grant = grant_r,
		.failure = failure,
	};
	char better_hash[PASSWORD_HASH_SIZE];
	enum error error;

	memset(grant_r, 0, sizeof(*grant_r));
	client_address(client, address);
	error = authenticate(&login, better_hash);
	if (!error && request->root_only && login.account.role != ROLE_ROOT)
		error = fail(failure, ERR_ROLE, "%s", role_name(login.account.role));
	if (!error && !login.account.verified)
		error = fail(failure, ERR_NOT_VERIFIED, NULL);
	if (!error)
		error = store_update(context->store, open_session, &login);
	if (!error)
		error = sign_jwt(context, grant_r);
	if (!error && !request->root_only)
		error = make_refresh_token(context, grant_r);
	account_free(&login.account);
	service_key_free(&login.key);
	if (error)
		login_grant_free(grant_r);
	return error;
}

struct renewing {
	struct context *context;
	const struct login_wish *wish;
	struct refresh_claims shown;
	bool retiring;
	bool may_write; /* false in the first try, which most renewals need no more than */
	bool needs_write;
	bool reused;
	struct login_grant *grant;
	struct failure *failure;
};

static enum error refuse_other_database(struct renewing *renewing)
{
	failure_clear(renewing->failure);
	return fail(renewing->failure, ERR_ROLE, "%s", role_name(ROLE_FRONTEND));
}

/*
 * The session's database, or the one wished for. A frontend token's user belongs to its database, and is not
 * told whether there are others.
 */
static enum error renew_database(struct txn *txn, struct renewing *renewing)
{
	struct login_grant *grant = renewing->grant;
	struct session *session = &grant->session;
	struct login_wish wish = *renewing->wish;
	enum error error;

	if (!wish.database_id && !wish.database_name && *session->database)
		wish.database_id = session->database;
	error = select_database(txn, session->organization, &wish, &grant->database,
				renewing->failure);
	if (session->role == ROLE_FRONTEND && wish.database_id != session->database &&
	    (error == ERR_NO_DATABASE ||
	     (!error && strcmp(grant->database.id, session->database) != 0)))
		return refuse_other_database(renewing);
	if (error || strcmp(grant->database.id, session->database) == 0)
		return error;
	text_copy(session->database, ID_SIZE, grant->database.id);
	renewing->needs_write = true;
	return OK;
}

/* What the refresh token gives: ends the session, rotates, or nothing to write. */
static enum error renew_token(struct txn *txn, struct renewing *renewing, int64_t now)
{
	const struct config *config = &renewing->context->config;
	struct session *session = &renewing->grant->session;

	switch (session_judge(config, session, &renewing->shown, renewing->retiring, now)) {
	case RENEWAL_KEEPS:
		if (now - session->renewed >= RENEWED_GRAIN) {
			session->renewed = now;
			renewing->needs_write = true;
		}
		return OK;
	case RENEWAL_ROTATES:
		session_rotate(config, session, now);
		renewing->needs_write = true;
		return OK;
	case RENEWAL_REUSED:
		renewing->reused = renewing->needs_write = true;
		return renewing->may_write ? session_end(txn, session->id) : OK;
	case RENEWAL_UNKNOWN:
		break;
	}
	return fail(renewing->failure, ERR_REFRESH_TOKEN, NULL);
}

static enum error renew_session(struct txn *txn, struct renewing *renewing)
{
	struct session *session = &renewing->grant->session;
	int64_t now = (int64_t)time_now(), old_expires = session->expires;
	enum error error;

	error = renew_token(txn, renewing, now);
	if (error || renewing->reused)
		return error;
	error = renew_database(txn, renewing);
	if (!error && renewing->needs_write && renewing->may_write)
		error = session_put(txn, session, old_expires);
	return error;
}

static enum error renew(struct txn *txn, void *arg)
{
	struct renewing *renewing = arg;
	struct login_grant *grant = renewing->grant;
	enum error error;
	int64_t epoch;

	failure_clear(renewing->failure);
	login_grant_free(grant);
	renewing->needs_write = renewing->reused = false;
	error = session_get(txn, renewing->shown.session, &grant->session);
	if (error == ERR_ABSENT)
		return fail(renewing->failure, ERR_REFRESH_TOKEN, NULL);
	if (error)
		return error;
	error = account_epoch(txn, grant->session.account, &epoch);
	if (error == ERR_ABSENT)
		return fail(renewing->failure, ERR_NO_ACCOUNT, "%s", grant->session.login);
	if (error)
		return error;
	if (epoch == grant->session.epoch && *grant->session.key)
		error = service_key_exists(txn, grant->session.key);
	if (epoch != grant->session.epoch || error == ERR_ABSENT)
		return fail(renewing->failure, ERR_REFRESH_TOKEN, NULL);
	return error ? error : renew_session(txn, renewing);
}

/* Whether the token that was shown is the one that would be made: the usual case. */
static bool is_present(const struct renewing *renewing)
{
	const struct session *session = &renewing->grant->session;

	return !renewing->retiring && renewing->shown.counter == session->counter &&
	       renewing->shown.expires == session->expires;
}

/* An old refresh token came again: somebody has it who should not. */
static void report_reuse(struct context *context, const struct client *client,
			 const struct session *session)
{
	audit_write(context->audit, client,
		    &(struct audit_event){ .event = "login.renew-reuse",
					   .outcome = error_name(ERR_REFRESH_TOKEN),
					   .account = session->login,
					   .session = session->id });
}

enum error login_renew(struct context *context, const struct client *client,
		       const char *refresh_token, const struct login_wish *wish,
		       struct login_grant *grant_r, struct failure *failure)
{
	struct renewing renewing = {
		.context = context, .wish = wish, .grant = grant_r, .failure = failure
	};
	enum error error;

	memset(grant_r, 0, sizeof(*grant_r));
	error = refresh_token_read(context->keyring, refresh_token, (int64_t)time_now(),
				   &renewing.shown, &renewing.retiring, failure);
	if (error)
		return error;
	error = store_view(context->store, renew, &renewing);
	if (!error && renewing.needs_write) {
		renewing.may_write = true;
		error = store_update(context->store, renew, &renewing);
	}
	if (!error && renewing.reused) {
		report_reuse(context, client, &grant_r->session);
		error = fail(failure, ERR_REFRESH_TOKEN, NULL);
	}
	if (!error)
		error = sign_jwt(context, grant_r);
	if (!error && is_present(&renewing))
		text_copy(grant_r->refresh_token, REFRESH_TOKEN_SIZE, refresh_token);
	else if (!error)
		error = make_refresh_token(context, grant_r);
	if (error)
		login_grant_free(grant_r);
	return error;
}

struct json_object *login_grant_to_json(const struct login_grant *grant)
{
	struct json_object *object = json_object_new_object();

	object_add_text(object, "token", grant->jwt);
	if (*grant->refresh_token)
		object_add_text(object, "refresh_token", grant->refresh_token);
	object_add_integer(object, "expires_in", grant->expires_in);
	object_add_text(object, "role", role_name(grant->session.role));
	object_add_text(object, "org_id", grant->session.organization);
	if (grant->database.record)
		json_object_object_add(object, "database", database_to_json(&grant->database));
	return object;
}

enum error login_answer(struct call *call, const struct login_request *request)
{
	struct login_grant grant;
	enum error error =
		login_with_password(call->context, call->client, request, &grant, &call->failure);

	audit_write(call->context->audit, call->client,
		    &(struct audit_event){
			    .event = "login",
			    .outcome = error ? error_name(error) : "ok",
			    .account = request->login,
			    .session = error ? NULL : grant.session.id,
			    .detail = error ? NULL : role_name(grant.session.role),
		    });
	if (error)
		return error;
	call->answer = login_grant_to_json(&grant);
	login_grant_free(&grant);
	return OK;
}
