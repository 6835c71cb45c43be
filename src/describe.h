/*
 * What the tables of the endpoints say, for programs: tests/openapi holds it against doc/openapi.yaml.
 */
#ifndef DOORWARD_DESCRIBE_H
#define DOORWARD_DESCRIBE_H

/*
 * Prints a list of endpoints as JSON: path, alias?, and methods, each of these with
 *   roles       those that may, none where anyone may
 *   anyone      whether anyone may; identifies: whether a good token is looked at all the same
 *   database    whether a token without a database is refused; own_user: whether the path names a user
 *   bulk        whether bodies up to the larger limit are taken
 *   fields      of the body, or for GET the query: name, type (field_type_name()), required
 * Returns the exit status.
 */
int describe_endpoints(void);

#endif
