/* doorward service-key: the keys that service accounts log in with. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "admin.h"
#include "object.h"
#include "service-key.h"

#define DAY (24 * 60 * 60.0)
#define DAYS_MOST 36600

static enum error find_account(struct txn *txn, struct admin *admin, struct account *account_r)
{
	return account_find_to_change(txn, NULL, ACCOUNT_SERVICE, admin->operands[0], account_r,
				      &admin->failure);
}

static struct json_object *to_json(const struct service_key *key)
{
	struct json_object *object = json_object_new_object();

	object_add_text(object, "id", key->id);
	object_add_time(object, "created", key->created);
	if (key->expires > 0)
		object_add_time(object, "expires", key->expires);
	json_object_object_add(object, "metadata", json_object_get(key->metadata));
	return object;
}

struct creation {
	struct admin *admin;
	double expires;
	struct json_object *answer;
};

static enum error create(struct txn *txn, void *arg)
{
	struct creation *creation = arg;
	struct service_key key = { .record = NULL };
	char text[SERVICE_KEY_SIZE];
	struct account account;
	enum error error = find_account(txn, creation->admin, &account);

	if (error)
		return error;
	error = service_key_create(txn, account.id, creation->expires, NULL, text, &key);
	if (!error) {
		json_object_put(creation->answer);
		creation->answer = to_json(&key);
		object_add_text(creation->answer, "key", text);
	}
	explicit_bzero(text, sizeof(text));
	service_key_free(&key);
	account_free(&account);
	return error;
}

static enum error take_days(struct admin *admin, double *expires_r)
{
	const char *text = admin_option(admin, "days");
	char *end;
	long days;

	*expires_r = 0;
	if (!text)
		return OK;
	errno = 0;
	days = strtol(text, &end, 10);
	if (errno || end == text || *end || days < 1 || days > DAYS_MOST)
		return admin_misuse(admin, "--days is a number from 1 to %d", DAYS_MOST);
	*expires_r = time_now() + (double)days * DAY;
	return OK;
}

static enum error add(struct admin *admin)
{
	struct creation creation = { .admin = admin };
	enum error error = take_days(admin, &creation.expires);

	if (!error)
		error = store_update(admin->context.store, create, &creation);
	if (error)
		return error;
	admin_audit(admin, "service-key.create", admin->operands[0],
		    object_text(creation.answer, "id"));
	admin_print_object(admin, creation.answer);
	return OK;
}

static bool add_row(void *arg, const struct service_key *key)
{
	json_object_array_add(arg, to_json(key));
	return true;
}

static enum error fill(struct txn *txn, struct json_object *rows, void *arg)
{
	struct account account;
	enum error error = find_account(txn, arg, &account);

	if (error)
		return error;
	error = service_key_each(txn, account.id, add_row, rows);
	account_free(&account);
	return error;
}

static enum error list(struct admin *admin)
{
	static const char *const columns[] = { "id", "created", "expires", "metadata", NULL };

	return admin_list(admin, fill, admin, columns);
}

static enum error remove_key(struct txn *txn, void *arg)
{
	struct admin *admin = arg;
	struct service_key key;
	enum error error = service_key_get(txn, admin->operands[0], &key);

	if (error == ERR_ABSENT)
		return fail(&admin->failure, ERR_NO_KEY, "%s", admin->operands[0]);
	if (error)
		return error;
	error = service_key_delete(txn, &key);
	service_key_free(&key);
	return error;
}

static enum error erase(struct admin *admin)
{
	enum error error = store_update(admin->context.store, remove_key, admin);

	if (!error)
		admin_audit(admin, "service-key.delete", NULL, admin->operands[0]);
	return error;
}

static const struct admin_option add_options[] = {
	{ "days", "DAYS", "how long it is good (for ever)" },
	{ NULL, NULL, NULL },
};

const struct admin_command admin_service_key_commands[] = {
	{ .group = "service-key",
	  .verb = "add",
	  .operands = "NAME",
	  .operand_count = 1,
	  .options = add_options,
	  .help = "Makes a key that a service account logs in with, and shows it this once.",
	  .run = add },
	{ .group = "service-key",
	  .verb = "list",
	  .operands = "NAME",
	  .operand_count = 1,
	  .help = "Lists a service account's keys.",
	  .run = list },
	{ .group = "service-key",
	  .verb = "delete",
	  .operands = "ID",
	  .operand_count = 1,
	  .help = "Deletes a key. The sessions that were opened with it end.",
	  .run = erase },
	{ .group = NULL },
};
