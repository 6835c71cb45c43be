#include "service-key.h"

#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

#include "object.h"
#include "record.h"
#include "tables.h"
#include "text.h"

#define MEMBER_KEY_SIZE (2 * ID_SIZE)

/* Keys deleted in one go; an account with more is asked again. */
#define DELETE_MOST 16

static const struct record_format format = { .what = "service key", .version = 1 };

void service_key_free(struct service_key *key)
{
	json_object_put(key->record);
	memset(key, 0, sizeof(*key));
}

static void member_key(char key_r[MEMBER_KEY_SIZE], const char *account, const char *id)
{
	snprintf(key_r, MEMBER_KEY_SIZE, "%s%s", account, id);
}

/* Takes over record. */
static enum error from_record(const char *id, struct json_object *record, struct service_key *key_r)
{
	const char *account = object_text(record, "account");

	memset(key_r, 0, sizeof(*key_r));
	key_r->record = record;
	text_copy(key_r->id, ID_SIZE, id);
	text_copy(key_r->account, ID_SIZE, account ? account : "");
	key_r->created = object_number(record, "created", 0);
	key_r->expires = object_number(record, "expires", 0);
	key_r->metadata = object_member(record, "metadata");
	if (account && key_r->metadata && object_text(record, "hash"))
		return OK;
	service_key_free(key_r);
	return ERR_SERVER;
}

enum error service_key_create(struct txn *txn, const char *account, double expires,
			      struct json_object *metadata, char text_r[SERVICE_KEY_SIZE],
			      struct service_key *key_r)
{
	unsigned char raw[SERVICE_KEY_BYTES];
	char id[ID_SIZE], member[MEMBER_KEY_SIZE], hash[DIGEST_TEXT_SIZE];
	struct json_object *record = json_object_new_object();
	enum error error;

	random_bytes(raw, sizeof(raw));
	base64url_encode(id, raw, ID_BYTES);
	strcpy(text_r, SERVICE_KEY_PREFIX);
	base64url_encode(text_r + strlen(SERVICE_KEY_PREFIX), raw, sizeof(raw));
	explicit_bzero(raw, sizeof(raw));
	digest_text(hash, text_r);

	object_add_text(record, "account", account);
	object_add_text(record, "hash", hash);
	object_add_time(record, "created", time_now());
	if (expires > 0)
		object_add_time(record, "expires", expires);
	json_object_object_add(record, "metadata",
			       metadata ? json_object_get(metadata) : json_object_new_object());
	member_key(member, account, id);
	if ((error = record_put(txn, TABLE_SERVICE_KEY, id, &format, record)) ||
	    (error = store_put(txn, TABLE_SERVICE_KEY_ACCOUNT, bytes_of(member), bytes_of("")))) {
		json_object_put(record);
		return error;
	}
	return from_record(id, record, key_r);
}

enum error service_key_get(struct txn *txn, const char *id, struct service_key *key_r)
{
	struct json_object *record;
	enum error error = record_get(txn, TABLE_SERVICE_KEY, id, &format, &record);

	return error ? error : from_record(id, record, key_r);
}

enum error service_key_exists(struct txn *txn, const char *id)
{
	return store_exists(txn, TABLE_SERVICE_KEY, bytes_of(id));
}

/* The ID that a key's text names; false when it has not the form of one. */
static bool read_id(char id_r[ID_SIZE], const char *text)
{
	unsigned char raw[SERVICE_KEY_BYTES];
	size_t prefix = strlen(SERVICE_KEY_PREFIX), size;

	if (strncmp(text, SERVICE_KEY_PREFIX, prefix) != 0 ||
	    !base64url_decode(raw, sizeof(raw), &size, text + prefix, strlen(text + prefix)) ||
	    size != SERVICE_KEY_BYTES)
		return false;
	base64url_encode(id_r, raw, ID_BYTES);
	explicit_bzero(raw, sizeof(raw));
	return true;
}

bool service_key_is_one(const char *text)
{
	char id[ID_SIZE];

	return read_id(id, text);
}

