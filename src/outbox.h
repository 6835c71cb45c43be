/*
 * The outbox: mails that wait for their delivery. They are put here in the transaction of what they are
 * about, so that neither is there without the other, and taken out when they were delivered.
 */
#ifndef DOORWARD_OUTBOX_H
#define DOORWARD_OUTBOX_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "code.h"
#include "encode.h"
#include "error.h"
#include "link.h"
#include "store.h"

/* What a mail is about; each has its template. */
enum mail_kind {
	MAIL_VERIFY,  /* a new account's address is to be verified */
	MAIL_WELCOME, /* a new account's password is to be set */
	MAIL_RESET,   /* a password is to be reset */
	MAIL_KIND__MAX
};

struct mail {
	char id[ID_SIZE];
	char account[ID_SIZE];
	enum mail_kind kind;
	const char *to;		  /* the address; this and the next five are borrowed from record */
	const char *name;	  /* the person's, may be empty */
	const char *organization; /* its name */
	const char *link;	  /* with the code in its query */
	const char *code;
	const char *error;    /* why the last attempt failed; "" before the first */
	int64_t expires;      /* of the code, seconds since the epoch */
	int64_t created, due; /* when it was put here, when it is to be tried next */
	int64_t attempts;
	struct json_object *record;
};

/* Frees what the mail holds; all zero is allowed. */
void mail_free(struct mail *mail);

/* The kind's name: that of its template, and for people. */
const char *mail_kind_name(enum mail_kind kind);

/* What its code is for. */
enum code_purpose mail_code_purpose(enum mail_kind kind);

/* Seconds that its code is good for (contract section 5). */
int64_t mail_code_lifetime(enum mail_kind kind);

struct mail_new {
	const char *account; /* its ID */
	enum mail_kind kind;
	const char *to, *name, *organization, *link, *code;
	int64_t expires;
};

/* Puts a mail into the outbox, due at once. */
enum error outbox_add(struct txn *txn, const struct mail_new *mail, char id_r[ID_SIZE]);

/* Reads a mail; ERR_ABSENT. The caller frees. */
enum error outbox_get(struct txn *txn, const char *id, struct mail *mail_r);

/*
 * Reads the mail that is due first, if that is by until; ERR_ABSENT. What would be due later than after the
 * longest pause from now was put here by a clock that was ahead, and is due as well. The caller frees.
 */
enum error outbox_first_due(struct txn *txn, int64_t until, struct mail *mail_r);

/* Takes a mail out; ERR_ABSENT. */
enum error outbox_delete(struct txn *txn, const char *id);

/* Notes a failed attempt and tries again after a pause that grows with the attempts. ERR_ABSENT. */
enum error outbox_postpone(struct txn *txn, const char *id, const char *why, int64_t now);

/* Makes a mail due at once, whatever was noted. ERR_ABSENT. */
enum error outbox_hasten(struct txn *txn, const char *id, int64_t now);

/*
 * Whether a mail is still of use: its code is the account's present one and not expired. OK, or
 * ERR_ABSENT for one that a newer one replaced, or whose account or time is gone.
 */
enum error outbox_check(struct txn *txn, const struct mail *mail, int64_t now);

/* Calls each for every mail in the order of their IDs, until it returns false. */
typedef bool mail_fn(void *arg, const struct mail *mail);
enum error outbox_each(struct txn *txn, mail_fn *each, void *arg);

links_fn outbox_links;

#endif
