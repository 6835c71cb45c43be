/* doorward mail: what waits in the outbox, and getting it out. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin.h"
#include "encode.h"
#include "log.h"
#include "mail-delivery.h"
#include "object.h"
#include "text.h"

#define HIDDEN "********"

static enum error flush(struct admin *admin)
{
	struct mail_flush result;
	struct json_object *answer;
	bool quiet = admin_option(admin, "quiet");
	enum error error = OK;

	/* by itself it is nobody's command, but one of the responders' processes */
	if (quiet)
		log_open("doorward", admin->context.config.log_target == LOG_TO_SYSLOG);
	if (admin_option(admin, "all"))
		error = mail_hasten_all(&admin->context);
	if (!error)
		error = mail_flush(&admin->context, &result);
	if (error)
		return error == ERR_DATA ? admin_fail(admin, "%s", result.why) : error;
	if (quiet)
		return OK;
	answer = json_object_new_object();
	object_add_integer(answer, "delivered", result.delivered);
	object_add_integer(answer, "failed", result.failed);
	object_add_integer(answer, "dropped", result.dropped);
	object_add_truth(answer, "left_to_another", result.left);
	admin_print_object(admin, answer);
	if (result.failed == 0)
		return OK;
	return admin_fail(admin, "%d not delivered, the last because: %s", result.failed,
			  result.why);
}

static bool add_row(void *arg, const struct mail *mail)
{
	struct json_object *rows = arg, *row = json_object_new_object();

	object_add_text(row, "id", mail->id);
	object_add_text(row, "kind", mail_kind_name(mail->kind));
	object_add_text(row, "to", mail->to);
	object_add_time(row, "created", (double)mail->created);
	object_add_time(row, "due", (double)mail->due);
	object_add_integer(row, "attempts", mail->attempts);
	object_add_text(row, "error", mail->error);
	json_object_array_add(rows, row);
	return true;
}

static enum error fill(struct txn *txn, struct json_object *rows, void *arg)
{
	(void)arg;
	return outbox_each(txn, add_row, rows);
}

static enum error list(struct admin *admin)
{
	static const char *const columns[] = { "id",  "kind",	  "to",	   "created",
					       "due", "attempts", "error", NULL };

	return admin_list(admin, fill, NULL, columns);
}

struct reading {
	struct admin *admin;
	struct mail mail;
};

static enum error read_mail(struct txn *txn, void *arg)
{
	struct reading *reading = arg;
	enum error error;

	mail_free(&reading->mail);
	error = outbox_get(txn, reading->admin->operands[0], &reading->mail);
	return error == ERR_ABSENT ? admin_fail(reading->admin, "there is no such mail") : error;
}

/* The text with what is hidden instead of the code. The caller frees. */
static char *without_code(const char *text, const char *code)
{
	char *copy = calloc(strlen(text) * strlen(HIDDEN) + 1, 1), *to = copy;
	size_t length = strlen(code);

	while (copy && *text) {
		if (length > 0 && strncmp(text, code, length) == 0) {
			to = stpcpy(to, HIDDEN);
			text += length;
		} else {
			*to++ = *text++;
		}
	}
	return copy;
}

static enum error print_message(struct admin *admin, const struct mail *mail)
{
	struct mail_templates templates;
	struct mail_message message;
	struct json_object *answer;
	char why[MAIL_WHY_SIZE];
	bool good = mail_templates_load(&templates, admin->context.config.mail_templates, why,
					sizeof(why));

	if (!good)
		return admin_fail(admin, "%s", why);
	good = mail_compose(&admin->context.config, &templates, mail, MAIL_LF, &message, why,
			    sizeof(why));
	mail_templates_free(&templates);
	if (!good)
		return admin_fail(admin, "%s", why);
	if (admin->json) {
		answer = json_object_new_object();
		object_add_text(answer, "id", mail->id);
		object_add_text(answer, "message", message.text);
		admin_print_object(admin, answer);
	} else {
		fputs(message.text, stdout);
	}
	mail_message_free(&message);
	return OK;
}

static enum error show(struct admin *admin)
{
	struct reading reading = { .admin = admin };
	enum error error = store_view(admin->context.store, read_mail, &reading);
	char *link;

	if (error)
		return error;
	link = without_code(reading.mail.link, reading.mail.code);
	if (link) {
		struct mail masked = reading.mail;

		masked.link = link;
		masked.code = HIDDEN;
		error = print_message(admin, &masked);
	} else {
		error = admin_fail(admin, "out of memory");
	}
	free(link);
	mail_free(&reading.mail);
	return error;
}

static bool add_id(void *arg, const struct mail *mail)
{
	json_object_array_add(arg, json_object_new_string(mail->id));
	return true;
}

/* In two steps: a scan must not delete what it is given. */
static enum error drop_all(struct txn *txn, void *arg)
{
	struct json_object *ids = json_object_new_array();
	enum error error = outbox_each(txn, add_id, ids);

	(void)arg;
	for (size_t i = 0; !error && i < json_object_array_length(ids); i++)
		error = outbox_delete(txn,
				      json_object_get_string(json_object_array_get_idx(ids, i)));
	json_object_put(ids);
	return error;
}

static enum error drop_one(struct txn *txn, void *arg)
{
	struct admin *admin = arg;
	enum error error = outbox_delete(txn, admin->operands[0]);

	return error == ERR_ABSENT ? admin_fail(admin, "there is no such mail") : error;
}

static enum error drop(struct admin *admin)
{
	bool one = admin->operands[0], all = admin_option(admin, "all");

	if (one == all)
		return admin_misuse(admin, "either a mail's ID or --all is needed");
	return store_update(admin->context.store, one ? drop_one : drop_all, admin);
}

