/*
 * The path of a request for another application, as the policy sees it: decoded, in segments, and only
 * if everybody who looks at it must see the same.
 */
#ifndef DOORWARD_POLICY_PATH_H
#define DOORWARD_POLICY_PATH_H

#include <stddef.h>

#define POLICY_PATH_SIZE 4096 /* longer than the names of files may be */
#define POLICY_SEGMENTS_MOST 64

struct policy_path {
	char text[POLICY_PATH_SIZE]; /* the segments, each ended */
	const char *segments[POLICY_SEGMENTS_MOST];
	size_t count;
};

/*
 * Reads the path of a raw URI; what follows "?" does not count, nor does a last slash. Returns NULL, or
 * why it is refused: web servers, their modules and applications decode, join and cut paths each in its
 * own way, so what could be read in two ways (an encoded slash, "..", "//", ";", a broken escape) is
 * not guessed at.
 */
const char *policy_path_read(struct policy_path *path_r, const char *uri);

/*
 * Whether a decoded segment can be in such a path: NULL, or why not. So a pattern with another one could
 * never match.
 */
const char *policy_segment_check(const char *segment);

#endif
