/*
 * Tastes: what users have rated, and how far above or below their mean, as learning needs it: held in
 * memory by numbers, so that a user who has rated many items being learned is read once.
 */
#ifndef DOORWARD_TASTE_H
#define DOORWARD_TASTE_H

#include <stdint.h>

#include "error.h"
#include "store.h"

/* One rating of a taste. */
struct taste_rating {
	uint32_t item; /* its number */
	float above;   /* the user's mean; less than 0: below */
};

struct taste {
	int count;
	struct taste_rating ratings[];
};

/* The tastes of a database's users. */
struct tastes;

/* NULL when out of memory. The caller frees. */
struct tastes *tastes_new(struct store *store, const char *database);
void tastes_free(struct tastes *tastes);

/* Forgets all tastes, where they have become too many; the numbers of items stay. */
void tastes_trim(struct tastes *tastes);

/* Reads a user's taste, in a transaction of its own, or finds it: borrowed until tastes_trim(). */
enum error tastes_get(struct tastes *tastes, const char *user, const struct taste **taste_r);

/* The number of an item, and how many numbers there are; and the item of a number, borrowed. */
enum error tastes_number(struct tastes *tastes, const char *item, uint32_t *number_r);
uint32_t tastes_items(const struct tastes *tastes);
const char *tastes_item(const struct tastes *tastes, uint32_t number);

#endif
