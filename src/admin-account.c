/* doorward account: people's and programs' accounts. */
#include <stdio.h>
#include <string.h>

#include "admin.h"
#include "background.h"
#include "letter.h"
#include "object.h"
#include "password.h"
#include "text.h"

/* What an operand that names an account means: an email has an "@", unless an option decides. */
static enum account_kind kind_of(const struct admin *admin)
{
	if (admin_option(admin, "service"))
		return ACCOUNT_SERVICE;
	return strchr(admin->operands[0], '@') ? ACCOUNT_INDIVIDUAL : ACCOUNT_SERVICE;
}

static enum error take_role(struct admin *admin, const char *text, enum role *role_r)
{
	if (!role_parse(role_r, text) || *role_r == ROLE_ROOT)
		return admin_misuse(admin, "the role is " ROLE_WANTED);
	return OK;
}

struct creation {
	struct account_new new;
	const struct config *config;
	char id[ID_SIZE];
	struct failure *failure;
};

/* The account, and for a person whose address is not verified the letter that gets it going. */
static enum error create(struct txn *txn, void *arg)
{
	struct creation *creation = arg;
	enum error error;

	error = account_create(txn, &creation->new, creation->id, creation->failure);
	if (error || creation->new.verified)
		return error;
	return letter_send(txn, creation->config, letter_for_new(creation->new.password),
			   creation->id, NULL);
}

static enum error check_login(struct admin *admin, enum account_kind kind)
{
	const char *login = admin->operands[0];

	return kind == ACCOUNT_INDIVIDUAL ? admin_check_email(admin, login)
					  : admin_check_name(admin, login);
}

/* A person's first or last name. */
static enum error take_name(struct admin *admin, const char *option, const char **name_r)
{
	*name_r = admin_option(admin, option);
	if (!*name_r || line_is_valid(*name_r))
		return OK;
	return admin_misuse(admin, "--%s must be " LINE_WANTED, option);
}

static enum error add(struct admin *admin)
{
	const char *role = admin_option(admin, "role");
	char hash[PASSWORD_HASH_SIZE], organization[ID_SIZE];
	struct creation creation = {
		.new = {
			.organization = organization,
			.kind = kind_of(admin),
			.login = admin->operands[0],
		},
		.config = &admin->context.config,
		.failure = &admin->failure,
	};
	struct account_new *new = &creation.new;
	struct json_object *answer;
	enum error error;

	new->verified = new->kind == ACCOUNT_SERVICE || admin_option(admin, "verified");
	if (!role)
		return admin_misuse(admin, "--role is needed");
	if ((error = take_role(admin, role, &new->role)) ||
	    (error = check_login(admin, new->kind)) ||
	    (error = take_name(admin, "first-name", &new->first_name)) ||
	    (error = take_name(admin, "last-name", &new->last_name)) ||
	    (error = admin_organization(admin, organization)))
		return error;
	if (!admin_option(admin, "no-password")) {
		error = admin_new_password(admin, new->login, hash);
		new->password = hash;
	}
	if (!error)
		error = store_update(admin->context.store, create, &creation);
	if (error)
		return error;
	admin_audit(admin, "account.create", new->login, role);
	if (!new->verified)
		background_start(&admin->context.config, BACKGROUND_MAIL);
	answer = json_object_new_object();
	object_add_text(answer, "id", creation.id);
	admin_print_object(admin, answer);
	return OK;
}

static struct json_object *to_json(const struct account *account)
{
	struct json_object *object = json_object_new_object();

	object_add_text(object, "id", account->id);
	object_add_text(object, "organization", account->organization);
	object_add_text(object, "kind",
			account->kind == ACCOUNT_SERVICE ? "service" : "individual");
	object_add_text(object, "login", account->login);
	object_add_text(object, "role", role_name(account->role));
	object_add_truth(object, "verified", account->verified);
	object_add_truth(object, "password", account->password != NULL);
	object_add_text(object, "first_name", account->first_name);
	object_add_text(object, "last_name", account->last_name);
	json_object_object_add(object, "metadata", json_object_get(account->metadata));
	return object;
}

static bool add_row(void *arg, const struct account *account)
{
	json_object_array_add(arg, to_json(account));
	return true;
}

static enum error fill(struct txn *txn, struct json_object *rows, void *arg)
{
	return account_each(txn, arg, add_row, rows);
}

static enum error list(struct admin *admin)
{
	static const char *const columns[] = { "login",	     "kind",	  "role", "verified",
					       "first_name", "last_name", "id",	  NULL };
	char organization[ID_SIZE];
	enum error error = admin_organization(admin, organization);

	return error ? error : admin_list(admin, fill, organization, columns);
}

struct change {
	struct admin *admin;
	struct account_changes changes;
	struct json_object *shown;
};

static enum error find(struct txn *txn, const struct change *change, struct account *account_r)
{
	struct admin *admin = change->admin;

	return account_find_to_change(txn, NULL, kind_of(admin), admin->operands[0], account_r,
				      &admin->failure);
}

static enum error describe(struct txn *txn, void *arg)
{
	struct change *change = arg;
	struct account account;
	enum error error = find(txn, change, &account);

	if (error)
		return error;
	json_object_put(change->shown);
	change->shown = to_json(&account);
	account_free(&account);
	return OK;
}

