/*
 * Reads and writes a store below the models, to plant damage, and through those that no command reaches:
 *
 *   plant CONF list TABLE             a JSON object for each record: {"key": …, "value": …}
 *   plant CONF put TABLE KEY VALUE    writes, over what is there
 *   plant CONF delete TABLE KEY
 *   plant CONF fill ACCOUNT           a service key, codes, a mail and a failed login of an account's ID
 *   plant hash PREFIX COST PASSWORD   crypt(3)
 */
#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code.h"
#include "context.h"
#include "object.h"
#include "outbox.h"
#include "service-key.h"
#include "tables.h"
#include "throttle.h"

struct plan {
	unsigned table;
	const char *key, *value;
};

static bool print_record(void *arg, struct bytes key, struct bytes value)
{
	struct json_object *record = json_object_new_object();

	(void)arg;
	json_object_object_add(record, "key", json_object_new_string_len(key.data, (int)key.size));
	json_object_object_add(record, "value",
			       json_object_new_string_len(value.data, (int)value.size));
	puts(json_object_to_json_string(record));
	json_object_put(record);
	return true;
}

static enum error list(struct txn *txn, void *arg)
{
	struct plan *plan = arg;

	return store_scan(txn, plan->table, bytes_of(""), bytes_of(""), print_record, NULL);
}

static enum error put(struct txn *txn, void *arg)
{
	struct plan *plan = arg;

	return store_put(txn, plan->table, bytes_of(plan->key), bytes_of(plan->value));
}

static enum error delete_one(struct txn *txn, void *arg)
{
	struct plan *plan = arg;

	return store_delete(txn, plan->table, bytes_of(plan->key));
}

static enum error fill(struct txn *txn, void *arg)
{
	const char *account = ((struct plan *)arg)->key;
	char text[SERVICE_KEY_SIZE], id[ID_SIZE];
	struct service_key key;
	struct code verify, password;
	struct mail_new mail = { .account = account,
				 .kind = MAIL_VERIFY,
				 .to = "ann@example.com",
				 .name = "Ann",
				 .organization = "Example",
				 .link = "http://localhost/verify",
				 .code = verify.text };
	enum error error = service_key_create(txn, account, 0, NULL, text, &key);

	if (error)
		return error;
	service_key_free(&key);
	if ((error = code_create(txn, CODE_VERIFY, account, 3600, &verify)) ||
	    (error = code_create(txn, CODE_PASSWORD, account, 60, &password)))
		return error;
	mail.expires = verify.expires;
	return outbox_add(txn, &mail, id);
}

/* A failed login is counted by itself, in its own transaction. */
static void fail_login(struct store *store)
{
	const struct throttle_login login = { ACCOUNT_INDIVIDUAL, "ann@example.com", "192.0.2.1" };

	throttle_login_failed(store, &login);
}

static const struct {
	const char *name;
	int words; /* of the command line, with all before */
	txn_fn *fn;
	bool writes;
} verbs[] = {
	{ "list", 4, list, false },
	{ "put", 6, put, true },
	{ "delete", 5, delete_one, true },
	{ "fill", 4, fill, true },
};

static int print_hash(char **argv)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	const char *hash;

	if (!crypt_gensalt_rn(argv[2], strtoul(argv[3], NULL, 10), NULL, 0, setting,
			      sizeof(setting)) ||
	    !(hash = crypt(argv[4], setting)))
		return 1;
	puts(hash);
	return 0;
}

static unsigned find_table(const char *name)
{
	unsigned table = 0;

	while (table < TABLE__MAX && strcmp(table_names[table], name) != 0)
		table++;
	return table;
}

static enum error run(struct context *context, int verb, char **argv)
{
	bool fills = verbs[verb].fn == fill;
	struct plan plan = { .table = fills ? 0 : find_table(argv[3]),
			     .key = fills ? argv[3] : argv[4],
			     .value = verbs[verb].words > 5 ? argv[5] : NULL };

	if (plan.table == TABLE__MAX)
		return ERR_DATA;
	if (fills)
		fail_login(context->store);
	return verbs[verb].writes ? store_update(context->store, verbs[verb].fn, &plan)
				  : store_view(context->store, verbs[verb].fn, &plan);
}

int main(int argc, char **argv)
{
	struct context context = { .store = NULL };
	char why[512];
	enum error error = ERR_DATA;

	if (argc == 5 && strcmp(argv[1], "hash") == 0)
		return print_hash(argv);
	if (argc < 4)
		return 2;
	if (!config_load(&context.config, argv[1], why, sizeof(why)) || !context_open(&context)) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	for (int i = 0; i < (int)(sizeof(verbs) / sizeof(verbs[0])); i++) {
		if (strcmp(verbs[i].name, argv[2]) == 0 && argc == verbs[i].words)
			error = run(&context, i, argv);
	}
	context_close(&context);
	if (error)
		fprintf(stderr, "plant: error %d\n", (int)error);
	return error ? 1 : 0;
}
