/* How keys come and go, and who is told of them. */
#include <math.h>
#include <sys/stat.h>

#include "object.h"
#include "ring.h"
#include "verified.h"

static const struct rotation_policy secret_policy = { KEY_HS256, 100, { 1000, 2000 } };

static size_t listed(const char *kid)
{
	size_t count;

	json_object_put(keyring_to_jwks(keyring, kid, &count));
	return count;
}

/* The ring with all its times moved: what it is so many seconds later. */
static void pass(double seconds)
{
	char *path = unit_path(folder, "keys.json");
	struct json_object *root = json_object_from_file(path), *list, *value;
	static const char *const times[] = { "created", "starts", "retires" };

	json_object_object_get_ex(root, "keys", &list);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		for (size_t k = 0; k < ROWS(times); k++) {
			if (json_object_object_get_ex(json_object_array_get_idx(list, i), times[k],
						      &value))
				json_object_set_double(value,
						       json_object_get_double(value) - seconds);
		}
	}
	assert_int_equal(json_object_to_file(path, root), 0);
	json_object_put(root);
	free(path);
	keyring_refresh(keyring);
}

static const char *state_of(const char *kid)
{
	for (size_t i = 0; i < keyring_count(keyring); i++) {
		const struct key *key = keyring_at(keyring, i);

		if (strcmp(key->kid, kid) == 0)
			return key_state_name(key_state(
				key, key == keyring_signer(keyring, KEY_USE_JWT), time_now()));
	}
	return "gone";
}

static void newest(char kid_r[KID_SIZE])
{
	for (size_t i = 0; i < keyring_count(keyring); i++) {
		if (keyring_at(keyring, i)->use == KEY_USE_JWT)
			strcpy(kid_r, keyring_at(keyring, i)->kid);
	}
}

static void published_before_it_signs(void **state)
{
	char first[KID_SIZE], second[KID_SIZE], old[JWT_SIZE], late[JWT_SIZE], new[JWT_SIZE];

	(void)state;
	newest(first);
	sign(old);
	assert_int_equal(listed(NULL), 1);
	assert_int_equal(keyring_rotate(keyring, &policy), OK);
	newest(second);
	assert_string_not_equal(first, second);
	assert_int_equal(listed(NULL), 2);
	assert_int_equal(listed(second), 1);
	assert_string_equal(state_of(first), "current");
	assert_string_equal(state_of(second), "next");

	pass(98); /* the list of before the rotation may still be kept */
	sign(late);
	assert_string_equal(state_of(first), "current");
	pass(3);
	sign(new);
	assert_string_equal(state_of(first), "retired");
	assert_string_equal(state_of(second), "current");
	assert_string_equal(keyring_signer(keyring, KEY_USE_JWT)->kid, second);
	assert_int_equal(listed(NULL), 2);
	assert_int_equal(verify(old), OK);
	assert_int_equal(verify(late), OK);
	assert_int_equal(verify(new), OK);

	pass(990); /* what the first one signed last is about to expire */
	assert_int_equal(listed(first), 1);
	assert_int_equal(verify_at(late, (int64_t)time_now()), OK);
	pass(12);
	assert_string_equal(state_of(first), "expired");
	assert_int_equal(listed(first), 0);
	assert_int_equal(verify_at(late, (int64_t)time_now()), ERR_JWT);
	assert_int_equal(verify_at(new, (int64_t)time_now()), OK);
	pass(100); /* nobody goes by a list with it any more */
	assert_int_equal(keyring_rotate(keyring, &policy), OK);
	assert_string_equal(state_of(first), "gone");
}

/* One after the other, and with another overlap each: whoever signs verifies for as long as is due. */
static void rotations_in_a_row(void **state)
{
	struct rotation_policy hasty = policy;
	char token[JWT_SIZE];

	(void)state;
	assert_int_equal(keyring_rotate(keyring, &policy), OK);
	hasty.ahead = 0;
	assert_int_equal(keyring_rotate(keyring, &hasty), OK);
	pass(50);
	assert_int_equal(keyring_rotate(keyring, &policy), OK);
	for (int seconds = 0; seconds < 1300; seconds += 10) {
		const struct key *signer;

		sign(token);
		signer = keyring_signer(keyring, KEY_USE_JWT);
		if (signer->retires > 0 && signer->retires < time_now() + policy.keep[KEY_USE_JWT])
			unit_fail("after %d s %s signs and retires too soon\n", seconds,
				  signer->kid);
		assert_int_equal(listed(signer->kid), 1);
		pass(10);
	}
	assert_int_equal(listed(NULL), 1);
}

