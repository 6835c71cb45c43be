/*
 * The ways out for mails: files in a Maildir, the sendmail command, an SMTP server. A message is handed
 * over whole or not at all, as far as its taker says so, within the configured time.
 */
#ifndef DOORWARD_MAIL_TRANSPORT_H
#define DOORWARD_MAIL_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "mail-compose.h"

#define MAIL_WHY_SIZE 512 /* of a reason, one line */

struct transport;

/*
 * Opens the configured transport; the process ignores SIGPIPE from now on, and has the default of
 * SIGCHLD where it waits for commands. NULL when out of memory. The configuration must outlive it.
 */
struct transport *mail_transport_open(const struct config *config);

/* The line ends that its messages must have. */
enum mail_newline mail_transport_newline(const struct transport *transport);

/* Hands a message over. False: why_r says why not. */
bool mail_transport_send(struct transport *transport, const struct mail_message *message,
			 char why_r[MAIL_WHY_SIZE]);

/* NULL is allowed. */
void mail_transport_close(struct transport *transport);

/* One kind of transport, for the table in mail-transport.c. */
struct mail_driver {
	enum mail_newline newline;
	void *(*open)(const struct config *config); /* its state, or NULL when out of memory */
	bool (*send)(void *state, const struct mail_message *message, char why_r[MAIL_WHY_SIZE]);
	void (*close)(void *state);
};

extern const struct mail_driver mail_maildir, mail_sendmail, mail_smtp;

#endif
