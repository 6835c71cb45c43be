/*
 * An endpoint is data, and one function per method: everything about it stands in its own file in
 * cgi-bin/. What a request passes through, in this order and once each:
 *
 *   serve     reads it from the web server: struct request, nothing parsed
 *   route     path and method → endpoint and operation; else 404 or 405
 *   guard     bearer token → its claims, while they stand; is its role allowed, has it the database that is
 *             needed, is the user in the path its own where it has one
 *   fields    query or body → checked values, by the operation's table
 *   handler   calls the models in one store transaction; fills in the answer
 *   reply     status, headers, JSON; errors from the table in error.c
 */
#ifndef DOORWARD_ENDPOINT_H
#define DOORWARD_ENDPOINT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "asked.h"
#include "client.h"
#include "context.h"
#include "database.h"
#include "error.h"
#include "field.h"
#include "identifier.h"
#include "role.h"
#include "token.h"

enum method { GET, POST, PUT, PATCH, DELETE, METHOD__MAX };

/* One request in its handler's hands. */
struct call {
	struct context *context;
	const struct client *client; /* where the request comes from */
	const struct asked *asked;   /* what it asks of another application */
	struct claims
		caller; /* who calls; for an operation for anyone its role is ROLE__MAX, unless .identifies */
	char **path; /* what stands for the "<name>" parts of the endpoint's path, decoded */
	struct database database; /* the token's, for an operation that opens it: owned here */
	struct identifier_type user_type, item_type; /* of that database */
	char user[IDENTIFIER_SIZE]; /* for an operation on a user: the one in the path, canonical */
	struct json_object *fields; /* checked: only known ones, never null, of the table's types */
	struct json_object *warnings; /* a list of texts; NULL for none */
	struct json_object *answer; /* what the handler says: owned here; NULL for nothing to say */
	char cache_control[48];	    /* the answer's, where others may keep it; else empty */
	struct failure failure;
	bool passes_caller; /* the answer says who calls, for the other application */
	bool queued_mail;   /* the handler has put a mail into the outbox, or behaves as if */
};

/* Sets call->answer, or returns an error that call->failure describes (or fail() would, plainly). */
typedef enum error handler_fn(struct call *call);

struct operation {
	handler_fn *run; /* NULL: the endpoint has no such method */
	role_set roles;
	const struct field *fields; /* ends with FIELDS_END; NULL for none */
	bool identifies;	    /* for anyone, and still a good token says who calls */
	bool needs_database;	    /* a token without one gets DATABASE_NOT_SELECTED */
	bool opens_database;	    /* the same, and it must be there: see struct call */
	bool own_user;	/* the same, and the path's first part is a user; a frontend token's own */
	bool by_policy; /* all that is for the policy to say, of what call->asked asks */
	bool bulk;	/* takes bodies up to [server] bulk_limit */
};

struct endpoint {
	/* below the mount, without the first slash; "" is the mount itself; a part "<name>" is any text */
	const char *path;
	const char *alias; /* another path, or NULL */
	struct operation methods[METHOD__MAX];
};

/* Every endpoint there is: one line each in cgi-bin/endpoints.c. */
extern const struct endpoint *const endpoints[];
extern const size_t endpoint_count;

#define PATH_PARTS_MOST 2 /* "<name>" parts of a path */

/*
 * Writes an audit line of what a handler did, or refused. account: the email or name it is about; NULL:
 * none. detail: NULL for none.
 */
void call_audit(const struct call *call, const char *event, enum error outcome, const char *account,
		const char *detail);

/* Whether who calls manages the accounts of its organization, and so may know which there are. */
bool call_manages(const struct call *call);

/*
 * Whether the database that was opened for the call is still there, in a transaction that changes what
 * is in it: ERR_NO_DATABASE, and the call's failure, when it is not.
 */
enum error call_check_database(struct call *call, struct txn *txn);

/* The method's name in HTTP. */
const char *method_name(enum method method);

#endif
