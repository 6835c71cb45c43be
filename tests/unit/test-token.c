/*
 * Tokens and the keys that sign them. libjwt, an implementation by others, makes the good and the bad
 * JWTs here, and judges ours.
 */
#include <jwt.h>
#include <math.h>
#include <sys/stat.h>
#include <time.h>

#include "keyring.h"
#include "rotation.h"
#include "token.h"
#include "unit.h"
#include "verified.h"

#define NOW 1000000000

static char *folder;
static struct keyring *keyring;

static int open_ring(void **state)
{
	(void)state;
	folder = unit_make_folder();
	keyring = keyring_open(folder);
	assert_int_equal(keyring_create(keyring, KEY_HS256), OK);
	return 0;
}

static int close_ring(void **state)
{
	(void)state;
	keyring_close(keyring);
	unit_remove_folder(folder);
	return 0;
}

static struct claims some_claims(void)
{
	struct claims claims = {
		.account = "account",
		.organization = "organization",
		.session = "session",
		.database = "database",
		.user = "42",
		.user_session = "ab",
		.role = ROLE_FRONTEND,
		.epoch = 7,
		.issued = NOW,
		.expires = NOW + 900,
	};

	return claims;
}

static enum error verify(const char *token, struct claims *claims_r, char detail_r[64])
{
	struct failure failure = { .code = OK };
	enum error error = bearer_token_verify(keyring, "issuer", token, NOW, claims_r, &failure);

	snprintf(detail_r, 64, "%.63s", failure.detail);
	failure_clear(&failure);
	return error;
}

static void sign(char token_r[JWT_SIZE])
{
	struct claims claims = some_claims();

	assert_int_equal(bearer_token_sign(keyring, "issuer", &claims, token_r), OK);
}

static void a_token_keeps_its_claims(void **state)
{
	struct claims want = some_claims(), got;
	char token[JWT_SIZE], detail[64];

	(void)state;
	sign(token);
	memset(&got, 0xff, sizeof(got));
	assert_int_equal(verify(token, &got, detail), OK);
	assert_string_equal(got.account, want.account);
	assert_string_equal(got.organization, want.organization);
	assert_string_equal(got.session, want.session);
	assert_string_equal(got.database, want.database);
	assert_string_equal(got.user, want.user);
	assert_string_equal(got.user_session, want.user_session);
	assert_int_equal(got.role, want.role);
	assert_int_equal(got.epoch, want.epoch);
	assert_int_equal(got.issued, want.issued);
	assert_int_equal(got.expires, want.expires);

	want.database[0] = want.user[0] = want.user_session[0] = '\0';
	assert_int_equal(bearer_token_sign(keyring, "issuer", &want, token), OK);
	assert_int_equal(verify(token, &got, detail), OK);
	assert_string_equal(got.database, "");
	assert_string_equal(got.user, "");
	assert_string_equal(got.user_session, "");
}

static void libjwt_accepts_ours(void **state)
{
	const struct key *key = keyring_signer(keyring, KEY_USE_JWT);
	char token[JWT_SIZE];
	jwt_t *jwt;

	(void)state;
	sign(token);
	assert_int_equal(jwt_decode(&jwt, token, key->secret, KEY_BYTES), 0);
	assert_int_equal(jwt_get_alg(jwt), JWT_ALG_HS256);
	assert_string_equal(jwt_get_header(jwt, "kid"), key->kid);
	assert_string_equal(jwt_get_grant(jwt, "sub"), "account");
	assert_string_equal(jwt_get_grant(jwt, "role"), "frontend");
	assert_int_equal(jwt_get_grant_int(jwt, "exp"), NOW + 900);
	jwt_free(jwt);
}

static void expiry_is_to_the_second(void **state)
{
	static const struct {
		int line;
		int64_t expires;
		enum error error;
	} rows[] = {
		{ __LINE__, NOW + 1, OK },
		{ __LINE__, NOW, ERR_JWT_EXPIRED },
		{ __LINE__, NOW - 1, ERR_JWT_EXPIRED },
		{ __LINE__, 0, ERR_JWT_EXPIRED },
		{ __LINE__, -1, ERR_JWT_EXPIRED },
	};
	struct claims claims = some_claims(), got;
	char token[JWT_SIZE], detail[64];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		claims.expires = rows[i].expires;
		assert_int_equal(bearer_token_sign(keyring, "issuer", &claims, token), OK);
		check_row(rows[i].line, verify(token, &got, detail) == rows[i].error);
	}
}

