/*
 * What the parts of the store share: its transactions in store.c, its environment in store-env.c, its
 * tables in store-table.c, and store-backup.c, which copies it.
 */
#ifndef DOORWARD_STORE_PRIVATE_H
#define DOORWARD_STORE_PRIVATE_H

#include <db.h>

#include "store-locks.h"
#include "store.h"

#define STORE_LOG_BYTES (4 << 20) /* of one log file */

struct store {
	char *directory;
	const char *const *names;
	unsigned count;
	int64_t cache;
	struct store_locks locks;
	bool lost;		  /* an environment was lost; see store_has_lost() */
	DB_ENV *env;		  /* NULL while the environment is not open */
	unsigned commits, writes; /* since the last look whether a checkpoint is due */
	int64_t locked_since;	  /* a page, as far as is known; milliseconds, 0 for not */
	DB *tables[];		  /* NULL while the table is not open */
};

struct txn {
	struct store *store;
	DB_TXN *handle;
	uint32_t begin;	 /* the flags it began with */
	int failed;	 /* the first Berkeley DB error that spoils the transaction; 0 for none */
	unsigned writes; /* how many calls changed something */
	unsigned steps;	 /* records read in a row or written */
};

/*
 * Opens the environment, and waits for a recovery that another process is running. False, and said in
 * the log, when it cannot be used.
 */
bool store_env_open(struct store *store);
void store_env_close(struct store *store);

/* Closes what is open and opens it again, for a reason, an error of Berkeley DB. */
bool store_env_reopen(struct store *store, int reason);

/* What an operator can do about an error of Berkeley DB, for a line in the log. */
const char *store_advice(int error);

/* Opens a table of the environment for store_table(): 0, or Berkeley DB's error. */
int store_open_table(struct store *store, unsigned number);

/* Remembers an error that spoils the transaction; what the caller sees is one code for all. */
enum error store_spoil(struct txn *txn, int error);

/* The table's handle, opened when that has not been done; NULL, and the transaction is spoilt. */
DB *store_table(struct txn *txn, unsigned number);

/* Berkeley DB's messages, to the log. */
void store_on_db_error(const DB_ENV *env, const char *prefix, const char *message);

/* Within a long reading: lets a recovery pass that waits for its end. What was read may be lost then. */
void store_let_recover(struct txn *txn);

#endif
