/*
 * Expiry: tables that say when something is over, in the order of time, so that whoever adds to them
 * can remove a few of those that are due on the way. Nothing else cleans up, and nothing else has to.
 */
#ifndef DOORWARD_EXPIRY_H
#define DOORWARD_EXPIRY_H

#include <stdbool.h>
#include <stdint.h>

#include "store.h"

#define EXPIRY_NAME_MOST 320 /* bytes of a name: the longest is a throttled email at an address */
#define EXPIRY_KEY_SIZE (17 + EXPIRY_NAME_MOST + 1)

/* The key of a note, as a text. */
void expiry_key(char key_r[EXPIRY_KEY_SIZE], char lane, int64_t when, const char *name);

/* The name in a note's key, borrowed from it; false when the key is none of a note. */
bool expiry_name(struct bytes key, struct bytes *name_r);

/*
 * Notes that name is over at a time, in seconds since the epoch. A lane is a part of the table of its
 * own, a letter: those who write to different lanes write to different pages.
 */
enum error expiry_put(struct txn *txn, unsigned table, char lane, int64_t when, const char *name);

/* Takes the note back; OK also when there is none. */
enum error expiry_delete(struct txn *txn, unsigned table, char lane, int64_t when,
			 const char *name);

/* Removes what name stands for; the note itself is gone already. when is what it said. */
typedef enum error expiry_fn(struct txn *txn, const char *name, int64_t when);

/* Calls remove for up to most names of a lane that are over before the time now, and forgets them. */
enum error expiry_sweep(struct txn *txn, unsigned table, char lane, int64_t now, int most,
			expiry_fn *remove);

struct expiry_note {
	int64_t when;
	char name[EXPIRY_NAME_MOST + 1];
};

/*
 * Goes on to the next note of a lane, which is behind this one whether that is there or not; all zero is
 * before the first. ERR_ABSENT at the end.
 */
enum error expiry_next(struct txn *txn, unsigned table, char lane, struct expiry_note *note);

#endif
