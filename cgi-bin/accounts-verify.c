/*
 * GET or POST accounts/verify/ — a mailed code shows that an address is its account's. The link in the
 * mail leads to a page, never here: a mail scanner that fetches it uses nothing up.
 */
#include "account.h"
#include "code.h"
#include "endpoint.h"
#include "object.h"

static const struct field fields[] = {
	{ "code", FIELD_SECRET, REQUIRED },
	{ "email", FIELD_EMAIL, REQUIRED },
	FIELDS_END,
};

/* To a stranger every failure is the same one. */
static enum error refuse(struct call *call, enum error error, const char *email)
{
	failure_clear(&call->failure);
	if (!call_manages(call) || error == ERR_ACTIVATION_CODE)
		return fail(&call->failure, ERR_ACTIVATION_CODE, NULL);
	return fail(&call->failure, error, "%s", email);
}

static enum error verify(struct txn *txn, void *arg)
{
	struct call *call = arg;
	const char *email = object_text(call->fields, "email");
	const char *organization = call_manages(call) ? call->caller.organization : NULL;
	const bool verified = true;
	struct account account;
	enum error error;

	error = account_find_to_change(txn, organization, ACCOUNT_INDIVIDUAL, email, &account,
				       &call->failure);
	if (error)
		return error == ERR_NO_ACCOUNT ? refuse(call, error, email) : error;
	if (account.verified)
		error = refuse(call, ERR_ALREADY_VERIFIED, email);
	else
		error = code_check(txn, CODE_VERIFY, account.id, object_text(call->fields, "code"),
				   (int64_t)time_now());
	if (error == ERR_ABSENT)
		error = refuse(call, ERR_ACTIVATION_CODE, email);
	if (!error)
		error = account_change(txn, &account,
				       &(struct account_changes){ .verified = &verified });
	json_object_put(call->answer);
	call->answer = NULL;
	if (!error) {
		call->answer = json_object_new_object();
		object_add_text(call->answer, "email", account.login);
		object_add_truth(call->answer, "verified", true);
	}
	account_free(&account);
	return error;
}

static enum error run(struct call *call)
{
	enum error error = store_update(call->context->store, verify, call);

	call_audit(call, "account.verify", error, object_text(call->fields, "email"), NULL);
	return error;
}

const struct endpoint accounts_verify = {
	.path = "accounts/verify/",
	.methods = {
		[GET] = { .run = run, .roles = ANYONE, .identifies = true, .fields = fields },
		[POST] = { .run = run, .roles = ANYONE, .identifies = true, .fields = fields },
	},
};
