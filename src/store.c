#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "store-private.h"

/*
 * Nobody waits within Berkeley DB for a process that may be killed: see store-locks.h. Who finds a page
 * locked gives up the transaction and tries again (DB_TXN_NOWAIT). Living processes lock pages for
 * milliseconds: one that stays locked for longer than this is a dead one's, and opening the environment
 * anew helps, which finds the dead process and runs recovery.
 */
#define LOCK_PATIENCE_MS 1500

/* How often the environment is opened anew for one transaction. */
#define REOPEN_TRIES 4

/* Checkpoint after so much log, so that recovery is short and old log files can go. */
#define CHECKPOINT_KB 4096
#define COMMITS_PER_CHECK 64
#define WRITES_PER_CHECK 4096

struct store *store_open(const struct store_options *options)
{
	struct store *store = calloc(1, sizeof(*store) + options->table_count * sizeof(DB *));

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
	if (mkdir(store->directory, 0700) != 0 && errno != EEXIST)
		log_line(LOG_ERR, "store: %s: %s", store->directory, strerror(errno));
	store_env_open(store);
	return store;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	store_env_close(store);
	store_locks_close(&store->locks);
	free(store->directory);
	free(store);
}

bool store_has_lost(const struct store *store)
{
	return store->lost;
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

/* The same as the only writer. */
static enum error attempt_update(struct store *store, txn_fn *fn, void *arg,
				 const struct manner *manner, int *db_error_r)
{
	enum error result;
	bool died = false;

	*db_error_r = store_take_turn(&store->locks, &died);
	if (*db_error_r)
		return ERR_UNAVAILABLE;
	if (died && !store_env_reopen(store, DB_RUNRECOVERY)) {
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
		if (!store->env && (reopened++ >= REOPEN_TRIES || !store_env_reopen(store, error)))
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
		if (reopened++ >= REOPEN_TRIES || !store_env_reopen(store, error))
			return ERR_UNAVAILABLE;
	}
	log_line(LOG_ERR, "store: %s; %s", db_strerror(error), store_advice(error));
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
