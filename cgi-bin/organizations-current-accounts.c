/* GET organizations/current/accounts/ — all accounts of the organization. */
#include "account.h"
#include "endpoint.h"
#include "object.h"

struct listing {
	const char *organization;
	struct json_object *individual, *service;
};

static struct json_object *individual_to_json(const struct account *account)
{
	struct json_object *object = json_object_new_object();

	object_add_text(object, "id", account->id);
	object_add_text(object, "first_name", account->first_name);
	object_add_text(object, "last_name", account->last_name);
	object_add_text(object, "email", account->login);
	object_add_text(object, "role", role_name(account->role));
	object_add_truth(object, "verified", account->verified);
	json_object_object_add(object, "metadata", json_object_get(account->metadata));
	return object;
}

/* This version makes no service keys, so no account has any. */
static struct json_object *service_to_json(const struct account *account)
{
	struct json_object *object = json_object_new_object();

	object_add_text(object, "id", account->id);
	object_add_text(object, "name", account->login);
	object_add_text(object, "role", role_name(account->role));
	json_object_object_add(object, "metadata", json_object_get(account->metadata));
	json_object_object_add(object, "keys", json_object_new_array());
	return object;
}

static bool add(void *arg, const struct account *account)
{
	struct listing *listing = arg;

	if (account->kind == ACCOUNT_INDIVIDUAL)
		json_object_array_add(listing->individual, individual_to_json(account));
	else
		json_object_array_add(listing->service, service_to_json(account));
	return true;
}

static void free_lists(struct listing *listing)
{
	json_object_put(listing->individual);
	json_object_put(listing->service);
}

static enum error list(struct txn *txn, void *arg)
{
	struct listing *listing = arg;

	free_lists(listing);
	listing->individual = json_object_new_array();
	listing->service = json_object_new_array();
	return account_each(txn, listing->organization, add, listing);
}

static enum error get(struct call *call)
{
	struct listing listing = { .organization = call->caller.organization };
	enum error error = store_view(call->context->store, list, &listing);

	if (error) {
		free_lists(&listing);
		return error;
	}
	call->answer = json_object_new_object();
	json_object_object_add(call->answer, "individual_accounts", listing.individual);
	json_object_object_add(call->answer, "service_accounts", listing.service);
	return OK;
}

const struct endpoint organizations_current_accounts = {
	.path = "organizations/current/accounts/",
	.alias = "organizations/accounts/",
	.methods = { [GET] = { .run = get, .roles = ROOT | MANAGER } },
};
