#include "verified.h"

#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

/*
 * Entries are about 1 KiB, and take memory once they are used. A responder is one of a few and serves a
 * share of those who are active within a minute; who falls out is verified again, which for ES256 costs as
 * much as twenty requests.
 */
#define ENTRIES 256
#define TOKEN_MOST 896 /* ours have 350 to 600 characters, with the longest identifiers 850 */

struct entry {
	uint64_t generation; /* 0: empty, since the key ring's start at 1 */
	double until;
	size_t length;
	char token[TOKEN_MOST];
	struct claims claims;
};

struct verified {
	struct entry entries[ENTRIES];
};

struct verified *verified_open(void)
{
	return calloc(1, sizeof(struct verified));
}

void verified_close(struct verified *verified)
{
	if (!verified)
		return;
	for (int i = 0; i < ENTRIES; i++) {
		if (verified->entries[i].generation)
			explicit_bzero(&verified->entries[i], sizeof(struct entry));
	}
	free(verified);
}

/* The last characters but one belong to the signature, and are as good as random. */
static size_t place_of(const char *token, size_t length)
{
	size_t place = 0;

	for (size_t i = 1; i <= 4; i++)
		place = place * 31 + (unsigned char)token[length - 1 - i];
	return place % ENTRIES;
}

const struct claims *verified_find(const struct verified *verified, const char *token,
				   uint64_t generation, double now)
{
	size_t length = strlen(token);
	const struct entry *entry;

	if (length < 8 || length >= TOKEN_MOST)
		return NULL;
	entry = &verified->entries[place_of(token, length)];
	/* in constant time: how far a guess is right is nobody's business */
	return entry->generation == generation && entry->until > now && entry->length == length &&
			       gnutls_memcmp(entry->token, token, length) == 0
		       ? &entry->claims
		       : NULL;
}

void verified_remember(struct verified *verified, const char *token, uint64_t generation,
		       double until, const struct claims *claims)
{
	size_t length = strlen(token);
	struct entry *entry;

	if (length < 8 || length >= TOKEN_MOST)
		return;
	entry = &verified->entries[place_of(token, length)];
	entry->generation = generation;
	entry->until = until;
	entry->length = length;
	memcpy(entry->token, token, length);
	entry->claims = *claims;
}
