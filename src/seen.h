/*
 * What was seen: a set of keys with a number each, in a file of its own that is gone when its process
 * is, so that finding the second of a kind takes no more memory however many there are.
 */
#ifndef DOORWARD_SEEN_H
#define DOORWARD_SEEN_H

#include "store.h"

struct seen;

/* Makes an empty set, its file in directory. NULL, and a line in the log, when that cannot be. */
struct seen *seen_open(const char *directory);

/* Forgets it all; NULL is allowed. */
void seen_close(struct seen *seen);

/*
 * ERR_UNAVAILABLE, from these two, when the file cannot be used; it is in the log then.
 *
 * Notes that kind (a constant) and key were seen, with a number. ERR_EXISTS when they were already:
 * *first_r (not asked for where NULL) is the number then.
 */
enum error seen_add(struct seen *seen, const char *kind, struct bytes key, int64_t number,
		    int64_t *first_r);

/* Whether they were: OK or ERR_ABSENT. */
enum error seen_find(struct seen *seen, const char *kind, struct bytes key);

#endif
