/*
 * What the tables of the endpoints say, to people and to programs that start doorward.fcgi by hand.
 */
#ifndef DOORWARD_DESCRIBE_H
#define DOORWARD_DESCRIBE_H

#include "endpoint.h"

/* The endpoint that a hard link of this name serves alone, or NULL. */
const struct endpoint *describe_link(const char *program);

/*
 * Answers one of
 *   --names      the names of the links
 *   --endpoints  a line for each method: its name, the path, the roles
 *   --describe   all of it as JSON, which tests/openapi holds against doc/openapi.yaml: a list of path,
 *                alias?, and methods, each of these with
 *     roles      those that may, none where anyone may
 *     anyone     whether anyone may; identifies: whether a good token is looked at all the same
 *     database   whether a token without a database is refused; own_user: whether the path names a user
 *     bulk       whether bodies up to the larger limit are taken
 *     fields     of the body, or for GET the query: name, type (field_type_name()), required
 * and to anything else tells how the program is used. Returns the exit status.
 */
int describe_program(int argc, char **argv);

#endif
