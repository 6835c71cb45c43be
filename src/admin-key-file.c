#include "admin-key-file.h"

#include <gnutls/gnutls.h>
#include <string.h>

#include "object.h"
#include "text.h"

#define WANTED "for ES256 it must be an EC key on the curve P-256"

static const char *pem_fault(int error, gnutls_privkey_t key)
{
	if (error == GNUTLS_E_DECRYPTION_FAILED)
		return "the key is encrypted: decrypt it first, as with openssl pkey";
	if (error == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return "there is no private key in it";
	if (error)
		return "it is neither a private key in PEM nor a JWK";
	if (gnutls_privkey_get_pk_algorithm(key, NULL) != GNUTLS_PK_ECDSA)
		return "it is another kind of key: " WANTED;
	return NULL;
}

static struct es256 *parse_pem(const char *text, size_t size, const char **why_r)
{
	const gnutls_datum_t data = { (void *)(uintptr_t)text, (unsigned)size };
	struct es256 *pair = NULL;
	gnutls_privkey_t key;

	if (gnutls_privkey_init(&key) != 0) {
		*why_r = "out of memory";
		return NULL;
	}
	*why_r = pem_fault(gnutls_privkey_import_x509_raw(key, &data, GNUTLS_X509_FMT_PEM, NULL, 0),
			   key);
	if (!*why_r) {
		pair = es256_from_private(key);
		if (!pair)
			*why_r = "it is for another curve: " WANTED;
	}
	gnutls_privkey_deinit(key);
	return pair;
}

/* Whether a member is absent or this text. */
static bool may_be(struct json_object *jwk, const char *name, const char *wanted)
{
	const char *text = object_text(jwk, name);

	return text ? strcmp(text, wanted) == 0 : !object_member(jwk, name);
}

static const char *jwk_fault(struct json_object *jwk)
{
	const char *kty = object_text(jwk, "kty"), *crv = object_text(jwk, "crv");
	const char *kid = object_text(jwk, "kid");

	if (!kty || strcmp(kty, "EC") != 0)
		return "it is another kind of key: " WANTED;
	if (!crv || strcmp(crv, "P-256") != 0)
		return "it is for another curve: " WANTED;
	if (!may_be(jwk, "alg", "ES256") || !may_be(jwk, "use", "sig"))
		return "its alg or use says that it is for something else";
	if (!object_member(jwk, "d"))
		return "there is no private key in it";
	if (object_member(jwk, "kid") && (!kid || strlen(kid) >= KID_SIZE))
		return "its kid is no text, or too long";
	return NULL;
}

static struct es256 *parse_jwk(const char *text, size_t size, char kid_r[KID_SIZE],
			       const char **why_r)
{
	struct json_object *jwk = object_parse_strict(text, size, why_r);
	struct es256 *pair = NULL;

	if (*why_r)
		return NULL;
	*why_r = jwk_fault(jwk);
	if (!*why_r) {
		pair = es256_from_jwk(jwk);
		if (!pair)
			*why_r = "x, y or d is no number of P-256";
		else if (object_text(jwk, "kid"))
			text_copy(kid_r, KID_SIZE, object_text(jwk, "kid"));
	}
	json_object_put(jwk);
	return pair;
}

struct es256 *key_file_parse(const char *text, size_t size, char kid_r[KID_SIZE],
			     const char **why_r)
{
	size_t space = 0;
	struct es256 *pair;

	kid_r[0] = '\0';
	while (space < size && strchr(" \t\r\n", text[space]))
		space++;
	if (space < size && text[space] == '{')
		pair = parse_jwk(text, size, kid_r, why_r);
	else
		pair = parse_pem(text, size, why_r);
	if (pair && !es256_is_consistent(pair)) {
		es256_free(pair);
		*why_r = "its public and its private part do not belong together";
		return NULL;
	}
	if (pair && !*kid_r)
		es256_thumbprint(pair, kid_r);
	return pair;
}
