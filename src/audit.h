/*
 * The audit trail: one line for each event that a person may have to look into later, in JSON, to a
 * file or to syslog. Written after the commit of what it tells. No secret is ever passed to it.
 *
 * The members of a line stand in a fixed order, those that are absent left out:
 *
 *   time, event, outcome, process, address, by, session, request, account, detail
 *
 * What a client may choose comes last and with its quotes escaped, so that a pattern which is anchored
 * at the start of the line finds the true address, whatever the account is called.
 */
#ifndef DOORWARD_AUDIT_H
#define DOORWARD_AUDIT_H

#include "client.h"
#include "config.h"

struct audit;

/* NULL only when out of memory. The configuration is borrowed. */
struct audit *audit_open(const struct config *config);

/* Closes and frees; NULL is allowed. */
void audit_close(struct audit *audit);

struct audit_event {
	const char *event;   /* a constant: "login", "account.create", … see doorward-audit(5) */
	const char *outcome; /* "ok", or the error's name in the API: "INCORRECT_PASSWORD" */
	const char *account; /* the email or name it is about; NULL for none */
	const char *by;	     /* the account ID of who did it; NULL: the same, or nobody known */
	const char *session; /* the session's ID; NULL for none */
	const char *detail;  /* what else there is to say; NULL for nothing */
};

/*
 * Writes one line. A text that is longer than 256 bytes is cut; where it is not UTF-8, U+FFFD stands for
 * each byte beyond ASCII. What cannot be written is said in the log, once until it can be again, and
 * stops nobody.
 */
void audit_write(struct audit *audit, const struct client *client, const struct audit_event *event);

#endif
