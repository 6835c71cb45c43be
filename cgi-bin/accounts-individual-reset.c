/*
 * POST accounts/individual/reset/ — chooses a new password with a mailed code, which also shows that
 * the address is the account's.
 */
#include "account.h"
#include "code.h"
#include "endpoint.h"
#include "object.h"
#include "password.h"

static const struct field fields[] = {
	{ "email", FIELD_EMAIL, REQUIRED },
	{ "new_password", FIELD_SECRET, REQUIRED },
	{ "code", FIELD_SECRET, REQUIRED },
	{ "code_expiration_timestamp", FIELD_TIME, OPTIONAL }, /* what the link says; we know */
	FIELDS_END,
};

struct resetting {
	struct call *call;
	const char *hash; /* the new password's; NULL for a first look at the code */
};

static enum error reset(struct txn *txn, void *arg)
{
	struct resetting *resetting = arg;
	struct call *call = resetting->call;
	const bool verified = true;
	struct account account;
	enum error error;

	error = account_find(txn, ACCOUNT_INDIVIDUAL, object_text(call->fields, "email"), &account,
			     NULL);
	if (error)
		return error == ERR_ABSENT ? fail(&call->failure, ERR_RESET_CODE, NULL) : error;
	error = code_check(txn, CODE_PASSWORD, account.id, object_text(call->fields, "code"),
			   (int64_t)time_now());
	if (error == ERR_ABSENT)
		error = fail(&call->failure, ERR_RESET_CODE, NULL);
	if (!error && resetting->hash)
		error = account_change(txn, &account,
				       &(struct account_changes){ .password = resetting->hash,
								  .verified = &verified });
	account_free(&account);
	return error;
}

/* The password is hashed only for who has the code, and not within a transaction. */
static enum error choose(struct call *call)
{
	const char *password = object_text(call->fields, "new_password");
	const char *fault = password_fault(password, object_text(call->fields, "email"));
	struct resetting resetting = { .call = call };
	char hash[PASSWORD_HASH_SIZE];
	enum error error = store_view(call->context->store, reset, &resetting);

	if (error)
		return error;
	if (fault)
		return fail_field(&call->failure, "new_password", "%s", fault);
	if (!password_hash(hash, password, (int)call->context->config.password_cost))
		return ERR_SERVER;
	resetting.hash = hash;
	return store_update(call->context->store, reset, &resetting);
}

static enum error post(struct call *call)
{
	enum error error = choose(call);

	call_audit(call, "account.reset", error, object_text(call->fields, "email"), NULL);
	return error;
}

const struct endpoint accounts_individual_reset = {
	.path = "accounts/individual/reset/",
	.methods = { [POST] = { .run = post, .roles = ANYONE, .fields = fields } },
};
