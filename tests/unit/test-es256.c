/*
 * ES256: JWTs signed by a key pair, and pairs of others. libjwt, an implementation by others, makes the
 * good and the bad JWTs here, and judges ours.
 */
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <jwt.h>

#include "admin-key-file.h"
#include "ring.h"

#define CLAIMS                                                                             \
	"{\"iss\":\"issuer\",\"sub\":\"a\",\"org\":\"o\",\"role\":\"root\",\"sid\":\"s\"," \
	"\"epoch\":0,"                                                                     \
	"\"iat\":1,\"exp\":2000000000,\"jti\":\"j\"}"

static char *public_pem(void)
{
	return es256_to_pem(keyring_signer(keyring, KEY_USE_JWT)->pair);
}

static void libjwt_accepts_ours(void **state)
{
	char token[JWT_SIZE], *pem = public_pem();
	jwt_t *jwt;

	(void)state;
	sign(token);
	assert_int_equal(verify(token), OK);
	assert_int_equal(jwt_decode(&jwt, token, (unsigned char *)pem, (int)strlen(pem)), 0);
	assert_int_equal(jwt_get_alg(jwt), JWT_ALG_ES256);
	assert_string_equal(jwt_get_header(jwt, "kid"), keyring_signer(keyring, KEY_USE_JWT)->kid);
	assert_string_equal(jwt_get_grant(jwt, "sub"), "account");
	jwt_free(jwt);
	free(pem);
}

/* Half of all numbers have their highest bit set, one in 256 begins with a zero byte. */
static void numbers_of_every_length(void **state)
{
	const struct key *key = keyring_signer(keyring, KEY_USE_JWT);
	unsigned char signature[KEY_SIGNATURE_MOST];
	int short_r = 0, short_s = 0;

	(void)state;
	for (int i = 0; i < 1 << 14 && (i < 100 || short_r == 0 || short_s == 0); i++) {
		assert_int_equal(key_sign(key, &i, sizeof(i), signature), ES256_SIGNATURE_BYTES);
		if (!key_verify(key, &i, sizeof(i), signature, ES256_SIGNATURE_BYTES))
			unit_fail("signature %d does not verify\n", i);
		short_r += signature[0] == 0;
		short_s += signature[ES256_BYTES] == 0;
	}
	assert_true(short_r > 0 && short_s > 0);
}

static void every_cut_and_every_flip_is_refused(void **state)
{
	char token[JWT_SIZE], bad[JWT_SIZE];

	(void)state;
	sign(token);
	for (size_t i = 0; i < strlen(token); i++) {
		snprintf(bad, sizeof(bad), "%.*s", (int)i, token);
		if (verify(bad) != ERR_JWT)
			unit_fail("accepted when cut to %zu\n", i);
		for (int bit = 0; bit < 7; bit++) {
			strcpy(bad, token);
			bad[i] = (char)(bad[i] ^ 1 << bit);
			if (bad[i] && verify(bad) != ERR_JWT)
				unit_fail("accepted with bit %d of %zu flipped\n", bit, i);
		}
	}
}

