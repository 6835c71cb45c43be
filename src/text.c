#include "text.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "strict.h"

void text_copy(char *copy_r, size_t size, const char *text)
{
	size_t length = strnlen(text, size - 1);

	memcpy(copy_r, text, length);
	copy_r[length] = '\0';
}

size_t text_control_length(const char *text)
{
	unsigned char byte = (unsigned char)text[0], next = (unsigned char)text[1];

	if (byte < 0x20 || byte == 0x7f)
		return 1;
	return byte == 0xc2 && next >= 0x80 && next < 0xa0 ? 2 : 0;
}

bool text_has_control(const char *text)
{
	while (*text && text_control_length(text) == 0)
		text++;
	return *text != '\0';
}

void text_clean(char *text)
{
	for (; *text; text++)
		memset(text, ' ', text_control_length(text));
}

bool email_is_valid(const char *text)
{
	const char *at = strchr(text, '@');

	return strlen(text) <= EMAIL_MOST && !strchr(text, ' ') && !text_has_control(text) && at &&
	       at != text && at[1] && !strchr(at + 1, '@') && strict_utf8(text);
}

bool name_is_valid(const char *text)
{
	return *text && strlen(text) <= NAME_MOST && !text_has_control(text) && strict_utf8(text);
}

bool line_is_valid(const char *text)
{
	return strlen(text) <= LINE_MOST && !text_has_control(text) && strict_utf8(text);
}

bool text_is_valid(const char *text)
{
	return strlen(text) <= DESCRIPTION_MOST && strict_utf8(text);
}

/* Whether text is an absolute address of one of two schemes, with a host. */
static bool is_url_of(const char *text, const char *const schemes[2])
{
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

bool url_is_valid(const char *text)
{
	return is_url_of(text, (const char *const[2]){ "https://", "http://" });
}

bool smtp_url_is_valid(const char *text)
{
	return is_url_of(text, (const char *const[2]){ "smtps://", "smtp://" });
}

/* An IPv6 address in the form that a browser gives it, which has no dots in it. */
static bool is_v6(const char *text, size_t length)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	char given[INET6_ADDRSTRLEN], shortest[INET6_ADDRSTRLEN];

	if (length >= sizeof(given) || memchr(text, '.', length))
		return false;
	text_copy(given, length + 1, text);
	return inet_pton(AF_INET6, given, bytes) == 1 &&
	       inet_ntop(AF_INET6, bytes, shortest, sizeof(shortest)) &&
	       strcmp(given, shortest) == 0;
}

/* A host name, or an IPv4 address: what ends in a number is one to browsers. */
static bool is_host(const char *text, size_t length)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
	char host[HOST_MOST + 1];
	const char *last;
	unsigned char bytes[sizeof(struct in_addr)];

	if (length == 0 || length > HOST_MOST)
		return false;
	text_copy(host, length + 1, text);
	if (host[strspn(host, letters)] || host[0] == '.' || strstr(host, ".."))
		return false;
	last = strrchr(host, '.');
	last = last ? last + 1 : host;
	return last[strspn(last, "0123456789")] || !*last || inet_pton(AF_INET, host, bytes) == 1;
}

/* ":1234", or nothing; not the one that goes without saying. */
static bool is_port(const char *text, const char *origin)
{
	static const struct {
		const char *scheme;
		unsigned long port;
	} implied[] = { { "http://", 80 }, { "https://", 443 } };
	unsigned long port;

	if (!*text)
		return true;
	if (text[0] != ':' || text[1] == '0' || strlen(text) > sizeof(":65535") - 1 ||
	    text[1 + strspn(text + 1, "0123456789")])
		return false;
	port = strtoul(text + 1, NULL, 10);
	for (size_t i = 0; i < sizeof(implied) / sizeof(implied[0]); i++) {
		if (port == implied[i].port &&
		    strncmp(origin, implied[i].scheme, strlen(implied[i].scheme)) == 0)
			return false;
	}
	return port > 0 && port <= 65535;
}

bool origin_is_valid(const char *text)
{
	size_t scheme = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+-."), length;
	const char *host;
	bool good;

	if (*text < 'a' || *text > 'z' || scheme > SCHEME_MOST ||
	    strncmp(text + scheme, "://", 3) != 0)
		return false;
	host = text + scheme + 3;
	if (*host == '[') {
		length = strcspn(host, "]");
		good = host[length] && is_v6(host + 1, length - 1);
		length++;
	} else {
		length = strcspn(host, ":");
		good = is_host(host, length);
	}
	return good && is_port(host + length, text);
}

void email_fold(char folded_r[EMAIL_MOST + 1], const char *email)
{
	text_copy(folded_r, EMAIL_MOST + 1, email);
	for (char *at = folded_r; *at; at++) {
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	}
}
