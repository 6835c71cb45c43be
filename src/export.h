/*
 * Export: everything in the store as JSON lines. First a header, then an object for each record, last a
 * line that says how many there were and their SHA-256, so that a file cut short is noticed. Indices
 * are not in it, since the records say what is in them; nor is what throttles, nor are the keys that
 * sign tokens, which are not in the store.
 *
 * An export made while others write holds what was there when it began, in the state in which it was
 * met, less what was deleted before it was met. So everything that a record needs is in it too.
 */
#ifndef DOORWARD_EXPORT_H
#define DOORWARD_EXPORT_H

#include <stdint.h>

#include "progress.h"
#include "store.h"

#define EXPORT_VERSION 1

/* The names in a header and a last line, which import reads. */
#define EXPORT_MARK "doorward"
#define EXPORT_MARK_VALUE "export"

struct export_result {
	uint64_t records;
	char fault[512]; /* what was wrong, for people, where it is known; else empty */
};

/* Writes to fd. total: how many records there are about, for the progress bar. */
enum error export_store(struct store *store, int fd, struct progress *progress,
			struct export_result *result_r);

#endif
