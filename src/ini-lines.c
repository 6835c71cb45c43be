#include "ini-lines.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n"
#define MARK "\xef\xbb\xbf" /* some programs begin a file with it; inih skips it */

bool ini_lines_open(struct ini_lines *lines_r, const char *path)
{
	memset(lines_r, 0, sizeof(*lines_r));
	lines_r->file = fopen(path, "re");
	return lines_r->file;
}

void ini_lines_close(struct ini_lines *lines)
{
	if (lines->text)
		explicit_bzero(lines->text, lines->room);
	free(lines->text);
	if (lines->file)
		fclose(lines->file);
	memset(lines, 0, sizeof(*lines));
}

static const char *refuse(struct ini_lines *lines, const char *what)
{
	snprintf(lines->fault, sizeof(lines->fault), "%s", what);
	return NULL;
}

/* Whether there is more behind a section's bracket than a comment; a missing one inih tells itself. */
static bool has_more_than_section(const char *line)
{
	const char *end = *line == '[' ? strchr(line, ']') : NULL, *rest;

	if (!end)
		return false;
	rest = end + 1 + strspn(end + 1, BLANKS);
	return *rest && (rest == end + 1 || !strchr(";#", *rest));
}

const char *ini_lines_next(struct ini_lines *lines, size_t size)
{
	ssize_t length = getline(&lines->text, &lines->room, lines->file);
	const char *line = lines->text;

	if (length < 0)
		return ferror(lines->file) ? refuse(lines, "cannot be read") : NULL;
	lines->number++;
	if (memchr(line, '\0', (size_t)length))
		return refuse(lines, "a NUL byte");
	if (lines->number == 1 && strncmp(line, MARK, sizeof(MARK) - 1) == 0)
		line += sizeof(MARK) - 1;
	if (strlen(line) >= size) {
		snprintf(lines->fault, sizeof(lines->fault), "the line is longer than %zu bytes",
			 size - 2);
		return NULL;
	}
	if (isspace((unsigned char)*line) && line[strspn(line, BLANKS)])
		return refuse(lines, "a line starts without spaces");
	if (has_more_than_section(line))
		return refuse(lines, "there is something behind the section");
	return line;
}

bool ini_line_is_section(const char *line, size_t *length_r)
{
	*length_r = strcspn(line, "]\r\n");
	*length_r -= *length_r > 0;
	return *line == '[';
}

bool ini_line_has_comment(const char *line)
{
	if (strchr("[;#", *line))
		return false;
	for (; *line; line++) {
		if (isspace((unsigned char)line[0]) && line[1] == ';')
			return true;
	}
	return false;
}
