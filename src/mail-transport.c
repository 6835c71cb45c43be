#include "mail-transport.h"

#include <signal.h>
#include <stdlib.h>

struct transport {
	const struct mail_driver *driver;
	void *state;
};

static const struct mail_driver *const drivers[] = {
	[MAIL_BY_MAILDIR] = &mail_maildir,
	[MAIL_BY_SENDMAIL] = &mail_sendmail,
	[MAIL_BY_SMTP] = &mail_smtp,
};

struct transport *mail_transport_open(const struct config *config)
{
	struct transport *transport = calloc(1, sizeof(*transport));

	if (!transport)
		return NULL;
	signal(SIGPIPE, SIG_IGN);
	transport->driver = drivers[config->mail_transport];
	transport->state = transport->driver->open(config);
	if (!transport->state) {
		free(transport);
		return NULL;
	}
	return transport;
}

enum mail_newline mail_transport_newline(const struct transport *transport)
{
	return transport->driver->newline;
}

bool mail_transport_send(struct transport *transport, const struct mail_message *message,
			 char why_r[MAIL_WHY_SIZE])
{
	return transport->driver->send(transport->state, message, why_r);
}

void mail_transport_close(struct transport *transport)
{
	if (!transport)
		return;
	transport->driver->close(transport->state);
	free(transport);
}
