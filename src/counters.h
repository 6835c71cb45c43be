/*
 * How much is in a database: counted as it is written, in the same transactions, so that nobody has to
 * look through it. Apart from the database's own record, which may be large.
 */
#ifndef DOORWARD_COUNTERS_H
#define DOORWARD_COUNTERS_H

#include <stdint.h>

#include "link.h"
#include "store.h"

struct database_counters {
	int64_t ratings;
	int64_t users, items; /* that have a rating */
};

/* Reads the counters of a database, by its ID; all 0 where nothing was counted. */
enum error counters_get(struct txn *txn, const char *database,
			struct database_counters *counters_r);

/* Replaces them; all 0 is no record. */
enum error counters_put(struct txn *txn, const char *database,
			const struct database_counters *counters);

links_fn counters_links;

#endif
