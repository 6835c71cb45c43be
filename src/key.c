#include "key.h"

#include <gnutls/gnutls.h>
#include <string.h>

#include "encode.h"
#include "object.h"
#include "text.h"

static const char *const uses[KEY_USE__MAX] = {
	[KEY_USE_JWT] = "jwt",
	[KEY_USE_REFRESH] = "refresh",
};

static const char *const states[] = {
	[KEY_NEXT] = "next",
	[KEY_CURRENT] = "current",
	[KEY_RETIRED] = "retired",
	[KEY_EXPIRED] = "expired",
};

/* HS256: RFC 7518, section 3.2. */
static void set_mac(struct key *key)
{
	hmac_sha256_set_key(&key->mac, KEY_BYTES, key->secret);
}

static bool make_secret(struct key *key)
{
	unsigned char raw[6];

	random_bytes(raw, sizeof(raw));
	base64url_encode(key->kid, raw, sizeof(raw));
	random_bytes(key->secret, KEY_BYTES);
	set_mac(key);
	return true;
}

static bool read_secret(struct key *key, struct json_object *object)
{
	const char *secret = object_text(object, "secret");
	size_t size;

	if (!secret || !base64url_decode(key->secret, KEY_BYTES, &size, secret, strlen(secret)) ||
	    size != KEY_BYTES)
		return false;
	set_mac(key);
	return true;
}

static void write_secret(const struct key *key, struct json_object *object)
{
	char secret[BASE64URL_LENGTH(KEY_BYTES) + 1];

	base64url_encode(secret, key->secret, KEY_BYTES);
	object_add_text(object, "secret", secret);
	explicit_bzero(secret, sizeof(secret));
}

void key_mac(const struct key *key, const void *data, size_t size, unsigned char mac_r[KEY_BYTES])
{
	struct hmac_sha256_ctx mac = key->mac;

	hmac_sha256_update(&mac, size, data);
	hmac_sha256_digest(&mac, KEY_BYTES, mac_r);
	explicit_bzero(&mac, sizeof(mac));
}

static bool sign_mac(const struct key *key, const void *data, size_t size,
		     unsigned char signature_r[KEY_SIGNATURE_MOST])
{
	key_mac(key, data, size, signature_r);
	return true;
}

static bool verify_mac(const struct key *key, const void *data, size_t size,
		       const unsigned char *signature)
{
	unsigned char computed[KEY_BYTES];

	key_mac(key, data, size, computed);
	return gnutls_memcmp(signature, computed, KEY_BYTES) == 0;
}

/* ES256: RFC 7518, section 3.4. No name that on a command line would be an option. */
static bool make_pair(struct key *key)
{
	do {
		es256_free(key->pair);
		key->pair = es256_generate();
		if (!key->pair)
			return false;
		es256_thumbprint(key->pair, key->kid);
	} while (key->kid[0] == '-');
	return true;
}

static bool read_pair(struct key *key, struct json_object *object)
{
	key->pair = es256_from_jwk(object);
	return key->pair != NULL;
}

static void write_pair(const struct key *key, struct json_object *object)
{
	es256_add_public(key->pair, object);
	es256_add_private(key->pair, object);
}

static bool sign_by_pair(const struct key *key, const void *data, size_t size,
			 unsigned char signature_r[KEY_SIGNATURE_MOST])
{
	return es256_sign(key->pair, data, size, signature_r);
}

static bool verify_by_pair(const struct key *key, const void *data, size_t size,
			   const unsigned char *signature)
{
	return es256_verify(key->pair, data, size, signature);
}

static const struct {
	const char *name;
	size_t signature_bytes;
	bool (*make)(struct key *key); /* the secret, and the kid */
	bool (*read)(struct key *key, struct json_object *object);
	void (*write)(const struct key *key, struct json_object *object);
	bool (*sign)(const struct key *key, const void *data, size_t size,
		     unsigned char signature_r[KEY_SIGNATURE_MOST]);
	bool (*verify)(const struct key *key, const void *data, size_t size,
		       const unsigned char *signature);
} algorithms[KEY_ALGORITHM__MAX] = {
	[KEY_HS256] = { "HS256", KEY_BYTES, make_secret, read_secret, write_secret, sign_mac,
			verify_mac },
	[KEY_ES256] = { "ES256", ES256_SIGNATURE_BYTES, make_pair, read_pair, write_pair,
			sign_by_pair, verify_by_pair },
};

const char *key_use_name(enum key_use use)
{
	return uses[use];
}

const char *key_algorithm_name(enum key_algorithm algorithm)
{
	return algorithms[algorithm].name;
}

const char *key_state_name(enum key_state state)
{
	return states[state];
}