static void every_cut_and_every_flip_is_refused(void **state)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char token[JWT_SIZE], bad[JWT_SIZE], detail[64];
	struct claims got;
	size_t length;

	(void)state;
	sign(token);
	length = strlen(token);
	for (size_t i = 0; i < length; i++) {
		snprintf(bad, sizeof(bad), "%.*s", (int)i, token);
		if (verify(bad, &got, detail) != ERR_JWT)
			unit_fail("accepted when cut to %zu\n", i);
		if (token[i] == '.')
			continue;
		for (const char *digit = digits; *digit; digit++) {
			strcpy(bad, token);
			bad[i] = *digit;
			if (*digit != token[i] && verify(bad, &got, detail) != ERR_JWT)
				unit_fail("accepted with another character at %zu\n", i);
		}
	}
}

static void texts_that_are_no_token(void **state)
{
	char token[JWT_SIZE], bad[2 * JWT_SIZE], detail[64], *dot, *last;
	struct claims got;

	(void)state;
	sign(token);
	dot = strchr(token, '.');
	last = strrchr(token, '.');

	const struct {
		int line;
		const char *before, *text, *after, *why;
	} rows[] = {
		{ __LINE__, "", "", "", "malformed" },
		{ __LINE__, "", ".", "", "malformed" },
		{ __LINE__, "", "..", "", "malformed" },
		{ __LINE__, "", "...", "", "malformed" },
		{ __LINE__, "", "null", "", "malformed" },
		{ __LINE__, "", token, ".", "malformed" },
		{ __LINE__, ".", token, "", "malformed" },
		{ __LINE__, "", token, ".AAAA", "malformed" },
		{ __LINE__, "", token, "=", "malformed" },
		{ __LINE__, "", token, " ", "malformed" },
		{ __LINE__, " ", token, "", "malformed" },
		{ __LINE__, "", token, "\n", "malformed" },
		{ __LINE__, "AAAA", dot, "", "malformed" },
		{ __LINE__, "e30", dot, "", "incorrect" },
		{ __LINE__, "W10", dot, "", "malformed" },
		{ __LINE__, "", dot, "", "malformed" },
		{ __LINE__, "", last, "", "malformed" },
		{ __LINE__, "AAAA", token, "A", "malformed" },
		{ __LINE__, "", token, "A", "incorrect" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		snprintf(bad, sizeof(bad), "%s%s%s", rows[i].before, rows[i].text, rows[i].after);
		check_row(rows[i].line, verify(bad, &got, detail) == ERR_JWT);
		check_row(rows[i].line, strcmp(detail, rows[i].why) == 0);
	}
	/* without a signature, or without a payload */
	snprintf(bad, sizeof(bad), "%.*s", (int)(last - token) + 1, token);
	assert_int_equal(verify(bad, &got, detail), ERR_JWT);
	snprintf(bad, sizeof(bad), "%.*s.%s", (int)(dot - token), token, last);
	assert_int_equal(verify(bad, &got, detail), ERR_JWT);
	/* far too long */
	memset(bad, 'A', sizeof(bad) - 1);
	bad[sizeof(bad) - 1] = '\0';
	bad[10] = bad[3000] = '.';
	assert_int_equal(verify(bad, &got, detail), ERR_JWT);
}

/* The same text in bits, another in characters: what a lax decoder would take as equal. */
static void only_the_canonical_text_is_good(void **state)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char token[JWT_SIZE], detail[64], *last;
	struct claims got;
	size_t place;

	(void)state;
	sign(token);
	last = token + strlen(token) - 1;
	place = (size_t)(strchr(digits, *last) - digits);
	assert_int_equal(place % 4, 0); /* 32 bytes leave two bits over */
	for (size_t i = 1; i < 4; i++) {
		*last = digits[place + i];
		assert_int_equal(verify(token, &got, detail), ERR_JWT);
		assert_string_equal(detail, "malformed");
	}
}

