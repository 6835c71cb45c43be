/*
 * Ratings as CSV (RFC 4180): user_id, item_id, rating and timestamp, with a header that names the
 * columns in any order. Apart from the model, since only the admin command needs it.
 */
#ifndef DOORWARD_RATING_CSV_H
#define DOORWARD_RATING_CSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "database.h"
#include "store.h"

struct rating_csv_options {
	const struct database *database; /* whose ratings are read or written */
	bool dry_run;			 /* only look */
	/* Is told of a line that is wrong. */
	void (*report)(void *arg, int64_t line, const char *why);
	void *arg;
};

struct rating_csv_result {
	int64_t ratings; /* that were read, or written */
	int64_t wrong;	 /* lines */
	char fault[256]; /* why it ended, for people; empty where the log says it */
};

/*
 * Reads ratings from a file that is open and can be read again. It is read twice: first every line is
 * looked at, and when one is wrong nothing is written. Then they are written, some thousand in each
 * transaction: what does not come to its end leaves the first of them, and can be run again, since a
 * rating replaces the one there was. OK also when lines are wrong.
 */
enum error rating_csv_import(struct store *store, int fd, const struct rating_csv_options *options,
			     struct rating_csv_result *result_r);

/*
 * Writes all ratings, in the order of users and items, in short transactions; what others write
 * meanwhile is in it or not.
 */
enum error rating_csv_export(struct store *store, FILE *file,
			     const struct rating_csv_options *options,
			     struct rating_csv_result *result_r);

#endif