/* A running system is switched to ES256, back, and to ES256 again. */
static void the_algorithm_is_followed(void **state)
{
	char first[JWT_SIZE], second[JWT_SIZE], third[JWT_SIZE], kid[KID_SIZE];
	uint64_t generation;

	(void)state;
	sign(first);
	generation = keyring_generation(keyring);
	assert_int_equal(keyring_follow(keyring, &policy), OK);
	assert_int_equal(keyring_generation(keyring), generation);
	assert_int_equal(keyring_count(keyring), 2);

	assert_int_equal(keyring_follow(keyring, &secret_policy), OK);
	assert_int_equal(keyring_follow(keyring, &secret_policy), OK);
	assert_int_equal(keyring_count(keyring), 3);
	assert_int_equal(keyring_signer(keyring, KEY_USE_JWT)->algorithm, KEY_HS256);
	sign(second);
	assert_int_equal(verify(first), OK);
	assert_int_equal(listed(NULL), 1);

	assert_int_equal(keyring_follow(keyring, &policy), OK);
	newest(kid);
	assert_string_equal(state_of(kid), "next"); /* the first one's list may be kept */
	assert_int_equal(keyring_signer(keyring, KEY_USE_JWT)->algorithm, KEY_HS256);
	pass(101);
	assert_string_equal(state_of(kid), "current");
	sign(third);
	assert_int_equal(verify(first), OK);
	assert_int_equal(verify(second), OK);
	assert_int_equal(verify(third), OK);

	/* when the last one's time is over, a list with it may still be kept, also if it is rotated out */
	assert_int_equal(keyring_follow(keyring, &secret_policy), OK);
	pass(1050);
	assert_int_equal(listed(NULL), 0);
	assert_int_equal(keyring_rotate(keyring, &secret_policy), OK);
	assert_int_equal(keyring_follow(keyring, &policy), OK);
	newest(kid);
	assert_string_equal(state_of(kid), "next");

	/* long after, there is no list, and nobody waits for one */
	assert_int_equal(keyring_follow(keyring, &secret_policy), OK);
	pass(1300);
	assert_int_equal(listed(NULL), 0);
	assert_int_equal(verify_at(third, (int64_t)time_now()), ERR_JWT);
	assert_int_equal(keyring_follow(keyring, &policy), OK);
	newest(kid);
	assert_string_equal(state_of(kid), "current");
}

static void a_clock_that_is_behind(void **state)
{
	char token[JWT_SIZE], first[KID_SIZE];

	(void)state;
	newest(first);
	assert_int_equal(keyring_rotate(keyring, &policy), OK);
	pass(-1e8);
	sign(token);
	assert_string_equal(keyring_signer(keyring, KEY_USE_JWT)->kid, first);
	assert_int_equal(verify(token), OK);
}

#define DAY 86400.0

/* The clock was ahead when the ring was made: a rotation counts all the same. */
static void made_by_a_clock_that_was_ahead(void **state)
{
	char old[JWT_SIZE], late[JWT_SIZE], first[KID_SIZE], second[KID_SIZE];

	(void)state;
	newest(first);
	sign(old);
	pass(-30 * DAY);
	assert_int_equal(keyring_rotate(keyring, &policy), OK);
	newest(second);
	assert_string_equal(state_of(first), "current");
	assert_string_equal(state_of(second), "next");
	assert_string_equal(keyring_signer(keyring, KEY_USE_REFRESH)->kid,
			    keyring_at(keyring, 3)->kid);
	pass(98);
	sign(late);
	assert_string_equal(state_of(first), "current");
	pass(3);
	assert_string_equal(state_of(first), "retired");
	assert_string_equal(state_of(second), "current");
	assert_int_equal(verify(late), OK);
	pass(1000);
	assert_string_equal(state_of(first), "expired");
	assert_int_equal(verify_at(old, (int64_t)time_now()), ERR_JWT);
	assert_int_equal(verify_at(late, (int64_t)time_now()), ERR_JWT);
	pass(1000); /* a refresh token's time is over, too */
	assert_int_equal(keyring_rotate(keyring, &policy), OK);
	assert_string_equal(state_of(first), "gone");
	assert_int_equal(keyring_count(keyring), 4);
}

/* The clock was ahead in rotations: who signed before goes on, and retires as after any other. */
static void rotated_by_a_clock_that_was_ahead(void **state)
{
	char first[KID_SIZE], wrong[2][KID_SIZE], last[KID_SIZE];

	(void)state;
	newest(first);
	for (size_t i = 0; i < ROWS(wrong); i++) {
		pass(30 * DAY);
		assert_int_equal(keyring_rotate(keyring, &policy), OK);
		newest(wrong[i]);
		pass(-30 * DAY);
	}
	assert_string_equal(state_of(first), "current");
	assert_int_equal(keyring_rotate(keyring, &policy), OK);
	newest(last);
	assert_string_equal(keyring_signer(keyring, KEY_USE_REFRESH)->kid,
			    keyring_at(keyring, 7)->kid);
	/* lists that know only the first may be kept */
	assert_string_equal(state_of(first), "current");
	assert_string_equal(state_of(last), "next");
	pass(101);
	assert_string_equal(state_of(last), "current");
	pass(1000);
	assert_string_equal(state_of(first), "expired");
	for (size_t i = 0; i < ROWS(wrong); i++)
		assert_string_equal(state_of(wrong[i]), "expired");
	assert_int_equal(listed(NULL), 1);
}

