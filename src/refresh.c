#include <gnutls/gnutls.h>
#include <string.h>

#include "token.h"

#define MAC_BYTES KEY_BYTES
#define CLAIM_BYTES (REFRESH_TOKEN_BYTES - MAC_BYTES)

/* Stands in front of what is signed, so that no other use of a key can make a refresh token. */
static const char purpose[] = "doorward refresh token 1";

static void put_big_endian(unsigned char *at, uint64_t value, int bytes)
{
	for (int i = bytes; i > 0; i--, value >>= 8)
		at[i - 1] = (unsigned char)value;
}

static uint64_t get_big_endian(const unsigned char *at, int bytes)
{
	uint64_t value = 0;

	for (int i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

static void sign(const struct key *key, const unsigned char claims[CLAIM_BYTES],
		 unsigned char mac_r[MAC_BYTES])
{
	unsigned char signed_part[sizeof(purpose) + CLAIM_BYTES];

	memcpy(signed_part, purpose, sizeof(purpose));
	memcpy(signed_part + sizeof(purpose), claims, CLAIM_BYTES);
	key_mac(key, signed_part, sizeof(signed_part), mac_r);
}

enum error refresh_token_make(struct keyring *keyring, const struct refresh_claims *claims,
			      char token_r[REFRESH_TOKEN_SIZE])
{
	const struct key *key = keyring_signer(keyring, KEY_USE_REFRESH);
	unsigned char raw[REFRESH_TOKEN_BYTES];
	size_t size;

	if (!key || !base64url_decode(raw, ID_BYTES, &size, claims->session, ID_LENGTH))
		return ERR_SERVER;
	put_big_endian(raw + ID_BYTES, claims->counter, 4);
	put_big_endian(raw + ID_BYTES + 4, (uint64_t)claims->expires, 8);
	sign(key, raw, raw + CLAIM_BYTES);
	base64url_encode(token_r, raw, sizeof(raw));
	explicit_bzero(raw, sizeof(raw));
	return OK;
}

/* The key of the ring that made the MAC; a token does not say which. */
static const struct key *find_key(struct keyring *keyring, const unsigned char *raw, int64_t now)
{
	size_t count = keyring_count(keyring);

	for (size_t i = count; i > 0; i--) {
		const struct key *key = keyring_at(keyring, i - 1);
		unsigned char mac[MAC_BYTES];

		if (key->use != KEY_USE_REFRESH || !key_is_good(key, (double)now))
			continue;
		sign(key, raw, mac);
		if (gnutls_memcmp(mac, raw + CLAIM_BYTES, MAC_BYTES) == 0)
			return key;
	}
	return NULL;
}

enum error refresh_token_read(struct keyring *keyring, const char *token, int64_t now,
			      struct refresh_claims *claims_r, bool *retiring_r,
			      struct failure *failure)
{
	unsigned char raw[REFRESH_TOKEN_BYTES];
	const struct key *key;
	size_t size;

	if (!base64url_decode(raw, sizeof(raw), &size, token, strlen(token)) || size != sizeof(raw))
		return fail(failure, ERR_REFRESH_TOKEN, NULL);
	key = find_key(keyring, raw, now);
	if (!key) {
		keyring_refresh(keyring); /* a rotation this very second */
		key = find_key(keyring, raw, now);
	}
	if (!key)
		return fail(failure, ERR_REFRESH_TOKEN, NULL);
	base64url_encode(claims_r->session, raw, ID_BYTES);
	claims_r->counter = (uint32_t)get_big_endian(raw + ID_BYTES, 4);
	claims_r->expires = (int64_t)get_big_endian(raw + ID_BYTES + 4, 8);
	*retiring_r = key->retires > 0;
	if (claims_r->expires <= now)
		return fail(failure, ERR_REFRESH_TOKEN_EXPIRED, NULL);
	return OK;
}
