#include "accounts.h"

#include <string.h>

#include "letter.h"
#include "object.h"
#include "password.h"

/*
 * The hash of the password in the fields, made before any transaction begins; *hash_r is NULL when
 * there is none.
 */
static enum error hash_field(struct call *call, const char *login, char buffer[PASSWORD_HASH_SIZE],
			     const char **hash_r)
{
	const char *password = object_text(call->fields, "password"), *fault;

	*hash_r = NULL;
	if (!password)
		return OK;
	fault = password_fault(password, login);
	if (fault)
		return fail_field(&call->failure, "password", "%s", fault);
	if (!password_hash(buffer, password, (int)call->context->config.password_cost))
		return ERR_SERVER;
	*hash_r = buffer;
	return OK;
}

struct creation {
	struct account_new new;
	const struct config *config;
	const char *redirect_url; /* where the link in the mail leads; NULL for our own page */
	char id[ID_SIZE];
	struct failure *failure;
};

/* The account, and for a person the letter that gets it going. */
static enum error create(struct txn *txn, void *arg)
{
	struct creation *creation = arg;
	enum error error;

	error = account_create(txn, &creation->new, creation->id, creation->failure);
	if (error || creation->new.kind == ACCOUNT_SERVICE)
		return error;
	return letter_send(txn, creation->config, letter_for_new(creation->new.password),
			   creation->id, creation->redirect_url);
}

enum error accounts_create(struct call *call, const struct accounts_of_kind *of)
{
	const char *role = object_text(call->fields, "role");
	char hash[PASSWORD_HASH_SIZE];
	struct creation creation = {
		.new = {
			.organization = call->caller.organization,
			.kind = of->kind,
			.role = of->initial_role,
			.verified = of->kind == ACCOUNT_SERVICE, /* nothing to verify */
			.login = object_text(call->fields, of->login_field),
			.first_name = object_text(call->fields, "first_name"),
			.last_name = object_text(call->fields, "last_name"),
			.metadata = object_member(call->fields, "metadata"),
		},
		.config = &call->context->config,
		.redirect_url = object_text(call->fields, "email_redirect_url"),
		.failure = &call->failure,
	};
	enum error error;

	if (role)
		role_parse(&creation.new.role, role);
	error = letter_check_url(creation.config, creation.redirect_url, &call->failure);
	if (!error)
		error = hash_field(call, creation.new.login, hash, &creation.new.password);
	if (!error)
		error = store_update(call->context->store, create, &creation);
	if (error)
		return error;
	call->queued_mail = of->kind == ACCOUNT_INDIVIDUAL;
	call_audit(call, "account.create", OK, creation.new.login, role_name(creation.new.role));
	call->answer = json_object_new_object();
	object_add_text(call->answer, "id", creation.id);
	return OK;
}

struct change {
	const struct claims *caller;
	enum account_kind kind;
	const char *login;
	struct account_changes changes;
	struct failure *failure;
};

/* The root account is changed by itself only, keeps its role, and is never deleted. */
static enum error find_changeable(struct txn *txn, const struct change *change,
				  struct account *account_r)
{
	const struct claims *caller = change->caller;
	enum error error = account_find_to_change(txn, caller->organization, change->kind,
						  change->login, account_r, change->failure);

	if (error || account_r->role != ROLE_ROOT)
		return error;
	if (caller->role == ROLE_ROOT && !change->changes.role)
		return OK;
	account_free(account_r);
	return fail(change->failure, ERR_ROOT_ACCOUNT, NULL);
}

static enum error apply(struct txn *txn, void *arg)
{
	struct change *change = arg;
	struct account account;
	enum error error = find_changeable(txn, change, &account);

	if (error)
		return error;
	error = account_change(txn, &account, &change->changes);
	account_free(&account);
	return error;
}

enum error accounts_change(struct call *call, const struct accounts_of_kind *of)
{
	const char *role_text = object_text(call->fields, "role");
	char hash[PASSWORD_HASH_SIZE];
	enum role role;
	struct change change = {
		.caller = &call->caller,
		.kind = of->kind,
		.login = object_text(call->fields, of->login_field),
		.changes = {
			.first_name = object_text(call->fields, "first_name"),
			.last_name = object_text(call->fields, "last_name"),
			.role = role_text && role_parse(&role, role_text) ? &role : NULL,
			.metadata = object_member(call->fields, "metadata"),
		},
		.failure = &call->failure,
	};
	enum error error = hash_field(call, change.login, hash, &change.changes.password);

	if (!error)
		error = store_update(call->context->store, apply, &change);
	if (error)
		return error;
	call_audit(call, "account.change", OK, change.login, NULL);
	if (change.changes.password)
		call_audit(call, "account.password", OK, change.login, NULL);
	if (change.changes.role)
		call_audit(call, "account.role", OK, change.login, role_text);
	return OK;
}

static enum error remove_account(struct txn *txn, void *arg)
{
	struct change *change = arg;
	struct account account;
	enum error error = account_find_to_change(txn, change->caller->organization, change->kind,
						  change->login, &account, change->failure);

	if (error)
		return error;
	if (account.role == ROLE_ROOT)
		error = fail(change->failure, ERR_ROOT_ACCOUNT, NULL);
	else
		error = account_delete(txn, &account);
	account_free(&account);
	return error;
}

enum error accounts_delete(struct call *call, const struct accounts_of_kind *of)
{
	struct change change = {
		.caller = &call->caller,
		.kind = of->kind,
		.login = object_text(call->fields, of->login_field),
		.failure = &call->failure,
	};

	enum error error = store_update(call->context->store, remove_account, &change);

	if (!error)
		call_audit(call, "account.delete", OK, change.login, NULL);
	return error;
}
