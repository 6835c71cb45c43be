/*
 * Bytes as text: base64url (RFC 4648, section 5, without padding), random identifiers, SHA-256,
 * and times.
 */
#ifndef DOORWARD_ENCODE_H
#define DOORWARD_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Characters (without the end) that base64url needs for so many bytes. */
#define BASE64URL_LENGTH(bytes) (((bytes)*8 + 5) / 6)

#define ID_BYTES 16			     /* 128 random bits: never guessed, never twice */
#define ID_LENGTH BASE64URL_LENGTH(ID_BYTES) /* 22 */
#define ID_SIZE (ID_LENGTH + 1)		     /* with the end */

/* Writes BASE64URL_LENGTH(size) characters and the end to text_r. */
void base64url_encode(char *text_r, const void *data, size_t size);

/*
 * Decodes length characters to data_r, which has room for most bytes, and sets *size_r. False when
 * the text is not canonical: another alphabet, padding, a length no encoder makes, or bits set that
 * encode nothing; or when it needs more room. So every byte string has exactly one text.
 */
bool base64url_decode(void *data_r, size_t most, size_t *size_r, const char *text, size_t length);

#define DIGEST_BYTES 32
#define DIGEST_TEXT_SIZE (BASE64URL_LENGTH(DIGEST_BYTES) + 1)

/*
 * The SHA-256 of a text in base64url. What is as long and random as a key or a code needs no slower
 * hash to be stored: there is nothing to guess.
 */
void digest_text(char digest_r[DIGEST_TEXT_SIZE], const char *text);

#define DIGEST_HEX_SIZE (2 * DIGEST_BYTES + 1)

/* A SHA-256 as sha256sum(1) prints it. */
void digest_hex(char text_r[DIGEST_HEX_SIZE], const unsigned char digest[DIGEST_BYTES]);

/* Fills data with bytes from the system's cryptographic generator; ends the process if it fails. */
void random_bytes(void *data_r, size_t size);

/* A new random identifier. */
void id_new(char id_r[ID_SIZE]);

/* Whether text could be an identifier: ID_LENGTH characters of base64url. */
bool id_is_well_formed(const char *text);

/* The present time in seconds since the epoch, to the microsecond. */
double time_now(void);

/*
 * Whole seconds of a clock that nobody sets: for pauses and limits within a process. It needs no system
 * call, and may be read in a signal handler.
 */
time_t time_steady(void);

#endif
