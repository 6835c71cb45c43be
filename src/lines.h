/*
 * Lines of a file, one at a time and however large the file is.
 */
#ifndef DOORWARD_LINES_H
#define DOORWARD_LINES_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of one line: more than any record can have, and little enough to be held. */
#define LINES_LONGEST (64 << 20)

struct lines;

struct line {
	const char *text; /* ended by a zero byte in the place of the newline; borrowed */
	size_t length;	  /* without the newline; a zero byte may be among them */
	int64_t number;	  /* from 1 */
	size_t bytes;	  /* with the newline, where there is one */
};

enum lines_result { LINES_ONE, LINES_END, LINES_FAILED };

/* Starts at the beginning of a file that fd is open for, which stays the caller's. NULL: out of memory. */
struct lines *lines_open(int fd);

/* Frees; NULL is allowed. */
void lines_close(struct lines *lines);

/* Reads the next line, valid until the next call. LINES_FAILED: see lines_fault(). */
enum lines_result lines_next(struct lines *lines, struct line *line_r);

/* Bytes read so far. */
int64_t lines_offset(const struct lines *lines);

/* Why reading failed, for people. */
const char *lines_fault(const struct lines *lines);

#endif
