/* GET organizations/current/accounts/ — all accounts of the organization. */
#include "account.h"
#include "endpoint.h"
#include "object.h"
#include "service-key.h"

struct listing {
	const char *organization;
	struct txn *txn;
	enum error error;
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

static bool add_key(void *arg, const struct service_key *key)
{
	struct json_object *object = json_object_new_object();

	object_add_text(object, "id", key->id);
	object_add_time(object, "created_timestamp", key->created);
	if (key->expires > 0)
		object_add_time(object, "expiration_timestamp", key->expires);
	object_add_truth(object, "is_expired", key->expires > 0 && key->expires <= time_now());
	json_object_object_add(object, "metadata", json_object_get(key->metadata));
	json_object_array_add(arg, object);
	return true;
}

static struct json_object *service_to_json(struct listing *listing, const struct account *account)
{
	struct json_object *object = json_object_new_object(), *keys = json_object_new_array();
	enum error error = service_key_each(listing->txn, account->id, add_key, keys);

	if (error)
		listing->error = error;

	object_add_text(object, "id", account->id);
	object_add_text(object, "name", account->login);
	object_add_text(object, "role", role_name(account->role));
	json_object_object_add(object, "metadata", json_object_get(account->metadata));
	json_object_object_add(object, "keys", keys);
	return object;
}

static bool add(void *arg, const struct account *account)
{
	struct listing *listing = arg;

	if (account->kind == ACCOUNT_INDIVIDUAL)
		json_object_array_add(listing->individual, individual_to_json(account));
	else
		json_object_array_add(listing->service, service_to_json(listing, account));
	return !listing->error;
}

static void free_lists(struct listing *listing)
{
	json_object_put(listing->individual);
	json_object_put(listing->service);
}

static enum error list(struct txn *txn, void *arg)
{
	struct listing *listing = arg;
	enum error error;

	free_lists(listing);
	listing->txn = txn;
	listing->error = OK;
	listing->individual = json_object_new_array();
	listing->service = json_object_new_array();
	error = account_each(txn, listing->organization, add, listing);
	return error ? error : listing->error;
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
