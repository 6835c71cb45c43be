/*
 * Runs of bytes, as the store's tables hold them, and texts.
 */
#ifndef DOORWARD_BYTES_H
#define DOORWARD_BYTES_H

#include <stdbool.h>
#include <stddef.h>

/* Owned by somebody else. */
struct bytes {
	const void *data;
	size_t size;
};

/* The bytes of a text without its end. */
struct bytes bytes_of(const char *text);

/* Whether two runs of bytes are the same. */
bool bytes_equal(struct bytes a, struct bytes b);

/*
 * A copy that outlives the next call to the store, with a zero byte behind it; the caller frees. NULL
 * when out of memory.
 */
void *bytes_copy(struct bytes bytes);

/* Copies bytes as a text to text_r of size bytes, cut to what fits and always ended. */
void bytes_to_text(char *text_r, size_t size, struct bytes bytes);

#endif
