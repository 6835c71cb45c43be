/*
 * JWTs as JWS in compact form (RFC 7515, section 7.1): header.payload.signature. Every part of it that
 * could go wrong is a library's: json-c, jansson, nettle's base64url and HMAC, GnuTLS's ECDSA.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "log.h"
#include "object.h"
#include "token.h"

#define HEADER_MOST 512	  /* bytes; ours have 50 to 80 */
#define PAYLOAD_MOST 1024 /* bytes; ours have up to 600 */

/* The three parts of a token. */
struct parts {
	const char *header, *payload, *signature;
	size_t header_length, payload_length, signature_length;
};

static void add_unless_empty(struct json_object *object, const char *name, const char *text)
{
	object_add_text(object, name, *text ? text : NULL);
}

static struct json_object *payload_of(const char *issuer, const struct claims *claims)
{
	struct json_object *payload = json_object_new_object();
	char id[ID_SIZE];

	id_new(id);
	object_add_text(payload, "iss", issuer);
	object_add_text(payload, "sub", claims->account);
	object_add_text(payload, "org", claims->organization);
	object_add_text(payload, "role", role_name(claims->role));
	object_add_text(payload, "sid", claims->session);
	add_unless_empty(payload, "db", claims->database);
	add_unless_empty(payload, "key", claims->key);
	add_unless_empty(payload, "fuid", claims->user);
	add_unless_empty(payload, "fsid", claims->user_session);
	object_add_integer(payload, "epoch", claims->epoch);
	object_add_integer(payload, "iat", claims->issued);
	object_add_integer(payload, "exp", claims->expires);
	object_add_text(payload, "jti", id);
	return payload;
}

enum error bearer_token_sign(struct keyring *keyring, const char *issuer,
			     const struct claims *claims, char jwt_r[JWT_SIZE])
{
	const struct key *key = keyring_signer(keyring, KEY_USE_JWT);
	struct json_object *payload;
	unsigned char signature[KEY_SIGNATURE_MOST];
	size_t size, length, signed_size;
	const char *text;

	if (!key) {
		log_line(LOG_ERR, "no key to sign a JWT with");
		return ERR_SERVER;
	}
	payload = payload_of(issuer, claims);
	text = object_to_text(payload, &size);
	if (size > PAYLOAD_MOST) {
		json_object_put(payload);
		return ERR_SERVER;
	}
	length = (size_t)snprintf(jwt_r, JWT_SIZE, "%s.", key->header);
	base64url_encode(jwt_r + length, text, size);
	json_object_put(payload);
	length += BASE64URL_LENGTH(size);
	signed_size = key_sign(key, jwt_r, length, signature);
	if (signed_size == 0) {
		log_line(LOG_ERR, "the key %s does not sign", key->kid);
		return ERR_SERVER;
	}
	jwt_r[length] = '.';
	base64url_encode(jwt_r + length + 1, signature, signed_size);
	return OK;
}

/* False unless there are exactly three parts, none of them empty. */
static bool split(const char *jwt, struct parts *parts_r)
{
	parts_r->header = jwt;
	parts_r->header_length = strcspn(jwt, ".");
	if (parts_r->header_length == 0 || !jwt[parts_r->header_length])
		return false;
	parts_r->payload = jwt + parts_r->header_length + 1;
	parts_r->payload_length = strcspn(parts_r->payload, ".");
	if (parts_r->payload_length == 0 || !parts_r->payload[parts_r->payload_length])
		return false;
	parts_r->signature = parts_r->payload + parts_r->payload_length + 1;
	parts_r->signature_length = strcspn(parts_r->signature, ".");
	return parts_r->signature_length > 0 && !parts_r->signature[parts_r->signature_length];
}

/* Whether a part is canonical base64url of anything up to a token's size. */
static bool is_base64url(const char *part, size_t length)
{
	unsigned char data[JWT_SIZE];
	size_t size;

	return base64url_decode(data, sizeof(data), &size, part, length);
}

static const struct key *find_kid(struct keyring *keyring, const char *kid, int64_t now)
{
	size_t count = keyring_count(keyring);

	for (size_t i = 0; i < count; i++) {
		const struct key *key = keyring_at(keyring, i);

		if (key->use == KEY_USE_JWT && strcmp(key->kid, kid) == 0 &&
		    key_is_good(key, (double)now))
			return key;
	}
	return NULL;
}

/*
 * The key that the header names. Its algorithm must be the key's, whatever else would verify (RFC
 * 8725, section 3.1), and nothing may be in it that must be understood and is not (RFC 7515, section
 * 4.1.11). Keys that it brings along or points to (jwk, jku, x5c, x5u) are nobody's. NULL when there is
 * no such key.
 */
