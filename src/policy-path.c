#include "policy-path.h"

#include <string.h>

#include "percent.h"
#include "strict.h"
#include "text.h"

/*
 * What some program takes for a separator, an end or an escape, though the path has come to it decoded:
 * "\" on some systems, ";" where parameters may follow, "?" and "#" in rewritten paths, "%" where one
 * decodes twice.
 */
#define AMBIGUOUS "/\\;?#%"

const char *policy_segment_check(const char *segment)
{
	if (!*segment)
		return "an empty segment";
	if (strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0)
		return "a segment of dots";
	if (strpbrk(segment, AMBIGUOUS))
		return "one of / \\ ; ? # % within a segment";
	if (!strict_utf8(segment))
		return "invalid UTF-8";
	if (text_has_control(segment))
		return "a control character";
	return NULL;
}

/* RFC 3986 has none of these in a path; what is not ASCII must be encoded. */
static const char *check_characters(const char *path, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (path[i] <= 0x20 || path[i] >= 0x7f)
			return "a character that is not encoded";
	}
	return NULL;
}

const char *policy_path_read(struct policy_path *path_r, const char *uri)
{
	const char *end = uri + strcspn(uri, "?"), *why;
	char *text = path_r->text;

	path_r->count = 0;
	if (*uri != '/')
		return "no slash at its start";
	if (end - uri >= POLICY_PATH_SIZE)
		return "too long";
	if ((why = check_characters(uri, (size_t)(end - uri))))
		return why;
	for (const char *at = uri + 1; at < end; at++) {
		size_t length = strcspn(at, "/?");

		if (path_r->count == POLICY_SEGMENTS_MOST)
			return "too many segments";
		if (!percent_decode(text, at, length, false))
			return "a broken escape, or one of a NUL byte";
		if ((why = policy_segment_check(text)))
			return why;
		path_r->segments[path_r->count++] = text;
		text += strlen(text) + 1;
		at += length;
	}
	return NULL;
}
