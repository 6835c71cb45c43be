#include <errno.h>
#include <jwt.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "object.h"
#include "token.h"

#define MOST_PART 1536 /* bytes of a decoded part; ours have a third of that */

static bool add_claims(jwt_t *jwt, const char *issuer, const struct claims *claims)
{
	char id[ID_SIZE];

	id_new(id);
	return jwt_add_grant(jwt, "iss", issuer) == 0 &&
	       jwt_add_grant(jwt, "sub", claims->account) == 0 &&
	       jwt_add_grant(jwt, "org", claims->organization) == 0 &&
	       jwt_add_grant(jwt, "role", role_name(claims->role)) == 0 &&
	       jwt_add_grant(jwt, "sid", claims->session) == 0 &&
	       (!*claims->database || jwt_add_grant(jwt, "db", claims->database) == 0) &&
	       (!*claims->user || jwt_add_grant(jwt, "fuid", claims->user) == 0) &&
	       (!*claims->user_session || jwt_add_grant(jwt, "fsid", claims->user_session) == 0) &&
	       jwt_add_grant_int(jwt, "iat", claims->issued) == 0 &&
	       jwt_add_grant_int(jwt, "exp", claims->expires) == 0 &&
	       jwt_add_grant(jwt, "jti", id) == 0;
}

enum error bearer_token_sign(struct keyring *keyring, const char *issuer,
			     const struct claims *claims, char jwt_r[JWT_SIZE])
{
	const struct key *key = keyring_signer(keyring, KEY_USE_JWT);
	enum error result = ERR_SERVER;
	jwt_t *jwt = NULL;
	char *text = NULL;

	if (!key || jwt_new(&jwt) != 0 ||
	    jwt_set_alg(jwt, JWT_ALG_HS256, key->secret, KEY_BYTES) != 0 ||
	    jwt_add_header(jwt, "kid", key->kid) != 0 || !add_claims(jwt, issuer, claims))
		goto err;
	text = jwt_encode_str(jwt);
	if (text && strlen(text) < JWT_SIZE) {
		strcpy(jwt_r, text);
		result = OK;
	}
err:
	if (result != OK)
		log_line(LOG_ERR, "cannot sign a JWT");
	free(text);
	jwt_free(jwt);
	return result;
}

/* Three canonical base64url parts, the first of which is decoded. libjwt would take more texts. */
static bool split(const char *jwt, char header_r[MOST_PART], size_t *size_r)
{
	unsigned char rest[MOST_PART];
	size_t size;

	for (int part = 0; part < 3; part++) {
		size_t length = strcspn(jwt, ".");

		if (length == 0 || jwt[length] != (part < 2 ? '.' : '\0') ||
		    !base64url_decode(part == 0 ? (void *)header_r : rest, MOST_PART,
				      part == 0 ? size_r : &size, jwt, length))
			return false;
		jwt += length + 1;
	}
	return true;
}

/* The key that the header names, if the header's algorithm is that key's (RFC 8725, section 3.1). */
static const struct key *find_key(struct keyring *keyring, struct json_object *header, int64_t now)
{
	const char *alg = object_text(header, "alg"), *kid = object_text(header, "kid");
	size_t count = keyring_count(keyring);

	if (!alg || strcmp(alg, "HS256") != 0 || !kid)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		const struct key *key = keyring_at(keyring, i);

		if (key->use == KEY_USE_JWT && strcmp(key->kid, kid) == 0 &&
		    (key->retires == 0 || key->retires > (double)now))
			return key;
	}
	return NULL;
}

/* 1: the claim was found, 0: it is absent, -1: it is there but of another type, or too long. */
static int text_claim(jwt_t *jwt, const char *name, char *text_r, size_t size)
{
	const char *text = jwt_get_grant(jwt, name);

	text_r[0] = '\0';
	if (!text)
		return errno == ENOENT ? 0 : -1;
	if (!*text || strlen(text) >= size)
		return -1;
	strcpy(text_r, text);
	return 1;
}

static int integer_claim(jwt_t *jwt, const char *name, int64_t *value_r)
{
	errno = 0;
	*value_r = jwt_get_grant_int(jwt, name);
	if (errno)
		return errno == ENOENT ? 0 : -1;
	return 1;
}

static bool read_claims(jwt_t *jwt, const char *issuer, struct claims *claims_r)
{
	const char *iss = jwt_get_grant(jwt, "iss"), *jti = jwt_get_grant(jwt, "jti");
	char role[16];

	return iss && strcmp(iss, issuer) == 0 && jti &&
	       text_claim(jwt, "sub", claims_r->account, ID_SIZE) == 1 &&
	       text_claim(jwt, "org", claims_r->organization, ID_SIZE) == 1 &&
	       text_claim(jwt, "sid", claims_r->session, ID_SIZE) == 1 &&
	       text_claim(jwt, "role", role, sizeof(role)) == 1 &&
	       role_parse(&claims_r->role, role) &&
	       text_claim(jwt, "db", claims_r->database, ID_SIZE) >= 0 &&
	       text_claim(jwt, "fuid", claims_r->user, IDENTIFIER_SIZE) >= 0 &&
	       text_claim(jwt, "fsid", claims_r->user_session, IDENTIFIER_SIZE) >= 0 &&
	       integer_claim(jwt, "iat", &claims_r->issued) == 1 &&
	       integer_claim(jwt, "exp", &claims_r->expires) == 1;
}

enum error bearer_token_verify(struct keyring *keyring, const char *issuer, const char *text,
			       int64_t now, struct claims *claims_r, struct failure *failure)
{
	enum error result = fail(failure, ERR_JWT, "malformed");
	struct json_object *header = NULL;
	const struct key *key;
	char raw[MOST_PART];
	const char *why;
	jwt_t *jwt = NULL;
	size_t size;

	if (!split(text, raw, &size) || !(header = object_parse_strict(raw, size, &why)))
		goto err;
	result = fail(failure, ERR_JWT, "incorrect");
	key = find_key(keyring, header, now);
	if (!key || jwt_decode(&jwt, text, key->secret, KEY_BYTES) != 0 ||
	    jwt_get_alg(jwt) != JWT_ALG_HS256)
		goto err;
	if (!read_claims(jwt, issuer, claims_r))
		result = fail(failure, ERR_JWT, "malformed");
	else if (claims_r->expires <= now)
		result = fail(failure, ERR_JWT_EXPIRED, NULL);
	else
		result = OK;
err:
	if (result == OK)
		failure_clear(failure);
	jwt_free(jwt);
	json_object_put(header);
	return result;
}
