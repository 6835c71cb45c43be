/*
 * The key ring: the secrets that sign tokens, in one file beside the store and not in it, so that a
 * stolen copy of the store cannot forge. Every key has one algorithm and one use (RFC 8725, section
 * 3.1). A process reads the file again when it has changed, so a rotation reaches them all.
 */
#ifndef DOORWARD_KEYRING_H
#define DOORWARD_KEYRING_H

#include <nettle/hmac.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define KEY_BYTES 32 /* the output size of SHA-256, what RFC 7518 section 3.2 asks of HS256 */
#define KEY_ALGORITHM "HS256" /* of every key there is so far */
#define KID_SIZE 16
#define KEY_HEADER_SIZE 128

enum key_use { KEY_USE_JWT, KEY_USE_REFRESH, KEY_USE__MAX };

struct key {
	char kid[KID_SIZE]; /* letters and digits; unique in the ring */
	enum key_use use;
	char header[KEY_HEADER_SIZE]; /* of the JWTs it signs (RFC 7515, section 4), in base64url */
	unsigned char secret[KEY_BYTES];
	struct hmac_sha256_ctx mac; /* keyed, so that a signature costs no more than its text */
	double created;
	double retires; /* when it stops verifying; 0 while it is the one that signs */
};

struct keyring;

/*
 * Opens the ring kept in directory. NULL only when out of memory; a file that is missing or cannot be
 * read is logged, and looked for again at each use.
 */
struct keyring *keyring_open(const char *directory);

/* Wipes and frees; NULL is allowed. */
void keyring_close(struct keyring *keyring);

/*
 * Makes the file with one new key for each use, mode 0600. ERR_EXISTS when there is one already: of
 * two processes that try at once, one creates it.
 */
enum error keyring_create(struct keyring *keyring);

/*
 * Adds a new key for each use; those that signed so far go on verifying for the given seconds, and
 * keys whose time is over leave the ring.
 */
enum error keyring_rotate(struct keyring *keyring, const int64_t keep[KEY_USE__MAX]);

/*
 * The number of keys, and the key at an index, as the file is now. A key stays valid until the next
 * call of keyring_count() or keyring_signer().
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

/* The key that signs for a use; NULL when there is none (the file is missing or damaged). */
const struct key *keyring_signer(struct keyring *keyring, enum key_use use);

/* Writes the HMAC-SHA256 (RFC 2104) of data under the key. */
void key_mac(const struct key *key, const void *data, size_t size, unsigned char mac_r[KEY_BYTES]);

/* The key's use in the file and for people. */
const char *key_use_name(enum key_use use);

#endif
