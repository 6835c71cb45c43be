/*
 * Learning: works off the notes of stale items. For each, who rated it is looked up, what else they
 * rated, and which items that makes its neighbours; then the list of popular items is brought up to
 * date. One process does this at a time, and requests never wait for it.
 *
 * What is read of an item is bounded: of its raters a sample, of each one's ratings a sample.
 */
#ifndef DOORWARD_LEARN_H
#define DOORWARD_LEARN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "context.h"
#include "error.h"
#include "progress.h"

/* Raters of an item. A likeness shrunk by SIMILAR_SHRINKAGE rests on hundreds, and not on more. */
#define LEARN_RATERS_MOST 500

/* Ratings of each. Few people rate more; what does is rather a program, and no authority on taste. */
#define LEARN_RATINGS_MOST 500

/* Rows that are looked through for a sample: it is spread over that many. */
#define LEARN_SCANNED_MOST 10000

struct learn_options {
	const char *database;	   /* an ID; NULL: every database */
	bool anew;		   /* all items of that database, also those that are not stale */
	bool wait;		   /* for another process that learns; else this one leaves */
	struct progress *progress; /* begun here, the caller ends it; NULL for none */
};

struct learn_result {
	int64_t items; /* whose neighbours were learned */
	bool left;     /* another process is learning */
	char why[256]; /* it could not begin */
};

/*
 * Works off the notes that there are, each once: those that are made meanwhile wait for the next time.
 * ERR_DATA when it could not begin, or the store's error. It can be killed at any time.
 */
enum error learn(struct context *context, const struct learn_options *options,
		 struct learn_result *result_r);

/*
 * Whether a process should be started that learns: something is stale, and none has begun for some
 * seconds. Cheap.
 */
bool learn_is_due(struct context *context, time_t now);

#endif
