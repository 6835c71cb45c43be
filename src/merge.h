/*
 * JSON Merge Patch (RFC 7396), by which the API changes metadata, and the limits of what it makes. json-c
 * has none: its json_patch.h is RFC 6902, another format.
 */
#ifndef DOORWARD_MERGE_H
#define DOORWARD_MERGE_H

#include <json-c/json.h>
#include <stdbool.h>

#include "error.h"

/*
 * Bytes of one object as JSON text. As much as a body holds unless configured otherwise, so that what
 * was merged can still be sent as a whole; and a bound, since a client that appends to lists would
 * otherwise make a record grow forever, which is read and parsed for each request that needs it.
 */
#define MERGE_TEXT_MOST (64 * 1024)

/*
 * What RFC 7396 section 2 makes of target and patch: the members of an object are merged, one that is
 * null is removed, anything else is replaced. With preserve, a list in the place of a list is appended
 * to it. Either may be NULL, JSON's null. The caller puts the result. Neither is changed, but the result
 * shares values with both, so none of the three may be changed in place afterwards. Recurses as deep as
 * patch, which bodies bound.
 */
struct json_object *merge_patch(struct json_object *target, struct json_object *patch,
				bool preserve);

/*
 * ERR_FIELDS, naming the field, when value is larger than MERGE_TEXT_MOST or nested deeper than a field
 * of a body may be (OBJECT_DEPTH less the body itself); NULL is allowed.
 */
enum error merge_check(const char *field, struct json_object *value, struct failure *failure);

/* Both: merges, and checks what came of it. The caller puts *merged_r, which is NULL after an error. */
enum error merge_field(const char *field, struct json_object *target, struct json_object *patch,
		       bool preserve, struct json_object **merged_r, struct failure *failure);

#endif
