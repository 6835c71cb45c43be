/*
 * The store's tables within a transaction: ordered byte keys, got, put, deleted and scanned.
 */
#include <stdlib.h>
#include <string.h>

#include "store-private.h"

/* Records that a transaction reads in a row or writes before it lets a recovery pass. */
#define STEPS_AT_ONCE 1024

enum error store_spoil(struct txn *txn, int error)
{
	if (!txn->failed)
		txn->failed = error;
	return ERR_UNAVAILABLE;
}

void store_let_recover(struct txn *txn)
{
	int error;

	store_leave(&txn->store->locks);
	error = store_enter(&txn->store->locks);
	if (error)
		store_spoil(txn, error);
}

/* A long transaction stands in nobody's way. */
static void step(struct txn *txn)
{
	if (++txn->steps % STEPS_AT_ONCE == 0)
		store_let_recover(txn);
}

DB *store_table(struct txn *txn, unsigned number)
{
	struct store *store = txn->store;
	int error = 0;

	if (txn->failed)
		return NULL;
	if (!store->tables[number])
		error = store_open_table(store, number);
	if (error)
		store_spoil(txn, error);
	return store->tables[number];
}

static DBT dbt_of(struct bytes bytes)
{
	DBT dbt = { .data = (void *)bytes.data, .size = (uint32_t)bytes.size };

	return dbt;
}

/* What Berkeley DB's answer to one call means. */
static enum error outcome(struct txn *txn, int error)
{
	switch (error) {
	case 0:
		return OK;
	case DB_NOTFOUND:
		return ERR_ABSENT;
	case DB_KEYEXIST:
		return ERR_EXISTS;
	default:
		return store_spoil(txn, error);
	}
}

/* The same for a call that changes something. */
static enum error outcome_of_write(struct txn *txn, int error)
{
	if (!error) {
		txn->writes++;
		step(txn);
	}
	return outcome(txn, error);
}

static enum error get(struct txn *txn, unsigned table, struct bytes key, struct bytes *value_r,
		      uint32_t flags)
{
	DB *db = store_table(txn, table);
	DBT k = dbt_of(key), v = { 0 };
	enum error error;

	if (!db)
		return ERR_UNAVAILABLE;
	error = outcome(txn, db->get(db, txn->handle, &k, &v, flags));
	if (!error)
		*value_r = (struct bytes){ v.data, v.size };
	return error;
}

enum error store_get(struct txn *txn, unsigned table, struct bytes key, struct bytes *value_r)
{
	return get(txn, table, key, value_r, 0);
}

enum error store_exists(struct txn *txn, unsigned table, struct bytes key)
{
	DB *db = store_table(txn, table);
	DBT k = dbt_of(key);

	return db ? outcome(txn, db->exists(db, txn->handle, &k, 0)) : ERR_UNAVAILABLE;
}

enum error store_get_to_change(struct txn *txn, unsigned table, struct bytes key,
			       struct bytes *value_r)
{
	return get(txn, table, key, value_r, DB_RMW);
}

static enum error put(struct txn *txn, unsigned table, struct bytes key, struct bytes value,
		      uint32_t flags)
{
	DB *db = store_table(txn, table);
	DBT k = dbt_of(key), v = dbt_of(value);

	return db ? outcome_of_write(txn, db->put(db, txn->handle, &k, &v, flags))
		  : ERR_UNAVAILABLE;
}

enum error store_put(struct txn *txn, unsigned table, struct bytes key, struct bytes value)
{
	return put(txn, table, key, value, 0);
}

enum error store_add(struct txn *txn, unsigned table, struct bytes key, struct bytes value)
{
	return put(txn, table, key, value, DB_NOOVERWRITE);
}

enum error store_delete(struct txn *txn, unsigned table, struct bytes key)
{
	DB *db = store_table(txn, table);
	DBT k = dbt_of(key);

	return db ? outcome_of_write(txn, db->del(db, txn->handle, &k, 0)) : ERR_UNAVAILABLE;
}

static bool starts_with(const DBT *key, struct bytes prefix)
{
	return key->size >= prefix.size &&
	       (prefix.size == 0 || memcmp(key->data, prefix.data, prefix.size) == 0);
}

/* The greater of the two is where a scan starts. */
static struct bytes scan_start(struct bytes prefix, struct bytes from)
{
	size_t common = prefix.size < from.size ? prefix.size : from.size;
	int order = common ? memcmp(from.data, prefix.data, common) : 0;

	return order > 0 || (order == 0 && from.size > prefix.size) ? from : prefix;
}

enum error store_scan(struct txn *txn, unsigned table, struct bytes prefix, struct bytes from,
		      scan_fn *each, void *arg)
{
	DB *db = store_table(txn, table);
	DBT k = dbt_of(scan_start(prefix, from)), v = { 0 };
	DBC *cursor;
	int error;

	if (!db)
		return ERR_UNAVAILABLE;
	error = db->cursor(db, txn->handle, &cursor, 0);
	if (error)
		return store_spoil(txn, error);
	error = cursor->get(cursor, &k, &v, k.size ? DB_SET_RANGE : DB_FIRST);
	while (!error && starts_with(&k, prefix) &&
	       each(arg, (struct bytes){ k.data, k.size }, (struct bytes){ v.data, v.size }) &&
	       !txn->failed) {
		step(txn);
		error = cursor->get(cursor, &k, &v, DB_NEXT);
	}
	if (error && error != DB_NOTFOUND)
		store_spoil(txn, error);
	error = cursor->close(cursor);
	if (error)
		store_spoil(txn, error);
	return txn->failed ? ERR_UNAVAILABLE : OK;
}

enum error store_count(struct txn *txn, unsigned table, uint64_t *count_r)
{
	DB *db = store_table(txn, table);
	DB_BTREE_STAT *stat;
	int error;

	if (!db)
		return ERR_UNAVAILABLE;
	error = db->stat(db, txn->handle, &stat, DB_READ_COMMITTED);
	if (error)
		return store_spoil(txn, error);
	*count_r = stat->bt_nkeys;
	free(stat);
	return OK;
}
