#include "mail-delivery.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "audit.h"
#include "encode.h"
#include "file.h"
#include "log.h"

/* One mail between the outbox and the transport. */
struct delivery {
	struct mail mail;
	int64_t until;	 /* what is due by then is delivered */
	bool useless;	 /* superseded, expired, its account gone */
	const char *why; /* the transport did not take it; NULL when it did */
};

static enum error take_next(struct txn *txn, void *arg)
{
	struct delivery *delivery = arg;
	int64_t now = (int64_t)time_now();
	enum error error;

	mail_free(&delivery->mail);
	if (now < delivery->until)
		delivery->until = now; /* the clock was set back: what fails from now on waits */
	error = outbox_first_due(txn, delivery->until, &delivery->mail);
	if (error)
		return error;
	error = outbox_check(txn, &delivery->mail, now);
	delivery->useless = error == ERR_ABSENT;
	return delivery->useless ? OK : error;
}

/* A mail that somebody else dropped meanwhile is as good as done. */
static enum error settle(struct txn *txn, void *arg)
{
	struct delivery *delivery = arg;
	const char *id = delivery->mail.id;
	enum error error = delivery->why
				   ? outbox_postpone(txn, id, delivery->why, (int64_t)time_now())
				   : outbox_delete(txn, id);

	return error == ERR_ABSENT ? OK : error;
}

struct flushing {
	struct context *context;
	struct mail_templates templates;
	struct transport *transport;
	struct mail_flush *result;
};

bool mail_deliver(const struct config *config, const struct mail_templates *templates,
		  struct transport *transport, const struct mail *mail, char why_r[MAIL_WHY_SIZE])
{
	struct mail_message message;
	bool good = mail_compose(config, templates, mail, mail_transport_newline(transport),
				 &message, why_r, MAIL_WHY_SIZE);

	if (good) {
		good = mail_transport_send(transport, &message, why_r);
		mail_message_free(&message);
	}
	return good;
}

static void audit(struct context *context, const char *event, const struct delivery *delivery)
{
	static const struct client client = { .number = 0 };
	const struct mail *mail = &delivery->mail;

	audit_write(context->audit, &client,
		    &(struct audit_event){
			    .event = event,
			    .outcome = delivery->why ? "DELIVERY_FAILED" : "ok",
			    .account = mail->to,
			    .detail = delivery->why ? delivery->why : mail_kind_name(mail->kind),
		    });
}

static void count_and_log(struct flushing *flushing, const struct delivery *delivery)
{
	struct mail_flush *result = flushing->result;
	const struct mail *mail = &delivery->mail;
	const char *kind = mail_kind_name(mail->kind);

	if (delivery->useless) {
		result->dropped++;
		audit(flushing->context, "mail.dropped", delivery);
		log_line(LOG_NOTICE, "mail %s (%s) to %s dropped: its link is no longer good",
			 mail->id, kind, mail->to);
	} else if (delivery->why) {
		result->failed++;
		audit(flushing->context, "mail.failed", delivery);
		log_line(LOG_WARNING, "mail %s (%s) to %s not delivered, attempt %lld: %s",
			 mail->id, kind, mail->to, (long long)mail->attempts + 1, delivery->why);
	} else {
		result->delivered++;
		audit(flushing->context, "mail.delivered", delivery);
		log_line(LOG_INFO, "mail %s (%s) to %s delivered", mail->id, kind, mail->to);
	}
}

/*
 * Delivers what is due at its beginning. What fails is due again only later, so each mail is tried once.
 * When the outcome cannot be noted it stops, lest the same mail goes out again and again.
 */
static enum error deliver_due(struct flushing *flushing)
{
	struct store *store = flushing->context->store;
	struct delivery delivery = { .until = (int64_t)time_now() };
	enum error error;

	while (!(error = store_view(store, take_next, &delivery))) {
		delivery.why = NULL;
		if (!delivery.useless &&
		    !mail_deliver(&flushing->context->config, &flushing->templates,
				  flushing->transport, &delivery.mail, flushing->result->why))
			delivery.why = flushing->result->why;
		error = store_update(store, settle, &delivery);
		if (error)
			break;
		count_and_log(flushing, &delivery);
	}
	mail_free(&delivery.mail);
	return error == ERR_ABSENT ? OK : error;
}

static enum error deliver(struct context *context, struct mail_flush *result)
{
	struct flushing flushing = { .context = context, .result = result };
	enum error error;

	if (!mail_templates_load(&flushing.templates, context->config.mail_templates, result->why,
				 sizeof(result->why)))
		return ERR_DATA;
	flushing.transport = mail_transport_open(&context->config);
	if (flushing.transport) {
		error = deliver_due(&flushing);
	} else {
		snprintf(result->why, sizeof(result->why), "out of memory");
		error = ERR_DATA;
	}
	mail_transport_close(flushing.transport);
	mail_templates_free(&flushing.templates);
	return error;
}

/* Opens one of the lock files; -1, and why. */
static int open_lock(const struct context *context, const char *name, struct mail_flush *result)
{
	int fd = file_open_lock(context->config.directory, name);

	if (fd < 0)
		snprintf(result->why, sizeof(result->why), "%s: %s", name, strerror(errno));
	return fd;
}

/*
 * mail.lock is held by the one that delivers, mail.wait by at most one that waits for it. A third can
 * leave at once: the one that waits looks into the outbox only after it has let go of mail.wait, so
 * after everything that was queued before somebody found mail.wait taken. Both locks end with their
 * holder, however it ends.
 */
static enum error flush_locked(struct context *context, int wait, int work,
			       struct mail_flush *result)
{
	if (!file_lock(wait, LOCK_EX | LOCK_NB)) {
		result->left = errno == EWOULDBLOCK;
		snprintf(result->why, sizeof(result->why), "mail.wait: %s", strerror(errno));
		return result->left ? OK : ERR_DATA;
	}
	if (!file_lock(work, LOCK_EX) || !file_lock(wait, LOCK_UN)) {
		snprintf(result->why, sizeof(result->why), "mail.lock: %s", strerror(errno));
		return ERR_DATA;
	}
	return deliver(context, result);
}

enum error mail_flush(struct context *context, struct mail_flush *flush_r)
{
	int wait, work;
	enum error error = ERR_DATA;

	memset(flush_r, 0, sizeof(*flush_r));
	wait = open_lock(context, "mail.wait", flush_r);
	work = open_lock(context, "mail.lock", flush_r);
	if (wait >= 0 && work >= 0)
		error = flush_locked(context, wait, work, flush_r);
	if (wait >= 0)
		close(wait);
	if (work >= 0)
		close(work);
	return error;
}

struct hastening {
	struct txn *txn;
	int64_t now;
	enum error error;
};

static bool hasten(void *arg, const struct mail *mail)
{
	struct hastening *hastening = arg;

	if (mail->due > hastening->now)
		hastening->error = outbox_hasten(hastening->txn, mail->id, hastening->now);
	return !hastening->error;
}

static enum error hasten_all(struct txn *txn, void *arg)
{
	struct hastening hastening = { .txn = txn, .now = (int64_t)time_now() };
	enum error error = outbox_each(txn, hasten, &hastening);

	(void)arg;
	return error ? error : hastening.error;
}

enum error mail_hasten_all(struct context *context)
{
	return store_update(context->store, hasten_all, NULL);
}
