/*
 * Keys of service accounts (contract section 3): further secrets that a program logs in with in the
 * place of its password, several at a time, so that they can be replaced one by one. A key is random
 * and long, so it is stored as its SHA-256 and costs no password hash. It names its own record.
 */
#ifndef DOORWARD_SERVICE_KEY_H
#define DOORWARD_SERVICE_KEY_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "encode.h"
#include "error.h"
#include "link.h"
#include "store.h"

/* So that scanners for leaked secrets know one when they see it. */
#define SERVICE_KEY_PREFIX "dwkey_"

#define SERVICE_KEY_BYTES (ID_BYTES + 32) /* the record's ID, and the secret */
#define SERVICE_KEY_SIZE (sizeof(SERVICE_KEY_PREFIX) + BASE64URL_LENGTH(SERVICE_KEY_BYTES))

struct service_key {
	char id[ID_SIZE];
	char account[ID_SIZE];
	double created;
	double expires;		      /* seconds since the epoch; 0: never */
	struct json_object *metadata; /* an object, borrowed from record */
	struct json_object *record;
};

/* Frees what the key holds; all zero is allowed. */
void service_key_free(struct service_key *key);

/*
 * Makes a key for an account, which the caller knows to be there. text_r is the key itself, which
 * nobody can read again. expires: 0 for never. metadata: NULL for none; borrowed. The caller frees key_r.
 */
enum error service_key_create(struct txn *txn, const char *account, double expires,
			      struct json_object *metadata, char text_r[SERVICE_KEY_SIZE],
			      struct service_key *key_r);

/* Reads a key by its ID; ERR_ABSENT. The caller frees. */
enum error service_key_get(struct txn *txn, const char *id, struct service_key *key_r);

/* Whether there is a key with this ID: OK or ERR_ABSENT. */
enum error service_key_exists(struct txn *txn, const char *id);

/* Whether a text has the form of a key, and nothing else can be meant by it. */
bool service_key_is_one(const char *text);

/*
 * Finds the key that text is, of the given account and not expired at the time now; ERR_ABSENT. The
 * caller frees.
 */
enum error service_key_find(struct txn *txn, const char *account, const char *text, double now,
			    struct service_key *key_r);

/* Deletes a key; ERR_ABSENT. The sessions that were opened with it end with it. */
enum error service_key_delete(struct txn *txn, const struct service_key *key);

/* Deletes all keys of an account. */
enum error service_key_delete_all(struct txn *txn, const char *account);

/* Calls each for every key of an account, until it returns false. */
typedef bool service_key_fn(void *arg, const struct service_key *key);
enum error service_key_each(struct txn *txn, const char *account, service_key_fn *each, void *arg);

links_fn service_key_links;
owner_fn service_key_member_owner;

#endif
