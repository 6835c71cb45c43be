/* organizations/current/ — GET tells the metadata of the token's organization, PATCH changes them. */
#include "endpoint.h"
#include "object.h"
#include "organization.h"

static enum error look(struct txn *txn, void *arg)
{
	struct call *call = arg;
	struct json_object *metadata;
	enum error error = organization_metadata(txn, call->caller.organization, &metadata);

	if (error)
		return error;
	json_object_put(call->answer);
	call->answer = json_object_new_object();
	json_object_object_add(call->answer, "metadata", metadata);
	return OK;
}

static enum error get(struct call *call)
{
	return store_view(call->context->store, look, call);
}

static const struct field patch_fields[] = {
	{ "metadata", FIELD_OBJECT, REQUIRED },
	{ "preserve", FIELD_TRUTH, OPTIONAL },
	FIELDS_END,
};

static enum error change(struct txn *txn, void *arg)
{
	struct call *call = arg;

	return organization_change(txn, call->caller.organization,
				   object_member(call->fields, "metadata"),
				   object_truth(call->fields, "preserve"), &call->failure);
}

static enum error patch(struct call *call)
{
	enum error error = store_update(call->context->store, change, call);

	if (!error)
		call_audit(call, "organization.change", OK, NULL, call->caller.organization);
	return error;
}

const struct endpoint organizations_current = {
	.path = "organizations/current/",
	.methods = {
		[GET] = { .run = get, .roles = ROOT | MANAGER },
		[PATCH] = { .run = patch, .roles = ROOT | MANAGER, .fields = patch_fields },
	},
};
