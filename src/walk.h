/*
 * Walks: reading a whole table in short transactions, some hundred records each, so that neither the
 * table's size nor what others write meanwhile matters. Each batch goes on behind the last key of the
 * one before, so every record that is there throughout is met once; one that comes or goes meanwhile
 * may be met or not.
 */
#ifndef DOORWARD_WALK_H
#define DOORWARD_WALK_H

#include "store.h"

#define WALK_RECORDS 256	 /* in a batch at most */
#define WALK_BYTES (1024 * 1024) /* of values in a batch, about */

struct walk {
	/* Before each attempt at a batch: forgets what an attempt before has left. */
	void (*begin)(void *arg);
	/* For each record, in a transaction that only reads. */
	enum error (*each)(struct txn *txn, void *arg, struct bytes key, struct bytes value);
	/* After a batch was read. */
	enum error (*end)(void *arg);
	void *arg;
};

/* Walks a table, until a function fails. Returns what failed. end runs outside of transactions. */
enum error walk_table(struct store *store, unsigned table, const struct walk *walk);

/*
 * The same for the records whose keys start with prefix, within a transaction, where a batch is a step
 * (store_step()): so that many can be read while others write.
 */
enum error walk_rows(struct txn *txn, unsigned table, struct bytes prefix, const struct walk *walk);

#endif
