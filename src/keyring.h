/*
 * The key ring: the keys that sign tokens, in one file beside the store and not in it, so that a stolen
 * copy of the store cannot forge. A process reads the file again when it has changed, so a rotation
 * reaches them all. Which keys come and go, and when, is for rotation.h to say.
 */
#ifndef DOORWARD_KEYRING_H
#define DOORWARD_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "key.h"

struct keyring;

/* Keys, the newest last. */
struct keys {
	struct key *all;
	size_t count;
};

/*
 * Opens the ring kept in directory. NULL only when out of memory; a file that is missing or cannot be
 * read is logged, and looked for again at each use.
 */
struct keyring *keyring_open(const char *directory);

/* Wipes and frees; NULL is allowed. */
void keyring_close(struct keyring *keyring);

/*
 * Makes the file with one new key for each use, mode 0600; that for JWTs is of the given algorithm.
 * ERR_EXISTS when there is one already: of two processes that try at once, one creates it.
 */
enum error keyring_create(struct keyring *keyring, enum key_algorithm algorithm);

/*
 * The number of keys, and the key at an index, as the file is now. A key stays valid until the next
 * call of any of these functions but keyring_at() and keys_signer().
 */
size_t keyring_count(struct keyring *keyring);
const struct key *keyring_at(const struct keyring *keyring, size_t index);

/*
 * Reads the file again if it has changed. Otherwise that is looked at once in a second: enough for a
 * key that leaves; for one that is new to this process, whoever meets its name asks for it here.
 */
void keyring_refresh(struct keyring *keyring);

/* Grows whenever the keys may have changed, so that what was concluded from them can be dropped. */
uint64_t keyring_generation(const struct keyring *keyring);

/* When the next of the keys that have not retired at now does; INFINITY where none is to. */
double keyring_next_retirement(const struct keyring *keyring, double now);

/*
 * The key that signs for a use: of those that have begun to, the one that did so last. NULL when there
 * is none (the file is missing or damaged).
 */
const struct key *keyring_signer(struct keyring *keyring, enum key_use use);

/*
 * All keys, as the file is now, and of them the one that signs for a use at a time. Valid as a key is.
 */
const struct keys *keyring_keys(struct keyring *keyring);
const struct key *keys_signer(const struct keys *keys, enum key_use use, double now);

/* Adds a key, which it takes over also when it fails: out of memory. */
bool keys_add(struct keys *keys, struct key *key);

/* Changes the keys. Not OK: the file stays as it is. */
typedef enum error keys_change_fn(struct keys *keys, void *arg);

/*
 * Changes the file: reads it, has the keys changed, and replaces it, while others that want to change
 * it wait. What change says if it fails, else ERR_SERVER.
 */
enum error keyring_change(struct keyring *keyring, keys_change_fn *change, void *arg);

#endif
