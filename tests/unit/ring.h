/* A key ring for ES256, in a folder of its own, and tokens signed by it. Included once by a test program. */
#ifndef DOORWARD_UNIT_RING_H
#define DOORWARD_UNIT_RING_H

#include "keyring.h"
#include "rotation.h"
#include "token.h"
#include "unit.h"

#define NOW 1000000000 /* when tokens are judged, unless a test says otherwise */

/* Seconds: published ahead; kept, keys for JWTs and for refresh tokens. */
static const struct rotation_policy policy = { KEY_ES256, 100, { 1000, 2000 } };

static char *folder;
static struct keyring *keyring;

static inline int open_ring(void **state)
{
	(void)state;
	folder = unit_make_folder();
	keyring = keyring_open(folder);
	assert_int_equal(keyring_create(keyring, KEY_ES256), OK);
	return 0;
}

static inline int close_ring(void **state)
{
	(void)state;
	keyring_close(keyring);
	unit_remove_folder(folder);
	return 0;
}

static inline enum error verify_at(const char *token, int64_t now)
{
	struct failure failure = { .code = OK };
	struct claims claims;
	enum error error = bearer_token_verify(keyring, "issuer", token, now, &claims, &failure);

	failure_clear(&failure);
	return error;
}

static inline enum error verify(const char *token)
{
	return verify_at(token, NOW);
}

static inline void sign(char token_r[JWT_SIZE])
{
	struct claims claims = { .account = "account",
				 .organization = "organization",
				 .session = "session",
				 .role = ROLE_BACKEND,
				 .issued = NOW,
				 .expires = INT64_C(4) * INT32_MAX };

	assert_int_equal(bearer_token_sign(keyring, "issuer", &claims, token_r), OK);
}

#define RING_TEST(test) cmocka_unit_test_setup_teardown(test, open_ring, close_ring)

#endif
