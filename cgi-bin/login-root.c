/* POST login/root/ — the root account logs in: no database, and no refresh token to lie around. */
#include "endpoint.h"
#include "login.h"
#include "object.h"

static const struct field post_fields[] = {
	{ "email", FIELD_EMAIL, REQUIRED },
	{ "password", FIELD_SECRET, REQUIRED },
	FIELDS_END,
};

static enum error post(struct call *call)
{
	struct login_request request = {
		.kind = ACCOUNT_INDIVIDUAL,
		.login = object_text(call->fields, "email"),
		.password = object_text(call->fields, "password"),
		.root_only = true,
	};

	return login_answer(call, &request);
}

const struct endpoint login_root = {
	.path = "login/root/",
	.methods = { [POST] = { .run = post, .roles = ANYONE, .fields = post_fields } },
};
