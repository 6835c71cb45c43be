/*
 * The throttle: who fails to log in, or asks for mails, waits longer and longer. Counted for an account
 * at an address, and more loosely for each of the two alone, in the store, so that all processes count
 * together. What is refused is not counted, so nobody can be locked out for good by somebody else; a
 * quiet time or a success is forgiven and forgotten.
 */
#ifndef DOORWARD_THROTTLE_H
#define DOORWARD_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "account.h"
#include "client.h"
#include "error.h"
#include "link.h"
#include "store.h"

/* Somebody at an address tries to log in to an account, which may not exist. */
struct throttle_login {
	enum account_kind kind;
	const char *login;   /* email or name */
	const char *address; /* the client's */
};

/*
 * Before the password is looked at: OK, or ERR_THROTTLED with the seconds to wait. Once somebody has to
 * wait between attempts, an attempt takes its turn here, so that many at once are still one.
 */
enum error throttle_login_try(struct store *store, const struct throttle_login *login,
			      struct failure *failure);

/* The attempt failed. Trouble with the store is logged and no more. */
void throttle_login_failed(struct store *store, const struct throttle_login *login);

/*
 * The attempt succeeded, in the transaction that opens the session: the account's failures are
 * forgotten, here and at this address. Those of the address are not: whoever has one account could
 * otherwise go on guessing at others.
 */
enum error throttle_login_succeeded(struct txn *txn, const struct throttle_login *login);

/*
 * A client asks for a mail to an email address. Counts it, in the transaction that
 * queues the mail; ERR_THROTTLED when there were too many.
 */
enum error throttle_mail(struct txn *txn, const char *email, const struct client *client,
			 struct failure *failure);

/* One thing that is counted. */
struct throttle {
	const char *what; /* "login", "account", "address", "recipient" or "sender" */
	const char *
		subject; /* for people: an address, an email, a name, or an address and one of these */
	int64_t count;	/* failures, or mails, that count now */
	double until;	/* no attempt before, seconds since the epoch; 0: at any time */
	double forgets; /* when all of it is forgotten */
};

/* Calls each for everything that is counted, until it returns false. */
typedef bool throttle_fn(void *arg, const struct throttle *throttle);
enum error throttle_each(struct txn *txn, throttle_fn *each, void *arg);

/*
 * Forgets what is counted of an address, email or name; NULL: all of it, some at a time. *count_r is
 * how many were forgotten: ask again until it is 0.
 */
enum error throttle_clear(struct txn *txn, const char *subject, int *count_r);

links_fn throttle_links;

#endif
