#include "password.h"

#include <crypt.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "encode.h"
#include "strict.h"
#include "text.h"

#define PREFIX "$y$"
#define SALT_BYTES 16 /* what crypt_gensalt(3) takes for yescrypt by itself */

/*
 * The most common passwords, in lower case and sorted by their bytes. Rows of one length need no
 * pointers, which would have to be relocated in each process.
 */
#define COMMON_MOST 20 /* bytes of the longest */
static const char common[][COMMON_MOST + 1] = {
#include "common-passwords.inc"
};

_Static_assert(PASSWORD_HASH_SIZE >= CRYPT_OUTPUT_SIZE, "room for every hash");

const char *password_fault(const char *password, const char *login)
{
	size_t length = strlen(password);

	if (length < PASSWORD_LEAST)
		return "must have at least 8 bytes";
	if (length > PASSWORD_MOST)
		return "must have at most 512 bytes";
	if (!strict_utf8(password))
		return "must be UTF-8";
	if (strcasecmp(password, login) == 0)
		return "must not be the account's own name or email";
	if (password_is_common(password))
		return "is one of the most common passwords: choose another";
	return NULL;
}

static int compare(const void *password, const void *row)
{
	return strcmp(password, row);
}

bool password_is_common(const char *password)
{
	char folded[COMMON_MOST + 1];
	bool found;

	if (strlen(password) > COMMON_MOST)
		return false;
	text_copy(folded, sizeof(folded), password);
	for (char *at = folded; *at; at++) {
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	}
	found = bsearch(folded, common, sizeof(common) / sizeof(common[0]), sizeof(common[0]),
			compare) != NULL;
	explicit_bzero(folded, sizeof(folded));
	return found;
}

/*
 * crypt(3) takes passphrases of up to CRYPT_MAX_PASSPHRASE_SIZE bytes with their end, one less than
 * the contract. Longer ones are replaced by the SHA-256 of themselves in base64url, which loses
 * nothing that an attacker could use.
 */
static void shorten(char short_r[CRYPT_MAX_PASSPHRASE_SIZE], const char *password)
{
	unsigned char digest[32];
	size_t length = strlen(password);

	if (length < CRYPT_MAX_PASSPHRASE_SIZE) {
		memcpy(short_r, password, length + 1);
		return;
	}
	gnutls_hash_fast(GNUTLS_DIG_SHA256, password, length, digest);
	base64url_encode(short_r, digest, sizeof(digest));
	explicit_bzero(digest, sizeof(digest));
}

/* crypt_r(3) with its 32 KiB of state wiped. False when it fails; hash_r is empty then. */
static bool hash_with(char hash_r[PASSWORD_HASH_SIZE], const char *password, const char *setting)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	char phrase[CRYPT_MAX_PASSPHRASE_SIZE];
	const char *hash = NULL;

	hash_r[0] = '\0';
	if (data) {
		shorten(phrase, password);
		hash = crypt_r(phrase, setting, data);
		explicit_bzero(phrase, sizeof(phrase));
	}
	if (hash && hash[0] == '*')
		hash = NULL;
	if (hash)
		text_copy(hash_r, PASSWORD_HASH_SIZE, hash);
	if (data) {
		explicit_bzero(data, sizeof(*data));
		free(data);
	}
	return hash != NULL;
}

static bool new_setting(char setting_r[CRYPT_GENSALT_OUTPUT_SIZE], int cost)
{
	char salt[SALT_BYTES];

	random_bytes(salt, sizeof(salt));
	return crypt_gensalt_rn(PREFIX, (unsigned long)cost, salt, sizeof(salt), setting_r,
				CRYPT_GENSALT_OUTPUT_SIZE) != NULL;
}

bool password_hash(char hash_r[PASSWORD_HASH_SIZE], const char *password, int cost)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];

	return new_setting(setting, cost) && hash_with(hash_r, password, setting);
}

bool password_verify(const char *hash, const char *password, int cost)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE], computed[PASSWORD_HASH_SIZE];
	bool same;

	if (!hash) {
		if (new_setting(setting, cost))
			hash_with(computed, password, setting);
		explicit_bzero(computed, sizeof(computed));
		return false;
	}
	same = hash_with(computed, password, hash) && strlen(computed) == strlen(hash) &&
	       gnutls_memcmp(computed, hash, strlen(hash)) == 0;
	explicit_bzero(computed, sizeof(computed));
	return same;
}

/* The length of "$y$j9T$" in "$y$j9T$salt$hash": kind and parameters. */
static size_t parameters_length(const char *setting)
{
	return strlen(PREFIX) + strcspn(setting + strlen(PREFIX), "$") + 1;
}

bool password_is_outdated(const char *hash, int cost)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];

	if (strncmp(hash, PREFIX, strlen(PREFIX)) != 0)
		return true;
	/* what the parameters mean is libxcrypt's business: they are compared with those it makes */
	for (int cheaper = 1; cheaper < cost; cheaper++) {
		if (new_setting(setting, cheaper) &&
		    strncmp(hash, setting, parameters_length(setting)) == 0)
			return true;
	}
	return false;
}

/* How long the part behind the last "$" is, of the kinds that people have. */
static const struct {
	const char *prefix;
	size_t length;
} hash_parts[] = {
	{ "$y$", 43 },	{ "$gy$", 43 }, { "$7$", 43 }, { "$2a$", 53 }, { "$2b$", 53 },
	{ "$2y$", 53 }, { "$6$", 86 },	{ "$5$", 43 }, { "$1$", 22 },
};

const char *password_hash_fault(const char *hash)
{
	const char *last = strrchr(hash, '$');

	if (strlen(hash) >= PASSWORD_HASH_SIZE)
		return "the password hash is too long";
	if (hash[strspn(hash,
			"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz$=,")])
		return "the password hash has a character that none has (crypt(5))";
	/* what has no "$" would be a hash of traditional DES, and just as well a plain password */
	if (*hash != '$')
		return "this is no password hash that can move in (crypt(5)): bcrypt, sha512crypt "
		       "and yescrypt can";
	switch (crypt_checksalt(hash)) {
	case CRYPT_SALT_OK:
	case CRYPT_SALT_METHOD_LEGACY: /* the first login replaces it */
		break;
	default:
		return "password hashes of this kind cannot be verified here (crypt(5)): bcrypt, "
		       "sha512crypt and yescrypt can";
	}
	for (size_t i = 0; i < sizeof(hash_parts) / sizeof(hash_parts[0]); i++) {
		if (strncmp(hash, hash_parts[i].prefix, strlen(hash_parts[i].prefix)) == 0 &&
		    strlen(last + 1) != hash_parts[i].length)
			return "the password hash is not complete";
	}
	return NULL;
}
