/*
 * ES256 (RFC 7518, section 3.4): ECDSA on the curve P-256 with SHA-256. A key pair stays parsed as long
 * as it lives, so that a signature costs no more than its arithmetic. All of that is GnuTLS's.
 */
#ifndef DOORWARD_ES256_H
#define DOORWARD_ES256_H

#include <gnutls/abstract.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#define ES256_BYTES 32 /* of a coordinate, of the private number, of each half of a signature */
#define ES256_SIGNATURE_BYTES (2 * ES256_BYTES)

struct es256;

/* A new pair; NULL when the system has no random numbers. */
struct es256 *es256_generate(void);

/*
 * The pair that a JWK describes by its members x, y and d (RFC 7518, section 6.2). NULL when one of them
 * is missing or no coordinate of P-256. That they go together is for es256_is_consistent() to say.
 */
struct es256 *es256_from_jwk(struct json_object *jwk);

/* The pair of a private key of any kind. NULL when it is none for P-256. */
struct es256 *es256_from_private(gnutls_privkey_t key);

/* Whether the public key belongs to the private one. As slow as a signature: for keys of others. */
bool es256_is_consistent(const struct es256 *pair);

/* Wipes and frees; NULL is allowed. */
void es256_free(struct es256 *pair);

/* Adds kty, crv, x and y to a JWK: the public key. */
void es256_add_public(const struct es256 *pair, struct json_object *jwk);

/* Adds d: the private key. */
void es256_add_private(const struct es256 *pair, struct json_object *jwk);

/* The public key in PEM (RFC 7468, section 13). The caller frees; NULL when out of memory. */
char *es256_to_pem(const struct es256 *pair);

/* Writes the JWK's thumbprint (RFC 7638): a name that depends on nothing but the key. */
#define ES256_THUMBPRINT_SIZE 44
void es256_thumbprint(const struct es256 *pair, char thumbprint_r[ES256_THUMBPRINT_SIZE]);

/* Signs data: r and s, as JWS has them. */
bool es256_sign(const struct es256 *pair, const void *data, size_t size,
		unsigned char signature_r[ES256_SIGNATURE_BYTES]);

/* Whether the signature of data is the pair's. */
bool es256_verify(const struct es256 *pair, const void *data, size_t size,
		  const unsigned char signature[ES256_SIGNATURE_BYTES]);

#endif
