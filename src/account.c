#include "account.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code.h"
#include "object.h"
#include "record.h"
#include "service-key.h"
#include "tables.h"

static const struct record_format format = { .what = "account", .version = 1 };

static const char *const kind_names[] = {
	[ACCOUNT_INDIVIDUAL] = "individual",
	[ACCOUNT_SERVICE] = "service",
};

#define MEMBER_KEY_SIZE (2 * ID_SIZE + 2)

void account_free(struct account *account)
{
	json_object_put(account->record);
	memset(account, 0, sizeof(*account));
}

void account_key(char key_r[ACCOUNT_KEY_SIZE], enum account_kind kind, const char *login)
{
	char folded[EMAIL_MOST + 1];

	if (kind == ACCOUNT_INDIVIDUAL) {
		email_fold(folded, login);
		login = folded;
	}
	/* too long to be one gives a key of none */
	snprintf(key_r, ACCOUNT_KEY_SIZE, "%c:%s", kind_names[kind][0], login);
}

static void member_key(char key_r[MEMBER_KEY_SIZE], const char *organization,
		       enum account_kind kind, const char *id)
{
	snprintf(key_r, MEMBER_KEY_SIZE, "%s%c%s", organization, kind_names[kind][0], id);
}

/* Takes over record. */
static enum error from_record(const char *id, struct json_object *record, struct account *account_r)
{
	const char *kind = object_text(record, "kind"), *role = object_text(record, "role");
	const char *organization = object_text(record, "org");

	memset(account_r, 0, sizeof(*account_r));
	account_r->record = record;
	text_copy(account_r->id, ID_SIZE, id);
	text_copy(account_r->organization, ID_SIZE, organization ? organization : "");
	account_r->kind = kind && strcmp(kind, kind_names[ACCOUNT_SERVICE]) == 0
				  ? ACCOUNT_SERVICE
				  : ACCOUNT_INDIVIDUAL;
	account_r->verified = object_truth(record, "verified");
	account_r->login = object_text(record, "login");
	account_r->password = object_text(record, "password");
	account_r->first_name = object_text(record, "first_name");
	account_r->last_name = object_text(record, "last_name");
	account_r->metadata = object_member(record, "metadata");
	if (!account_r->first_name)
		account_r->first_name = "";
	if (!account_r->last_name)
		account_r->last_name = "";
	if (role && role_parse(&account_r->role, role) && account_r->login && account_r->metadata)
		return OK;
	account_free(account_r);
	return ERR_SERVER;
}

static enum error put_epoch(struct txn *txn, const char *id, int64_t epoch)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, epoch);
	return store_put(txn, TABLE_ACCOUNT_EPOCH, bytes_of(id), bytes_of(text));
}

enum error account_epoch(struct txn *txn, const char *id, int64_t *epoch_r)
{
	char text[24];
	struct bytes value;
	enum error error = store_get(txn, TABLE_ACCOUNT_EPOCH, bytes_of(id), &value);

	if (error)
		return error;
	bytes_to_text(text, sizeof(text), value);
	*epoch_r = strtoll(text, NULL, 10);
	return OK;
}

struct json_object *account_new_record(const struct account_new *new)
{
	struct json_object *record = json_object_new_object();

	object_add_text(record, "org", new->organization);
	object_add_text(record, "kind", kind_names[new->kind]);
	object_add_text(record, "login", new->login);
	object_add_text(record, "role", role_name(new->role));
	object_add_text(record, "password", new->password);
	object_add_truth(record, "verified", new->verified);
	object_add_time(record, "created", time_now());
	object_add_text(record, "first_name", new->first_name);
	object_add_text(record, "last_name", new->last_name);
	json_object_object_add(record, "metadata",
			       new->metadata ? json_object_get(new->metadata)
					     : json_object_new_object());
	object_add_integer(record, "v", format.version);
	return record;
}

enum error account_create(struct txn *txn, const struct account_new *new, char id_r[ID_SIZE],
			  struct failure *failure)
{
	struct json_object *record;
	char key[ACCOUNT_KEY_SIZE], member[MEMBER_KEY_SIZE];
	enum error error;

