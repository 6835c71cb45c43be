/* PATCH databases/current/preview/ — what PATCH databases/current/ would change, without changing it. */
#include "databases.h"

static const struct field patch_fields[] = {
	{ "description", FIELD_TEXT, OPTIONAL },
	{ "metadata", FIELD_OBJECT, OPTIONAL },
	{ "core_config", FIELD_OBJECT, OPTIONAL },
	{ "preserve", FIELD_TRUTH, OPTIONAL },
	FIELDS_END,
};

const struct endpoint databases_current_preview = {
	.path = "databases/current/preview/",
	.methods = {
		[PATCH] = { .run = databases_preview, .roles = ROOT | MANAGER,
			    .fields = patch_fields, .needs_database = true },
	},
};
