/*
 * The journal of an import: which records it writes, on disk before they are. An import is all or
 * nothing, but too large for one transaction; so one that did not come to its end is undone by its
 * journal, by whoever finds it.
 */
#ifndef DOORWARD_JOURNAL_H
#define DOORWARD_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "models.h"
#include "store.h"

enum journal_lock {
	JOURNAL_LOCK_ALONE,  /* to import, or to undo */
	JOURNAL_LOCK_SHARED, /* to look at a store that no import is changing */
};

/*
 * Takes the lock of a state directory, for as long as the descriptor is open. -1 when another has it
 * (errno is EWOULDBLOCK then) or it cannot be taken.
 */
int journal_lock(const char *directory, enum journal_lock lock);

/* Whether a journal is there; with the lock held: whether an import did not come to its end. */
bool journal_is_there(const char *directory);

/*
 * Undoes what the journal that is there lists, and removes it; the caller has the lock alone. Can be
 * interrupted and run again. *undone_r: how many records were there to be removed.
 */
enum error journal_undo(struct store *store, const char *directory, uint64_t *undone_r);

struct journal;

/* Begins a journal. NULL, and a line in the log, when it cannot be written. */
struct journal *journal_begin(const char *directory);

/* Lists a record. */
void journal_add(struct journal *journal, const struct model *model, const char *key);

/* Puts on disk what was listed; the records may be written then. ERR_UNAVAILABLE and a log line. */
enum error journal_sync(struct journal *journal);

/* The import came to its end: the journal is removed. ERR_UNAVAILABLE when that is not certain. */
enum error journal_finish(struct journal *journal);

/* Closes and frees; a journal that was not finished stays to be undone. NULL is allowed. */
void journal_close(struct journal *journal);

#endif