struct forgery {
	int line;
	jwt_alg_t alg;
	const char *kid; /* NULL: the right one; "refresh": the key for refresh tokens */
	bool other_secret;
	const char *header, *value; /* another header to add, or NULL */
};

static char *forge(const struct forgery *forgery)
{
	const struct key *key = keyring_signer(keyring, KEY_USE_JWT);
	unsigned char secret[KEY_BYTES];
	char *token;
	jwt_t *jwt;

	if (forgery->kid && strcmp(forgery->kid, "refresh") == 0)
		key = keyring_signer(keyring, KEY_USE_REFRESH);
	memcpy(secret, key->secret, KEY_BYTES);
	secret[0] ^= forgery->other_secret;
	jwt_new(&jwt);
	if (forgery->alg != JWT_ALG_NONE)
		jwt_set_alg(jwt, forgery->alg, secret, KEY_BYTES);
	if (!forgery->kid || strcmp(forgery->kid, "refresh") == 0)
		jwt_add_header(jwt, "kid", key->kid);
	else if (*forgery->kid)
		jwt_add_header(jwt, "kid", forgery->kid);
	if (forgery->header)
		jwt_add_header(jwt, forgery->header, forgery->value);
	jwt_add_grants_json(jwt,
			    "{\"iss\":\"issuer\",\"sub\":\"a\",\"org\":\"o\",\"role\":\"root\","
			    "\"sid\":\"s\",\"epoch\":0,\"iat\":1,\"exp\":2000000000,"
			    "\"jti\":\"j\"}");
	token = jwt_encode_str(jwt);
	jwt_free(jwt);
	return token;
}

static void forgeries(void **state)
{
	static const struct forgery rows[] = {
		{ __LINE__, JWT_ALG_NONE, NULL, false, NULL, NULL },
		{ __LINE__, JWT_ALG_HS384, NULL, false, NULL, NULL },
		{ __LINE__, JWT_ALG_HS512, NULL, false, NULL, NULL },
		{ __LINE__, JWT_ALG_HS256, "other", false, NULL, NULL },
		{ __LINE__, JWT_ALG_HS256, "", false, NULL, NULL },
		{ __LINE__, JWT_ALG_HS256, "refresh", false, NULL, NULL },
		{ __LINE__, JWT_ALG_HS256, "../../etc/passwd", false, NULL, NULL },
		{ __LINE__, JWT_ALG_HS256, NULL, true, NULL, NULL },
		{ __LINE__, JWT_ALG_HS256, NULL, false, "crit", "exp" },
	};
	static const struct forgery good[] = {
		{ __LINE__, JWT_ALG_HS256, NULL, false, NULL, NULL },
		{ __LINE__, JWT_ALG_HS256, NULL, false, "jku", "https://example.com/ignored" },
	};
	struct claims got;
	char detail[64], *token;

	(void)state;
	/* so that what makes the bad ones bad is what the row says */
	for (size_t i = 0; i < ROWS(good); i++) {
		token = forge(&good[i]);
		check_row(good[i].line, verify(token, &got, detail) == OK);
		free(token);
	}
	for (size_t i = 0; i < ROWS(rows); i++) {
		token = forge(&rows[i]);
		check_row(rows[i].line, token != NULL);
		check_row(rows[i].line, verify(token, &got, detail) == ERR_JWT);
		check_row(rows[i].line,
			  rows[i].alg == JWT_ALG_NONE || strcmp(detail, "incorrect") == 0);
		free(token);
	}
}

static char *sign_claims(const char *json)
{
	const struct key *key = keyring_signer(keyring, KEY_USE_JWT);
	char *token;
	jwt_t *jwt;

	jwt_new(&jwt);
	jwt_set_alg(jwt, JWT_ALG_HS256, key->secret, KEY_BYTES);
	jwt_add_header(jwt, "kid", key->kid);
	if (jwt_add_grants_json(jwt, json) != 0)
		unit_fail("no claims: %s\n", json);
	token = jwt_encode_str(jwt);
	jwt_free(jwt);
	return token;
}

