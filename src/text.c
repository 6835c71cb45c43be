#include "text.h"

#include <string.h>
#include <strings.h>

void text_copy(char *copy_r, size_t size, const char *text)
{
	size_t length = strnlen(text, size - 1);

	memcpy(copy_r, text, length);
	copy_r[length] = '\0';
}

/* The bytes of the control character that text starts with; 0 for another character. */
static size_t control_length(const char *text)
{
	unsigned char byte = (unsigned char)text[0], next = (unsigned char)text[1];

	if (byte < 0x20 || byte == 0x7f)
		return 1;
	return byte == 0xc2 && next >= 0x80 && next < 0xa0 ? 2 : 0;
}

bool text_has_control(const char *text)
{
	while (*text && control_length(text) == 0)
		text++;
	return *text != '\0';
}

void text_clean(char *text)
{
	for (; *text; text++)
		memset(text, ' ', control_length(text));
}

bool email_is_valid(const char *text)
{
	const char *at = strchr(text, '@');

	return strlen(text) <= EMAIL_MOST && !strchr(text, ' ') && !text_has_control(text) && at &&
	       at != text && at[1] && !strchr(at + 1, '@');
}

bool name_is_valid(const char *text)
{
	return *text && strlen(text) <= NAME_MOST && !text_has_control(text);
}

bool url_is_valid(const char *text)
{
	static const char *const schemes[] = { "https://", "http://" };

	if (strlen(text) > URL_MOST)
		return false;
	for (const char *at = text; *at; at++) {
		if (*at <= 0x20 || *at >= 0x7f || strchr("\"#<>\\^`{|}", *at))
			return false;
	}
	for (int i = 0; i < 2; i++) {
		size_t length = strlen(schemes[i]);

		if (strncasecmp(text, schemes[i], length) == 0)
			return text[length] && !strchr("/?:@", text[length]);
	}
	return false;
}

void email_fold(char folded_r[EMAIL_MOST + 1], const char *email)
{
	text_copy(folded_r, EMAIL_MOST + 1, email);
	for (char *at = folded_r; *at; at++) {
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	}
}
