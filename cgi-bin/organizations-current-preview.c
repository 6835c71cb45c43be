/*
 * PATCH organizations/current/preview/ — what PATCH organizations/current/ would change, without
 * changing it.
 */
#include "endpoint.h"
#include "merge.h"
#include "object.h"
#include "organization.h"

static const struct field patch_fields[] = {
	{ "metadata", FIELD_OBJECT, REQUIRED },
	{ "preserve", FIELD_TRUTH, OPTIONAL },
	FIELDS_END,
};

static enum error preview(struct txn *txn, void *arg)
{
	struct call *call = arg;
	struct json_object *old, *merged;
	enum error error = organization_metadata(txn, call->caller.organization, &old);

	if (error)
		return error;
	error = merge_field("metadata", old, object_member(call->fields, "metadata"),
			    object_truth(call->fields, "preserve"), &merged, &call->failure);
	if (error) {
		json_object_put(old);
		return error;
	}
	json_object_put(call->answer);
	call->answer = json_object_new_object();
	json_object_object_add(call->answer, "metadata_old", old);
	json_object_object_add(call->answer, "metadata_new", merged);
	return OK;
}

static enum error patch(struct call *call)
{
	return store_view(call->context->store, preview, call);
}

const struct endpoint organizations_current_preview = {
	.path = "organizations/current/preview/",
	.methods = {
		[PATCH] = { .run = patch, .roles = ROOT | MANAGER, .fields = patch_fields },
	},
};
