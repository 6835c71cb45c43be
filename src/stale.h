/*
 * Stale items: those whose ratings have changed since their neighbours were last learned. Whoever writes
 * a rating notes its item here, in the same transaction; learn.h works the notes off.
 */
#ifndef DOORWARD_STALE_H
#define DOORWARD_STALE_H

#include <stdbool.h>
#include <stdint.h>

#include "encode.h"
#include "identifier.h"
#include "link.h"
#include "store.h"

#define STALE_WHEN_SIZE 24

/* A note: of what, and when it was made, so that a later one for the same item is told from it. */
struct stale {
	char database[ID_SIZE];
	char item[IDENTIFIER_SIZE];
	char when[STALE_WHEN_SIZE]; /* microseconds since the epoch, in decimal */
};

/* Notes an item; there is never more than one note of it. */
enum error stale_mark(struct txn *txn, const char *database, const char *item);

/* Takes a note back, unless a later one has replaced it. */
enum error stale_clear(struct txn *txn, const struct stale *stale);

/* Whether an item is noted: OK or ERR_ABSENT. */
enum error stale_exists(struct txn *txn, const char *database, const char *item);

/* Whether any is: OK or ERR_ABSENT. */
enum error stale_any(struct txn *txn);

/*
 * Calls each for the notes of a database (NULL: of all), in the order of their texts, behind that of
 * after (NULL: from the first), until it returns false.
 */
typedef bool stale_fn(void *arg, const struct stale *stale);
enum error stale_each(struct txn *txn, const char *database, const struct stale *after,
		      stale_fn *each, void *arg);

links_fn stale_links;

#endif
