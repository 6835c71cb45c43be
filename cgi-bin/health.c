/* GET health — whether the store can be read and tokens can be signed. */
#include "endpoint.h"
#include "object.h"
#include "organization.h"

static bool found(void *arg, const struct organization *organization)
{
	(void)organization;
	*(bool *)arg = true;
	return false;
}

static enum error look(struct txn *txn, void *arg)
{
	return organization_each(txn, found, arg);
}

static enum error get(struct call *call)
{
	bool initialised = false;
	enum error error = store_view(call->context->store, look, &initialised);

	if (error || !initialised || !keyring_signer(call->context->keyring, KEY_USE_JWT))
		return fail(&call->failure, ERR_UNAVAILABLE, NULL);
	call->answer = json_object_new_object();
	object_add_text(call->answer, "status", "ok");
	return OK;
}

const struct endpoint health = {
	.path = "health/",
	.methods = { [GET] = { .run = get, .roles = ANYONE } },
};
