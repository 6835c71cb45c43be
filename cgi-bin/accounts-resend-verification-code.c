/*
 * PUT accounts/resend-verification-code/ — another mail for an account that is not verified yet. To a
 * stranger the answer is the same whether there is one.
 */
#include <string.h>

#include "account.h"
#include "endpoint.h"
#include "letter.h"
#include "object.h"
#include "throttle.h"

static const struct field fields[] = {
	{ "email", FIELD_EMAIL, REQUIRED },
	FIELDS_END,
};

/* Who manages accounts is told; a stranger is not, and learns nothing from the clock. */
static enum error tell(struct txn *txn, struct call *call, enum error error, const char *email)
{
	if (call_manages(call))
		return fail(&call->failure, error, "%s", email);
	return letter_pretend(txn, MAIL_VERIFY, email);
}

static enum error resend(struct txn *txn, void *arg)
{
	struct call *call = arg;
	const struct config *config = &call->context->config;
	const char *email = object_text(call->fields, "email");
	const char *organization = call_manages(call) ? call->caller.organization : NULL;
	struct account account;
	enum error error = OK;

	if (config->throttle)
		error = throttle_mail(txn, email, call->client, &call->failure);
	if (!error)
		error = account_find(txn, ACCOUNT_INDIVIDUAL, email, &account, NULL);
	if (error)
		return error == ERR_ABSENT ? tell(txn, call, ERR_NO_ACCOUNT, email) : error;
	if (organization && strcmp(organization, account.organization) != 0)
		error = tell(txn, call, ERR_NO_ACCOUNT, email);
	else if (account.verified)
		error = tell(txn, call, ERR_ALREADY_VERIFIED, email);
	else
		error = letter_send(txn, config, letter_for_new(account.password), account.id,
				    NULL);
	account_free(&account);
	return error;
}

static enum error put(struct call *call)
{
	enum error error = store_update(call->context->store, resend, call);

	call->queued_mail = true; /* or as if: the work is the same for every address */
	call_audit(call, "account.resend-mail", error, object_text(call->fields, "email"), NULL);
	return error;
}

const struct endpoint accounts_resend_verification_code = {
	.path = "accounts/resend-verification-code/",
	.methods = {
		[PUT] = { .run = put, .roles = ANYONE, .identifies = true, .fields = fields },
	},
};
