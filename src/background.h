/*
 * Work that nobody is to wait for, done by another process that lives on by itself: the admin command.
 * So nobody who logs in waits for a mail server, and responders stay small.
 */
#ifndef DOORWARD_BACKGROUND_H
#define DOORWARD_BACKGROUND_H

#include "config.h"

enum background {
	BACKGROUND_MAIL,  /* "doorward mail flush": delivers what waits in the outbox */
	BACKGROUND_LEARN, /* "doorward database learn": what items have to do with each other */
	BACKGROUND__MAX
};

/*
 * Starts it in a session of its own, after the transaction that made the work; it takes what vfork(2)
 * and exec take. Where it cannot be started that is logged, and the work waits for the next.
 *
 * Nobody waits for it: from now on the kernel forgets children of this process as they end
 * (SA_NOCLDWAIT), so that there are no zombies, no handler that interrupts accept(2), and no second
 * program that would have to be waited for. So a process that calls this cannot wait for other children.
 *
 * Standard error stays, for the log, unless that goes to syslog, or this is a CGI program whose server
 * may read it to its end before the client gets its answer. The environment is made anew: that of a CGI
 * program is the client's request.
 */
void background_start(const struct config *config, enum background job);

#endif
