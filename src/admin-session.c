/* doorward session: who is logged in. */
#include <string.h>

#include "admin.h"
#include "object.h"
#include "session.h"

struct listing {
	const char *login; /* NULL: everybody's */
	struct json_object *rows;
};

static bool add_row(void *arg, const struct session *session)
{
	struct listing *listing = arg;
	struct json_object *row;

	if (listing->login && strcmp(listing->login, session->login) != 0)
		return true;
	row = json_object_new_object();
	object_add_text(row, "id", session->id);
	object_add_text(row, "login", session->login);
	object_add_text(row, "role", role_name(session->role));
	object_add_text(row, "user", session->user);
	object_add_text(row, "database", session->database);
	object_add_time(row, "created", (double)session->created);
	object_add_time(row, "renewed", (double)session->renewed);
	object_add_time(row, "expires", (double)session->expires);
	json_object_array_add(listing->rows, row);
	return true;
}

static enum error fill(struct txn *txn, struct json_object *rows, void *arg)
{
	struct listing listing = { .login = arg, .rows = rows };

	return session_each(txn, add_row, &listing);
}

static enum error list(struct admin *admin)
{
	static const char *const columns[] = { "login",	  "role",    "user", "created",
					       "renewed", "expires", "id",   NULL };

	return admin_list(admin, fill, (void *)admin_option(admin, "account"), columns);
}

static enum error end_one(struct txn *txn, void *arg)
{
	struct admin *admin = arg;
	enum error error = session_end(txn, admin->operands[0]);

	return error == ERR_ABSENT ? admin_fail(admin, "there is no such session") : error;
}

/* An account's sessions all end when its epoch moves on. */
static enum error end_all(struct txn *txn, void *arg)
{
	struct admin *admin = arg;
	const char *login = admin_option(admin, "account");
	struct account account;
	enum account_kind kind = strchr(login, '@') && !admin_option(admin, "service")
					 ? ACCOUNT_INDIVIDUAL
					 : ACCOUNT_SERVICE;
	enum error error =
		account_find_to_change(txn, NULL, kind, login, &account, &admin->failure);

	if (error)
		return error;
	error = account_change(txn, &account, &(struct account_changes){ .end_sessions = true });
	account_free(&account);
	return error;
}

static enum error revoke(struct admin *admin)
{
	bool one = admin->operands[0], all = admin_option(admin, "account");
	enum error error;

	if (one == all)
		return admin_misuse(admin, "either a session's ID or --account is needed");
	error = store_update(admin->context.store, one ? end_one : end_all, admin);
	if (!error)
		admin_audit(admin, "session.revoke", admin_option(admin, "account"),
			    admin->operands[0]);
	return error;
}

static const struct admin_option list_options[] = {
	{ "account", "ACCOUNT", "only of this email or name" },
	{ NULL, NULL, NULL },
};

static const struct admin_option revoke_options[] = {
	{ "account", "ACCOUNT", "all of this email or name" },
	{ "service", NULL, "the account is a program's, even with an @ in its name" },
	{ NULL, NULL, NULL },
};

const struct admin_command admin_session_commands[] = {
	{ .group = "session",
	  .verb = "list",
	  .options = list_options,
	  .help = "Lists sessions whose records are there, ended by their account or not.",
	  .run = list },
	{ .group = "session",
	  .verb = "revoke",
	  .operands = "ID | --account ACCOUNT",
	  .operand_count = 1,
	  .operand_optional = true,
	  .options = revoke_options,
	  .help = "Ends a session, or all of an account's: their tokens stop working at once.",
	  .run = revoke },
	{ .group = NULL },
};
