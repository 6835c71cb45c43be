/*
 * Which items go together: how alike two of them are in the eyes of those who rated both, and the list
 * of each item's nearest, which is kept in the store. How they are found is in learn.h.
 *
 * Likeness is the mean-centred cosine (Sarwar, Karypis, Konstan and Riedl 2001, "Item-based collaborative
 * filtering recommendation algorithms", section 3.1.3): each rating counts as what it is above or below
 * its user's mean. It is shrunk by how few it rests on (Bell and Koren 2007, "Improved neighborhood-based
 * collaborative filtering"; Koren 2008, "Factorization meets the neighborhood", section 2.2): two
 * users of one mind are an accident, two hundred are not.
 */
#ifndef DOORWARD_SIMILAR_H
#define DOORWARD_SIMILAR_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "identifier.h"
#include "link.h"
#include "store.h"

/* The score of items that are alike in all eyes, and of ever more of them. */
#define SIMILAR_ALIKE 10000

/*
 * Fewer than so many who rated both say nothing: of a single one, who is shown the other item would
 * learn what that user rated.
 */
#define SIMILAR_USERS_LEAST 2

/*
 * Half of the likeness is believed when so many rated both: the value of Koren 2008. With less of
 * it, rare items lead the lists.
 */
#define SIMILAR_SHRINKAGE 100

/* Sums over those who rated both of two items, of what their ratings are above their means. */
struct similar_sums {
	int64_t users;
	double product, first, second; /* of the two; their squares */
};

/*
 * A user's mean: of count ratings and their sum, and of one more, in the middle of the scale. So who
 * gives nothing but tens likes it all, and is not taken for one to whom everything is the same.
 */
double similar_mean(double sum, int64_t count);

/* Adds one who rated both. */
void similar_add(struct similar_sums *sums, double first, double second);

/* From 0, also for what is unlike, to SIMILAR_ALIKE. Whole, so that no rounding decides on an order. */
int similar_score(const struct similar_sums *sums);

/*
 * The nearest that are kept of an item. Sarwar 2001 finds no gain beyond 30 (experiments with the size of
 * the neighbourhood); some more make up for those that a user has rated already.
 */
#define NEIGHBOURS_MOST 50

struct neighbour {
	char item[IDENTIFIER_SIZE];
	int score;
};

/* The best come first; of equal ones the lesser text. */
struct neighbours {
	struct neighbour list[NEIGHBOURS_MOST];
	int count;
};

/*
 * Puts an item in its place, unless it is there already, its score is 0, or there are enough that are
 * better. True when the list has changed.
 */
bool neighbours_offer(struct neighbours *neighbours, const char *item, int score);

/* Reads the neighbours of an item of a database; none where nothing was learned of it. */
enum error similar_get(struct txn *txn, const char *database, const char *item,
		       struct neighbours *neighbours_r);

/* Replaces them; none is no record. */
enum error similar_put(struct txn *txn, const char *database, const char *item,
		       const struct neighbours *neighbours);

links_fn similar_links;

#endif
