/*
 * Cursors: where a list goes on, in a text that says nothing to a client and that it cannot make by
 * itself. A cursor is bound to its purpose and to what it was made in, so that none of one list, or one
 * database, is any good in another. Nothing is stored; it is good as long as the key that made it.
 */
#ifndef DOORWARD_CURSOR_H
#define DOORWARD_CURSOR_H

#include <stdbool.h>

#include "encode.h"
#include "error.h"
#include "keyring.h"

#define CURSOR_POSITION_SIZE 1536 /* of the longest position, with its end: recommend.h's */
#define CURSOR_SIZE (BASE64URL_LENGTH(KEY_BYTES + CURSOR_POSITION_SIZE) + 1)

/*
 * What cursors are for: a text that differs for each kind of list, and the ID of what the list is in, a
 * database's.
 */
struct cursor_scope {
	const char *purpose, *id;
};

/* Makes the cursor of a position. ERR_SERVER when there is no key, or the position is too long. */
enum error cursor_make(struct keyring *keyring, const struct cursor_scope *scope,
		       const char *position, char cursor_r[CURSOR_SIZE]);

/* Reads the position; false when this scope made no such cursor. */
bool cursor_read(struct keyring *keyring, const struct cursor_scope *scope, const char *cursor,
		 char position_r[CURSOR_POSITION_SIZE]);

#endif
