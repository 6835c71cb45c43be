/*
 * Ratings: what a database's users think of its items, one rating for each pair of them (contract
 * section 8). Users and items are known by the canonical texts of their identifiers (identifier.h) and
 * exist as long as they have a rating. How many ratings a user, an item and the database have is
 * counted in the transaction that changes it, so these numbers are exact.
 *
 * A database is named by its ID; that it exists, and in whose organization, is for the caller to know,
 * in the same transaction: see database_exists(). No function meets another database's ratings.
 */
#ifndef DOORWARD_RATING_H
#define DOORWARD_RATING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counters.h"
#include "encode.h"
#include "identifier.h"
#include "link.h"
#include "store.h"

#define RATING_LEAST 1
#define RATING_MOST 10

/* The longest key of a rating, with its end: database, user, space, item. */
#define RATING_KEY_SIZE (ID_LENGTH + IDENTIFIER_SIZE + IDENTIFIER_SIZE)

struct rating {
	const char *user, *item; /* canonical texts; borrowed */
	double value;		 /* RATING_LEAST to RATING_MOST, kept to a millionth */
	double timestamp;	 /* seconds since the epoch, kept to a microsecond */
};

/* Inserts a rating or replaces the one that the user gave the item before. */
enum error rating_put(struct txn *txn, const char *database, const struct rating *rating);

/*
 * The same for many, in any order, all in the caller's transaction; of two for one pair the later one
 * of the list stands. Much faster than one by one.
 */
enum error rating_put_many(struct txn *txn, const char *database, const struct rating *ratings,
			   size_t count);

/* Reads a user's rating of an item; rating_r borrows user and item. ERR_ABSENT. */
enum error rating_get(struct txn *txn, const char *database, const char *user, const char *item,
		      struct rating *rating_r);

/* Deletes a rating; ERR_ABSENT when there is none. */
enum error rating_delete(struct txn *txn, const char *database, const char *user, const char *item);

/*
 * Deletes some hundred of a user's ratings, or all of them where there are no more. *left_r says how
 * many there are still: the caller goes on in further transactions until it is 0.
 */
enum error rating_delete_user(struct txn *txn, const char *database, const char *user,
			      int64_t *left_r);

/* What the following call, until it returns false. It may read, and write, but not delete ratings. */
typedef bool rating_fn(void *arg, const struct rating *rating);
typedef bool rating_user_fn(void *arg, const char *user);

/* A user's ratings in the order of the items' texts, from an item on; from: NULL for the first. */
enum error rating_each_of_user(struct txn *txn, const char *database, const char *user,
			       const char *from, rating_fn *each, void *arg);

/* Who rated an item, in the order of the users' texts, from a user on; from: NULL for the first. */
enum error rating_each_of_item(struct txn *txn, const char *database, const char *item,
			       const char *from, rating_user_fn *each, void *arg);

/*
 * All of a database's ratings in the order of the users' and then the items' texts: those behind the
 * pair of after, which need not be there (any more); NULL for the beginning.
 */
enum error rating_each(struct txn *txn, const char *database, const struct rating *after,
		       rating_fn *each, void *arg);

/* How many ratings, users and items a database has. */
enum error rating_counters(struct txn *txn, const char *database,
			   struct database_counters *counters_r);

/* How many ratings a user has given; OK and 0 where it is unknown. */
enum error rating_user_count(struct txn *txn, const char *database, const char *user,
			     int64_t *count_r);

struct rating_stats {
	int64_t count; /* of the ratings */
	double sum;
};

/* How many ratings an item has and their sum; OK and 0 where it is unknown. */
enum error rating_item_stats(struct txn *txn, const char *database, const char *item,
			     struct rating_stats *stats_r);

/* Every item of a database in the order of their texts, from one on; from: NULL for the first. */
typedef bool rating_item_fn(void *arg, const char *item, const struct rating_stats *stats);
enum error rating_each_item(struct txn *txn, const char *database, const char *from,
			    rating_item_fn *each, void *arg);

links_fn rating_links, rating_user_links, rating_item_links;
compose_fn rating_of_entry;
count_fn rating_count;
recount_fn rating_recount_user, rating_recount_item, rating_recount_database;

#endif
