/*
 * What the unit tests of models share: a store with all tables, an organization and databases in it.
 * Included once by each test program.
 */
#ifndef DOORWARD_UNIT_STORE_H
#define DOORWARD_UNIT_STORE_H

#include "database.h"
#include "organization.h"
#include "tables.h"
#include "unit.h"

static char *folder;
static struct store *store;

/* An empty store in a folder of its own. */
static inline int open_empty_store(void **state)
{
	(void)state;
	folder = unit_make_folder();
	store = store_open(&(struct store_options){ .directory = folder,
						    .tables = table_names,
						    .table_count = TABLE__MAX,
						    .cache = 1 << 20 });
	return store ? 0 : -1;
}

static inline int close_store(void **state)
{
	(void)state;
	store_close(store);
	unit_remove_folder(folder);
	return 0;
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