enum error service_key_find(struct txn *txn, const char *account, const char *text, double now,
			    struct service_key *key_r)
{
	char id[ID_SIZE], hash[DIGEST_TEXT_SIZE];
	const char *stored;
	enum error error;

	memset(key_r, 0, sizeof(*key_r));
	if (!read_id(id, text))
		return ERR_ABSENT;
	error = service_key_get(txn, id, key_r);
	if (error)
		return error;
	digest_text(hash, text);
	stored = object_text(key_r->record, "hash");
	if (strlen(stored) == strlen(hash) && gnutls_memcmp(stored, hash, strlen(hash)) == 0 &&
	    strcmp(key_r->account, account) == 0 && (key_r->expires == 0 || key_r->expires > now))
		return OK;
	service_key_free(key_r);
	return ERR_ABSENT;
}

enum error service_key_delete(struct txn *txn, const struct service_key *key)
{
	char member[MEMBER_KEY_SIZE];
	enum error error = store_delete(txn, TABLE_SERVICE_KEY, bytes_of(key->id));

	member_key(member, key->account, key->id);
	return error ? error : store_delete(txn, TABLE_SERVICE_KEY_ACCOUNT, bytes_of(member));
}

struct batch {
	struct service_key keys[DELETE_MOST];
	int count;
};

static bool collect(void *arg, const struct service_key *key)
{
	struct batch *batch = arg;
	struct service_key *copy = &batch->keys[batch->count++];

	*copy = *key;
	copy->record = NULL; /* only the IDs are needed, and the record goes away */
	return batch->count < DELETE_MOST;
}

enum error service_key_delete_all(struct txn *txn, const char *account)
{
	struct batch batch;
	enum error error;

	do {
		batch.count = 0;
		error = service_key_each(txn, account, collect, &batch);
		for (int i = 0; !error && i < batch.count; i++)
			error = service_key_delete(txn, &batch.keys[i]);
	} while (!error && batch.count == DELETE_MOST);
	return error;
}

struct visit {
	struct txn *txn;
	service_key_fn *each;
	void *arg;
	enum error error;
};

static bool visit_member(void *arg, struct bytes key, struct bytes value)
{
	struct visit *visit = arg;
	struct service_key found;
	char id[ID_SIZE];
	bool more;

	(void)value;
	if (key.size != 2 * ID_LENGTH)
		return true; /* nobody's */
	bytes_to_text(id, ID_SIZE, (struct bytes){ (const char *)key.data + ID_LENGTH, ID_LENGTH });
	visit->error = service_key_get(visit->txn, id, &found);
	if (visit->error == ERR_ABSENT) {
		visit->error = OK; /* deleted between the two reads */
		return true;
	}
	if (visit->error)
		return false;
	more = visit->each(visit->arg, &found);
	service_key_free(&found);
	return more;
}

enum error service_key_each(struct txn *txn, const char *account, service_key_fn *each, void *arg)
{
	struct visit visit = { .txn = txn, .each = each, .arg = arg };
	enum error error = store_scan(txn, TABLE_SERVICE_KEY_ACCOUNT, bytes_of(account),
				      bytes_of(""), visit_member, &visit);

	return error ? error : visit.error;
}

enum error service_key_links(const char *id, struct bytes value, link_fn *each, void *arg)
{
	char member[MEMBER_KEY_SIZE];
	struct json_object *record;
	struct service_key key;
	enum error error = record_parse(&format, value, &record);

	if (!error)
		error = from_record(id, record, &key);
	if (error)
		return error;
	member_key(member, key.account, id);
	error = link_each(
		(const struct link[]){
			{ LINK_INDEX, TABLE_SERVICE_KEY_ACCOUNT, bytes_of(member), bytes_of("") },
			{ LINK_NEEDS, TABLE_ACCOUNT, bytes_of(key.account), bytes_of("") },
		},
		2, each, arg);
	service_key_free(&key);
	return error;
}

bool service_key_member_owner(struct bytes key, struct bytes value, struct bytes *owner_r)
{
	(void)value;
	if (key.size != 2 * ID_LENGTH)
		return false;
	*owner_r = (struct bytes){ (const char *)key.data + ID_LENGTH, ID_LENGTH };
	return true;
}
