/*
 * The store's Berkeley DB environment: how it is opened, closed, and recovered alone.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "store-private.h"

#define ENV_FLAGS                                                                             \
	(DB_CREATE | DB_INIT_TXN | DB_INIT_LOG | DB_INIT_LOCK | DB_INIT_MPOOL | DB_REGISTER | \
	 DB_RECOVER)

/*
 * What locks and transactions may take of the memory that all share, where the largest transaction
 * needs it: some 100,000 pages, each locked. Nothing is set aside for it.
 */
#define SHARED_MOST (64 << 20)
#define LOCK_BUCKETS 8191 /* of the hash table of locks; by itself it would be made for the most */

/* Of each of the two pauses before a recovery, in which the gate is closed: see on_pause(). */
#define RECOVERY_PAUSE_US 1000

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
const char *store_advice(int error)
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
void store_env_close(struct store *store)
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

static int open_env(struct store *store)
{
	int error;

	db_env_set_func_yield(on_pause);
	error = db_env_create(&store->env, 0);
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
		store_env_close(store);
	return error;
}

bool store_env_open(struct store *store)
{
	int error = open_env(store);

	if (error)
		log_line(LOG_ERR, "store: cannot open %s: %s; %s", store->directory,
			 db_strerror(error), store_advice(error));
	return error == 0;
}

/*
 * Tables are opened when they are first used: a plain CGI process needs two or three of them. An
 * existing table is the rule, so making one is the second try.
 */
int store_open_table(struct store *store, unsigned number)
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

bool store_env_reopen(struct store *store, int reason)
{
	if (store->env) {
		log_line(LOG_NOTICE, "store: reopening: %s", db_strerror(reason));
		store->env->set_errcall(store->env, ignore_db_error);
		store->lost = true;
	}
	store_env_close(store);
	return store_env_open(store);
}