static enum error show(struct admin *admin)
{
	struct change change = { .admin = admin };
	enum error error = store_view(admin->context.store, describe, &change);

	if (!error)
		admin_print_object(admin, change.shown);
	return error;
}

static enum error apply(struct txn *txn, void *arg)
{
	struct change *change = arg;
	struct account account;
	enum error error = find(txn, change, &account);

	if (error)
		return error;
	if (change->changes.role && account.role == ROLE_ROOT)
		error = fail(&change->admin->failure, ERR_ROOT_ACCOUNT, NULL);
	else
		error = account_change(txn, &account, &change->changes);
	account_free(&account);
	return error;
}

static enum error change_account(struct admin *admin, const struct account_changes *changes)
{
	struct change change = { .admin = admin, .changes = *changes };

	return store_update(admin->context.store, apply, &change);
}

/* The account is looked for before a password is asked for in vain. */
static enum error passwd(struct admin *admin)
{
	struct change change = { .admin = admin };
	char hash[PASSWORD_HASH_SIZE];
	enum error error = store_view(admin->context.store, describe, &change);

	json_object_put(change.shown);
	if (!error)
		error = admin_new_password(admin, admin->operands[0], hash);
	if (!error)
		error = change_account(admin, &(struct account_changes){ .password = hash });
	if (!error)
		admin_audit(admin, "account.password", admin->operands[0], NULL);
	return error;
}

static enum error change_role(struct admin *admin)
{
	enum role role;
	enum error error = take_role(admin, admin->operands[1], &role);

	if (!error)
		error = change_account(admin, &(struct account_changes){ .role = &role });
	if (!error)
		admin_audit(admin, "account.role", admin->operands[0], admin->operands[1]);
	return error;
}

static enum error verify(struct admin *admin)
{
	const bool verified = true;
	enum error error = admin_check_email(admin, admin->operands[0]);

	if (!error)
		error = change_account(admin, &(struct account_changes){ .verified = &verified });
	if (!error)
		admin_audit(admin, "account.verify", admin->operands[0], NULL);
	return error;
}

static enum error remove_account(struct txn *txn, void *arg)
{
	struct change *change = arg;
	struct account account;
	enum error error = find(txn, change, &account);

	if (error)
		return error;
	if (account.role == ROLE_ROOT)
		error = fail(&change->admin->failure, ERR_ROOT_ACCOUNT, NULL);
	else
		error = account_delete(txn, &account);
	account_free(&account);
	return error;
}

static enum error erase(struct admin *admin)
{
	struct change change = { .admin = admin };
	enum error error = store_update(admin->context.store, remove_account, &change);

	if (!error)
		admin_audit(admin, "account.delete", admin->operands[0], NULL);
	return error;
}

#define SERVICE                                                                          \
	{                                                                                \
		"service", NULL, "the operand is a program's name, even with an @ in it" \
	}
#define END                      \
	{                        \
		NULL, NULL, NULL \
	}

static const struct admin_option add_options[] = {
	{ "role", "ROLE", "manager, backend or frontend" },
	{ "org", "ORG", "the organization's name or ID (the only one)" },
	{ "first-name", "NAME", "a person's first name" },
	{ "last-name", "NAME", "a person's last name" },
	{ "verified", NULL, "a person's address counts as verified: no mail" },
	{ "no-password", NULL, "without one: a person gets a mail to set it" },
	SERVICE,
	END,
};

static const struct admin_option list_options[] = {
	{ "org", "ORG", "the organization's name or ID (the only one)" },
	END,
};

static const struct admin_option service_options[] = { SERVICE, END };

const struct admin_command admin_account_commands[] = {
	{ .group = "account",
	  .verb = "add",
	  .operands = "EMAIL|NAME --role ROLE",
	  .operand_count = 1,
	  .options = add_options,
	  .help = "Makes an account: a person's for an email, a program's for a name.\n"
		  "Its password is asked for. A person gets a mail to verify the address.",
	  .run = add },
	{ .group = "account",
	  .verb = "list",
	  .options = list_options,
	  .help = "Lists an organization's accounts.",
	  .run = list },
	{ .group = "account",
	  .verb = "show",
	  .operands = "ACCOUNT",
	  .operand_count = 1,
	  .options = service_options,
	  .help = "Shows an account, by email or name.",
	  .run = show },
	{ .group = "account",
	  .verb = "passwd",
	  .operands = "ACCOUNT",
	  .operand_count = 1,
	  .options = service_options,
	  .help = "Gives an account a new password, which is asked for. Its sessions end.",
	  .run = passwd },
	{ .group = "account",
	  .verb = "role",
	  .operands = "ACCOUNT ROLE",
	  .operand_count = 2,
	  .options = service_options,
	  .help = "Gives an account another role. Its sessions end.",
	  .run = change_role },
	{ .group = "account",
	  .verb = "verify",
	  .operands = "EMAIL",
	  .operand_count = 1,
	  .help = "Declares a person's address verified, so that they can log in.",
	  .run = verify },
	{ .group = "account",
	  .verb = "delete",
	  .operands = "ACCOUNT",
	  .operand_count = 1,
	  .options = service_options,
	  .help = "Deletes an account. Its sessions end.",
	  .run = erase },
	{ .group = NULL },
};