/* For libjwt, which signs by nothing less. */
static const unsigned char any_pem[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgr1ck9RKhHa/8aJCL\n"
	"bJYH76/z0ePwEmzbEMQsh75eAhmhRANCAATPv2UYkSiVk742F+nh7Tknde+sB7zL\n"
	"1vxmFiwpoueKLbJy3DT4H2ttqJeOISXSS4A2hnCkGAJtrcg798Iu2vLO\n"
	"-----END PRIVATE KEY-----\n";

/* n, the order of the curve's group: SEC 2, section 2.4.2. */
static const unsigned char order[ES256_BYTES] = { 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
						  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
						  0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
						  0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51 };

static void put_signature(char *token, const unsigned char *signature, size_t size)
{
	base64url_encode(strrchr(token, '.') + 1, signature, size);
}

/* RFC 7518, section 3.4: two numbers of 32 bytes each, and nothing else. */
static void signatures_that_are_none(void **state)
{
	static const unsigned char zero[ES256_BYTES], one[ES256_BYTES] = { [31] = 1 };
	char token[JWT_SIZE];
	unsigned char good[80] = { 0 }, bad[80] = { 0 };
	gnutls_datum_t der, r = { good, ES256_BYTES }, s = { good + ES256_BYTES, ES256_BYTES };
	size_t size;

	(void)state;
	sign(token);
	assert_true(base64url_decode(good, sizeof(good), &size, strrchr(token, '.') + 1,
				     strlen(strrchr(token, '.') + 1)));
	assert_int_equal(size, ES256_SIGNATURE_BYTES);

	const struct {
		int line;
		const unsigned char *r, *s;
	} rows[] = {
		{ __LINE__, zero, zero },   { __LINE__, zero, good + ES256_BYTES },
		{ __LINE__, good, zero },   { __LINE__, one, one },
		{ __LINE__, order, order }, { __LINE__, order, good + ES256_BYTES },
		{ __LINE__, good, order },  { __LINE__, good + ES256_BYTES, good },
		{ __LINE__, good, good },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		memcpy(bad, rows[i].r, ES256_BYTES);
		memcpy(bad + ES256_BYTES, rows[i].s, ES256_BYTES);
		put_signature(token, bad, ES256_SIGNATURE_BYTES);
		check_row(rows[i].line, verify(token) == ERR_JWT);
	}
	for (size_t length = 1; length < sizeof(good); length++) {
		put_signature(token, good, length);
		if ((verify(token) == OK) != (length == ES256_SIGNATURE_BYTES))
			unit_fail("wrong verdict on %zu bytes\n", length);
	}
	/* as certificates have it */
	assert_int_equal(gnutls_encode_rs_value(&der, &r, &s), 0);
	put_signature(token, der.data, der.size);
	assert_int_equal(verify(token), ERR_JWT);
	gnutls_free(der.data);
}

/*
 * A token with these headers; for ES256 it is signed by the pair, else with the text as a secret. (libjwt
 * 1.10 built on GnuTLS makes ES256 signatures of 128 bytes, so that one is put in here.)
 */
static char *forge(jwt_alg_t alg, const struct es256 *pair, const void *secret, size_t secret_size,
		   const char *kid, const char *header, const char *value)
{
	unsigned char signature[ES256_SIGNATURE_BYTES];
	char *token;
	jwt_t *jwt;

	jwt_new(&jwt);
	if (alg == JWT_ALG_ES256)
		assert_int_equal(jwt_set_alg(jwt, alg, any_pem, sizeof(any_pem)), 0);
	else if (alg != JWT_ALG_NONE)
		assert_int_equal(jwt_set_alg(jwt, alg, secret, (int)secret_size), 0);
	if (kid)
		jwt_add_header(jwt, "kid", kid);
	if (header)
		jwt_add_header(jwt, header, value);
	assert_int_equal(jwt_add_grants_json(jwt, CLAIMS), 0);
	token = jwt_encode_str(jwt);
	jwt_free(jwt);
	if (token && alg == JWT_ALG_ES256) {
		assert_true(
			es256_sign(pair, token, (size_t)(strrchr(token, '.') - token), signature));
		put_signature(token, signature, sizeof(signature));
	}
	return token;
}

/* RFC 8725, section 2: what has been tried elsewhere. */
static void forgeries(void **state)
{
	const struct key *key = keyring_signer(keyring, KEY_USE_JWT);
	const struct key *refresh = keyring_signer(keyring, KEY_USE_REFRESH);
	struct es256 *other = es256_generate();
	const struct es256 *ours = key->pair, *theirs = other;
	char *public = public_pem(), *their_public = es256_to_pem(other);
	char their_kid[ES256_THUMBPRINT_SIZE];

	(void)state;
	es256_thumbprint(other, their_kid);

	const struct {
		int line;
		jwt_alg_t alg;
		const struct es256 *pair; /* NULL: the public key is the secret */
		const char *kid, *header, *value;
		enum error error;
	} rows[] = {
		/* so that what makes the bad ones bad is what the row says */
		{ __LINE__, JWT_ALG_ES256, ours, key->kid, NULL, NULL, OK },
		{ __LINE__, JWT_ALG_ES256, ours, key->kid, "jku", "https://example.com/", OK },
		{ __LINE__, JWT_ALG_ES256, ours, key->kid, "crit", "exp", ERR_JWT },
		{ __LINE__, JWT_ALG_ES256, ours, NULL, NULL, NULL, ERR_JWT },
		{ __LINE__, JWT_ALG_ES256, ours, "other", NULL, NULL, ERR_JWT },
		{ __LINE__, JWT_ALG_ES256, ours, refresh->kid, NULL, NULL, ERR_JWT },
		{ __LINE__, JWT_ALG_ES256, theirs, key->kid, NULL, NULL, ERR_JWT },
		{ __LINE__, JWT_ALG_ES256, theirs, their_kid, NULL, NULL, ERR_JWT },
		{ __LINE__, JWT_ALG_ES256, theirs, key->kid, "jwk", their_public, ERR_JWT },
		{ __LINE__, JWT_ALG_ES256, theirs, their_kid, "jku", "https://a.example/",
		  ERR_JWT },
		{ __LINE__, JWT_ALG_ES256, theirs, key->kid, "x5c", their_public, ERR_JWT },
		{ __LINE__, JWT_ALG_NONE, NULL, key->kid, NULL, NULL, ERR_JWT },
		{ __LINE__, JWT_ALG_HS256, NULL, key->kid, NULL, NULL, ERR_JWT },
		{ __LINE__, JWT_ALG_HS384, NULL, key->kid, NULL, NULL, ERR_JWT },
		{ __LINE__, JWT_ALG_HS512, NULL, key->kid, NULL, NULL, ERR_JWT },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		char *token = forge(rows[i].alg, rows[i].pair, public, strlen(public), rows[i].kid,
				    rows[i].header, rows[i].value);

		check_row(rows[i].line, token && verify(token) == rows[i].error);
		free(token);
	}
	/* by the key of refresh tokens, under its own name and under the other's */
	for (int i = 0; i < 2; i++) {
		char *token = forge(JWT_ALG_HS256, NULL, refresh->secret, KEY_BYTES,
				    i ? key->kid : refresh->kid, NULL, NULL);

		assert_int_equal(verify(token), ERR_JWT);
		free(token);
	}
	es256_free(other);
	free(public);
	free(their_public);
}

/* The example of RFC 7515, appendix A.3: key, text and signature. */
static void the_example_of_the_standard(void **state)
{
	static const char jwk_text[] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
				       "\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
				       "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","
				       "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}";
	static const char text[] =
		"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAs"
		"DQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
	static const char signature[] =
		"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8IS"
		"lSApmWQxfKTUJqPP3-Kg6NU1Q";
	unsigned char raw[ES256_SIGNATURE_BYTES];
	char kid[KID_SIZE];
	const char *why;
	struct es256 *pair = key_file_parse(jwk_text, strlen(jwk_text), kid, &why);
	size_t size;

	(void)state;
	assert_non_null(pair);
	assert_true(base64url_decode(raw, sizeof(raw), &size, signature, strlen(signature)));
	assert_true(es256_verify(pair, text, strlen(text), raw));
	assert_false(es256_verify(pair, text, strlen(text) - 1, raw));
	es256_free(pair);
}

static void keys_of_others(void **state)
{
	static const struct {
		int line;
		const char *text, *why; /* NULL: good */
	} rows[] = {
#define XY                                                       \
	"\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"," \
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define D ",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\""
#define EC "\"kty\":\"EC\",\"crv\":\"P-256\","
		{ __LINE__, "{" EC XY D "}", NULL },
		{ __LINE__, " \n{" EC XY D ",\"kid\":\"mine\",\"use\":\"sig\",\"alg\":\"ES256\"}\n",
		  NULL },
		{ __LINE__, "", "no private key" },
		{ __LINE__, "\n", "no private key" },
		{ __LINE__, "nonsense", "no private key" },
		{ __LINE__, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		  "neither" },
		{ __LINE__, "-----BEGIN PRIVATE KEY-----\n", "neither" },
		{ __LINE__, "{", "JSON" },
		{ __LINE__, "{}", "another kind" },
		{ __LINE__, "{" EC XY "}", "no private key" },
		{ __LINE__, "{\"kty\":\"RSA\"," XY D "}", "another kind" },
		{ __LINE__, "{\"kty\":\"EC\",\"crv\":\"P-384\"," XY D "}", "another curve" },
		{ __LINE__, "{\"kty\":\"EC\"," XY D "}", "another curve" },
		{ __LINE__, "{\"kty\":1,\"crv\":[]," XY D "}", "another kind" },
		{ __LINE__, "{" EC XY D ",\"alg\":\"ES384\"}", "something else" },
		{ __LINE__, "{" EC XY D ",\"alg\":1}", "something else" },
		{ __LINE__, "{" EC XY D ",\"use\":\"enc\"}", "something else" },
		{ __LINE__, "{" EC XY D ",\"kid\":1}", "kid" },
		{ __LINE__, "{" EC XY ",\"d\":\"\"}", "no number" },
		{ __LINE__, "{" EC XY ",\"d\":1}", "no number" },
		{ __LINE__, "{" EC XY ",\"d\":\"AAAA\"}", "no number" },
		{ __LINE__, "{" EC XY ",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI=\"}",
		  "no number" },
		{ __LINE__, "{" EC XY ",\"d\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
		  "no number" },
		{ __LINE__, "{" EC XY ",\"d\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\"}",
		  "belong together" },
		{ __LINE__, "{" EC XY ",\"d\":\"__________________________________________8\"}",
		  "belong together" },
		{ __LINE__,
		  "{" EC "\"y\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
		  "\"x\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"" D "}",
		  "belong together" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char kid[KID_SIZE];
		const char *why = NULL;
		struct es256 *pair = key_file_parse(rows[i].text, strlen(rows[i].text), kid, &why);

		if (pair && *kid == '\0')
			unit_fail("row in line %d: without a name\n", rows[i].line);
		if (pair ? rows[i].why != NULL : !rows[i].why || !strstr(why, rows[i].why))
			unit_fail("row in line %d: %s\n", rows[i].line, pair ? "accepted" : why);
		es256_free(pair);
	}
}

static void imported_under_a_name(void **state)
{
	static const struct {
		int line;
		const char *kid;
		enum error error;
	} rows[] = {
		{ __LINE__, "mine", OK },	    { __LINE__, "mine", ERR_EXISTS },
		{ __LINE__, "2026-11.a:b_", OK },   { __LINE__, "", ERR_DATA },
		{ __LINE__, "a b", ERR_DATA },	    { __LINE__, "a\"b", ERR_DATA },
		{ __LINE__, "\303\244", ERR_DATA }, { __LINE__, "k", OK },
	};
	char token[JWT_SIZE];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *kid = rows[i].kid;
		enum error error = keyring_import(keyring, &policy, es256_generate(), kid);

		check_row(rows[i].line, error == rows[i].error);
	}
	for (size_t i = 2; i < keyring_count(keyring); i++) {
		const struct key *key = keyring_at(keyring, i);
		char *forged = forge(JWT_ALG_ES256, key->pair, NULL, 0, key->kid, NULL, NULL);

		assert_int_equal(verify(forged), OK);
		free(forged);
	}
	sign(token); /* still by the first key: these are not known to everybody yet */
	assert_int_equal(keyring_count(keyring), 5);
	assert_ptr_equal(keyring_signer(keyring, KEY_USE_JWT), keyring_at(keyring, 0));
}

