#include <db.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "store-private.h"

#define ENV_FLAGS                                                                             \
	(DB_CREATE | DB_INIT_TXN | DB_INIT_LOG | DB_INIT_LOCK | DB_INIT_MPOOL | DB_REGISTER | \
	 DB_RECOVER)

/*
 * Nobody waits within Berkeley DB for a process that may be killed: see store-locks.h. Who finds a page
 * locked gives up the transaction and tries again (DB_TXN_NOWAIT). Living processes lock pages for
 * milliseconds: one that stays locked for longer than this is a dead one's, and opening the environment
 * anew helps, which finds the dead process and runs recovery.
 */
#define LOCK_PATIENCE_MS 1500

/*
 * What locks and transactions may take of the memory that all share, where the largest transaction
 * needs it: some 100,000 pages, each locked. Nothing is set aside for it.
 */
#define SHARED_MOST (64 << 20)
#define LOCK_BUCKETS 8191 /* of the hash table of locks; by itself it would be made for the most */

/* Of each of the two pauses before a recovery, in which the gate is closed: see on_pause(). */
#define RECOVERY_PAUSE_US 1000

/* Records that a transaction reads in a row or writes before it lets a recovery pass. */
#define STEPS_AT_ONCE 1024

/* How often the environment is opened anew for one transaction. */
#define REOPEN_TRIES 4

/* Checkpoint after so much log, so that recovery is short and old log files can go. */
#define CHECKPOINT_KB 4096
#define COMMITS_PER_CHECK 64
#define WRITES_PER_CHECK 4096

struct bytes bytes_of(const char *text)
{
	return (struct bytes){ text, strlen(text) };
}

bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

void *bytes_copy(struct bytes bytes)
{
	char *copy = malloc(bytes.size + 1);

	if (copy)
		bytes_to_text(copy, bytes.size + 1, bytes);
	return copy;
}

void bytes_to_text(char *text_r, size_t size, struct bytes bytes)
{
	size_t length = bytes.size < size ? bytes.size : size - 1;

	if (length > 0) /* what is empty may be nowhere */
		memcpy(text_r, bytes.data, length);
	text_r[length] = '\0';
}

void store_on_db_error(const DB_ENV *env, const char *prefix, const char *message)
{
	(void)env;
	(void)prefix;
	log_line(LOG_WARNING, "store: %s", message);
}

/* To take leave of a lost environment Berkeley DB needs dozens of lines, none of which helps. */
static void ignore_db_error(const DB_ENV *env, const char *prefix, const char *message)
{
	(void)env;
	(void)prefix;
	(void)message;
}

/* What an operator can do about it, in the log line. */
static const char *advice(int error)
{
	switch (error) {
	case ENOSPC:
		return "the disk is full: make room, the store recovers by itself";
	case EACCES:
	case EPERM:
		return "the state directory must belong to the user the web server runs as";
	case DB_VERSION_MISMATCH:
		return "it was made by another version of Berkeley DB";
	default:
		return "see the lines before; \"doorward status\" shows more";
	}
}

/* Within the gate, since closing a table writes to the log. */
static void close_env(struct store *store)
{
	bool within = store_enter(&store->locks) == 0;

	for (unsigned i = 0; i < store->count; i++) {
		if (store->tables[i])
			store->tables[i]->close(store->tables[i], DB_NOSYNC);
		store->tables[i] = NULL;
	}
	if (store->env)
		store->env->close(store->env, 0);
	store->env = NULL;
	if (within)
		store_leave(&store->locks);
}

static int configure_env(DB_ENV *env, const struct store *store)
{
	int error;

	env->set_errcall(env, store_on_db_error);
	if ((error = env->set_cachesize(env, (uint32_t)(store->cache >> 30),
					(uint32_t)(store->cache & ((1 << 30) - 1)), 1)) ||
	    (error = env->set_flags(env, DB_TXN_NOWAIT, 1)) ||
	    (error = env->set_lg_max(env, STORE_LOG_BYTES)) ||
	    (error = env->set_tx_max(env, 500)) ||
	    (error = env->set_timeout(env, RECOVERY_PAUSE_US, DB_SET_REG_TIMEOUT)) ||
	    (error = env->set_memory_max(env, 0, SHARED_MOST)) ||
	    (error = env->set_lk_tablesize(env, LOCK_BUCKETS)) ||
	    (error = env->log_set_config(env, DB_LOG_AUTO_REMOVE, 1)))
		return error;
	return 0;
}

