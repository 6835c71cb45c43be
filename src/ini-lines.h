/*
 * Lines of an INI file, for those who have inih read it: inih cuts a long line, joins one that starts
 * with a space to the line before, ends at a NUL byte, drops what stands behind a section, and says
 * nothing of a section without keys. Here these lines are refused, and sections are seen.
 */
#ifndef DOORWARD_INI_LINES_H
#define DOORWARD_INI_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct ini_lines {
	FILE *file;
	char *text; /* of the line just read, with its newline */
	size_t room;
	int number;	/* of the line just read, from 1; 0 before it */
	char fault[64]; /* what is wrong with it; empty: nothing */
};

/* Opens a file. False, with errno set, when that cannot be. */
bool ini_lines_open(struct ini_lines *lines_r, const char *path);

/* Closes it, and forgets what was read, which may hold a password. All zero is allowed. */
void ini_lines_close(struct ini_lines *lines);

/*
 * The next line, of less than size bytes: what inih gives its reader room for. Borrowed until the next
 * call. NULL at the end, or where lines->fault says what is wrong.
 */
const char *ini_lines_next(struct ini_lines *lines, size_t size);

/* Whether a line begins a section, and the length of its name, which starts behind the bracket. */
bool ini_line_is_section(const char *line, size_t *length_r);

/* Whether inih takes some of a line's value for a comment: what follows a space and a semicolon. */
bool ini_line_has_comment(const char *line);

#endif
