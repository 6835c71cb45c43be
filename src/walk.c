#include "walk.h"

#include <stdlib.h>
#include <string.h>

struct batch {
	const struct walk *walk;
	unsigned table;
	struct bytes prefix;
	struct txn *txn;
	char *from; /* where this batch starts; NULL for the first record */
	size_t from_size;
	char *last; /* where the next one starts */
	size_t last_size;
	int records;
	size_t bytes;
	bool full;
	enum error error;
};

/* The next key in order is this one and a zero byte. */
static bool note_last(struct batch *batch, struct bytes key)
{
	char *last = realloc(batch->last, key.size + 1);

	if (!last)
		return false;
	memcpy(last, key.data, key.size);
	last[key.size] = '\0';
	batch->last = last;
	batch->last_size = key.size + 1;
	return true;
}

static bool visit(void *arg, struct bytes key, struct bytes value)
{
	struct batch *batch = arg;

	batch->error = batch->walk->each(batch->txn, batch->walk->arg, key, value);
	if (batch->error)
		return false;
	batch->bytes += key.size + value.size;
	if (++batch->records < WALK_RECORDS && batch->bytes < WALK_BYTES)
		return true;
	batch->full = true;
	if (!note_last(batch, key))
		batch->error = ERR_UNAVAILABLE;
	return false;
}

static enum error read_batch(struct txn *txn, void *arg)
{
	struct batch *batch = arg;
	enum error error;

	batch->txn = txn;
	batch->records = 0;
	batch->bytes = 0;
	batch->full = false;
	batch->error = OK;
	batch->walk->begin(batch->walk->arg);
	error = store_scan(txn, batch->table, batch->prefix,
			   (struct bytes){ batch->from ? batch->from : "", batch->from_size },
			   visit, batch);
	return error ? error : batch->error;
}

/* Reads batch by batch: in transactions of the store, or where there is a transaction in steps of it. */
static enum error run(struct store *store, struct txn *txn, struct batch *batch)
{
	enum error error;

	do {
		error = txn ? store_step(txn, read_batch, batch)
			    : store_view(store, read_batch, batch);
		if (!error)
			error = batch->walk->end(batch->walk->arg);
		free(batch->from);
		batch->from = batch->last;
		batch->from_size = batch->last_size;
		batch->last = NULL;
	} while (!error && batch->full);
	free(batch->from);
	return error;
}

enum error walk_table(struct store *store, unsigned table, const struct walk *walk)
{
	struct batch batch = { .walk = walk, .table = table, .prefix = bytes_of("") };

	return run(store, NULL, &batch);
}

enum error walk_rows(struct txn *txn, unsigned table, struct bytes prefix, const struct walk *walk)
{
	struct batch batch = { .walk = walk, .table = table, .prefix = prefix };

	return run(NULL, txn, &batch);
}
