/*
 * Codes that are mailed to people (contract section 5), to show that an address is theirs: random, good
 * for one use and a limited time, stored hashed. An account has one for each purpose at most: a newer
 * one replaces an older one.
 */
#ifndef DOORWARD_CODE_H
#define DOORWARD_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "encode.h"
#include "error.h"
#include "link.h"
#include "store.h"

#define CODE_BYTES 32
#define CODE_SIZE (BASE64URL_LENGTH(CODE_BYTES) + 1) /* of the text, with its end */

enum code_purpose {
	CODE_VERIFY,   /* says that the address is read by who asked for the account */
	CODE_PASSWORD, /* lets its bearer choose the account's password */
	CODE_PURPOSE__MAX
};

struct code {
	char text[CODE_SIZE];
	int64_t expires; /* seconds since the epoch: the first second it is no longer good */
};

/*
 * Makes the account's code for a purpose, good for lifetime seconds, in the place of an older one. Some
 * codes whose time is over are removed on the way.
 */
enum error code_create(struct txn *txn, enum code_purpose purpose, const char *account,
		       int64_t lifetime, struct code *code_r);

/* Whether text is the account's code for the purpose, at the time now: OK or ERR_ABSENT. */
enum error code_check(struct txn *txn, enum code_purpose purpose, const char *account,
		      const char *text, int64_t now);

/* Removes the account's code for a purpose; OK also when there is none. */
enum error code_delete(struct txn *txn, enum code_purpose purpose, const char *account);

/* Removes all codes of an account. */
enum error code_delete_all(struct txn *txn, const char *account);

links_fn code_links;

#endif
