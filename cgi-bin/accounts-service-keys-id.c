/* DELETE accounts/service/keys/<id>/ — deletes a key; the sessions that were opened with it end. */
#include <string.h>

#include "account.h"
#include "endpoint.h"
#include "service-key.h"

struct removal {
	struct call *call;
	char login[NAME_MOST + 1]; /* of the account it was for */
};

/* A key of another organization's account is none. */
static enum error remove_key(struct txn *txn, void *arg)
{
	struct removal *removal = arg;
	struct call *call = removal->call;
	struct service_key key = { .record = NULL };
	struct account account = { .record = NULL };
	enum error error = service_key_get(txn, call->path[0], &key);

	if (!error)
		error = account_get(txn, key.account, &account);
	if (!error && strcmp(account.organization, call->caller.organization) != 0)
		error = ERR_ABSENT;
	if (!error) {
		text_copy(removal->login, sizeof(removal->login), account.login);
		error = service_key_delete(txn, &key);
	}
	account_free(&account);
	service_key_free(&key);
	return error == ERR_ABSENT ? fail(&call->failure, ERR_NO_KEY, "%s", call->path[0]) : error;
}

static enum error erase(struct call *call)
{
	struct removal removal = { .call = call };
	enum error error = store_update(call->context->store, remove_key, &removal);

	if (!error)
		call_audit(call, "service-key.delete", OK, removal.login, call->path[0]);
	return error;
}

const struct endpoint accounts_service_keys_id = {
	.path = "accounts/service/keys/<id>/",
	.methods = { [DELETE] = { .run = erase, .roles = ROOT | MANAGER } },
};
