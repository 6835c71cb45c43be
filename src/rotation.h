/*
 * How keys come and go. A new key for JWTs that others verify (ES256) is on the list of public keys
 * before it signs, for as long as a list may be kept, so that whoever goes by the list knows every key
 * that signs: next, current, retired. The one before signs meanwhile, and then verifies until what it
 * signed has expired. What only we verify changes at once. Nothing has to run for it: a key's times are
 * in the ring, and each process goes by its clock.
 */
#ifndef DOORWARD_ROTATION_H
#define DOORWARD_ROTATION_H

#include "keyring.h"

struct rotation_policy {
	enum key_algorithm algorithm; /* of new keys for JWTs */
	double ahead;		      /* seconds that a public key is out before it signs */
	double keep[KEY_USE__MAX]; /* seconds that a key verifies after the last that it signed */
};

/* What the configuration says. */
struct rotation_policy rotation_policy(const struct config *config);

/* Adds a new key for each use, and removes those whose time is over. */
enum error keyring_rotate(struct keyring *keyring, const struct rotation_policy *policy);

/*
 * Where the configured algorithm is not that of the newest key for JWTs, adds one of it, as a rotation
 * does. For processes as they start; a ring that is missing is left alone.
 */
enum error keyring_follow(struct keyring *keyring, const struct rotation_policy *policy);

/*
 * Adds a pair as a key for JWTs, as a rotation does, and takes it over. ERR_EXISTS: the name kid is in
 * the ring. ERR_DATA: it is no good name, see key_of_pair().
 */
enum error keyring_import(struct keyring *keyring, const struct rotation_policy *policy,
			  struct es256 *pair, const char *kid);

/*
 * The JWK set (RFC 7517, section 5) of the public keys, or of the one of that name. The caller puts it.
 * *count_r: how many they are; NULL for not asked.
 */
struct json_object *keyring_to_jwks(struct keyring *keyring, const char *kid, size_t *count_r);

#endif