static void set_header(struct key *key)
{
	struct json_object *header = json_object_new_object();
	const char *text;
	size_t size;

	object_add_text(header, "alg", algorithms[key->algorithm].name);
	object_add_text(header, "kid", key->kid);
	object_add_text(header, "typ", "JWT");
	text = object_to_text(header, &size);
	if (BASE64URL_LENGTH(size) < KEY_HEADER_SIZE)
		base64url_encode(key->header, text, size);
	json_object_put(header);
}

static bool is_kid(const char *kid)
{
	static const char good[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:";

	return *kid && strlen(kid) < KID_SIZE && kid[strspn(kid, good)] == '\0';
}

bool key_new(struct key *key_r, enum key_use use, enum key_algorithm algorithm)
{
	memset(key_r, 0, sizeof(*key_r));
	key_r->use = use;
	key_r->algorithm = algorithm;
	key_r->created = key_r->starts = time_now();
	if (!algorithms[algorithm].make(key_r))
		return false;
	set_header(key_r);
	return true;
}

bool key_of_pair(struct key *key_r, struct es256 *pair, const char *kid)
{
	memset(key_r, 0, sizeof(*key_r));
	key_r->use = KEY_USE_JWT;
	key_r->algorithm = KEY_ES256;
	key_r->pair = pair;
	key_r->created = key_r->starts = time_now();
	if (!is_kid(kid))
		return false;
	text_copy(key_r->kid, KID_SIZE, kid);
	set_header(key_r);
	return true;
}

void key_clear(struct key *key)
{
	es256_free(key->pair);
	explicit_bzero(key, sizeof(*key));
}

static bool find_use(const char *name, enum key_use *use_r)
{
	for (*use_r = 0; name && *use_r < KEY_USE__MAX; ++*use_r) {
		if (strcmp(uses[*use_r], name) == 0)
			return true;
	}
	return false;
}

static bool find_algorithm(const char *name, enum key_algorithm *algorithm_r)
{
	for (*algorithm_r = 0; name && *algorithm_r < KEY_ALGORITHM__MAX; ++*algorithm_r) {
		if (strcmp(algorithms[*algorithm_r].name, name) == 0)
			return true;
	}
	return false;
}

bool key_from_json(struct key *key_r, struct json_object *object)
{
	const char *kid = object_text(object, "kid");

	memset(key_r, 0, sizeof(*key_r));
	if (!kid || !is_kid(kid) || !find_use(object_text(object, "use"), &key_r->use) ||
	    !find_algorithm(object_text(object, "alg"), &key_r->algorithm) ||
	    (key_r->use == KEY_USE_REFRESH && key_r->algorithm != KEY_HS256) ||
	    !algorithms[key_r->algorithm].read(key_r, object)) {
		key_clear(key_r);
		return false;
	}
	text_copy(key_r->kid, KID_SIZE, kid);
	set_header(key_r);
	key_r->created = object_number(object, "created", 0);
	key_r->starts = object_number(object, "starts", key_r->created);
	key_r->retires = object_number(object, "retires", 0);
	return true;
}

struct json_object *key_to_json(const struct key *key)
{
	struct json_object *object = json_object_new_object();

	object_add_text(object, "kid", key->kid);
	object_add_text(object, "alg", algorithms[key->algorithm].name);
	object_add_text(object, "use", uses[key->use]);
	algorithms[key->algorithm].write(key, object);
	object_add_time(object, "created", key->created);
	object_add_time(object, "starts", key->starts);
	if (key->retires > 0)
		object_add_time(object, "retires", key->retires);
	return object;
}

struct json_object *key_to_jwk(const struct key *key)
{
	struct json_object *jwk = json_object_new_object();

	es256_add_public(key->pair, jwk);
	object_add_text(jwk, "kid", key->kid);
	object_add_text(jwk, "use", "sig");
	object_add_text(jwk, "alg", algorithms[key->algorithm].name);
	return jwk;
}

size_t key_sign(const struct key *key, const void *data, size_t size,
		unsigned char signature_r[KEY_SIGNATURE_MOST])
{
	return algorithms[key->algorithm].sign(key, data, size, signature_r)
		       ? algorithms[key->algorithm].signature_bytes
		       : 0;
}

bool key_verify(const struct key *key, const void *data, size_t size, const void *signature,
		size_t signature_size)
{
	return signature_size == algorithms[key->algorithm].signature_bytes &&
	       algorithms[key->algorithm].verify(key, data, size, signature);
}

bool key_is_good(const struct key *key, double now)
{
	return key->retires == 0 || key->retires > now;
}

bool key_is_public(const struct key *key, double now)
{
	return key->algorithm == KEY_ES256 && key_is_good(key, now);
}

enum key_state key_state(const struct key *key, bool signs, double now)
{
	if (!key_is_good(key, now))
		return KEY_EXPIRED;
	if (signs)
		return KEY_CURRENT;
	return key->starts > now ? KEY_NEXT : KEY_RETIRED;
}
