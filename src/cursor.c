#include "cursor.h"

#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

/* Purpose, ID and position as one text for the MAC; none of them contains a newline. */
#define SIGNED_SIZE (64 + ID_SIZE + CURSOR_POSITION_SIZE)

static bool sign(const struct key *key, const struct cursor_scope *scope, const char *position,
		 unsigned char mac_r[KEY_BYTES])
{
	char text[SIGNED_SIZE];
	int length = snprintf(text, sizeof(text), "doorward cursor\n%s\n%s\n%s", scope->purpose,
			      scope->id, position);

	if (length < 0 || (size_t)length >= sizeof(text))
		return false;
	key_mac(key, text, (size_t)length, mac_r);
	return true;
}

enum error cursor_make(struct keyring *keyring, const struct cursor_scope *scope,
		       const char *position, char cursor_r[CURSOR_SIZE])
{
	const struct key *key = keyring_signer(keyring, KEY_USE_REFRESH);
	unsigned char raw[KEY_BYTES + CURSOR_POSITION_SIZE];
	size_t length = strlen(position);

	if (!key || length >= CURSOR_POSITION_SIZE || !sign(key, scope, position, raw))
		return ERR_SERVER;
	memcpy(raw + KEY_BYTES, position, length);
	base64url_encode(cursor_r, raw, KEY_BYTES + length);
	return OK;
}

static bool is_signed(struct keyring *keyring, const struct cursor_scope *scope,
		      const unsigned char mac[KEY_BYTES], const char *position)
{
	size_t count = keyring_count(keyring);
	double now = time_now();

	for (size_t i = count; i > 0; i--) {
		const struct key *key = keyring_at(keyring, i - 1);
		unsigned char right[KEY_BYTES];

		if (key->use == KEY_USE_REFRESH && key_is_good(key, now) &&
		    sign(key, scope, position, right) && gnutls_memcmp(right, mac, KEY_BYTES) == 0)
			return true;
	}
	return false;
}

bool cursor_read(struct keyring *keyring, const struct cursor_scope *scope, const char *cursor,
		 char position_r[CURSOR_POSITION_SIZE])
{
	unsigned char raw[KEY_BYTES + CURSOR_POSITION_SIZE - 1];
	size_t size;

	if (!base64url_decode(raw, sizeof(raw), &size, cursor, strlen(cursor)) || size < KEY_BYTES)
		return false;
	memcpy(position_r, raw + KEY_BYTES, size - KEY_BYTES);
	position_r[size - KEY_BYTES] = '\0';
	if (strlen(position_r) != size - KEY_BYTES)
		return false;
	if (is_signed(keyring, scope, raw, position_r))
		return true;
	keyring_refresh(keyring); /* a rotation this very second */
	return is_signed(keyring, scope, raw, position_r);
}