/* Bytes at random places of a good token, its parts in another order, others of its kind inside. */
static void mutations(void **state)
{
	char tokens[2][JWT_SIZE], bad[2 * JWT_SIZE];
	unsigned char dice[8];

	(void)state;
	sign(tokens[0]);
	sign(tokens[1]);
	for (int i = 0; i < 20000; i++) {
		size_t length;
		unsigned times;

		random_bytes(dice, sizeof(dice));
		strcpy(bad, tokens[0]);
		length = strlen(bad);
		if (dice[0] < 32) /* the tail of another one, from another place */
			strcpy(bad + dice[1] % length, tokens[1] + dice[2] % strlen(tokens[1]));
		else if (dice[0] < 64) /* a piece twice */
			strcpy(bad + length, tokens[0] + dice[1] % length);
		length = strlen(bad);
		times = dice[0] < 64 ? dice[3] % 3 : 1 + dice[3] % 8;
		while (times-- > 0) {
			random_bytes(dice, sizeof(dice));
			bad[(size_t)(dice[4] << 8 | dice[5]) % length] = (char)(1 + dice[6] % 255);
		}
		if (strcmp(bad, tokens[0]) != 0 && strcmp(bad, tokens[1]) != 0 &&
		    verify(bad) != ERR_JWT)
			unit_fail("accepted: %s\n", bad);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RING_TEST(libjwt_accepts_ours),
		RING_TEST(numbers_of_every_length),
		RING_TEST(every_cut_and_every_flip_is_refused),
		RING_TEST(signatures_that_are_none),
		RING_TEST(forgeries),
		RING_TEST(the_example_of_the_standard),
		RING_TEST(keys_of_others),
		RING_TEST(imported_under_a_name),
		RING_TEST(mutations),
	};

	return cmocka_run_group_tests_name("es256", tests, NULL, NULL);
}
