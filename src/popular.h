/*
 * The items that are well rated by many, for those of whom too little is known: a list per database,
 * kept in the store.
 *
 * An item's place is by its damped mean: of its ratings and of POPULAR_DAMPING more, which are as the
 * database's mean. So a single ten does not lead the list, and what nobody knows is neither good nor bad.
 */
#ifndef DOORWARD_POPULAR_H
#define DOORWARD_POPULAR_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "identifier.h"
#include "link.h"
#include "rating.h"
#include "store.h"

/* Items of a list: as many as a listing of recommendations has in all; see recommend.h. */
#define POPULAR_MOST 256

/* An item needs some dozens of ratings to be known: then its own ratings are half of its damped mean. */
#define POPULAR_DAMPING 25

/* The damped mean of an item's ratings in a database whose mean is mean. */
double popular_score(const struct rating_stats *stats, double mean);

/*
 * Calls each for the popular items of a database, the first first, until it returns false. Where no list
 * was learned yet, of a database's first items, as many as a request may look at.
 */
typedef bool popular_fn(void *arg, const char *item);
enum error popular_each(struct txn *txn, const char *database, popular_fn *each, void *arg);

/*
 * The ratings of so many items have changed: makes the list of a database anew once they are enough.
 * Reads all of its items then.
 */
enum error popular_learn(struct store *store, const char *database, int64_t changed);

links_fn popular_links;

#endif
