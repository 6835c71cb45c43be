#include "encode.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"

/* The longest text decoded: a token's largest part. Longer ones are nobody's. */
#define MOST_TEXT 4096

static size_t encode(char *text_r, const void *data, size_t size)
{
	struct base64_encode_ctx context;
	size_t length;

	base64url_encode_init(&context);
	length = base64_encode_update(&context, text_r, size, data);
	length += base64_encode_final(&context, text_r + length);
	while (length > 0 && text_r[length - 1] == '=')
		length--;
	return length;
}

void base64url_encode(char *text_r, const void *data, size_t size)
{
	/* nettle writes its padding too, so it gets room of its own, a piece at a time */
	const unsigned char *from = data;
	char piece[BASE64_ENCODE_RAW_LENGTH(48) + BASE64_ENCODE_FINAL_LENGTH];

	while (size > 0) {
		size_t taken = size < 48 ? size : 48;
		size_t length = encode(piece, from, taken);

		memcpy(text_r, piece, length);
		text_r += length;
		from += taken;
		size -= taken;
	}
	*text_r = '\0';
}

bool base64url_decode(void *data_r, size_t most, size_t *size_r, const char *text, size_t length)
{
	unsigned char data[BASE64_DECODE_LENGTH(MOST_TEXT)];
	char again[MOST_TEXT + BASE64_ENCODE_FINAL_LENGTH];
	struct base64_decode_ctx context;
	size_t size = sizeof(data);

	if (length > MOST_TEXT || length % 4 == 1)
		return false;
	base64url_decode_init(&context);
	if (!base64_decode_update(&context, &size, data, length, text) || size > most)
		return false;

	/* nettle skips white space and ignores left-over bits: only the canonical text comes back */
	base64url_encode(again, data, size);
	if (strlen(again) != length || memcmp(again, text, length) != 0)
		return false;
	memcpy(data_r, data, size);
	*size_r = size;
	return true;
}

void digest_text(char digest_r[DIGEST_TEXT_SIZE], const char *text)
{
	unsigned char digest[DIGEST_BYTES];

	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, text, strlen(text), digest) != 0) {
		log_line(LOG_ERR, "no SHA-256");
		abort();
	}
	base64url_encode(digest_r, digest, sizeof(digest));
	explicit_bzero(digest, sizeof(digest));
}

void digest_hex(char text_r[DIGEST_HEX_SIZE], const unsigned char digest[DIGEST_BYTES])
{
	for (size_t i = 0; i < DIGEST_BYTES; i++)
		snprintf(text_r + 2 * i, 3, "%02x", digest[i]);
}

void random_bytes(void *data_r, size_t size)
{
	if (gnutls_rnd(GNUTLS_RND_KEY, data_r, size) != 0) {
		log_line(LOG_ERR, "no random numbers from the system");
		abort();
	}
}

void id_new(char id_r[ID_SIZE])
{
	unsigned char raw[ID_BYTES];

	random_bytes(raw, sizeof(raw));
	base64url_encode(id_r, raw, sizeof(raw));
}

bool id_is_well_formed(const char *text)
{
	unsigned char raw[ID_BYTES];
	size_t size;

	return base64url_decode(raw, sizeof(raw), &size, text, strlen(text)) && size == ID_BYTES;
}

double time_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)(now.tv_nsec / 1000) / 1e6;
}

#ifdef CLOCK_MONOTONIC_COARSE
#define STEADY CLOCK_MONOTONIC_COARSE /* the other one is a system call on some machines */
#else
#define STEADY CLOCK_MONOTONIC
#endif

time_t time_steady(void)
{
	struct timespec now;

	clock_gettime(STEADY, &now);
	return now.tv_sec;
}
