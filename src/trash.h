/*
 * Trash: what was in deleted databases. Deleting a database removes its record, and leaves a note here;
 * the rows of it in other tables, which may be millions, are removed some hundred at a time by whoever
 * writes later. Nobody meets them meanwhile, since the database is not there any more, and a process
 * that dies on the way takes nothing with it.
 */
#ifndef DOORWARD_TRASH_H
#define DOORWARD_TRASH_H

#include <stdbool.h>
#include <stdint.h>

#include "link.h"
#include "store.h"

/* Rows that one who writes removes on the way. */
#define TRASH_FEW 256

/* Notes that a database was deleted. */
enum error trash_add(struct txn *txn, const char *database);

/*
 * Removes up to most rows of deleted databases, and the notes of those that have none left. *removed_r:
 * how many; less than most when there is nothing left.
 */
enum error trash_sweep(struct txn *txn, int64_t most, int64_t *removed_r);

/* The same, of a few, for whoever writes anyway. */
enum error trash_sweep_few(struct txn *txn);

/* Removes all there is, in as many transactions as that takes. */
enum error trash_empty(struct store *store);

/* Whether a row is one that waits to be removed: OK or ERR_ABSENT. */
enum error trash_has(struct txn *txn, unsigned table, struct bytes key);

links_fn trash_links;

#endif
