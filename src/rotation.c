#include "rotation.h"

#include <float.h>
#include <string.h>

#include "encode.h"

/*
 * Seconds that every wait is longer than it need be: answers that are under way, which a request may take
 * ([server] request_limit), processes that have not looked at the ring for a second, clocks that are set.
 */
#define MARGIN 10

struct rotation_policy rotation_policy(const struct config *config)
{
	return (struct rotation_policy){
		.algorithm = config->algorithm,
		.ahead = (double)config->jwks_max_age + MARGIN,
		.keep = {
			[KEY_USE_JWT] = (double)config->jwt_lifetime + MARGIN,
			[KEY_USE_REFRESH] = (double)config->refresh_lifetime + MARGIN,
		},
	};
}

/* One change of the ring. */
struct change {
	const struct rotation_policy *policy;
	double now;
	struct key *key; /* to be imported */
};

static struct change change_now(const struct rotation_policy *policy)
{
	return (struct change){ .policy = policy, .now = time_now() };
}

/*
 * When the oldest list of public keys was handed out that somebody may still go by. Until then a key whose
 * time is over stays in the ring, for others_have_a_list() to find.
 */
static double oldest_list(const struct change *change)
{
	return change->now - change->policy->ahead;
}

/* An empty list is kept by nobody: where there is no other, the first public key need not wait. */
static bool others_have_a_list(const struct keys *keys, const struct change *change)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (key_is_public(&keys->all[i], oldest_list(change)))
			return true;
	}
	return false;
}

static void remove_expired(struct keys *keys, double before)
{
	size_t left = 0;

	for (size_t i = 0; i < keys->count; i++) {
		if (key_is_good(&keys->all[i], before)) {
			if (left < i) {
				keys->all[left] = keys->all[i];
				explicit_bzero(&keys->all[i], sizeof(struct key));
			}
			left++;
		} else {
			key_clear(&keys->all[i]);
		}
	}
	keys->count = left;
}

/*
 * Takes back what a clock wrote that was far ahead, lest a new key waits for that one's time as well: no
 * other has a key start so late. The one that signs meanwhile goes on until the new one starts; others that
 * would start are never to sign. Who was to retire after one of these is to retire after the new one.
 */
static void set_right(struct keys *keys, enum key_use use, const struct change *change)
{
	const struct key *signer = keys_signer(keys, use, change->now);
	double latest = change->now + JWKS_MAX_AGE_MOST + MARGIN, first = DBL_MAX;

	for (size_t i = 0; i < keys->count; i++) {
		struct key *key = &keys->all[i];

		if (key->use != use || key->starts <= latest)
			continue;
		if (key->starts < first)
			first = key->starts;
		key->starts = key == signer ? change->now : 0;
	}
	for (size_t i = 0; i < keys->count; i++) {
		if (keys->all[i].use == use && keys->all[i].retires > first)
			keys->all[i].retires = 0;
	}
}

/*
 * Adds a key after those of its use, and says when they retire: when what they sign until it starts has
 * expired. It never starts before one that is waiting, so that the newest is the last to sign. Keys whose
 * time is over go.
 */
static enum error succeed(struct keys *keys, struct key *key, const struct change *change)
{
	set_right(keys, key->use, change);
	key->starts = change->now;
	if (key->algorithm == KEY_ES256 && others_have_a_list(keys, change))
		key->starts += change->policy->ahead;
	for (size_t i = 0; i < keys->count; i++) {
		if (keys->all[i].use == key->use && keys->all[i].starts > key->starts)
			key->starts = keys->all[i].starts;
	}
	for (size_t i = 0; i < keys->count; i++) {
		if (keys->all[i].use == key->use && keys->all[i].retires == 0)
			keys->all[i].retires = key->starts + change->policy->keep[key->use];
	}
	remove_expired(keys, oldest_list(change));
	return keys_add(keys, key) ? OK : ERR_SERVER;
}

static enum error add_new(struct keys *keys, enum key_use use, const struct change *change)
{
	struct key key;

	if (!key_new(&key, use, use == KEY_USE_JWT ? change->policy->algorithm : KEY_HS256))
		return ERR_SERVER;
	return succeed(keys, &key, change);
}

static enum error rotate(struct keys *keys, void *arg)
{
	const struct change *change = arg;
	enum error error = OK;

	for (enum key_use use = 0; !error && use < KEY_USE__MAX; use++)
		error = add_new(keys, use, change);
	return error;
}

enum error keyring_rotate(struct keyring *keyring, const struct rotation_policy *policy)
{
	struct change change = change_now(policy);

	return keyring_change(keyring, rotate, &change);
}

/* Whether the newest key for JWTs is of the configured algorithm. */
static bool is_followed(const struct keys *keys, enum key_algorithm algorithm)
{
	for (size_t i = keys->count; i > 0; i--) {
		if (keys->all[i - 1].use == KEY_USE_JWT)
			return keys->all[i - 1].algorithm == algorithm;
	}
	return false;
}

static enum error follow(struct keys *keys, void *arg)
{
	const struct change *change = arg;

	if (is_followed(keys, change->policy->algorithm))
		return ERR_EXISTS; /* another process was faster */
	return add_new(keys, KEY_USE_JWT, change);
}

enum error keyring_follow(struct keyring *keyring, const struct rotation_policy *policy)
{
	struct change change = change_now(policy);
	const struct keys *keys = keyring_keys(keyring);
	enum error error;

	if (keys->count == 0 || is_followed(keys, policy->algorithm))
		return OK;
	error = keyring_change(keyring, follow, &change);
	return error == ERR_EXISTS ? OK : error;
}

static enum error import(struct keys *keys, void *arg)
{
	const struct change *change = arg;

	for (size_t i = 0; i < keys->count; i++) {
		if (strcmp(keys->all[i].kid, change->key->kid) == 0)
			return ERR_EXISTS;
	}
	return succeed(keys, change->key, change);
}

enum error keyring_import(struct keyring *keyring, const struct rotation_policy *policy,
			  struct es256 *pair, const char *kid)
{
	struct change change = change_now(policy);
	struct key key;
	enum error error = ERR_DATA;

	change.key = &key;
	if (key_of_pair(&key, pair, kid))
		error = keyring_change(keyring, import, &change);
	key_clear(&key); /* what the ring has taken over is all zero here */
	return error;
}

struct json_object *keyring_to_jwks(struct keyring *keyring, const char *kid, size_t *count_r)
{
	struct json_object *jwks = json_object_new_object(), *list = json_object_new_array();
	const struct keys *keys;
	double now = time_now();

	keyring_refresh(keyring); /* a list may be kept for long: it must not be a second old */
	keys = keyring_keys(keyring);
	for (size_t i = 0; i < keys->count; i++) {
		const struct key *key = &keys->all[i];

		if (key_is_public(key, now) && (!kid || strcmp(kid, key->kid) == 0))
			json_object_array_add(list, key_to_jwk(key));
	}
	if (count_r)
		*count_r = json_object_array_length(list);
	json_object_object_add(jwks, "keys", list);
	return jwks;
}