static const struct key *find_key(struct keyring *keyring, struct json_object *header, int64_t now)
{
	const char *alg = object_text(header, "alg"), *kid = object_text(header, "kid");
	const char *typ = object_text(header, "typ");
	const struct key *key;

	if (!alg || !kid || object_member(header, "crit") || (typ && strcasecmp(typ, "JWT") != 0))
		return NULL;
	key = find_kid(keyring, kid, now);
	if (!key) {
		keyring_refresh(keyring); /* a rotation this very second */
		key = find_kid(keyring, kid, now);
	}
	return key && strcmp(alg, key_algorithm_name(key->algorithm)) == 0 ? key : NULL;
}

static bool is_signed(const struct key *key, const struct parts *parts)
{
	unsigned char signature[KEY_SIGNATURE_MOST];
	size_t size;

	return base64url_decode(signature, sizeof(signature), &size, parts->signature,
				parts->signature_length) &&
	       key_verify(key, parts->header, parts->header_length + 1 + parts->payload_length,
			  signature, size);
}

/* 1: the claim was found, 0: it is absent, -1: it is there but of another type, or too long. */
static int text_claim(struct json_object *payload, const char *name, char *text_r, size_t size)
{
	const char *text = object_text(payload, name);

	text_r[0] = '\0';
	if (!text)
		return object_member(payload, name) ? -1 : 0;
	if (!*text || strlen(text) >= size)
		return -1;
	strcpy(text_r, text);
	return 1;
}

static int integer_claim(struct json_object *payload, const char *name, int64_t *value_r)
{
	struct json_object *value = object_member(payload, name);

	*value_r = object_integer(payload, name, 0);
	if (!value)
		return 0;
	return json_object_is_type(value, json_type_int) ? 1 : -1;
}

static bool read_claims(struct json_object *payload, const char *issuer, struct claims *claims_r)
{
	const char *iss = object_text(payload, "iss");
	char role[16], id[64];

	return iss && strcmp(iss, issuer) == 0 &&
	       text_claim(payload, "sub", claims_r->account, ID_SIZE) == 1 &&
	       text_claim(payload, "org", claims_r->organization, ID_SIZE) == 1 &&
	       text_claim(payload, "sid", claims_r->session, ID_SIZE) == 1 &&
	       text_claim(payload, "role", role, sizeof(role)) == 1 &&
	       role_parse(&claims_r->role, role) &&
	       text_claim(payload, "db", claims_r->database, ID_SIZE) >= 0 &&
	       text_claim(payload, "key", claims_r->key, ID_SIZE) >= 0 &&
	       text_claim(payload, "fuid", claims_r->user, IDENTIFIER_SIZE) >= 0 &&
	       text_claim(payload, "fsid", claims_r->user_session, IDENTIFIER_SIZE) >= 0 &&
	       integer_claim(payload, "epoch", &claims_r->epoch) == 1 &&
	       integer_claim(payload, "iat", &claims_r->issued) == 1 &&
	       integer_claim(payload, "exp", &claims_r->expires) == 1 &&
	       text_claim(payload, "jti", id, sizeof(id)) == 1;
}

/* The claims of a payload that is ours, since its signature is. */
static enum error judge_claims(const struct parts *parts, const char *issuer, int64_t now,
			       struct claims *claims_r, struct failure *failure)
{
	struct json_object *payload;
	char text[PAYLOAD_MOST];
	bool good;
	size_t size;

	if (!base64url_decode(text, sizeof(text), &size, parts->payload, parts->payload_length))
		return fail(failure, ERR_JWT, "malformed");
	payload = object_parse_own(text, size);
	good = read_claims(payload, issuer, claims_r);
	json_object_put(payload);
	if (!good)
		return fail(failure, ERR_JWT, "malformed");
	if (claims_r->expires <= now)
		return fail(failure, ERR_JWT_EXPIRED, NULL);
	return OK;
}

/* The parsed header, which the caller puts; NULL when it is none. */
static struct json_object *read_header(const struct parts *parts)
{
	char text[HEADER_MOST];
	struct json_object *header;
	const char *why;
	size_t size;

	if (!base64url_decode(text, sizeof(text), &size, parts->header, parts->header_length))
		return NULL;
	header = object_parse_strict(text, size, &why);
	if (json_object_is_type(header, json_type_object))
		return header;
	json_object_put(header);
	return NULL;
}

enum error bearer_token_verify(struct keyring *keyring, const char *issuer, const char *jwt,
			       int64_t now, struct claims *claims_r, struct failure *failure)
{
	struct json_object *header;
	const struct key *key;
	struct parts parts;

	if (!split(jwt, &parts) || !is_base64url(parts.payload, parts.payload_length) ||
	    !is_base64url(parts.signature, parts.signature_length) ||
	    !(header = read_header(&parts)))
		return fail(failure, ERR_JWT, "malformed");
	key = find_key(keyring, header, now);
	json_object_put(header);
	if (!key || !is_signed(key, &parts))
		return fail(failure, ERR_JWT, "incorrect");
	return judge_claims(&parts, issuer, now, claims_r, failure);
}
