#include "models.h"

#include <string.h>

#include "account.h"
#include "code.h"
#include "counters.h"
#include "database.h"
#include "organization.h"
#include "outbox.h"
#include "popular.h"
#include "rating.h"
#include "service-key.h"
#include "session.h"
#include "similar.h"
#include "stale.h"
#include "throttle.h"
#include "trash.h"

const struct model models[] = {
	{ TABLE_ORGANIZATION, "organization", organization_links, true, NULL, NULL, NULL },
	{ TABLE_ACCOUNT, "account", account_links, true, NULL, NULL, NULL },
	{ TABLE_DATABASE, "database", database_links, true, NULL, database_recheck, "ready" },
	{ TABLE_TRASH, "note of a deleted database", trash_links, false, NULL, NULL, NULL },
	{ TABLE_RATING, "rating", rating_links, true, rating_count, NULL, NULL },
	{ TABLE_RATING_USER, "user's count of ratings", rating_user_links, false, NULL,
	  rating_recount_user, NULL },
	{ TABLE_ITEM, "item's count of ratings", rating_item_links, false, NULL,
	  rating_recount_item, NULL },
	{ TABLE_DATABASE_COUNT, "database's counters", counters_links, false, NULL,
	  rating_recount_database, NULL },
	{ TABLE_STALE, "note of a stale item", stale_links, false, NULL, NULL, NULL },
	{ TABLE_SIMILAR, "list of neighbours", similar_links, false, NULL, NULL, NULL },
	{ TABLE_POPULAR, "list of popular items", popular_links, false, NULL, NULL, NULL },
	{ TABLE_SESSION, "session", session_links, true, NULL, NULL, NULL },
	{ TABLE_SERVICE_KEY, "service key", service_key_links, true, NULL, NULL, NULL },
	{ TABLE_CODE, "code", code_links, true, NULL, NULL, NULL },
	{ TABLE_MAIL, "mail", outbox_links, true, NULL, NULL, NULL },
	{ TABLE_THROTTLE, "throttle", throttle_links, false, NULL, NULL, NULL },
};
const size_t models_count = sizeof(models) / sizeof(models[0]);

/* What an entry in the order of time stands for is its name. */
static bool owner_in_time(struct bytes key, struct bytes value, struct bytes *owner_r)
{
	(void)value;
	return expiry_name(key, owner_r);
}

const struct model_index models_indices[] = {
	{ TABLE_ACCOUNT_LOGIN, TABLE_ACCOUNT, account_login_owner, NULL },
	{ TABLE_ACCOUNT_ORG, TABLE_ACCOUNT, account_member_owner, NULL },
	{ TABLE_ACCOUNT_EPOCH, TABLE_ACCOUNT, account_epoch_owner, NULL },
	{ TABLE_DATABASE_NAME, TABLE_DATABASE, database_name_owner, NULL },
	{ TABLE_RATING_ITEM, TABLE_RATING, NULL, rating_of_entry },
	{ TABLE_SESSION_END, TABLE_SESSION, owner_in_time, NULL },
	{ TABLE_SERVICE_KEY_ACCOUNT, TABLE_SERVICE_KEY, service_key_member_owner, NULL },
	{ TABLE_CODE_END, TABLE_CODE, owner_in_time, NULL },
	{ TABLE_MAIL_DUE, TABLE_MAIL, owner_in_time, NULL },
	{ TABLE_THROTTLE_END, TABLE_THROTTLE, owner_in_time, NULL },
};
const size_t models_index_count = sizeof(models_indices) / sizeof(models_indices[0]);

/* Every table is one or the other: 16 + 10. */
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