static void each_claim_is_checked(void **state)
{
	static const char *const claims[][2] = {
		{ "iss", "\"issuer\"" },  { "sub", "\"account\"" },  { "org", "\"organization\"" },
		{ "sid", "\"session\"" }, { "role", "\"backend\"" }, { "epoch", "1" },
		{ "iat", "1000000000" },  { "exp", "1000000001" },   { "jti", "\"unique\"" },
	};
	static const char *const wrong[] = { NULL,
					     "null",
					     "true",
					     "[]",
					     "{}",
					     "1.5",
					     "\"\"",
					     "\"a text that is too long for every claim there "
					     "is, and for the issuer it is another one\"" };
	struct claims got;
	char json[512], detail[64], *token;

	(void)state;
	/* row by row: this claim is missing or has that value, all others are good */
	for (size_t bad = 0; bad <= ROWS(claims); bad++) {
		for (size_t kind = 0; kind < ROWS(wrong); kind++) {
			strcpy(json, "{\"x\":0");
			for (size_t i = 0; i < ROWS(claims); i++) {
				const char *value = i == bad ? wrong[kind] : claims[i][1];

				if (value)
					snprintf(json + strlen(json), sizeof(json) - strlen(json),
						 ",\"%s\":%s", claims[i][0], value);
			}
			strcat(json, "}");
			token = sign_claims(json);
			if ((verify(token, &got, detail) == OK) != (bad == ROWS(claims)))
				unit_fail("wrong verdict: %s\n", json);
			if (bad < ROWS(claims))
				assert_string_equal(detail, "malformed");
			free(token);
		}
	}
}

static void optional_claims_are_absent_or_good(void **state)
{
	static const struct {
		int line;
		const char *claim;
		bool good;
	} rows[] = {
		{ __LINE__, "\"x\":1", true },	    { __LINE__, "\"db\":\"d\"", true },
		{ __LINE__, "\"db\":1", false },    { __LINE__, "\"db\":\"\"", false },
		{ __LINE__, "\"db\":[]", false },   { __LINE__, "\"fuid\":42", false },
		{ __LINE__, "\"fsid\":{}", false }, { __LINE__, "\"fuid\":\"4\"", true },
	};
	struct claims got;
	char json[512], detail[64], *token;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		snprintf(
			json, sizeof(json),
			"{\"iss\":\"issuer\",\"sub\":\"a\",\"org\":\"o\",\"role\":\"root\",\"sid\":"
			"\"s\",\"epoch\":0,\"iat\":1,\"exp\":2000000000,\"jti\":\"j\",%s}",
			rows[i].claim);
		token = sign_claims(json);
		check_row(rows[i].line, (verify(token, &got, detail) == OK) == rows[i].good);
		free(token);
	}
}

static void another_issuer_is_refused(void **state)
{
	struct claims claims = some_claims(), got;
	char token[JWT_SIZE], detail[64];

	(void)state;
	assert_int_equal(bearer_token_sign(keyring, "another", &claims, token), OK);
	assert_int_equal(verify(token, &got, detail), ERR_JWT);
}

