/*
 * Sessions: one record for each login. A JWT and a refresh token are good only while their session is
 * there, its account is there, and the account's epoch is still that of the login.
 */
#ifndef DOORWARD_SESSION_H
#define DOORWARD_SESSION_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "account.h"
#include "config.h"
#include "encode.h"
#include "error.h"
#include "identifier.h"
#include "link.h"
#include "store.h"
#include "token.h"

struct session {
	char id[ID_SIZE];
	char account[ID_SIZE];
	char organization[ID_SIZE];	    /* the account's */
	char login[EMAIL_MOST + 1];	    /* the account's, for when the account is gone */
	char database[ID_SIZE];		    /* empty: none selected */
	char key[ID_SIZE];		    /* the service key it was opened with; empty: none */
	char user[IDENTIFIER_SIZE];	    /* empty: none named */
	char user_session[IDENTIFIER_SIZE]; /* empty: none named */
	enum role role;			    /* the account's, or frontend where narrowed */
	int64_t epoch;			    /* the account's at login */
	int64_t created, renewed;	    /* seconds since the epoch; renewed to the hour */
	int64_t ends; /* no renewal from then on; for session_create(): no later, 0 for no such end */
	uint32_t counter; /* of the present refresh token */
	int64_t expires;  /* the present refresh token's end; the JWTs it got live on */
	int64_t rotated;  /* when the present refresh token was first given out */
};

/*
 * Writes a new session; its account, organization, login, database, key, user, user_session, role,
 * epoch and ends are the caller's, the rest is set here. renewable says whether it gets refresh tokens. Some sessions whose
 * time is over are removed on the way.
 */
enum error session_create(struct txn *txn, const struct config *config, bool renewable,
			  struct session *session);

/* Reads a session; ERR_ABSENT. */
enum error session_get(struct txn *txn, const char *id, struct session *session_r);

/* Ends a session; ERR_ABSENT. */
enum error session_end(struct txn *txn, const char *id);

/*
 * Whether the session that a token claims stands: ERR_ABSENT when it has ended, when its account is gone
 * or has moved on from the epoch of the login, or when the service key of the login is gone. Two cached
 * reads and no parsing, three with a key: every request with a token asks.
 */
enum error session_stands(struct txn *txn, const struct claims *claims);

enum renewal {
	RENEWAL_KEEPS,	 /* the present refresh token goes on */
	RENEWAL_ROTATES, /* it gets a successor */
	RENEWAL_REUSED,	 /* an old token was shown that nobody should have: the session must end */
	RENEWAL_UNKNOWN, /* a token the session has not given out */
};

/* What a refresh token means for its session at a time; retiring as refresh_token_read() says. */
enum renewal session_judge(const struct config *config, const struct session *session,
			   const struct refresh_claims *shown, bool retiring, int64_t now);

/* Gives the session its next refresh token. The caller writes it. */
void session_rotate(const struct config *config, struct session *session, int64_t now);

/* Writes a changed session. old_expires is what it had in expires when it was read. */
enum error session_put(struct txn *txn, const struct session *session, int64_t old_expires);

/* Calls each for every session in the order of their IDs, until it returns false. */
typedef bool session_fn(void *arg, const struct session *session);
enum error session_each(struct txn *txn, session_fn *each, void *arg);

links_fn session_links;

#endif
