#include "tables.h"

const char *const table_names[TABLE__MAX] = {
	[TABLE_ORGANIZATION] = "organization",
	[TABLE_ACCOUNT] = "account",
	[TABLE_ACCOUNT_LOGIN] = "account-login",
	[TABLE_ACCOUNT_ORG] = "account-org",
	[TABLE_ACCOUNT_EPOCH] = "account-epoch",
	[TABLE_DATABASE] = "database",
	[TABLE_DATABASE_NAME] = "database-name",
	[TABLE_DATABASE_COUNT] = "database-count",
	[TABLE_TRASH] = "trash",
	[TABLE_RATING] = "rating",
	[TABLE_RATING_ITEM] = "rating-item",
	[TABLE_RATING_USER] = "rating-user",
	[TABLE_ITEM] = "item",
	[TABLE_STALE] = "stale",
	[TABLE_SIMILAR] = "similar",
	[TABLE_POPULAR] = "popular",
	[TABLE_SESSION] = "session",
	[TABLE_SESSION_END] = "session-end",
	[TABLE_SERVICE_KEY] = "service-key",
	[TABLE_SERVICE_KEY_ACCOUNT] = "service-key-account",
	[TABLE_CODE] = "code",
	[TABLE_CODE_END] = "code-end",
	[TABLE_MAIL] = "mail",
	[TABLE_MAIL_DUE] = "mail-due",
	[TABLE_THROTTLE] = "throttle",
	[TABLE_THROTTLE_END] = "throttle-end",
};

const enum table tables_of_database[] = {
	TABLE_RATING,	      TABLE_RATING_ITEM, TABLE_RATING_USER, TABLE_ITEM,
	TABLE_DATABASE_COUNT, TABLE_STALE,	 TABLE_SIMILAR,	    TABLE_POPULAR,
};
const unsigned tables_of_database_count =
	sizeof(tables_of_database) / sizeof(tables_of_database[0]);
