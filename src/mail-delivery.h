/*
 * Delivery: takes mails from the outbox and hands them to the transport. One process does this at a
 * time, and nothing that was queued before a flush began is left behind by it or by the one it leaves
 * it to: see flush_locked() in mail-delivery.c.
 */
#ifndef DOORWARD_MAIL_DELIVERY_H
#define DOORWARD_MAIL_DELIVERY_H

#include <stdbool.h>

#include "context.h"
#include "error.h"
#include "mail-transport.h"

/* Composes a mail and hands it over. False: why_r says why not. */
bool mail_deliver(const struct config *config, const struct mail_templates *templates,
		  struct transport *transport, const struct mail *mail, char why_r[MAIL_WHY_SIZE]);

/* What a flush did. */
struct mail_flush {
	int delivered;
	int failed;		 /* they stay, and are due again later */
	int dropped;		 /* they were of no use any more */
	bool left;		 /* to another process, which waits to do the same */
	char why[MAIL_WHY_SIZE]; /* of the last that failed, or of a failure of the whole */
};

/*
 * Delivers every mail that is due, the one that is due first first, and logs each. OK also when
 * deliveries failed; ERR_DATA when it could not begin (a template, a lock: flush_r->why says which), or
 * the store's error.
 */
enum error mail_flush(struct context *context, struct mail_flush *flush_r);

/* Makes every mail due now that is not yet. */
enum error mail_hasten_all(struct context *context);

#endif
