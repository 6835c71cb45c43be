#include "tables.h"

const char *const table_names[TABLE__MAX] = {
	[TABLE_ORGANIZATION] = "organization",
	[TABLE_ACCOUNT] = "account",
	[TABLE_ACCOUNT_LOGIN] = "account-login",
	[TABLE_ACCOUNT_ORG] = "account-org",
	[TABLE_ACCOUNT_EPOCH] = "account-epoch",
	[TABLE_DATABASE] = "database",
	[TABLE_DATABASE_NAME] = "database-name",
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