	id_new(id_r);
	account_key(key, new->kind, new->login);
	error = store_add(txn, TABLE_ACCOUNT_LOGIN, bytes_of(key), bytes_of(id_r));
	if (error == ERR_EXISTS)
		return fail(failure, ERR_DUPLICATED_ACCOUNT, "%s", new->login);
	if (error)
		return error;
	member_key(member, new->organization, new->kind, id_r);
	if ((error = store_put(txn, TABLE_ACCOUNT_ORG, bytes_of(member), bytes_of(""))) ||
	    (error = put_epoch(txn, id_r, 0)))
		return error;

	record = account_new_record(new);
	error = record_put(txn, TABLE_ACCOUNT, id_r, &format, record);
	json_object_put(record);
	return error;
}

enum error account_get(struct txn *txn, const char *id, struct account *account_r)
{
	struct json_object *record;
	enum error error = record_get(txn, TABLE_ACCOUNT, id, &format, &record);

	return error ? error : from_record(id, record, account_r);
}

static enum error find_id(struct txn *txn, enum account_kind kind, const char *login,
			  char id_r[ID_SIZE])
{
	char key[ACCOUNT_KEY_SIZE];
	struct bytes id;
	enum error error;

	account_key(key, kind, login);
	error = store_get(txn, TABLE_ACCOUNT_LOGIN, bytes_of(key), &id);
	if (!error)
		bytes_to_text(id_r, ID_SIZE, id);
	return error;
}

enum error account_find(struct txn *txn, enum account_kind kind, const char *login,
			struct account *account_r, int64_t *epoch_r)
{
	char id[ID_SIZE];
	enum error error = find_id(txn, kind, login, id);

	if (!error && epoch_r)
		error = account_epoch(txn, id, epoch_r);
	return error ? error : account_get(txn, id, account_r);
}

enum error account_find_to_change(struct txn *txn, const char *organization, enum account_kind kind,
				  const char *login, struct account *account_r,
				  struct failure *failure)
{
	struct json_object *record;
	char id[ID_SIZE];
	enum error error = find_id(txn, kind, login, id);

	if (!error)
		error = record_get_to_change(txn, TABLE_ACCOUNT, id, &format, &record);
	if (!error)
		error = from_record(id, record, account_r);
	if (!error && organization && strcmp(account_r->organization, organization) != 0) {
		account_free(account_r);
		error = ERR_ABSENT;
	}
	if (error == ERR_ABSENT)
		return fail(failure, ERR_NO_ACCOUNT, "%s", login);
	return error;
}

enum error account_change(struct txn *txn, struct account *account,
			  const struct account_changes *changes)
{
	struct json_object *record = account->record;
	bool other_role = changes->role && *changes->role != account->role;
	enum error error = OK;
	int64_t epoch;

	if (changes->password || other_role || changes->end_sessions) {
		error = account_epoch(txn, account->id, &epoch);
		if (!error)
			error = put_epoch(txn, account->id, epoch + 1);
	}
	/* a mailed code is good for what it was asked for, no longer */
	if (!error && changes->password)
		error = code_delete(txn, CODE_PASSWORD, account->id);
	if (!error && changes->verified && *changes->verified)
		error = code_delete(txn, CODE_VERIFY, account->id);
	if (changes->role)
		object_add_text(record, "role", role_name(*changes->role));
	if (changes->verified)
		object_add_truth(record, "verified", *changes->verified);
	object_add_text(record, "password", changes->password);
	object_add_text(record, "first_name", changes->first_name);
	object_add_text(record, "last_name", changes->last_name);
	if (changes->metadata)
		json_object_object_add(record, "metadata", json_object_get(changes->metadata));
	return error ? error : record_put(txn, TABLE_ACCOUNT, account->id, &format, record);
}

enum error account_rehash(struct txn *txn, struct account *account, const char *password)
{
	object_add_text(account->record, "password", password);
	return record_put(txn, TABLE_ACCOUNT, account->id, &format, account->record);
}

