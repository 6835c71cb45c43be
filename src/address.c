#include "address.h"
#include "text.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEPARATORS ", \t"
#define BYTES 16
#define V4_PREFIX 12 /* bytes before an IPv4 address in the IPv6 form of it, ::ffff:a.b.c.d */

/* IPv4 as its mapped IPv6 form (RFC 4291, section 2.5.5.2), so that there is one kind of address. */
struct block {
	unsigned char bytes[BYTES];
	unsigned bits;
};

struct address_list {
	size_t count;
	struct block blocks[];
};

static bool is_v4(const unsigned char bytes[BYTES])
{
	static const unsigned char mapped[V4_PREFIX] = { [10] = 0xff, [11] = 0xff };

	return memcmp(bytes, mapped, V4_PREFIX) == 0;
}

static bool parse(unsigned char bytes_r[BYTES], const char *text)
{
	if (strchr(text, ':'))
		return inet_pton(AF_INET6, text, bytes_r) == 1;
	memset(bytes_r, 0, BYTES);
	bytes_r[10] = bytes_r[11] = 0xff;
	return inet_pton(AF_INET, text, bytes_r + V4_PREFIX) == 1;
}

static void print(char text_r[ADDRESS_SIZE], const unsigned char bytes[BYTES])
{
	if (is_v4(bytes))
		inet_ntop(AF_INET, bytes + V4_PREFIX, text_r, ADDRESS_SIZE);
	else
		inet_ntop(AF_INET6, bytes, text_r, ADDRESS_SIZE);
}

/* "10.0.0.0/8" or an address alone. */
static bool parse_block(struct block *block_r, const char *text, size_t length)
{
	char copy[ADDRESS_SIZE + 4], *slash, *end;
	unsigned long bits, most;

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	slash = strchr(copy, '/');
	if (slash)
		*slash = '\0';
	if (!parse(block_r->bytes, copy))
		return false;
	block_r->bits = BYTES * 8;
	if (!slash)
		return true;
	bits = strtoul(slash + 1, &end, 10);
	most = strchr(copy, '.') ? BYTES * 8 - V4_PREFIX * 8 : BYTES * 8;
	if (slash[1] < '0' || slash[1] > '9' || *end || bits > most)
		return false;
	block_r->bits = (unsigned)(BYTES * 8 - most + bits);
	return true;
}

bool address_list_parse(struct address_list **list_r, const char *text)
{
	/* no list has more entries than half its characters */
	struct address_list *list =
		calloc(1, sizeof(*list) + (strlen(text) / 2 + 1) * sizeof(struct block));

	*list_r = NULL;
	if (!list)
		return false;
	for (text += strspn(text, SEPARATORS); *text; text += strspn(text, SEPARATORS)) {
		size_t length = strcspn(text, SEPARATORS);

		if (!parse_block(&list->blocks[list->count++], text, length)) {
			free(list);
			return false;
		}
		text += length;
	}
	if (list->count == 0) {
		free(list);
		return true;
	}
	*list_r = list;
	return true;
}

void address_list_free(struct address_list *list)
{
	free(list);
}

static bool is_in(const struct block *block, const unsigned char bytes[BYTES])
{
	unsigned whole = block->bits / 8, rest = block->bits % 8;
	unsigned mask = 0xffu << (8 - rest) & 0xff;

	return memcmp(block->bytes, bytes, whole) == 0 &&
	       (rest == 0 || ((block->bytes[whole] ^ bytes[whole]) & mask) == 0);
}

static bool is_trusted(const struct address_list *trusted, const unsigned char bytes[BYTES])
{
	for (size_t i = 0; trusted && i < trusted->count; i++) {
		if (is_in(&trusted->blocks[i], bytes))
			return true;
	}
	return false;
}

/* Cuts the last hop off a list of so many characters; false when there is none or it is no address. */
static bool last_hop(unsigned char bytes_r[BYTES], const char *list, size_t *length)
{
	size_t end = *length, start;
	char hop[ADDRESS_SIZE];

	while (end > 0 && strchr(SEPARATORS, list[end - 1]))
		end--;
	for (start = end; start > 0 && !strchr(SEPARATORS, list[start - 1]);)
		start--;
	if (end == start || end - start >= sizeof(hop))
		return false;
	memcpy(hop, list + start, end - start);
	hop[end - start] = '\0';
	*length = start;
	return parse(bytes_r, hop);
}

void address_of_client(char address_r[ADDRESS_SIZE], const struct address_list *trusted,
		       const char *remote, const char *forwarded)
{
	unsigned char bytes[BYTES], hop[BYTES];
	size_t left = forwarded ? strlen(forwarded) : 0;

	if (!remote || !parse(bytes, remote)) {
		snprintf(address_r, ADDRESS_SIZE, "unknown");
		return;
	}
	while (is_trusted(trusted, bytes) && last_hop(hop, forwarded, &left))
		memcpy(bytes, hop, BYTES);
	print(address_r, bytes);
}

void address_place(char place_r[ADDRESS_SIZE], const char *address)
{
	unsigned char bytes[BYTES];

	if (!parse(bytes, address)) {
		text_copy(place_r, ADDRESS_SIZE, address);
		return;
	}
	if (!is_v4(bytes))
		memset(bytes + BYTES / 2, 0, BYTES / 2);
	print(place_r, bytes);
}
