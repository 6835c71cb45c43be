/*
 * Shapes of texts that several modules must agree on: email addresses, names, web addresses.
 */
#ifndef DOORWARD_TEXT_H
#define DOORWARD_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define EMAIL_MOST 254	      /* bytes, RFC 5321 section 4.5.3.1.3 less the brackets */
#define NAME_MOST 128	      /* bytes, contract section 3 */
#define LINE_MOST 255	      /* bytes of a first or last name */
#define DESCRIPTION_MOST 4096 /* bytes of a description */
#define URL_MOST 2048	      /* bytes; what mail programs and browsers take without trouble */

#define HOST_MOST 253  /* bytes of a host name, RFC 1123 section 2.1 */
#define SCHEME_MOST 32 /* bytes; the longest that browsers make origins of has half as many */

/* Copies text to copy_r of size bytes, cut to what fits and always ended. */
void text_copy(char *copy_r, size_t size, const char *text);

/*
 * The bytes of the control character that text starts with: C0, DEL or, in UTF-8, C1. The last of them is
 * its code point. 0 for another character.
 */
size_t text_control_length(const char *text);

/* Whether text has a control character. */
bool text_has_control(const char *text);

/* Makes a space of each byte of a control character. */
void text_clean(char *text);

/* Whether text is an email address as contract section 3 has it. */
bool email_is_valid(const char *text);

/* Whether text is a name: 1 to 128 bytes of UTF-8, no control characters. */
bool name_is_valid(const char *text);

/* Whether text is one line: up to LINE_MOST bytes of UTF-8, no control characters. */
bool line_is_valid(const char *text);

/* Whether text is a longer text: up to DESCRIPTION_MOST bytes of UTF-8. */
bool text_is_valid(const char *text);

/* What each of the last three is, to go behind "must be " or "is ". */
#define NAME_WANTED "a text of 1 to 128 bytes without control characters"
#define LINE_WANTED "a text of at most 255 bytes without control characters"
#define TEXT_WANTED "a text of at most 4096 bytes"

/*
 * Whether text is an absolute web address (RFC 3986, http or https) that a query can be added to: a
 * host, printable ASCII only, no fragment.
 */
bool url_is_valid(const char *text);

/* The same of a mail server's: smtp or smtps. */
bool smtp_url_is_valid(const char *text);

/*
 * Whether text is an origin as a browser sends it (RFC 6454, section 6.2): scheme://host[:port] in lower
 * case and ASCII, an IPv6 address in brackets and its shortest form, no port that the scheme implies.
 * Neither "*" nor "null", which stand for pages of anyone.
 */
bool origin_is_valid(const char *text);

/* Copies an email in the form in which emails are compared: ASCII letters in lower case. */
void email_fold(char folded_r[EMAIL_MOST + 1], const char *email);

#endif
