/*
 * Verifying a store: every record is one of its model, every record's links hold, every entry of an
 * index is that of a record, every organization has one root account. What the first look finds wrong
 * is looked at again as the only writer before it is reported, so it works while others write.
 */
#ifndef DOORWARD_VERIFY_H
#define DOORWARD_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "store.h"
#include "tables.h"

struct verify_finding {
	const char *table; /* its name */
	const char *key;   /* of the record or the entry, control characters as they are */
	const char *what;  /* is wrong */
	bool mended;
};

typedef void verify_fn(void *arg, const struct verify_finding *finding);

struct verify_options {
	const char *directory; /* for a temporary file */
	bool repair;	       /* write missing entries of indices, remove those of nothing */
	verify_fn *report;     /* is told of each finding */
	void *arg;
};

struct verify_summary {
	uint64_t checked[TABLE__MAX]; /* records or entries */
	uint64_t found, mended;
	uint64_t outlived; /* records that wait to be swept: of deleted accounts and databases */
};

/* Looks at everything. OK also when something is wrong: see the summary. */
enum error verify_store(struct store *store, const struct verify_options *options,
			struct verify_summary *summary_r);

#endif
