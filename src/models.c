#include "models.h"

#include <string.h>

#include "account.h"
#include "code.h"
#include "database.h"
#include "organization.h"
#include "outbox.h"
#include "service-key.h"
#include "session.h"
#include "throttle.h"

const struct model models[] = {
	{ TABLE_ORGANIZATION, "organization", organization_links, true },
	{ TABLE_ACCOUNT, "account", account_links, true },
	{ TABLE_DATABASE, "database", database_links, true },
	{ TABLE_SESSION, "session", session_links, true },
	{ TABLE_SERVICE_KEY, "service key", service_key_links, true },
	{ TABLE_CODE, "code", code_links, true },
	{ TABLE_MAIL, "mail", outbox_links, true },
	{ TABLE_THROTTLE, "throttle", throttle_links, false },
};
const size_t models_count = sizeof(models) / sizeof(models[0]);

/* What an entry in the order of time stands for is its name. */
static bool owner_in_time(struct bytes key, struct bytes value, struct bytes *owner_r)
{
	(void)value;
	return expiry_name(key, owner_r);
}

const struct model_index models_indices[] = {
	{ TABLE_ACCOUNT_LOGIN, TABLE_ACCOUNT, account_login_owner },
	{ TABLE_ACCOUNT_ORG, TABLE_ACCOUNT, account_member_owner },
	{ TABLE_ACCOUNT_EPOCH, TABLE_ACCOUNT, account_epoch_owner },
	{ TABLE_DATABASE_NAME, TABLE_DATABASE, database_name_owner },
	{ TABLE_SESSION_END, TABLE_SESSION, owner_in_time },
	{ TABLE_SERVICE_KEY_ACCOUNT, TABLE_SERVICE_KEY, service_key_member_owner },
	{ TABLE_CODE_END, TABLE_CODE, owner_in_time },
	{ TABLE_MAIL_DUE, TABLE_MAIL, owner_in_time },
	{ TABLE_THROTTLE_END, TABLE_THROTTLE, owner_in_time },
};
const size_t models_index_count = sizeof(models_indices) / sizeof(models_indices[0]);

/* Every table is one or the other: 8 + 9. */
_Static_assert(sizeof(models) / sizeof(models[0]) +
			       sizeof(models_indices) / sizeof(models_indices[0]) ==
		       TABLE__MAX,
	       "each table of tables.h has a row here");

const struct model *model_of(enum table table)
{
	for (size_t i = 0; i < models_count; i++) {
		if (models[i].table == table)
			return &models[i];
	}
	return NULL;
}

const struct model *model_named(const char *name)
{
	for (size_t i = 0; i < models_count; i++) {
		if (strcmp(table_names[models[i].table], name) == 0)
			return &models[i];
	}
	return NULL;
}
