/*
 * Queues mails as an endpoint would: "queue CONF" reads a JSON object a line from standard input, with
 * kind, email, name, organization and lifetime (seconds; may be missing), and does for each in one
 * transaction: the account with that email, made where there is none, gets a code and a mail with it.
 * Prints the mail's ID and link, a line each. "queue CONF --start" then has them delivered, as a
 * responder would, and waits for the end of its standard input.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "background.h"
#include "code.h"
#include "context.h"
#include "object.h"
#include "organization.h"
#include "outbox.h"

#define LINE_SIZE 8192

struct queueing {
	struct json_object *wanted;
	enum mail_kind kind;
	char organization[ID_SIZE], account[ID_SIZE], id[ID_SIZE];
	char link[512];
	struct failure failure;
};

static bool take_organization(void *arg, const struct organization *organization)
{
	memcpy(arg, organization->id, ID_SIZE);
	return false;
}

static enum error find_account(struct txn *txn, struct queueing *queueing)
{
	const char *email = object_text(queueing->wanted, "email");
	struct account account;
	enum error error = account_find(txn, ACCOUNT_INDIVIDUAL, email, &account, NULL);

	if (error == ERR_ABSENT) {
		const struct account_new new = {
			.organization = queueing->organization,
			.kind = ACCOUNT_INDIVIDUAL,
			.role = ROLE_BACKEND,
			.login = email,
		};

		return account_create(txn, &new, queueing->account, &queueing->failure);
	}
	if (error)
		return error;
	memcpy(queueing->account, account.id, ID_SIZE);
	account_free(&account);
	return OK;
}

static enum error queue_one(struct txn *txn, void *arg)
{
	struct queueing *queueing = arg;
	struct json_object *wanted = queueing->wanted;
	int64_t lifetime = object_integer(wanted, "lifetime", mail_code_lifetime(queueing->kind));
	struct code code;
	struct mail_new mail = {
		.account = queueing->account,
		.kind = queueing->kind,
		.to = object_text(wanted, "email"),
		.name = object_text(wanted, "name"),
		.organization = object_text(wanted, "organization"),
		.link = queueing->link,
		.code = code.text,
	};
	enum error error = organization_each(txn, take_organization, queueing->organization);

	if (!error)
		error = find_account(txn, queueing);
	if (!error)
		error = code_create(txn, mail_code_purpose(queueing->kind), queueing->account,
				    lifetime, &code);
	if (error)
		return error;
	mail.expires = code.expires;
	snprintf(queueing->link, sizeof(queueing->link),
		 "https://app.example.com/%s?code=%s&n=1%%202", mail_kind_name(queueing->kind),
		 code.text);
	return outbox_add(txn, &mail, queueing->id);
}

static bool read_kind(struct queueing *queueing)
{
	const char *kind = object_text(queueing->wanted, "kind");

	for (queueing->kind = 0; kind && queueing->kind < MAIL_KIND__MAX; queueing->kind++) {
		if (strcmp(mail_kind_name(queueing->kind), kind) == 0)
			return true;
	}
	return false;
}

static bool queue_line(struct context *context, const char *line)
{
	struct queueing queueing = { .wanted = object_parse_own(line, strlen(line)) };
	bool good =
		read_kind(&queueing) && store_update(context->store, queue_one, &queueing) == OK;

	if (good)
		printf("%s\t%s\n", queueing.id, queueing.link);
	else
		fprintf(stderr, "queue: cannot queue %s", line);
	failure_clear(&queueing.failure);
	json_object_put(queueing.wanted);
	return good && fflush(stdout) == 0;
}

int main(int argc, char **argv)
{
	bool start = argc == 3 && strcmp(argv[2], "--start") == 0, good = true;
	struct context context = { 0 };
	char why[512], line[LINE_SIZE];

	if (argc != 2 && !start) {
		fprintf(stderr, "usage: queue CONF [--start]\n");
		return 2;
	}
	if (!config_load(&context.config, argv[1], why, sizeof(why))) {
		fprintf(stderr, "queue: %s\n", why);
		return 1;
	}
	if (!context_open(&context))
		return 1;
	while (good && fgets(line, sizeof(line), stdin)) {
		good = queue_line(&context, line);
		if (good && start)
			background_start(&context.config, BACKGROUND_MAIL);
	}
	context_close(&context);
	return good ? 0 : 1;
}