/*
 * Between telling everybody that the environment is lost and recovering it, Berkeley DB pauses twice
 * (DB_SET_REG_TIMEOUT), by a function that a program may replace. There the gate is closed, so that
 * those who are in a transaction have written before the recovery begins, not after it. The hook has
 * no argument, so what it needs stands here.
 */
static struct {
	struct store_locks *locks; /* of the store that is being opened; NULL while none is */
	bool closed;		   /* its gate */
} recovery;

static int on_pause(unsigned long seconds, unsigned long microseconds)
{
	struct timespec pause = { (time_t)seconds, (long)microseconds * 1000 + 1 };

	if (recovery.locks && !recovery.closed) {
		recovery.closed = true;
		store_close_gate(recovery.locks);
	}
	nanosleep(&pause, NULL);
	return 0;
}

/* Opens the environment, which waits for a recovery that another process is running. */
static int open_env(struct store *store)
{
	int error = db_env_create(&store->env, 0);

	if (error) {
		store->env = NULL;
		return error;
	}
	recovery.locks = &store->locks;
	error = configure_env(store->env, store);
	if (!error)
		error = store->env->open(store->env, store->directory, ENV_FLAGS, 0600);
	if (recovery.closed)
		store_leave(&store->locks);
	recovery.locks = NULL;
	recovery.closed = false;
	if (error)
		close_env(store);
	return error;
}

/*
 * Tables are opened when they are first used: a plain CGI process needs two or three of them. An
 * existing table is the rule, so making one is the second try.
 */
static int open_table(struct store *store, unsigned number)
{
	static const uint32_t flags[] = { DB_AUTO_COMMIT, DB_AUTO_COMMIT | DB_CREATE };
	char file[64];
	int error = ENOENT;

	snprintf(file, sizeof(file), "%s.db", store->names[number]);
	for (int i = 0; i < 2 && error == ENOENT; i++) {
		DB *table;

		error = db_create(&table, store->env, 0);
		if (error)
			return error;
		error = table->open(table, NULL, file, NULL, DB_BTREE, flags[i], 0600);
		if (error)
			table->close(table, DB_NOSYNC);
		else
			store->tables[number] = table;
	}
	return error;
}

struct store *store_open(const struct store_options *options)
{
	struct store *store = calloc(1, sizeof(*store) + options->table_count * sizeof(DB *));
	int error;

	if (!store)
		return NULL;
	store->names = options->tables;
	store->count = (unsigned)options->table_count;
	store->cache = options->cache;
	store->directory = strdup(options->directory);
	if (!store->directory) {
		free(store);
		return NULL;
	}
	store_locks_init(&store->locks, store->directory);
	db_env_set_func_yield(on_pause);
	if (mkdir(store->directory, 0700) != 0 && errno != EEXIST)
		log_line(LOG_ERR, "store: %s: %s", store->directory, strerror(errno));
	error = open_env(store);
	if (error)
		log_line(LOG_ERR, "store: cannot open %s: %s; %s", store->directory,
			 db_strerror(error), advice(error));
	return store;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	close_env(store);
	store_locks_close(&store->locks);
	free(store->directory);
	free(store);
}

bool store_has_lost(const struct store *store)
{
	return store->lost;
}

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
		error = open_table(store, number);
	if (error)
		store_spoil(txn, error);
	return store->tables[number];
}

static DBT dbt_of(struct bytes bytes)
{
	DBT dbt = { .data = (void *)bytes.data, .size = (uint32_t)bytes.size };

	return dbt;
}

