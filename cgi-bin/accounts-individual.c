/* accounts/individual/ — POST makes a person's account, PATCH changes it, DELETE deletes it. */
#include "accounts.h"
#include "endpoint.h"

static const struct accounts_of_kind individual = {
	.kind = ACCOUNT_INDIVIDUAL,
	.login_field = "email",
	.initial_role = ROLE_BACKEND,
};

static const struct field post_fields[] = {
	{ "email", FIELD_EMAIL, REQUIRED },
	{ "password", FIELD_SECRET, OPTIONAL },
	{ "first_name", FIELD_LINE, OPTIONAL },
	{ "last_name", FIELD_LINE, OPTIONAL },
	{ "role", FIELD_ROLE, OPTIONAL },
	{ "metadata", FIELD_OBJECT, OPTIONAL },
	{ "email_redirect_url", FIELD_URL, OPTIONAL },
	FIELDS_END,
};

static const struct field patch_fields[] = {
	{ "email", FIELD_EMAIL, REQUIRED },
	{ "password", FIELD_SECRET, OPTIONAL },
	{ "first_name", FIELD_LINE, OPTIONAL },
	{ "last_name", FIELD_LINE, OPTIONAL },
	{ "role", FIELD_ROLE, OPTIONAL },
	{ "metadata", FIELD_OBJECT, OPTIONAL },
	FIELDS_END,
};

static const struct field delete_fields[] = {
	{ "email", FIELD_EMAIL, REQUIRED },
	FIELDS_END,
};

static enum error post(struct call *call)
{
	return accounts_create(call, &individual);
}

static enum error patch(struct call *call)
{
	return accounts_change(call, &individual);
}

static enum error erase(struct call *call)
{
	return accounts_delete(call, &individual);
}

const struct endpoint accounts_individual = {
	.path = "accounts/individual/",
	.methods = {
		[POST] = { .run = post, .roles = ROOT | MANAGER, .fields = post_fields },
		[PATCH] = { .run = patch, .roles = ROOT | MANAGER, .fields = patch_fields },
		[DELETE] = { .run = erase, .roles = ROOT | MANAGER, .fields = delete_fields },
	},
};