static void refresh_tokens(void **state)
{
	struct refresh_claims claims = { .counter = 3, .expires = NOW + 10 }, got;
	char token[REFRESH_TOKEN_SIZE], again[REFRESH_TOKEN_SIZE], bad[REFRESH_TOKEN_SIZE + 2];
	struct failure failure = { .code = OK };
	bool retiring;

	(void)state;
	id_new(claims.session);
	assert_int_equal(refresh_token_make(keyring, &claims, token), OK);
	assert_int_equal(refresh_token_make(keyring, &claims, again), OK);
	assert_string_equal(token, again);
	assert_int_equal(refresh_token_read(keyring, token, NOW, &got, &retiring, &failure), OK);
	assert_string_equal(got.session, claims.session);
	assert_int_equal(got.counter, 3);
	assert_int_equal(got.expires, NOW + 10);
	assert_false(retiring);

	assert_int_equal(refresh_token_read(keyring, token, NOW + 9, &got, &retiring, &failure),
			 OK);
	assert_int_equal(refresh_token_read(keyring, token, NOW + 10, &got, &retiring, &failure),
			 ERR_REFRESH_TOKEN_EXPIRED);
	claims.counter = 4;
	assert_int_equal(refresh_token_make(keyring, &claims, again), OK);
	assert_string_not_equal(token, again);

	for (size_t i = 0; i < strlen(token); i++) {
		snprintf(bad, sizeof(bad), "%.*s", (int)i, token);
		assert_int_equal(refresh_token_read(keyring, bad, NOW, &got, &retiring, &failure),
				 ERR_REFRESH_TOKEN);
		for (int bit = 0; bit < 6; bit++) {
			strcpy(bad, token);
			bad[i] = (char)(bad[i] ^ 1 << bit);
			if (refresh_token_read(keyring, bad, NOW, &got, &retiring, &failure) !=
			    ERR_REFRESH_TOKEN)
				unit_fail("accepted with bit %d of character %zu flipped\n", bit,
					  i);
		}
	}
	snprintf(bad, sizeof(bad), "%sA", token);
	assert_int_equal(refresh_token_read(keyring, bad, NOW, &got, &retiring, &failure),
			 ERR_REFRESH_TOKEN);
}

static void the_ring_is_made_once(void **state)
{
	struct keyring *other = keyring_open(folder);
	char *path = unit_path(folder, "keys.json");
	struct stat stat_of;

	(void)state;
	assert_int_equal(keyring_create(other, KEY_HS256), ERR_EXISTS);
	assert_int_equal(keyring_count(other), KEY_USE__MAX);
	assert_string_equal(keyring_signer(other, KEY_USE_JWT)->kid,
			    keyring_signer(keyring, KEY_USE_JWT)->kid);
	assert_string_not_equal(keyring_signer(other, KEY_USE_JWT)->kid,
				keyring_signer(other, KEY_USE_REFRESH)->kid);
	assert_int_equal(stat(path, &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 0777, 0600);
	free(path);
	keyring_close(other);
}

static void rotation_keeps_what_is_out(void **state)
{
	const struct rotation_policy keep = { KEY_HS256, 0, { 1000, 1000 } };
	const struct rotation_policy drop = { KEY_HS256, 0, { 0, 0 } };
	struct refresh_claims claims = { .expires = NOW + 10 }, got_refresh;
	struct keyring *other = keyring_open(folder);
	struct failure failure = { .code = OK };
	char token[JWT_SIZE], refresh[REFRESH_TOKEN_SIZE], next[JWT_SIZE], detail[64];
	uint64_t generation;
	struct claims got;
	bool retiring;

	(void)state;
	sign(token);
	id_new(claims.session);
	assert_int_equal(refresh_token_make(keyring, &claims, refresh), OK);
	generation = keyring_generation(keyring);

	assert_int_equal(keyring_rotate(other, &keep), OK);
	keyring_refresh(keyring);
	assert_true(keyring_generation(keyring) > generation);
	assert_int_equal(keyring_count(keyring), 2 * KEY_USE__MAX);
	assert_int_equal(verify(token, &got, detail), OK);
	assert_int_equal(
		refresh_token_read(keyring, refresh, NOW, &got_refresh, &retiring, &failure), OK);
	assert_true(retiring);
	sign(next);
	assert_int_equal(verify(next, &got, detail), OK);
	assert_int_equal(bearer_token_verify(other, "issuer", next, NOW, &got, &failure), OK);

	/* without a time to keep them, the keys so far leave at once; those from before stay theirs */
	assert_int_equal(keyring_rotate(other, &drop), OK);
	keyring_refresh(keyring);
	assert_int_equal(verify(next, &got, detail), ERR_JWT);
	assert_int_equal(verify(token, &got, detail), OK);
	keyring_close(other);
}

static void a_retired_key_verifies_no_more(void **state)
{
	const struct rotation_policy keep = { KEY_HS256, 0, { 1000, 1000 } };
	struct failure failure = { .code = OK };
	char token[JWT_SIZE];
	struct claims claims = some_claims(), got;

	(void)state;
	claims.expires = INT32_MAX * INT64_C(4);
	assert_int_equal(bearer_token_sign(keyring, "issuer", &claims, token), OK);
	assert_int_equal(keyring_rotate(keyring, &keep), OK);
	assert_int_equal(bearer_token_verify(keyring, "issuer", token, (int64_t)time_now() + 900,
					     &got, &failure),
			 OK);
	assert_int_equal(bearer_token_verify(keyring, "issuer", token, (int64_t)time_now() + 1001,
					     &got, &failure),
			 ERR_JWT);
}

static void a_damaged_ring_signs_nothing(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"{\"v\":1}",
		"{\"v\":2,\"keys\":[]}",
		"{\"v\":1,\"keys\":[{}]}",
		"{\"v\":1,\"keys\":[{\"kid\":\"a\",\"alg\":\"none\",\"use\":\"jwt\",\"secret\":"
		"\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}",
		"{\"v\":1,\"keys\":[{\"kid\":\"a\",\"alg\":\"HS256\",\"use\":\"jwt\",\"secret\":"
		"\"AAAA\"}]}",
		"{\"v\":1,\"keys\":[{\"kid\":\"a\",\"alg\":\"ES256\",\"use\":\"jwt\",\"secret\":"
		"\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}",
	};
	char *path = unit_path(folder, "keys.json"), token[JWT_SIZE];
	struct claims claims = some_claims();
	int errors = dup(STDERR_FILENO);

	(void)state;
	if (!freopen("/dev/null", "w", stderr))
		abort();
	for (size_t i = 0; i < ROWS(texts); i++) {
		unit_write(path, texts[i]);
		keyring_refresh(keyring);
		assert_null(keyring_signer(keyring, KEY_USE_JWT));
		assert_int_equal(bearer_token_sign(keyring, "issuer", &claims, token), ERR_SERVER);
	}
	fflush(stderr);
	dup2(errors, STDERR_FILENO);
	close(errors);
	free(path);
}