static enum error get(struct txn *txn, unsigned table, struct bytes key, struct bytes *value_r,
		      uint32_t flags)
{
	DB *db = store_table(txn, table);
	DBT k = dbt_of(key), v = { 0 };
	int error;

	if (!db)
		return ERR_UNAVAILABLE;
	error = db->get(db, txn->handle, &k, &v, flags);
	if (error == DB_NOTFOUND)
		return ERR_ABSENT;
	if (error)
		return store_spoil(txn, error);
	*value_r = (struct bytes){ v.data, v.size };
	return OK;
}

enum error store_get(struct txn *txn, unsigned table, struct bytes key, struct bytes *value_r)
{
	return get(txn, table, key, value_r, 0);
}

enum error store_exists(struct txn *txn, unsigned table, struct bytes key)
{
	DB *db = store_table(txn, table);
	DBT k = dbt_of(key);
	int error;

	if (!db)
		return ERR_UNAVAILABLE;
	error = db->exists(db, txn->handle, &k, 0);
	if (error == DB_NOTFOUND)
		return ERR_ABSENT;
	return error ? store_spoil(txn, error) : OK;
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
	int error;

	if (!db)
		return ERR_UNAVAILABLE;
	error = db->put(db, txn->handle, &k, &v, flags);
	if (error == DB_KEYEXIST)
		return ERR_EXISTS;
	if (error)
		return store_spoil(txn, error);
	txn->writes++;
	step(txn);
	return OK;
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
	int error;

	if (!db)
		return ERR_UNAVAILABLE;
	error = db->del(db, txn->handle, &k, 0);
	if (error == DB_NOTFOUND)
		return ERR_ABSENT;
	if (error)
		return store_spoil(txn, error);
	txn->writes++;
	step(txn);
	return OK;
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

/*
 * Checkpoints happen as commits go by. A failing one is no failure of the request, whose commit is
 * on disk already: it is logged by Berkeley DB and tried again.
 */
static void checkpoint_sometimes(struct store *store)
{
	int hold;

	if (++store->commits < COMMITS_PER_CHECK && store->writes < WRITES_PER_CHECK)
		return;
	store->commits = store->writes = 0;
	hold = store_hold_log(&store->locks, LOCK_SH | LOCK_NB);
	if (hold < 0)
		return; /* for a backup the log files stay */
	store->env->txn_checkpoint(store->env, CHECKPOINT_KB, 0, 0);
	close(hold);
}

static bool is_locked(int error)
{
	return error == DB_LOCK_DEADLOCK || error == DB_LOCK_NOTGRANTED;
}

/* Whether a page that is locked may still be a living process's; then it is tried again soon. */
static bool wait_for_page(struct store *store)
{
	if (!store->locked_since)
		store->locked_since = store_milliseconds();
	if (store_milliseconds() - store->locked_since >= LOCK_PATIENCE_MS)
		return false;
	store_pause();
	return true;
}

enum error store_step(struct txn *txn, txn_fn *fn, void *arg)
{
	struct store *store = txn->store;
	enum error result;
	int error;

