/*
 * One key of the ring: what signs a JWT or a refresh token. It has one algorithm and one use (RFC 8725,
 * section 3.1), and a time from which it signs and one at which it stops verifying.
 */
#ifndef DOORWARD_KEY_H
#define DOORWARD_KEY_H

#include <json-c/json.h>
#include <nettle/hmac.h>
#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "es256.h"

#define KEY_BYTES 32 /* the output size of SHA-256, what RFC 7518 section 3.2 asks of HS256 */
#define KEY_SIGNATURE_MOST ES256_SIGNATURE_BYTES
#define KID_SIZE 64
#define KEY_HEADER_SIZE 160

enum key_use { KEY_USE_JWT, KEY_USE_REFRESH, KEY_USE__MAX };

/* In the order of a key's life. */
enum key_state {
	KEY_NEXT,    /* known to who verifies; will sign */
	KEY_CURRENT, /* signs, unless a later one has begun to */
	KEY_RETIRED, /* verifies what it signed */
	KEY_EXPIRED, /* is to leave the ring */
};

struct key {
	char kid[KID_SIZE]; /* unique in the ring */
	enum key_use use;
	enum key_algorithm algorithm;
	char header[KEY_HEADER_SIZE]; /* of the JWTs it signs (RFC 7515, section 4), in base64url */
	unsigned char secret[KEY_BYTES]; /* of HS256 */
	struct hmac_sha256_ctx mac; /* keyed, so that a signature costs no more than its text */
	struct es256 *pair;	    /* of ES256; owned */
	double created;
	double starts;	/* when it begins to sign; 0: never, as any other has started later */
	double retires; /* when it stops verifying; 0 while that is not known */
};

/* Makes a new key that signs from now on. False when that cannot be. The caller clears it. */
bool key_new(struct key *key_r, enum key_use use, enum key_algorithm algorithm);

/*
 * Makes a key for JWTs of a pair, which it takes over. False when kid is no name of letters, digits, "-",
 * "_", "." and ":", or too long. The caller clears it in any case.
 */
bool key_of_pair(struct key *key_r, struct es256 *pair, const char *kid);

/* Wipes and frees what it holds. */
void key_clear(struct key *key);

/* Reads a key of the ring's file. False when it is none, and nothing is to be cleared then. */
bool key_from_json(struct key *key_r, struct json_object *object);

/* What stands for it in the ring's file, with its secret. The caller puts it. */
struct json_object *key_to_json(const struct key *key);

/* The public key as a JWK (RFC 7517, section 4). The caller puts it. Only for ES256. */
struct json_object *key_to_jwk(const struct key *key);

/* Writes the HMAC-SHA256 (RFC 2104) of data under the key, which must be one of HS256. */
void key_mac(const struct key *key, const void *data, size_t size, unsigned char mac_r[KEY_BYTES]);

/* Signs data by the key's algorithm. Returns the signature's size, 0 when that failed. */
size_t key_sign(const struct key *key, const void *data, size_t size,
		unsigned char signature_r[KEY_SIGNATURE_MOST]);

/* Whether the signature of data is the key's. */
bool key_verify(const struct key *key, const void *data, size_t size, const void *signature,
		size_t signature_size);

/* Whether it verifies at a time. */
bool key_is_good(const struct key *key, double now);

/* Whether others verify by it, or will: a key of ES256 whose time is not over. */
bool key_is_public(const struct key *key, double now);

/* Where in its life it is, if it is the one of its use that signs, and if not. */
enum key_state key_state(const struct key *key, bool signs, double now);

/* In the file and for people. The algorithm's is also that of RFC 7518, section 3.1. */
const char *key_use_name(enum key_use use);
const char *key_algorithm_name(enum key_algorithm algorithm);
const char *key_state_name(enum key_state state);

#endif