/* The longest wait that can be configured is no clock's fault. */
static void the_longest_wait_is_kept(void **state)
{
	struct rotation_policy slow = policy;
	char first[KID_SIZE], second[KID_SIZE], third[KID_SIZE];

	(void)state;
	slow.ahead = DAY + 10;
	newest(first);
	assert_int_equal(keyring_rotate(keyring, &slow), OK);
	newest(second);
	assert_int_equal(keyring_rotate(keyring, &policy), OK);
	newest(third);
	pass(DAY);
	assert_string_equal(state_of(first), "current");
	assert_string_equal(state_of(second), "next");
	assert_string_equal(state_of(third), "next");
	pass(11);
	assert_string_equal(state_of(third), "current");
}

static void names_are_no_options(void **state)
{
	(void)state;
	for (int i = 0; i < 300; i++) {
		struct key key;

		assert_true(key_new(&key, KEY_USE_JWT, KEY_ES256));
		assert_int_not_equal(key.kid[0], '-');
		key_clear(&key);
	}
}

static void no_secret_is_listed(void **state)
{
	struct json_object *jwks, *list, *jwk;
	static const char *const names[] = { "kty", "crv", "x", "y", "kid", "use", "alg" };

	(void)state;
	assert_int_equal(keyring_rotate(keyring, &policy), OK);
	jwks = keyring_to_jwks(keyring, NULL, NULL);
	json_object_object_get_ex(jwks, "keys", &list);
	assert_int_equal(json_object_array_length(list), 2);
	for (size_t i = 0; i < 2; i++) {
		jwk = json_object_array_get_idx(list, i);
		assert_int_equal(json_object_object_length(jwk), ROWS(names));
		for (size_t k = 0; k < ROWS(names); k++)
			assert_true(json_object_object_get_ex(jwk, names[k], NULL));
	}
	json_object_put(jwks);
}

/* Fills the file with keys for refresh tokens up to so many bytes. */
static void fill_up(const char *path, size_t size)
{
	struct json_object *root = json_object_from_file(path), *list, *one;

	json_object_object_get_ex(root, "keys", &list);
	one = json_object_array_get_idx(list, 1);
	assert_string_equal(json_object_get_string(json_object_object_get(one, "use")), "refresh");
	object_add_time(one, "retires", time_now() + 1e6);
	for (size_t each =
		     strlen(json_object_to_json_string_ext(one, JSON_C_TO_STRING_PRETTY)) + 40;
	     size > each; size -= each)
		json_object_array_add(list, json_object_get(one));
	assert_int_equal(json_object_to_file_ext(path, root, JSON_C_TO_STRING_PRETTY), 0);
	json_object_put(root);
	keyring_refresh(keyring);
}

/* Rotated again and again within a lifetime, the ring is full at last: it then stays as it is. */
static void a_full_ring_stays_good(void **state)
{
	int errors = dup(STDERR_FILENO), rotations = 0;
	char *path = unit_path(folder, "keys.json"), token[JWT_SIZE];
	struct stat before, after;

	(void)state;
	fill_up(path, 500 << 10);
	if (!freopen("/dev/null", "w", stderr))
		abort();
	while (rotations < 1000 && keyring_rotate(keyring, &policy) == OK)
		rotations++;
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(keyring_rotate(keyring, &policy), ERR_SERVER);
	fflush(stderr);
	dup2(errors, STDERR_FILENO);
	close(errors);
	assert_in_range(rotations, 1, 999);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	sign(token);
	assert_int_equal(verify(token), OK);
	free(path);
}

/* What was remembered of a token is good until a key retires, which changes no file. */
static void remembered_until_a_key_retires(void **state)
{
	struct verified *verified = verified_open();
	const struct claims claims = { .session = "session" }, *found;
	double now = time_now(), until;

	(void)state;
	assert_true(isinf(keyring_next_retirement(keyring, now)));
	assert_int_equal(keyring_rotate(keyring, &policy), OK);
	keyring_refresh(keyring);
	until = keyring_next_retirement(keyring, now);
	assert_true(until > now && !isinf(until));
	assert_true(isinf(keyring_next_retirement(keyring, until + policy.keep[KEY_USE_REFRESH])));
	verified_remember(verified, "header.claims.mac", 7, until, &claims);
	found = verified_find(verified, "header.claims.mac", 7, until - 1);
	assert_non_null(found);
	assert_string_equal(found->session, "session");
	assert_null(verified_find(verified, "header.claims.mac", 7, until));
	assert_null(verified_find(verified, "header.claims.mac", 8, until - 1));
	assert_null(verified_find(verified, "header.claims.mad", 7, until - 1));
	verified_close(verified);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RING_TEST(published_before_it_signs),
		RING_TEST(rotations_in_a_row),
		RING_TEST(the_algorithm_is_followed),
		RING_TEST(a_clock_that_is_behind),
		RING_TEST(made_by_a_clock_that_was_ahead),
		RING_TEST(rotated_by_a_clock_that_was_ahead),
		RING_TEST(the_longest_wait_is_kept),
		cmocka_unit_test(names_are_no_options),
		RING_TEST(no_secret_is_listed),
		RING_TEST(a_full_ring_stays_good),
		RING_TEST(remembered_until_a_key_retires),
	};

	return cmocka_run_group_tests_name("rotation", tests, NULL, NULL);
}
