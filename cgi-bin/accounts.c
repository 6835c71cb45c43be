/* DELETE accounts/ — deletes the account that the token belongs to. */
#include "account.h"
#include "endpoint.h"

static enum error remove_own(struct txn *txn, void *arg)
{
	struct account account;
	enum error error = account_get(txn, arg, &account);

	if (error)
		return error == ERR_ABSENT ? OK : error; /* deleted by somebody else just now */
	error = account_delete(txn, &account);
	account_free(&account);
	return error;
}

static enum error erase(struct call *call)
{
	enum error error = store_update(call->context->store, remove_own, call->caller.account);

	if (!error)
		call_audit(call, "account.delete", OK, NULL, "its own");
	return error;
}

const struct endpoint accounts = {
	.path = "accounts/",
	.methods = { [DELETE] = { .run = erase, .roles = MANAGER | BACKEND } },
};
