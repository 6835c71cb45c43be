/*
 * What the unit tests of models share: a store with all tables, an organization and databases in it.
 */
#ifndef DOORWARD_UNIT_STORE_H
#define DOORWARD_UNIT_STORE_H

#include "database.h"
#include "organization.h"
#include "tables.h"
#include "unit.h"

/* The caller closes it. */
static inline struct store *unit_open_store(const char *folder)
{
	struct store *store = store_open(&(struct store_options){ .directory = folder,
								  .tables = table_names,
								  .table_count = TABLE__MAX,
								  .cache = 1 << 20 });

	if (!store)
		abort();
	return store;
}

static inline enum error unit_make_organization(struct txn *txn, char id_r[ID_SIZE])
{
	struct failure failure = { .code = OK };

	return organization_create(txn,
				   &(struct organization_new){ .name = "Example",
							       .root_email = "root@example.com",
							       .root_password = "x" },
				   id_r, &failure);
}

static inline enum error unit_make_database(struct txn *txn, const char *organization,
					    const char *name, char id_r[ID_SIZE])
{
	struct failure failure = { .code = OK };

	return database_create(txn,
			       &(struct database_new){ .organization = organization,
						       .name = name,
						       .item_id_type = "urlsafe8",
						       .user_id_type = "urlsafe8" },
			       id_r, &failure);
}

#endif
