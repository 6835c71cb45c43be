/* POST login/service/ — a program logs in with its account's name and password. */
#include "endpoint.h"
#include "login.h"
#include "object.h"

static const struct field post_fields[] = {
	{ "name", FIELD_NAME, REQUIRED },
	{ "password", FIELD_SECRET, REQUIRED },
	{ "db_id", FIELD_NAME, OPTIONAL },
	{ "db_name", FIELD_NAME, OPTIONAL },
	{ "frontend_user_id", FIELD_IDENTIFIER, OPTIONAL },
	{ "frontend_session_id", FIELD_IDENTIFIER, OPTIONAL },
	FIELDS_END,
};

static enum error post(struct call *call)
{
	struct login_request request = {
		.kind = ACCOUNT_SERVICE,
		.login = object_text(call->fields, "name"),
		.password = object_text(call->fields, "password"),
		.wish = login_wish_of(call->fields),
	};

	return login_answer(call, &request);
}

const struct endpoint login_service = {
	.path = "login/service/",
	.methods = { [POST] = { .run = post, .roles = ANYONE, .fields = post_fields } },
};
