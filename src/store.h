/*
 * The store: tables of ordered byte keys in one Berkeley DB environment, shared by every process on
 * the machine and safe against any of them being killed at any moment. It knows nothing of what the
 * records mean.
 *
 * When a process dies without closing, the next one to open the environment runs recovery, and all
 * others learn of it (DB_RUNRECOVERY) at their next call: store_update() and store_view() then close
 * and reopen everything and run their function again. So the functions given to them must be safe to
 * run twice, and everything that cannot be undone (mail, log lines, answers) happens after they return.
 */
#ifndef DOORWARD_STORE_H
#define DOORWARD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"
#include "error.h"

struct store;
struct txn;

struct store_options {
	const char *directory;	   /* the environment's home; made with mode 0700 when missing */
	const char *const *tables; /* the tables' names; the index is the table's number */
	size_t table_count;
	int64_t cache; /* bytes; counts only for the process that makes the environment */
};

/*
 * Makes a store and opens its environment. A process opens a store once and never in a parent that
 * forks. NULL only when out of memory. An environment that cannot be opened is logged, and tried
 * again by store_update() and store_view(), so that a responder lives through it.
 */
struct store *store_open(const struct store_options *options);

/* Closes everything and frees the store; NULL is allowed. */
void store_close(struct store *store);

/*
 * Whether the environment was lost and opened anew since store_open(). The store works as before, but
 * Berkeley DB keeps the memory of a lost environment: DB_ENV->close() gives up early there. So a process
 * that means to live long does well to begin anew.
 */
bool store_has_lost(const struct store *store);

/* What runs in a transaction. OK commits; anything else leaves the store as it was. */
typedef enum error txn_fn(struct txn *txn, void *arg);

/*
 * Runs fn in a transaction. When it returns OK its changes are on disk before store_update() returns
 * OK. Where another process is in the way fn runs again, a bounded number of times. Returns what fn
 * returned, or ERR_UNAVAILABLE (and a line in the log) when the store cannot do it.
 */
enum error store_update(struct store *store, txn_fn *fn, void *arg);

/*
 * The same, but OK does not wait for the disk: what was written is there for every process at once, and
 * a crash of the machine, not of a process, may lose the last of it. For counters that may.
 */
enum error store_update_lazily(struct store *store, txn_fn *fn, void *arg);

/*
 * Runs fn as a part of a larger transaction that changes or reads much. Where another process is in the
 * way, fn alone runs again, and what the transaction did before stands. OK counts with the whole
 * transaction, anything else leaves the store as it was before fn.
 */
enum error store_step(struct txn *txn, txn_fn *fn, void *arg);

/* The same for a function that only reads. Each read sees committed records. */
enum error store_view(struct store *store, txn_fn *fn, void *arg);

/*
 * Reads the record under key. *value_r is valid until the next call for the same table. ERR_ABSENT
 * when there is none.
 */
enum error store_get(struct txn *txn, unsigned table, struct bytes key, struct bytes *value_r);

/* Whether there is a record under key: OK or ERR_ABSENT. */
enum error store_exists(struct txn *txn, unsigned table, struct bytes key);

/* As store_get(), and nobody else can change the record until the transaction ends. */
enum error store_get_to_change(struct txn *txn, unsigned table, struct bytes key,
			       struct bytes *value_r);

/* Writes a record, whether or not there is one. */
enum error store_put(struct txn *txn, unsigned table, struct bytes key, struct bytes value);

/* Writes a record under a key that has none yet; ERR_EXISTS otherwise. */
enum error store_add(struct txn *txn, unsigned table, struct bytes key, struct bytes value);

/* Deletes a record; ERR_ABSENT when there is none. */
enum error store_delete(struct txn *txn, unsigned table, struct bytes key);

/*
 * Calls each, in the order of the keys, for every record whose key starts with prefix and is not
 * less than from (both may be empty), until each returns false. Key and value are valid during that
 * call; it may read other tables and write to any, but must not delete the record it is given.
 */
typedef bool scan_fn(void *arg, struct bytes key, struct bytes value);
enum error store_scan(struct txn *txn, unsigned table, struct bytes prefix, struct bytes from,
		      scan_fn *each, void *arg);

/* The number of records in a table. Reads all of it. */
enum error store_count(struct txn *txn, unsigned table, uint64_t *count_r);

#endif
