/*
 * Accounts (contract section 3): individual ones are people, known by email; service ones are
 * programs, known by name. Emails are unique on the server, without regard to the case of ASCII
 * letters, and so are names.
 */
#ifndef DOORWARD_ACCOUNT_H
#define DOORWARD_ACCOUNT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "encode.h"
#include "error.h"
#include "link.h"
#include "role.h"
#include "store.h"
#include "text.h"

enum account_kind { ACCOUNT_INDIVIDUAL, ACCOUNT_SERVICE };

struct account {
	char id[ID_SIZE];
	char organization[ID_SIZE];
	enum account_kind kind;
	enum role role;
	bool verified;
	const char *login; /* the email or the name; this and the next are borrowed from record */
	const char *password;		    /* its hash; NULL when there is none */
	const char *first_name, *last_name; /* never NULL */
	struct json_object *metadata;	    /* an object, never NULL */
	struct json_object *record;
};

/* What an account is found by: "i:" and the email in lower case, or "s:" and the name. */
#define ACCOUNT_KEY_SIZE (EMAIL_MOST + 4)
void account_key(char key_r[ACCOUNT_KEY_SIZE], enum account_kind kind, const char *login);

/* Frees what the account holds; all zero is allowed. */
void account_free(struct account *account);

struct account_new {
	const char *organization;
	enum account_kind kind;
	enum role role;
	bool verified;
	const char *login;
	const char *password;		    /* its hash; NULL for none */
	const char *first_name, *last_name; /* NULL for none */
	struct json_object *metadata;	    /* NULL for none; borrowed */
};

/* Makes an account. ERR_DUPLICATED_ACCOUNT when the email or name is taken. */
enum error account_create(struct txn *txn, const struct account_new *account, char id_r[ID_SIZE],
			  struct failure *failure);

/* Reads an account by its ID; ERR_ABSENT. The caller frees. */
enum error account_get(struct txn *txn, const char *id, struct account *account_r);

/*
 * The account's epoch, which grows when all its sessions must end: with a new password or role. Kept
 * apart from the record because every token is checked against it. ERR_ABSENT: there is no account.
 */
enum error account_epoch(struct txn *txn, const char *id, int64_t *epoch_r);

/*
 * Reads an account by email or name, on the whole server; ERR_ABSENT. The caller frees. The epoch (not
 * asked for where NULL) is read first, so that it is never newer than the password beside it.
 */
enum error account_find(struct txn *txn, enum account_kind kind, const char *login,
			struct account *account_r, int64_t *epoch_r);

/*
 * The same to change it, within an organization (any, where it is NULL); ERR_NO_ACCOUNT. The caller
 * frees.
 */
enum error account_find_to_change(struct txn *txn, const char *organization, enum account_kind kind,
				  const char *login, struct account *account_r,
				  struct failure *failure);

/* What to change; NULL leaves things as they are. */
struct account_changes {
	const char *password; /* the new one's hash */
	const char *first_name, *last_name;
	const enum role *role;
	const bool *verified;
	struct json_object *metadata; /* replaces the old; borrowed */
	bool end_sessions;	      /* end them though neither password nor role changes */
};

/*
 * Changes and writes an account. A new password or another role ends its sessions; a mailed code for
 * what is now done is good no longer.
 */
enum error account_change(struct txn *txn, struct account *account,
			  const struct account_changes *changes);

/* Writes a better hash of the same password; no session ends. */
enum error account_rehash(struct txn *txn, struct account *account, const char *password);

/*
 * Deletes an account with its service keys and codes. Its sessions end with it; their records go when
 * their time is over.
 */
enum error account_delete(struct txn *txn, const struct account *account);

/*
 * Calls each for every account of an organization, individual ones first, until it returns false.
 * The account is freed after the call.
 */
typedef bool account_fn(void *arg, const struct account *account);
enum error account_each(struct txn *txn, const char *organization, account_fn *each, void *arg);

/* The record that account_create() would write. The caller puts it. */
struct json_object *account_new_record(const struct account_new *account);

links_fn account_links;
owner_fn account_login_owner, account_member_owner, account_epoch_owner;

#endif
