#include "lines.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK (64 << 10)

struct lines {
	int fd;
	char *text;	    /* the present line and what follows it */
	size_t room;	    /* of text */
	size_t start, size; /* what is not given out yet */
	int64_t offset, number;
	bool ended;
	const char *fault;
};

struct lines *lines_open(int fd)
{
	struct lines *lines = calloc(1, sizeof(*lines));

	if (!lines)
		return NULL;
	lines->fd = fd;
	lines->room = CHUNK;
	lines->text = malloc(lines->room + 1);
	if (lines->text)
		return lines;
	lines_close(lines);
	return NULL;
}

void lines_close(struct lines *lines)
{
	if (!lines)
		return;
	if (lines->text)
		explicit_bzero(lines->text, lines->room);
	free(lines->text);
	free(lines);
}

static bool make_room(struct lines *lines)
{
	char *larger;

	memmove(lines->text, lines->text + lines->start, lines->size);
	lines->start = 0;
	if (lines->size < lines->room)
		return true;
	if (lines->room >= LINES_LONGEST) {
		lines->fault = "the line is too long";
		return false;
	}
	larger = realloc(lines->text, 2 * lines->room + 1);
	if (!larger) {
		lines->fault = "out of memory";
		return false;
	}
	lines->text = larger;
	lines->room *= 2;
	return true;
}

static bool read_more(struct lines *lines)
{
	ssize_t size;

	if (!make_room(lines))
		return false;
	do
		size = pread(lines->fd, lines->text + lines->size, lines->room - lines->size,
			     lines->offset + (int64_t)lines->size);
	while (size < 0 && errno == EINTR);
	if (size < 0) {
		lines->fault = strerror(errno);
		return false;
	}
	lines->ended = size == 0;
	lines->size += (size_t)size;
	return true;
}

enum lines_result lines_next(struct lines *lines, struct line *line_r)
{
	size_t looked = 0; /* where there is no newline */
	char *newline = NULL;

	for (;;) {
		char *at = lines->text + lines->start;

		newline = memchr(at + looked, '\n', lines->size - looked);
		if (newline || lines->ended)
			break;
		looked = lines->size;
		if (!read_more(lines)) {
			lines->number++;
			return LINES_FAILED;
		}
	}
	if (!newline && lines->size == 0)
		return LINES_END;
	line_r->text = lines->text + lines->start;
	line_r->length = newline ? (size_t)(newline - line_r->text) : lines->size;
	line_r->bytes = line_r->length + (newline != NULL);
	line_r->number = ++lines->number;
	lines->text[lines->start + line_r->length] = '\0';
	lines->start += line_r->bytes;
	lines->size -= line_r->bytes;
	lines->offset += (int64_t)line_r->bytes;
	return LINES_ONE;
}

int64_t lines_offset(const struct lines *lines)
{
	return lines->offset;
}

const char *lines_fault(const struct lines *lines)
{
	return lines->fault;
}
