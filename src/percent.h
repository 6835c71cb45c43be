/* Percent-encoding (RFC 3986, section 2.1). */
#ifndef DOORWARD_PERCENT_H
#define DOORWARD_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Decodes length characters to text_r, which has room for length + 1; plus_is_space as forms have it.
 * False when an escape is broken or stands for a NUL byte.
 */
bool percent_decode(char *text_r, const char *text, size_t length, bool plus_is_space);

/*
 * Encodes all but unreserved characters (RFC 3986, section 2.3) to text_r, which has room for three
 * times the text and its end.
 */
void percent_encode(char *text_r, const char *text);

#endif
