/*
 * A progress bar for long work at a terminal, on standard error. Where that is no terminal, nothing is
 * printed.
 */
#ifndef DOORWARD_PROGRESS_H
#define DOORWARD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what; /* is being done: "checking" */
	int64_t total;	  /* in unit; 0: not known */
	const char *unit; /* "bytes", or what is counted: "records" */
	int64_t done;
	bool shown;
	double started, drawn; /* seconds since the epoch */
};

/* Begins a bar. what and unit must outlive it. */
void progress_begin(struct progress *progress_r, const char *what, int64_t total, const char *unit);

/* So much is done now. Cheap: the bar is drawn anew ten times in a second at most. */
void progress_at(struct progress *progress, int64_t done);

/* Wipes the bar. */
void progress_end(struct progress *progress);

#endif
