/* POST login/refresh-token/ — the next JWT for a refresh token, perhaps with another database. */
#include "endpoint.h"
#include "login.h"
#include "object.h"

static const struct field post_fields[] = {
	{ "refresh_token", FIELD_SECRET, REQUIRED },
	{ "db_id", FIELD_NAME, OPTIONAL },
	{ "db_name", FIELD_NAME, OPTIONAL },
	FIELDS_END,
};

static enum error post(struct call *call)
{
	struct login_wish wish = login_wish_of(call->fields);
	struct login_grant grant;
	enum error error;

	error = login_renew(call->context, call->client, object_text(call->fields, "refresh_token"),
			    &wish, &grant, &call->failure);
	if (error)
		return error;
	call->answer = login_grant_to_json(&grant);
	login_grant_free(&grant);
	return OK;
}

const struct endpoint login_refresh_token = {
	.path = "login/refresh-token/",
	.methods = { [POST] = { .run = post, .roles = ANYONE, .fields = post_fields } },
};
