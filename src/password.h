/*
 * Passwords: the rules for new ones, and hashes by crypt(5). New hashes are yescrypt; every kind that
 * libxcrypt knows verifies, so that hashes from elsewhere can move in.
 */
#ifndef DOORWARD_PASSWORD_H
#define DOORWARD_PASSWORD_H

#include <stdbool.h>

#define PASSWORD_LEAST 8       /* bytes, contract section 3 */
#define PASSWORD_MOST 512      /* bytes */
#define PASSWORD_HASH_SIZE 384 /* CRYPT_OUTPUT_SIZE of crypt.h */

/*
 * What a new password must keep to (NIST SP 800-63B): NULL when it does, else what to change, a
 * constant. login is the account's own email address or name.
 */
const char *password_fault(const char *password, const char *login);

/*
 * Whether a password of at least PASSWORD_LEAST bytes is one of the 10,000 most common ones, ASCII
 * letters compared without case.
 */
bool password_is_common(const char *password);

/* Hashes a password with yescrypt and a random salt. False when the system cannot. */
bool password_hash(char hash_r[PASSWORD_HASH_SIZE], const char *password, int cost);

/*
 * Whether password belongs to hash. A NULL hash never does, but takes the time of one that was made
 * with this cost, so that an unknown account cannot be told by the clock.
 */
bool password_verify(const char *hash, const char *password, int cost);

/*
 * What is wrong with a hash from elsewhere: NULL when a login can verify it, else a constant. Only its
 * form is looked at, so a hash of some other text in the same form is not found out.
 */
const char *password_hash_fault(const char *hash);

/* Whether a hash is of another kind than new ones, or cheaper: then a login rewrites it. */
bool password_is_outdated(const char *hash, int cost);

#endif
