/*
 * Mails as messages (RFC 5322): text and HTML as alternatives, in UTF-8, from the templates. Whatever
 * stands in a name or an address, it stays within its header.
 */
#ifndef DOORWARD_MAIL_COMPOSE_H
#define DOORWARD_MAIL_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "mail-template.h"
#include "outbox.h"

struct mail_message {
	char *from, *to; /* the envelope's addresses, as SMTP has them between < and > */
	char *text;	 /* the message: ASCII, but for an address that is not */
	size_t size;
};

enum mail_newline { MAIL_LF, MAIL_CRLF };

/*
 * Composes the message of a mail. It has the same Message-ID and date each time, so that one which is
 * delivered twice can be known for it. False when its address is none that can be written, or out of
 * memory: why_r (size bytes) has one line, and nothing needs to be freed.
 */
bool mail_compose(const struct config *config, const struct mail_templates *templates,
		  const struct mail *mail, enum mail_newline newline,
		  struct mail_message *message_r, char *why_r, size_t size);

/* Wipes and frees; all zero is allowed. */
void mail_message_free(struct mail_message *message);

#endif
