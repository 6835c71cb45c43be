/*
 * Tenant databases (contract section 6): each belongs to an organization and says, forever, of which
 * types its users', items' and sessions' identifiers are.
 */
#ifndef DOORWARD_DATABASE_H
#define DOORWARD_DATABASE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "counters.h"
#include "encode.h"
#include "error.h"
#include "identifier.h"
#include "link.h"
#include "store.h"
#include "text.h"

struct database {
	char id[ID_SIZE];
	char organization[ID_SIZE];
	const char *name, *description; /* borrowed from record, as the next three */
	const char *item_id_type, *user_id_type;
	const char *session_id_type;		    /* NULL when it has none */
	struct json_object *metadata, *core_config; /* objects, borrowed from record */
	bool ready;				    /* it holds a rating */
	struct database_counters counters;
	struct json_object *record;
};

/* Frees what the database holds; all zero is allowed. */
void database_free(struct database *database);

struct database_new {
	const char *organization;
	const char *name, *description;				   /* description: NULL for none */
	const char *item_id_type, *user_id_type, *session_id_type; /* the last: NULL for none */
	struct json_object *metadata, *core_config;		   /* NULL for none; borrowed */
};

/*
 * Makes a database. ERR_DUPLICATED_DATABASE when the organization has one of that name; ERR_FIELDS when
 * metadata or core_config is beyond the limits of merge.h.
 */
enum error database_create(struct txn *txn, const struct database_new *database, char id_r[ID_SIZE],
			   struct failure *failure);

/*
 * Reads a database of an organization by ID, or where id is NULL by name; given both, both must fit.
 * ERR_NO_DATABASE when there is none. The caller frees.
 */
enum error database_find(struct txn *txn, const char *organization, const char *id,
			 const char *name, struct database *database_r, struct failure *failure);

/* The same by ID, and nobody else can change the database until the transaction ends. */
enum error database_find_to_change(struct txn *txn, const char *organization, const char *id,
				   struct database *database_r, struct failure *failure);

/* What to change; NULL leaves things as they are. */
struct database_changes {
	const char *description;
	struct json_object *metadata, *core_config; /* patches, see merge.h; borrowed */
	bool preserve;				    /* lists are appended to */
};

/*
 * Changes a database in memory alone. ERR_FIELDS when metadata or core_config would get beyond the
 * limits of merge.h; the rest may be changed then. Objects that the caller took of it stay as they were.
 */
enum error database_merge(struct database *database, const struct database_changes *changes,
			  struct failure *failure);

/* The same, and writes the database and its entry in lists. Nothing is written after an error. */
enum error database_change(struct txn *txn, struct database *database,
			   const struct database_changes *changes, struct failure *failure);

/* Whether a database is there, by its ID: OK or ERR_ABSENT. */
enum error database_exists(struct txn *txn, const char *id);

/* Says whether a database holds a rating, in its record and its entry in lists. ERR_ABSENT. */
enum error database_set_ready(struct txn *txn, const char *id, bool ready);

/* Compares that with its counters, see recount_fn. */
recount_fn database_recheck;

/*
 * Deletes a database, which is gone for everybody then. What was in it is removed bit by bit by those
 * who write later: see trash.h. ERR_NO_DATABASE.
 */
enum error database_delete(struct txn *txn, const char *organization, const char *id,
			   struct failure *failure);

/*
 * Calls each for an organization's databases in the order of their names, leaving out the first skip
 * of them, until it returns false. entry is the JSON text of what GET databases/ says of one.
 */
typedef bool database_fn(void *arg, struct bytes entry);
enum error database_each(struct txn *txn, const char *organization, int64_t skip, database_fn *each,
			 void *arg);

/* "ready" once it holds a rating, until then "pending". */
const char *database_status(const struct database *database);

/*
 * What the API says of a database wherever it names one: id, name, description and the identifier
 * types. The caller puts it.
 */
struct json_object *database_to_json(const struct database *database);

/* The same and its status: an entry of GET databases/. The caller puts it. */
struct json_object *database_to_entry(const struct database *database);

/* ID and name, as the audit trail's detail. */
#define DATABASE_TITLE_SIZE (ID_SIZE + 1 + NAME_MOST)
void database_title(char title_r[DATABASE_TITLE_SIZE], const char *id, const char *name);

links_fn database_links;
owner_fn database_name_owner;

#endif