enum error account_delete(struct txn *txn, const struct account *account)
{
	char key[ACCOUNT_KEY_SIZE], member[MEMBER_KEY_SIZE];
	enum error error;

	account_key(key, account->kind, account->login);
	member_key(member, account->organization, account->kind, account->id);
	if ((error = service_key_delete_all(txn, account->id)) ||
	    (error = code_delete_all(txn, account->id)) ||
	    (error = store_delete(txn, TABLE_ACCOUNT_LOGIN, bytes_of(key))) ||
	    (error = store_delete(txn, TABLE_ACCOUNT_ORG, bytes_of(member))) ||
	    (error = store_delete(txn, TABLE_ACCOUNT_EPOCH, bytes_of(account->id))))
		return error;
	return store_delete(txn, TABLE_ACCOUNT, bytes_of(account->id));
}

struct visit {
	struct txn *txn;
	account_fn *each;
	void *arg;
	enum error error;
};

static bool visit_member(void *arg, struct bytes key, struct bytes value)
{
	struct visit *visit = arg;
	struct account account;
	char id[ID_SIZE];
	bool more;

	(void)value;
	if (key.size != 2 * ID_LENGTH + 1)
		return true; /* nobody's */
	bytes_to_text(id, ID_SIZE,
		      (struct bytes){ (const char *)key.data + ID_LENGTH + 1, ID_LENGTH });
	visit->error = account_get(visit->txn, id, &account);
	if (visit->error == ERR_ABSENT) {
		visit->error = OK; /* deleted between the two reads */
		return true;
	}
	if (visit->error)
		return false;
	more = visit->each(visit->arg, &account);
	account_free(&account);
	return more;
}

enum error account_each(struct txn *txn, const char *organization, account_fn *each, void *arg)
{
	struct visit visit = { .txn = txn, .each = each, .arg = arg };
	enum error error = store_scan(txn, TABLE_ACCOUNT_ORG, bytes_of(organization), bytes_of(""),
				      visit_member, &visit);

	return error ? error : visit.error;
}

enum error account_links(const char *id, struct bytes value, link_fn *each, void *arg)
{
	char key[ACCOUNT_KEY_SIZE], member[MEMBER_KEY_SIZE], epoch[24];
	struct json_object *record;
	struct account account;
	enum error error = record_parse(&format, value, &record);

	if (!error)
		error = from_record(id, record, &account);
	if (error)
		return error;
	account_key(key, account.kind, account.login);
	member_key(member, account.organization, account.kind, id);
	/* no session can carry an epoch as late as this: where it was lost, all of them end */
	snprintf(epoch, sizeof(epoch), "%" PRId64, (int64_t)time_now());
	error = link_each(
		(const struct link[]){
			{ LINK_INDEX, TABLE_ACCOUNT_LOGIN, bytes_of(key), bytes_of(id) },
			{ LINK_INDEX, TABLE_ACCOUNT_ORG, bytes_of(member), bytes_of("") },
			{ LINK_COMPANION, TABLE_ACCOUNT_EPOCH, bytes_of(id), bytes_of(epoch) },
			{ LINK_NEEDS, TABLE_ORGANIZATION, bytes_of(account.organization),
			  bytes_of("") },
			{ LINK_ROOT, TABLE_ORGANIZATION, bytes_of(account.organization),
			  bytes_of("") },
		},
		account.role == ROLE_ROOT ? 5 : 4, each, arg);
	account_free(&account);
	return error;
}

bool account_login_owner(struct bytes key, struct bytes value, struct bytes *owner_r)
{
	(void)key;
	*owner_r = value;
	return value.size == ID_LENGTH;
}

bool account_member_owner(struct bytes key, struct bytes value, struct bytes *owner_r)
{
	(void)value;
	if (key.size != 2 * ID_LENGTH + 1)
		return false;
	*owner_r = (struct bytes){ (const char *)key.data + ID_LENGTH + 1, ID_LENGTH };
	return true;
}

bool account_epoch_owner(struct bytes key, struct bytes value, struct bytes *owner_r)
{
	(void)value;
	*owner_r = key;
	return key.size == ID_LENGTH;
}
