/*
 * What the parts of the model of ratings share: rating.c, which reads them, rating-write.c,
 * and rating-links.c, which says of each record what it implies and counts anew.
 */
#ifndef DOORWARD_RATING_PRIVATE_H
#define DOORWARD_RATING_PRIVATE_H

#include "rating.h"
#include "record.h"

#define MILLION 1000000

extern const struct record_format rating_format;

/* A rating of which a key and a record tell. */
struct rating_read {
	char user[IDENTIFIER_SIZE], item[IDENTIFIER_SIZE];
	int64_t value; /* in millionths */
	double timestamp;
};

/* A rating's value in millionths. */
static inline int64_t rating_millionths(double value)
{
	return (int64_t)(value * MILLION + 0.5);
}

/* What is counted of a user, or an item. */
struct rating_tally {
	int64_t count;
	int64_t sum; /* of an item's ratings, in millionths, so that adding and taking away is exact */
};

/* The key of a pair in the order given: in TABLE_RATING_ITEM the item comes first. */
struct bytes rating_key(char key_r[RATING_KEY_SIZE], const char *database, const char *first,
			const char *second);

/* What the keys of a user, or an item, begin with; and the key of what is counted of it. */
struct bytes rating_prefix(char key_r[RATING_KEY_SIZE], const char *database, const char *first);
struct bytes rating_tally_key(char key_r[RATING_KEY_SIZE], const char *database, const char *name);

/* The two texts behind the database's ID in a pair's key; false when it is none. */
bool rating_key_parse(struct bytes key, char first_r[IDENTIFIER_SIZE],
		      char second_r[IDENTIFIER_SIZE]);

/* A rating by its key and record; ERR_SERVER, and a line in the log, when it is damaged. */
enum error rating_parse(struct bytes key, struct bytes value, struct rating_read *read_r);

/* Reads a rating; ERR_ABSENT. */
enum error rating_find(struct txn *txn, const char *database, const char *user, const char *item,
		       struct rating_read *read_r);

/* Reads and writes what is counted under a key of TABLE_RATING_USER or TABLE_ITEM; 0 is no record. */
enum error rating_tally_get(struct txn *txn, unsigned table, const char *key,
			    struct rating_tally *tally_r);
enum error rating_tally_put(struct txn *txn, unsigned table, const char *key,
			    const struct rating_tally *tally);
enum error rating_tally_parse(struct bytes value, struct rating_tally *tally_r);

/* One rating more or less, to all that is counted. sum: what it adds to its item's sum. */
enum error rating_count_one(struct txn *txn, const char *database, const char *user,
			    const char *item, int64_t count, int64_t sum);

#endif