static void verified_tokens_are_remembered(void **state)
{
	struct verified *verified = verified_open();
	struct claims claims = some_claims();
	const struct claims *found;
	char token[JWT_SIZE], other[JWT_SIZE], long_token[JWT_SIZE];

	(void)state;
	sign(token);
	sign(other);
	assert_null(verified_find(verified, token, 1, NOW));
	verified_remember(verified, token, 1, INFINITY, &claims);
	found = verified_find(verified, token, 1, NOW);
	assert_non_null(found);
	assert_string_equal(found->account, claims.account);
	assert_null(verified_find(verified, token, 2, NOW));
	assert_null(verified_find(verified, other, 1, NOW));
	strcpy(other, token);
	other[20] ^= 1;
	assert_null(verified_find(verified, other, 1, NOW));
	token[strlen(token) - 1] = '\0';
	assert_null(verified_find(verified, token, 1, NOW));
	assert_null(verified_find(verified, "", 1, NOW));
	memset(long_token, 'x', sizeof(long_token) - 1);
	long_token[sizeof(long_token) - 1] = '\0';
	verified_remember(verified, long_token, 1, INFINITY, &claims);
	assert_null(verified_find(verified, long_token, 1, NOW));
	verified_close(verified);
}

int main(void)
{
#define RING_TEST(test) cmocka_unit_test_setup_teardown(test, open_ring, close_ring)
	const struct CMUnitTest tests[] = {
		RING_TEST(a_token_keeps_its_claims),
		RING_TEST(libjwt_accepts_ours),
		RING_TEST(expiry_is_to_the_second),
		RING_TEST(every_cut_and_every_flip_is_refused),
		RING_TEST(texts_that_are_no_token),
		RING_TEST(only_the_canonical_text_is_good),
		RING_TEST(forgeries),
		RING_TEST(each_claim_is_checked),
		RING_TEST(optional_claims_are_absent_or_good),
		RING_TEST(another_issuer_is_refused),
		RING_TEST(refresh_tokens),
		RING_TEST(the_ring_is_made_once),
		RING_TEST(rotation_keeps_what_is_out),
		RING_TEST(a_retired_key_verifies_no_more),
		RING_TEST(a_damaged_ring_signs_nothing),
		RING_TEST(verified_tokens_are_remembered),
	};

	return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}
