/*
 * POST accounts/individual/send-reset-password-email/ — mails a link to choose a new password. The
 * answer is the same whether there is such an account.
 */
#include "account.h"
#include "endpoint.h"
#include "letter.h"
#include "object.h"
#include "throttle.h"

static const struct field fields[] = {
	{ "email", FIELD_EMAIL, REQUIRED },
	{ "email_redirect_url", FIELD_URL, OPTIONAL },
	FIELDS_END,
};

static enum error send(struct txn *txn, void *arg)
{
	struct call *call = arg;
	const struct config *config = &call->context->config;
	const char *email = object_text(call->fields, "email");
	struct account account;
	enum error error = OK;

	if (config->throttle)
		error = throttle_mail(txn, email, call->client, &call->failure);
	if (!error)
		error = account_find(txn, ACCOUNT_INDIVIDUAL, email, &account, NULL);
	if (error)
		return error == ERR_ABSENT ? letter_pretend(txn, MAIL_RESET, email) : error;
	error = letter_send(txn, config, MAIL_RESET, account.id,
			    object_text(call->fields, "email_redirect_url"));
	account_free(&account);
	return error;
}

static enum error post(struct call *call)
{
	enum error error =
		letter_check_url(&call->context->config,
				 object_text(call->fields, "email_redirect_url"), &call->failure);

	if (error)
		return error;
	error = store_update(call->context->store, send, call);
	call->queued_mail = true; /* or as if: the work is the same for every address */
	call_audit(call, "account.reset-mail", error, object_text(call->fields, "email"), NULL);
	return error;
}

const struct endpoint accounts_individual_send_reset_password_email = {
	.path = "accounts/individual/send-reset-password-email/",
	.methods = { [POST] = { .run = post, .roles = ANYONE, .fields = fields } },
};
