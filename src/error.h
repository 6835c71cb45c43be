/*
 * Errors: one enum for the whole program, and the table of the wire contract (section 2) that turns
 * each of them into its HTTP status, code, name, message and data. Functions that can fail return
 * an enum error; what a person must be told besides goes into a struct failure.
 */
#ifndef DOORWARD_ERROR_H
#define DOORWARD_ERROR_H

#include <json-c/json.h>
#include <stdint.h>

enum error {
	OK = 0,
	ERR_ABSENT,	      /* the store has no record under that key; never shown to a client */
	ERR_EXISTS,	      /* the store has a record under that key; never shown to a client */
	ERR_SERVER,	      /* something that must not happen, happened: see the log */
	ERR_UNAVAILABLE,      /* the store cannot be used just now */
	ERR_NO_RESPONDER,     /* the web server had no answer from a responder */
	ERR_NOT_READY,	      /* the database holds no rating yet */
	ERR_THROTTLED,	      /* too many attempts; failure.retry_after says when again */
	ERR_PASSWORD,	      /* unknown account or wrong password */
	ERR_NOT_VERIFIED,     /* the email address was never verified */
	ERR_ALREADY_VERIFIED, /* it was; detail: the email */
	ERR_JWT,	      /* no usable bearer token; detail: why */
	ERR_JWT_EXPIRED,      /* a good bearer token whose time is over */
	ERR_REFRESH_TOKEN,    /* forged, logged out or replaced */
	ERR_REFRESH_TOKEN_EXPIRED, /* a good refresh token whose time is over */
	ERR_DATA,		   /* the body as a whole is wrong; detail: why */
	ERR_TOO_LARGE, /* the body is larger than may be; detail: the rest of the sentence */
	ERR_FIELDS,    /* some fields are wrong: failure.fields says which and why */
	ERR_DATABASE_NOT_SELECTED, /* the token was made without a database */
	ERR_ACTIVATION_CODE,	   /* no such code for that address */
	ERR_RESET_CODE,		   /* no such code for that address, or its time is over */
	ERR_DUPLICATED_ACCOUNT,	   /* detail: the email or name */
	ERR_DUPLICATED_DATABASE,   /* detail: the name */
	ERR_DUPLICATED_RATING,	   /* twice in one request; detail: the user and the item */
	ERR_ROLE,		   /* the caller's role may not do this; detail: the role */
	ERR_OTHER_USER,		   /* the caller may do this to its own user only */
	ERR_OTHER_DATABASE,	   /* the caller's token is for another database */
	ERR_OTHER_ORGANIZATION,	   /* the caller belongs to another organization */
	ERR_NO_RULE,		   /* the policy lets nobody do this */
	ERR_SERVER_REFUSED,	   /* the policy allows it, but the web server does not */
	ERR_ROOT_ACCOUNT,	   /* the root account cannot be deleted or demoted */
	ERR_NO_ACCOUNT,		   /* detail: the email, name or ID asked for */
	ERR_NO_DATABASE,	   /* detail: the name or ID asked for */
	ERR_NO_KEY,		   /* detail: the service key's ID */
	ERR_NO_RATING,		   /* detail: the user and the item */
	ERR_NO_ENDPOINT,	   /* detail: the path */
	ERR_METHOD,		   /* detail: the method */
	ERR__MAX
};

/* What is to be said about one failed operation. All zero means: nothing failed. */
struct failure {
	enum error code;
	char detail[512];	    /* what the comment at the code says, else empty */
	struct json_object *fields; /* ERR_FIELDS: {field: [what is wrong, …]}; owned */
	int64_t retry_after;	    /* ERR_THROTTLED: seconds to wait */
};

/*
 * Records a failure and returns code, so that failing is one line: return fail(f, ERR_…, …).
 * The format gives the detail, cut (never inside a UTF-8 character) to what fits; NULL for none.
 */
enum error fail(struct failure *failure, enum error code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds one sentence about a field, sets ERR_FIELDS and returns it. */
enum error fail_field(struct failure *failure, const char *field, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Forgets the failure and frees what it owns; it can be used again. */
void failure_clear(struct failure *failure);

/* What error_data.name says of an error; "" where it says nothing. */
const char *error_name(enum error code);

/* The HTTP status of an error. */
int error_status(enum error code);

/* The message of contract section 2. The caller frees; NULL when out of memory. */
char *failure_message(const struct failure *failure);

/*
 * The message and what the API says in error_data besides, in one line for people. The caller frees;
 * NULL when out of memory.
 */
char *failure_explain(const struct failure *failure);

/* The error's JSON object of contract section 2. The caller puts it. */
struct json_object *failure_to_json(const struct failure *failure);

#endif
