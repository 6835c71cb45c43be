/*
 * Fills an initialised store with accounts, each with one session, many in a transaction, as logging
 * in would: "fill CONF COUNT SAMPLES" prints a JWT and a refresh token, a line each pair, of SAMPLES
 * sessions spread evenly over all of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "organization.h"
#include "password.h"
#include "session.h"
#include "token.h"

#define BATCH 500 /* accounts in a transaction */

struct filling {
	struct context *context;
	char organization[ID_SIZE];
	char password[PASSWORD_HASH_SIZE];
	long first, count; /* of this batch */
	long every;	   /* one in so many is printed */
	struct session sessions[BATCH];
	struct failure failure;
};

static bool take_organization(void *arg, const struct organization *organization)
{
	struct filling *filling = arg;

	memcpy(filling->organization, organization->id, ID_SIZE);
	return false;
}

static enum error find_organization(struct txn *txn, void *arg)
{
	return organization_each(txn, take_organization, arg);
}

static enum error add_one(struct txn *txn, struct filling *filling, long number,
			  struct session *session_r)
{
	char login[32];
	struct account_new account = {
		.organization = filling->organization,
		.kind = ACCOUNT_SERVICE,
		.role = ROLE_BACKEND,
		.verified = true,
		.login = login,
		.password = filling->password,
	};
	enum error error;

	snprintf(login, sizeof(login), "service %ld", number);
	memset(session_r, 0, sizeof(*session_r));
	error = account_create(txn, &account, session_r->account, &filling->failure);
	if (error)
		return error;
	snprintf(session_r->login, sizeof(session_r->login), "%s", login);
	session_r->role = account.role;
	return session_create(txn, &filling->context->config, true, session_r);
}

static enum error add_batch(struct txn *txn, void *arg)
{
	struct filling *filling = arg;
	enum error error = OK;

	for (long i = 0; !error && i < filling->count; i++)
		error = add_one(txn, filling, filling->first + i, &filling->sessions[i]);
	return error;
}

static enum error print_tokens(const struct filling *filling, const struct session *session)
{
	struct context *context = filling->context;
	struct claims claims = {
		.role = session->role,
		.issued = session->created,
		.expires = session->created + context->config.jwt_lifetime,
	};
	struct refresh_claims refresh = { .counter = session->counter, .expires = session->expires };
	char jwt[JWT_SIZE], token[REFRESH_TOKEN_SIZE];
	enum error error;

	memcpy(claims.account, session->account, ID_SIZE);
	memcpy(claims.organization, filling->organization, ID_SIZE);
	memcpy(claims.session, session->id, ID_SIZE);
	memcpy(refresh.session, session->id, ID_SIZE);
	error = bearer_token_sign(context->keyring, context->config.issuer, &claims, jwt);
	if (!error)
		error = refresh_token_make(context->keyring, &refresh, token);
	if (!error)
		printf("%s\n%s\n", jwt, token);
	return error;
}

static enum error print_samples(const struct filling *filling)
{
	enum error error = OK;

	for (long i = 0; !error && i < filling->count; i++) {
		if ((filling->first + i) % filling->every == 0)
			error = print_tokens(filling, &filling->sessions[i]);
	}
	return error;
}

static enum error fill(struct filling *filling, long count)
{
	struct store *store = filling->context->store;
	enum error error = store_view(store, find_organization, filling);

	while (!error && filling->first < count) {
		long left = count - filling->first;

		filling->count = left < BATCH ? left : BATCH;
		error = store_update(store, add_batch, filling);
		if (!error)
			error = print_samples(filling);
		filling->first += filling->count;
	}
	return error;
}

int main(int argc, char **argv)
{
	static struct filling filling;
	struct context context = { 0 };
	long count = argc == 4 ? atol(argv[2]) : 0, samples = argc == 4 ? atol(argv[3]) : 0;
	char why[512];
	enum error error;

	if (count < 1 || samples < 1) {
		fprintf(stderr, "usage: fill CONF COUNT SAMPLES\n");
		return 2;
	}
	if (!config_load(&context.config, argv[1], why, sizeof(why))) {
		fprintf(stderr, "fill: %s\n", why);
		return 1;
	}
	if (!context_open(&context))
		return 1;
	filling.context = &context;
	filling.every = count > samples ? count / samples : 1;
	if (!password_hash(filling.password, "quite a long password", 1))
		return 1;
	error = fill(&filling, count);
	context_close(&context);
	if (error || fflush(stdout) != 0) {
		fprintf(stderr, "fill: stopped at %ld: error %d\n", filling.first, (int)error);
		return 1;
	}
	return 0;
}