/* "FOLDER/verify.txt" and the like; the caller frees. */
static char *template_path(const char *folder, enum mail_kind kind, enum mail_part part)
{
	char name[MAIL_TEMPLATE_NAME_SIZE], *path;

	mail_template_name(name, kind, part);
	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

static enum error write_template(struct admin *admin, enum mail_kind kind, enum mail_part part)
{
	const char *text = mail_template_default(kind, part);
	char *path = template_path(admin->operands[0], kind, part);
	enum error error = OK;
	FILE *file = path ? fopen(path, "wx") : NULL;
	bool good = file && fputs(text, file) >= 0;

	if (file && fclose(file) != 0)
		good = false;
	if (!good)
		error = admin_fail(admin, "%s: %s", path ? path : "", strerror(errno));
	free(path);
	return error;
}

static enum error refuse_existing(struct admin *admin, enum mail_kind kind, enum mail_part part)
{
	char *path = template_path(admin->operands[0], kind, part);
	enum error error = OK;

	if (path && access(path, F_OK) == 0)
		error = admin_fail(admin, "%s exists: nothing was written", path);
	free(path);
	return error;
}

/* Does something for each template, until that fails. */
static enum error each_template(struct admin *admin,
				enum error (*each)(struct admin *admin, enum mail_kind kind,
						   enum mail_part part))
{
	enum error error = OK;

	for (enum mail_kind kind = 0; kind < MAIL_KIND__MAX; kind++) {
		for (enum mail_part part = 0; !error && part < MAIL_PART__MAX; part++)
			error = each(admin, kind, part);
	}
	return error;
}

static enum error templates(struct admin *admin)
{
	const char *folder = admin->operands[0];
	enum error error;

	umask(022); /* they are no secret, and whoever delivers must be able to read them */
	if (mkdir(folder, 0777) != 0 && errno != EEXIST)
		return admin_fail(admin, "%s: %s", folder, strerror(errno));
	error = each_template(admin, refuse_existing);
	return error ? error : each_template(admin, write_template);
}

/* A mail of made-up data, with a name that not every system can write. Its code opens nothing. */
static enum error send_sample(struct admin *admin, const struct mail_templates *all,
			      struct transport *transport, enum mail_kind kind)
{
	char link[URL_MOST + 64], why[MAIL_WHY_SIZE];
	int64_t now = (int64_t)time_now();
	struct mail mail = {
		.kind = kind,
		.to = admin->operands[0],
		.name = "Zoë Sample",
		.organization = "Sample & Co.",
		.link = link,
		.code = "only-a-sample",
		.error = "",
		.expires = now + mail_code_lifetime(kind),
		.created = now,
	};

	id_new(mail.id);
	snprintf(link, sizeof(link), "%s?code=%s&sample=%s", admin->context.config.url, mail.code,
		 mail_kind_name(kind));
	if (!mail_deliver(&admin->context.config, all, transport, &mail, why))
		return admin_fail(admin, "%s to %s: %s", mail_kind_name(kind), mail.to, why);
	return OK;
}

static enum error test(struct admin *admin)
{
	struct transport *transport;
	struct mail_templates all;
	struct json_object *answer;
	char why[MAIL_WHY_SIZE];
	enum error error = OK;

	if (admin_check_email(admin, admin->operands[0]))
		return admin->failure.code;
	if (!mail_templates_load(&all, admin->context.config.mail_templates, why, sizeof(why)))
		return admin_fail(admin, "%s", why);
	transport = mail_transport_open(&admin->context.config);
	if (!transport)
		error = admin_fail(admin, "out of memory");
	for (enum mail_kind kind = 0; !error && kind < MAIL_KIND__MAX; kind++)
		error = send_sample(admin, &all, transport, kind);
	mail_transport_close(transport);
	mail_templates_free(&all);
	if (error)
		return error;
	answer = json_object_new_object();
	object_add_text(answer, "to", admin->operands[0]);
	object_add_integer(answer, "delivered", MAIL_KIND__MAX);
	admin_print_object(admin, answer);
	return OK;
}

static const struct admin_option flush_options[] = {
	{ "all", NULL, "also those that failed and wait for their next attempt" },
	{ "quiet", NULL, "say nothing, fail only when it cannot begin: for programs" },
	{ NULL, NULL, NULL },
};

static const struct admin_option drop_options[] = {
	{ "all", NULL, "all that wait" },
	{ NULL, NULL, NULL },
};

const struct admin_command admin_mail_commands[] = {
	{ .group = "mail",
	  .verb = "flush",
	  .options = flush_options,
	  .help = "Delivers the mails that are due. Responders do this by themselves.",
	  .run = flush },
	{ .group = "mail",
	  .verb = "list",
	  .help = "Lists the mails that wait for their delivery.",
	  .run = list },
	{ .group = "mail",
	  .verb = "show",
	  .operands = "ID",
	  .operand_count = 1,
	  .help = "Prints a mail as it will be sent, without its code.",
	  .run = show },
	{ .group = "mail",
	  .verb = "drop",
	  .operands = "ID | --all",
	  .operand_count = 1,
	  .operand_optional = true,
	  .options = drop_options,
	  .help = "Takes a mail out that is not to be sent any more.",
	  .run = drop },
	{ .group = "mail",
	  .verb = "templates",
	  .operands = "DIRECTORY",
	  .operand_count = 1,
	  .operand_file = true,
	  .help = "Writes the built-in templates there, to be changed. Overwrites nothing.",
	  .run = templates,
	  .makes_state = true },
	{ .group = "mail",
	  .verb = "test",
	  .operands = "EMAIL",
	  .operand_count = 1,
	  .help = "Sends a sample of each kind of mail there, to try the configuration.",
	  .run = test },
	{ .group = NULL },
};
