/*
 * Recommendations: items for a user, the best first. An item's score is the sum of its likeness to the
 * items that the user rated, each counting by its rating; see similar.h. Behind those come the popular
 * items, see popular.h, for users of whom little is known.
 *
 * What is read for it does not grow with the database: the constants below bound it.
 */
#ifndef DOORWARD_RECOMMEND_H
#define DOORWARD_RECOMMEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "identifier.h"
#include "store.h"

/* Items in one answer. */
#define RECOMMEND_AMOUNT_MOST 64

/*
 * Items of a listing in all its pages. The 257th best is no recommendation any more; and a cursor, which
 * names all that were shown, still fits into an address.
 */
#define RECOMMEND_LISTED_MOST 256

/* Ratings of a user that are looked through; of those who have more, the first items' in order. */
#define RECOMMEND_RATED_MOST 1000

/*
 * Ratings of these whose items' neighbours are read: the highest, of equal ones the latest. Most of what
 * a request costs; of twice as many the lists in tests/recommend are no better.
 */
#define RECOMMEND_PROFILE_MOST 32

/*
 * A mark of an item that was shown: the beginning of its text's SHA-256. That two of a listing share one
 * happens in one of some ten thousand listings; the later one is not shown then.
 */
typedef uint32_t recommend_mark;

struct recommend_query {
	const char *database, *user;
	int amount; /* 1 to RECOMMEND_AMOUNT_MOST */
	bool exclude_rated;
	recommend_mark shown[RECOMMEND_LISTED_MOST]; /* by earlier pages */
	int shown_count;
};

struct recommendation {
	char items[RECOMMEND_AMOUNT_MOST][IDENTIFIER_SIZE];
	int count;
	bool more;    /* items to come after these */
	bool popular; /* some of these are only popular */
	bool unknown; /* the user has rated nothing */
};

/*
 * Finds the items of the next page. ERR_NOT_READY while the database holds no rating. What several
 * calls of one listing find never has an item twice, whatever changes in between.
 */
enum error recommend(struct txn *txn, const struct recommend_query *query,
		     struct recommendation *recommendation_r);

recommend_mark recommend_mark_of(const char *item);

#endif
