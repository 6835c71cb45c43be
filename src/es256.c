#include "es256.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "object.h"

#define CURVE GNUTLS_ECC_CURVE_SECP256R1
#define NUMBER_SIZE (BASE64URL_LENGTH(ES256_BYTES) + 1)

struct es256 {
	gnutls_privkey_t private;
	gnutls_pubkey_t public;
	unsigned char x[ES256_BYTES], y[ES256_BYTES], d[ES256_BYTES];
};

void es256_free(struct es256 *pair)
{
	if (!pair)
		return;
	gnutls_privkey_deinit(pair->private);
	gnutls_pubkey_deinit(pair->public);
	explicit_bzero(pair, sizeof(*pair));
	free(pair);
}

/* A number of ASN.1, which may have a zero before it or none of its own, in so many bytes. */
static bool to_bytes(unsigned char bytes_r[ES256_BYTES], const gnutls_datum_t *number)
{
	const unsigned char *from = number->data;
	size_t size = number->size;

	for (; size > ES256_BYTES && *from == 0; size--)
		from++;
	if (size > ES256_BYTES)
		return false;
	memset(bytes_r, 0, ES256_BYTES - size);
	memcpy(bytes_r + ES256_BYTES - size, from, size);
	return true;
}

static void free_secret(gnutls_datum_t *number)
{
	if (number->data)
		explicit_bzero(number->data, number->size);
	gnutls_free(number->data);
}

/* Makes GnuTLS's keys of the numbers. Takes over the pair: NULL, and it is freed, when that fails. */
static struct es256 *parsed(struct es256 *pair)
{
	gnutls_datum_t x = { pair->x, ES256_BYTES }, y = { pair->y, ES256_BYTES };
	gnutls_datum_t d = { pair->d, ES256_BYTES };

	if (gnutls_privkey_init(&pair->private) == 0 && gnutls_pubkey_init(&pair->public) == 0 &&
	    gnutls_privkey_import_ecc_raw(pair->private, CURVE, &x, &y, &d) == 0 &&
	    gnutls_pubkey_import_ecc_raw(pair->public, CURVE, &x, &y) == 0)
		return pair;
	es256_free(pair);
	return NULL;
}

struct es256 *es256_from_private(gnutls_privkey_t key)
{
	gnutls_datum_t x = { NULL, 0 }, y = { NULL, 0 }, d = { NULL, 0 };
	gnutls_ecc_curve_t curve;
	struct es256 *pair = NULL;

	if (gnutls_privkey_export_ecc_raw(key, &curve, &x, &y, &d) != 0)
		return NULL;
	if (curve == CURVE)
		pair = calloc(1, sizeof(*pair));
	if (pair && to_bytes(pair->x, &x) && to_bytes(pair->y, &y) && to_bytes(pair->d, &d)) {
		pair = parsed(pair);
	} else {
		es256_free(pair);
		pair = NULL;
	}
	gnutls_free(x.data);
	gnutls_free(y.data);
	free_secret(&d);
	return pair;
}

struct es256 *es256_generate(void)
{
	struct es256 *pair = NULL;
	gnutls_privkey_t key;

	if (gnutls_privkey_init(&key) != 0)
		return NULL;
	if (gnutls_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(CURVE), 0) == 0)
		pair = es256_from_private(key);
	gnutls_privkey_deinit(key);
	return pair;
}

static bool read_number(unsigned char bytes_r[ES256_BYTES], struct json_object *jwk,
			const char *name)
{
	const char *text = object_text(jwk, name);
	size_t size;

	return text && base64url_decode(bytes_r, ES256_BYTES, &size, text, strlen(text)) &&
	       size == ES256_BYTES;
}

struct es256 *es256_from_jwk(struct json_object *jwk)
{
	struct es256 *pair = calloc(1, sizeof(*pair));

	if (pair && read_number(pair->x, jwk, "x") && read_number(pair->y, jwk, "y") &&
	    read_number(pair->d, jwk, "d"))
		return parsed(pair);
	es256_free(pair);
	return NULL;
}

bool es256_is_consistent(const struct es256 *pair)
{
	return gnutls_privkey_verify_params(pair->private) == 0;
}

static void add_number(struct json_object *jwk, const char *name,
		       const unsigned char bytes[ES256_BYTES])
{
	char text[NUMBER_SIZE];

	base64url_encode(text, bytes, ES256_BYTES);
	object_add_text(jwk, name, text);
	explicit_bzero(text, sizeof(text));
}

void es256_add_public(const struct es256 *pair, struct json_object *jwk)
{
	object_add_text(jwk, "kty", "EC");
	object_add_text(jwk, "crv", "P-256");
	add_number(jwk, "x", pair->x);
	add_number(jwk, "y", pair->y);
}

void es256_add_private(const struct es256 *pair, struct json_object *jwk)
{
	add_number(jwk, "d", pair->d);
}

char *es256_to_pem(const struct es256 *pair)
{
	gnutls_datum_t pem;
	char *text;

	if (gnutls_pubkey_export2(pair->public, GNUTLS_X509_FMT_PEM, &pem) != 0)
		return NULL;
	text = strndup((const char *)pem.data, pem.size);
	gnutls_free(pem.data);
	return text;
}

void es256_thumbprint(const struct es256 *pair, char thumbprint_r[ES256_THUMBPRINT_SIZE])
{
	char x[NUMBER_SIZE], y[NUMBER_SIZE], text[160];

	base64url_encode(x, pair->x, ES256_BYTES);
	base64url_encode(y, pair->y, ES256_BYTES);
	/* the order of the members and the absence of spaces are the RFC's (section 3.3) */
	snprintf(text, sizeof(text), "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}",
		 x, y);
	digest_text(thumbprint_r, text);
}

/*
 * Not by GNUTLS_PRIVKEY_FLAG_REPRODUCIBLE (RFC 6979): that is for systems whose random numbers may be bad,
 * and it is GnuTLS's lesser-used path, which leaked through its timing once (CVE-2024-28834).
 */
bool es256_sign(const struct es256 *pair, const void *data, size_t size,
		unsigned char signature_r[ES256_SIGNATURE_BYTES])
{
	const gnutls_datum_t text = { (void *)(uintptr_t)data, (unsigned)size };
	gnutls_datum_t der = { NULL, 0 }, r = { NULL, 0 }, s = { NULL, 0 };
	bool good;

	good = gnutls_privkey_sign_data2(pair->private, GNUTLS_SIGN_ECDSA_SHA256, 0, &text, &der) ==
		       0 &&
	       gnutls_decode_rs_value(&der, &r, &s) == 0 && to_bytes(signature_r, &r) &&
	       to_bytes(signature_r + ES256_BYTES, &s);
	gnutls_free(der.data);
	gnutls_free(r.data);
	gnutls_free(s.data);
	return good;
}

bool es256_verify(const struct es256 *pair, const void *data, size_t size,
		  const unsigned char signature[ES256_SIGNATURE_BYTES])
{
	const gnutls_datum_t text = { (void *)(uintptr_t)data, (unsigned)size };
	const gnutls_datum_t r = { (void *)(uintptr_t)signature, ES256_BYTES };
	const gnutls_datum_t s = { (void *)(uintptr_t)(signature + ES256_BYTES), ES256_BYTES };
	gnutls_datum_t der;
	bool good;

	if (gnutls_encode_rs_value(&der, &r, &s) != 0)
		return false;
	good = gnutls_pubkey_verify_data2(pair->public, GNUTLS_SIGN_ECDSA_SHA256, 0, &text, &der) >=
	       0;
	gnutls_free(der.data);
	return good;
}
