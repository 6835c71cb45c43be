/* Private keys as others write them. */
#ifndef DOORWARD_ADMIN_KEY_FILE_H
#define DOORWARD_ADMIN_KEY_FILE_H

#include <stddef.h>

#include "key.h"

/*
 * Reads a private key for P-256 from PEM (PKCS #8 or SEC 1) or a JWK (RFC 7517). The caller frees it.
 * kid_r is the JWK's name for it, else its thumbprint. NULL: *why_r says what is wrong, a constant.
 */
struct es256 *key_file_parse(const char *text, size_t size, char kid_r[KID_SIZE],
			     const char **why_r);

#endif
