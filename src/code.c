#include "code.h"

#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

#include "expiry.h"
#include "object.h"
#include "record.h"
#include "tables.h"

#define SWEEP_MOST 4
#define LANE 'a'
#define KEY_SIZE (1 + ID_SIZE)

static const struct record_format format = { .what = "code", .version = 1 };

static const char letters[CODE_PURPOSE__MAX] = {
	[CODE_VERIFY] = 'v',
	[CODE_PASSWORD] = 'p',
};

static void make_key(char key_r[KEY_SIZE], enum code_purpose purpose, const char *account)
{
	snprintf(key_r, KEY_SIZE, "%c%s", letters[purpose], account);
}

static enum error remove_record(struct txn *txn, const char *key, int64_t when)
{
	struct json_object *record;
	enum error error = record_get(txn, TABLE_CODE, key, &format, &record);

	if (error)
		return error;
	/* a code that replaced this one ends later, and has its own note */
	if (object_integer(record, "expires", 0) == when)
		error = store_delete(txn, TABLE_CODE, bytes_of(key));
	json_object_put(record);
	return error;
}

enum error code_create(struct txn *txn, enum code_purpose purpose, const char *account,
		       int64_t lifetime, struct code *code_r)
{
	unsigned char raw[CODE_BYTES];
	char key[KEY_SIZE], hash[DIGEST_TEXT_SIZE];
	int64_t now = (int64_t)time_now();
	struct json_object *record;
	enum error error;

	random_bytes(raw, sizeof(raw));
	base64url_encode(code_r->text, raw, sizeof(raw));
	explicit_bzero(raw, sizeof(raw));
	code_r->expires = now + lifetime;
	digest_text(hash, code_r->text);

	error = expiry_sweep(txn, TABLE_CODE_END, LANE, now, SWEEP_MOST, remove_record);
	if (!error)
		error = code_delete(txn, purpose, account);
	if (error)
		return error;
	make_key(key, purpose, account);
	record = json_object_new_object();
	object_add_text(record, "hash", hash);
	object_add_integer(record, "created", now);
	object_add_integer(record, "expires", code_r->expires);
	error = record_put(txn, TABLE_CODE, key, &format, record);
	json_object_put(record);
	return error ? error : expiry_put(txn, TABLE_CODE_END, LANE, code_r->expires, key);
}

enum error code_check(struct txn *txn, enum code_purpose purpose, const char *account,
		      const char *text, int64_t now)
{
	char key[KEY_SIZE], hash[DIGEST_TEXT_SIZE];
	struct json_object *record;
	const char *stored;
	enum error error;

	make_key(key, purpose, account);
	error = record_get(txn, TABLE_CODE, key, &format, &record);
	if (error)
		return error;
	digest_text(hash, text);
	stored = object_text(record, "hash");
	if (!stored || strlen(stored) != strlen(hash) ||
	    gnutls_memcmp(stored, hash, strlen(hash)) != 0 ||
	    object_integer(record, "expires", 0) <= now)
		error = ERR_ABSENT;
	json_object_put(record);
	return error;
}

enum error code_delete(struct txn *txn, enum code_purpose purpose, const char *account)
{
	struct json_object *record;
	char key[KEY_SIZE];
	enum error error;

	make_key(key, purpose, account);
	error = record_get(txn, TABLE_CODE, key, &format, &record);
	if (error)
		return error == ERR_ABSENT ? OK : error;
	error = expiry_delete(txn, TABLE_CODE_END, LANE, object_integer(record, "expires", 0), key);
	json_object_put(record);
	return error ? error : store_delete(txn, TABLE_CODE, bytes_of(key));
}

enum error code_delete_all(struct txn *txn, const char *account)
{
	enum error error = OK;

	for (enum code_purpose purpose = 0; !error && purpose < CODE_PURPOSE__MAX; purpose++)
		error = code_delete(txn, purpose, account);
	return error;
}

enum error code_links(const char *key, struct bytes value, link_fn *each, void *arg)
{
	char note[EXPIRY_KEY_SIZE];
	struct json_object *record;
	enum error error;

	if (!memchr(letters, *key, sizeof(letters)) || !id_is_well_formed(key + 1))
		return ERR_SERVER;
	error = record_parse(&format, value, &record);
	if (error)
		return error;
	if (!object_text(record, "hash"))
		error = ERR_SERVER;
	expiry_key(note, LANE, object_integer(record, "expires", 0), key);
	json_object_put(record);
	if (error)
		return error;
	return link_each(
		(const struct link[]){
			{ LINK_INDEX, TABLE_CODE_END, bytes_of(note), bytes_of("") },
			{ LINK_NEEDS, TABLE_ACCOUNT, bytes_of(key + 1), bytes_of("") },
		},
		2, each, arg);
}
