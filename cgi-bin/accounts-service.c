/* accounts/service/ — POST makes a program's account, PATCH changes it, DELETE deletes it. */
#include "accounts.h"
#include "endpoint.h"

static const struct accounts_of_kind service = {
	.kind = ACCOUNT_SERVICE,
	.login_field = "name",
	.initial_role = ROLE_FRONTEND,
};

static const struct field fields[] = {
	{ "name", FIELD_NAME, REQUIRED },
	{ "password", FIELD_SECRET, OPTIONAL },
	{ "role", FIELD_ROLE, OPTIONAL },
	{ "metadata", FIELD_OBJECT, OPTIONAL },
	FIELDS_END,
};

static const struct field delete_fields[] = {
	{ "name", FIELD_NAME, REQUIRED },
	FIELDS_END,
};

static enum error post(struct call *call)
{
	return accounts_create(call, &service);
}

static enum error patch(struct call *call)
{
	return accounts_change(call, &service);
}

static enum error erase(struct call *call)
{
	return accounts_delete(call, &service);
}

const struct endpoint accounts_service = {
	.path = "accounts/service/",
	.methods = {
		[POST] = { .run = post, .roles = ROOT | MANAGER, .fields = fields },
		[PATCH] = { .run = patch, .roles = ROOT | MANAGER, .fields = fields },
		[DELETE] = { .run = erase, .roles = ROOT | MANAGER, .fields = delete_fields },
	},
};