	if (txn->failed)
		return ERR_UNAVAILABLE;
	do {
		struct txn step = { .store = store, .begin = txn->begin };

		error = store->env->txn_begin(store->env, txn->handle, &step.handle, step.begin);
		if (error)
			break;
		result = fn(&step, arg);
		if (!step.failed && result == OK) {
			error = step.handle->commit(step.handle, 0);
			if (error)
				break;
			txn->writes += step.writes;
			store->locked_since = 0;
			return OK;
		}
		error = step.handle->abort(step.handle);
		if (!step.failed && !error)
			return result;
		error = step.failed ? step.failed : error;
	} while (is_locked(error) && wait_for_page(store));
	return store_spoil(txn, error);
}

/* How a transaction begins, and how it commits what it wrote. */
struct manner {
	bool writes; /* takes its turn */
	uint32_t begin, commit;
};

/* One attempt within the gate. *db_error_r is 0 when the result counts. */
static enum error attempt_within(struct store *store, txn_fn *fn, void *arg,
				 const struct manner *manner, int *db_error_r)
{
	struct txn txn = { .store = store, .begin = manner->begin };
	enum error result;
	int error;

	error = store->env->txn_begin(store->env, NULL, &txn.handle, manner->begin);
	if (error) {
		*db_error_r = error;
		return ERR_UNAVAILABLE;
	}
	result = fn(&txn, arg);
	if (txn.failed || result != OK) {
		error = txn.handle->abort(txn.handle);
		*db_error_r = txn.failed ? txn.failed : error;
		return result != OK ? result : ERR_UNAVAILABLE;
	}
	*db_error_r = txn.handle->commit(txn.handle, txn.writes ? manner->commit : 0);
	store->writes += txn.writes;
	if (manner->writes && !*db_error_r)
		checkpoint_sometimes(store);
	return OK;
}

static enum error attempt(struct store *store, txn_fn *fn, void *arg, const struct manner *manner,
			  int *db_error_r)
{
	enum error result;

	*db_error_r = store_enter(&store->locks);
	if (*db_error_r)
		return ERR_UNAVAILABLE;
	result = attempt_within(store, fn, arg, manner, db_error_r);
	store_leave(&store->locks);
	return result;
}

/* Closes what is open and opens it again; true when the environment can be used. */
static bool reopen(struct store *store, int reason)
{
	int error;

	if (store->env) {
		log_line(LOG_NOTICE, "store: reopening: %s", db_strerror(reason));
		store->env->set_errcall(store->env, ignore_db_error);
		store->lost = true;
	}
	close_env(store);
	error = open_env(store);
	if (error)
		log_line(LOG_ERR, "store: cannot open %s: %s; %s", store->directory,
			 db_strerror(error), advice(error));
	return error == 0;
}

/* The same as the only writer. */
static enum error attempt_update(struct store *store, txn_fn *fn, void *arg,
				 const struct manner *manner, int *db_error_r)
{
	enum error result;
	bool died = false;

	*db_error_r = store_take_turn(&store->locks, &died);
	if (*db_error_r)
		return ERR_UNAVAILABLE;
	if (died && !reopen(store, DB_RUNRECOVERY)) {
		store_end_turn(&store->locks, false);
		return ERR_UNAVAILABLE;
	}
	result = attempt(store, fn, arg, manner, db_error_r);
	store_end_turn(&store->locks, true);
	return result;
}

static enum error run(struct store *store, txn_fn *fn, void *arg, const struct manner *manner)
{
	int reopened = 0, error = 0;
	enum error result;

	store->locked_since = 0;
	for (;;) {
		if (!store->env && (reopened++ >= REOPEN_TRIES || !reopen(store, error)))
			return ERR_UNAVAILABLE;
		result = manner->writes ? attempt_update(store, fn, arg, manner, &error)
					: attempt(store, fn, arg, manner, &error);
		if (error == 0)
			return result;
		if (is_locked(error) && wait_for_page(store))
			continue;
		if (!is_locked(error) && error != DB_RUNRECOVERY)
			break;
		store->locked_since = 0;
		if (!manner->writes && is_locked(error) && store_somebody_writes(&store->locks))
			continue;
		if (reopened++ >= REOPEN_TRIES || !reopen(store, error))
			return ERR_UNAVAILABLE;
	}
	log_line(LOG_ERR, "store: %s; %s", db_strerror(error), advice(error));
	return ERR_UNAVAILABLE;
}

enum error store_update(struct store *store, txn_fn *fn, void *arg)
{
	return run(store, fn, arg, &(struct manner){ .writes = true, .commit = DB_TXN_SYNC });
}

enum error store_update_lazily(struct store *store, txn_fn *fn, void *arg)
{
	return run(store, fn, arg,
		   &(struct manner){ .writes = true, .commit = DB_TXN_WRITE_NOSYNC });
}

enum error store_view(struct store *store, txn_fn *fn, void *arg)
{
	return run(store, fn, arg, &(struct manner){ .begin = DB_READ_COMMITTED });
}
