/*
 * Copies of a store, while others write to it.
 */
#ifndef DOORWARD_STORE_BACKUP_H
#define DOORWARD_STORE_BACKUP_H

#include "progress.h"
#include "store.h"

/*
 * Copies the store to an existing, empty folder, which holds everything then that was committed before
 * the call, and may hold what is committed meanwhile. It is no store that can be opened until
 * store_recover() has made one of it. ERR_UNAVAILABLE, and a line in the log, when it cannot be done.
 */
enum error store_backup(struct store *store, const char *target, struct progress *progress);

/*
 * Makes a store of a copy that nobody has open: runs catastrophic recovery, then looks at every page of
 * every table. ERR_SERVER, and lines in the log, when it is damaged.
 */
enum error store_recover(const char *directory);

#endif
