/*
 * The tables of the store: which there are, and what is under which key. Records are JSON; an index
 * holds the ID of a record, or nothing where the key says it all. The model named in each comment is
 * the only one that touches the table.
 */
#ifndef DOORWARD_TABLES_H
#define DOORWARD_TABLES_H

enum table {
	TABLE_ORGANIZATION,	   /* organization.h: ID → record */
	TABLE_ACCOUNT,		   /* account.h: ID → record */
	TABLE_ACCOUNT_LOGIN,	   /* account.h: kind, email in lower case or name → ID */
	TABLE_ACCOUNT_ORG,	   /* account.h: organization, kind, ID → nothing */
	TABLE_ACCOUNT_EPOCH,	   /* account.h: ID → epoch in decimal, read with every token */
	TABLE_DATABASE,		   /* database.h: ID → record */
	TABLE_DATABASE_NAME,	   /* database.h: organization, name → ID, JSON for lists */
	TABLE_DATABASE_COUNT,	   /* counters.h: database ID → record */
	TABLE_TRASH,		   /* trash.h: ID of a deleted database → record */
	TABLE_RATING,		   /* rating.h: database ID, user, space, item → record */
	TABLE_RATING_ITEM,	   /* rating.h: database ID, item, space, user → nothing */
	TABLE_RATING_USER,	   /* rating.h: database ID, user → record */
	TABLE_ITEM,		   /* rating.h: database ID, item → record */
	TABLE_STALE,		   /* stale.h: database ID, item → when it was noted */
	TABLE_SIMILAR,		   /* similar.h: database ID, item → record */
	TABLE_POPULAR,		   /* popular.h: database ID → record */
	TABLE_SESSION,		   /* session.h: ID → record */
	TABLE_SESSION_END,	   /* session.h: expiry of its refresh token, ID → nothing */
	TABLE_SERVICE_KEY,	   /* service-key.h: ID → record */
	TABLE_SERVICE_KEY_ACCOUNT, /* service-key.h: account ID, ID → nothing */
	TABLE_CODE,		   /* code.h: purpose, account ID → record */
	TABLE_CODE_END,		   /* code.h: expiry, purpose, account ID → nothing */
	TABLE_MAIL,		   /* outbox.h: ID → record */
	TABLE_MAIL_DUE,		   /* outbox.h: when to try next, ID → nothing */
	TABLE_THROTTLE,		   /* throttle.h: subject → record */
	TABLE_THROTTLE_END,	   /* throttle.h: when it is forgotten, subject → nothing */
	TABLE__MAX
};

extern const char *const table_names[TABLE__MAX];

/* Those whose keys begin with the ID of the database that a row is in. */
extern const enum table tables_of_database[];
extern const unsigned tables_of_database_count;

#endif
