#include "bytes.h"

#include <stdlib.h>
#include <string.h>

struct bytes bytes_of(const char *text)
{
	return (struct bytes){ text, strlen(text) };
}

bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

void *bytes_copy(struct bytes bytes)
{
	char *copy = malloc(bytes.size + 1);

	if (copy)
		bytes_to_text(copy, bytes.size + 1, bytes);
	return copy;
}

void bytes_to_text(char *text_r, size_t size, struct bytes bytes)
{
	size_t length = bytes.size < size ? bytes.size : size - 1;

	if (length > 0) /* what is empty may be nowhere */
		memcpy(text_r, bytes.data, length);
	text_r[length] = '\0';
}
