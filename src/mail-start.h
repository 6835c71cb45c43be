/*
 * Has the mails delivered that this process queued, by another: "doorward mail flush", which lives on
 * by itself. So nobody who logs in waits for a mail server, and responders stay small.
 */
#ifndef DOORWARD_MAIL_START_H
#define DOORWARD_MAIL_START_H

#include "config.h"

/*
 * Starts a flush in a session of its own, after the transaction that queued the mail; it takes what
 * vfork(2) and exec take. Where it cannot be started that is logged, and the mail waits for the next.
 *
 * Nobody waits for it: from now on the kernel forgets children of this process as they end
 * (SA_NOCLDWAIT), so that there are no zombies, no handler that interrupts accept(2), and no second
 * program that would have to be waited for. So a process that calls this cannot wait for other children.
 *
 * Standard error stays, for the log, unless that goes to syslog, or this is a CGI program whose server
 * may read it to its end before the client gets its answer. The environment is made anew: that of a CGI
 * program is the client's request.
 */
void mail_start(const struct config *config);

#endif
