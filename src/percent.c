#include "percent.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool percent_decode(char *text_r, const char *text, size_t length, bool plus_is_space)
{
	for (size_t i = 0; i < length; i++) {
		char digits[3] = "";

		if (text[i] != '%') {
			*text_r++ = plus_is_space && text[i] == '+' ? ' ' : text[i];
			continue;
		}
		if (length - i < 3 || !isxdigit((unsigned char)text[i + 1]) ||
		    !isxdigit((unsigned char)text[i + 2]))
			return false;
		digits[0] = text[i + 1];
		digits[1] = text[i + 2];
		*text_r = (char)strtoul(digits, NULL, 16);
		if (*text_r++ == '\0')
			return false;
		i += 2;
	}
	*text_r = '\0';
	return true;
}

void percent_encode(char *text_r, const char *text)
{
	static const char unreserved[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *text; text++) {
		if (strchr(unreserved, *text))
			*text_r++ = *text;
		else
			text_r += sprintf(text_r, "%%%02X", (unsigned char)*text);
	}
	*text_r = '\0';
}
