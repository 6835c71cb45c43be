/*
 * Import: records from a file into the store, all of them or none. The file is read twice. First every
 * line is looked at, with all others and with what the store holds, and nothing is written. Then the
 * records are written some hundred at a time, since other processes go on meanwhile; what is written is
 * in a journal, by which it is undone when the import does not come to its end (journal.h).
 */
#ifndef DOORWARD_IMPORT_H
#define DOORWARD_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "source.h"
#include "store.h"

struct import_options {
	const struct source_format *format;
	struct source_defaults defaults;
	const char *directory; /* the state directory: for the journal and a temporary file */
	bool dry_run;	       /* only look */
	/* Is told of a line that is wrong. */
	void (*report)(void *arg, int64_t line, const char *why);
	void *arg;
};

struct import_result {
	uint64_t records[TABLE__MAX]; /* that were written, or would be */
	uint64_t wrong;		      /* lines */
	uint64_t undone;	      /* records that were written before it failed */
	char fault[512];	      /* why it failed, for people; empty where the log says it */
};

/*
 * Imports from a file that is open for reading and can be read again. The caller has the journal's lock
 * alone, and has undone what was left. OK also when lines are wrong; then nothing is written.
 */
enum error import_file(struct store *store, int fd, const struct import_options *options,
		       struct import_result *result_r);

#endif
