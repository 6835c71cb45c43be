#include "store-backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "store-private.h"

/*
 * The procedure is that of db_hotbackup: first the tables as they are, torn apart in time, then the log,
 * by which recovery brings them together. It differs in how a table is copied. DB_ENV->backup() makes
 * writers wait for it, and waits for them, within Berkeley DB, for ever where one is killed. So here
 * pages are read through the cache, each under its latch for as long as it takes to copy it: none is
 * torn, and nobody waits. Log files are kept by a lock that ends with its process.
 *
 * Where a process is killed meanwhile, another recovers the store, and what was copied is of no use.
 */
#define TRIES 100

/* Cache of the recovery; its speed hardly depends on it. */
#define RECOVERY_CACHE (16 << 20)

#define PAGES_AT_ONCE 256 /* before a recovery may pass: a MiB */

struct copying {
	const char *target;
	struct progress *progress;
	int64_t bytes; /* copied so far in this attempt */
	char fault[512];
};

static enum error fail_with_file(struct txn *txn, struct copying *copying, const char *path)
{
	snprintf(copying->fault, sizeof(copying->fault), "%s: %s", path, strerror(errno));
	return store_spoil(txn, errno ? errno : EIO);
}

/* Copies one page; DB_PAGE_NOTFOUND behind the last one. */
static int copy_page(DB_MPOOLFILE *pool, db_pgno_t number, int fd, uint32_t size)
{
	bool good;
	void *page;
	int error = pool->get(pool, &number, NULL, 0, &page);

	if (error)
		return error;
	good = pwrite(fd, page, size, (off_t)number * size) == (ssize_t)size;
	error = good ? 0 : errno ? errno : ENOSPC;
	pool->put(pool, page, DB_PRIORITY_VERY_LOW, 0); /* others need the cache more */
	return error;
}

static int copy_pages(struct txn *txn, DB *db, int fd, struct copying *copying)
{
	DB_MPOOLFILE *pool = db->get_mpf(db);
	db_pgno_t last = 0;
	uint32_t size;
	int error = db->get_pagesize(db, &size);

	for (db_pgno_t number = 0; !error; number++) {
		error = copy_page(pool, number, fd, size);
		if (error == DB_PAGE_NOTFOUND) {
			/* not written by whoever adds it, or the end */
			error = pool->get_last_pgno(pool, &last);
			if (number > last)
				break;
		}
		if (number % PAGES_AT_ONCE == PAGES_AT_ONCE - 1)
			store_let_recover(txn);
		copying->bytes += size;
		progress_at(copying->progress, copying->bytes);
	}
	return error;
}

static enum error copy_table(struct txn *txn, unsigned table, struct copying *copying)
{
	char name[64], *from, *to;
	enum error result = OK;
	struct stat unused;
	int fd = -1, error = 0;

	snprintf(name, sizeof(name), "%s.db", txn->store->names[table]);
	from = file_path(txn->store->directory, name);
	to = file_path(copying->target, name);
	if (!from || !to) {
		error = ENOMEM;
	} else if (stat(from, &unused) == 0) { /* one that is made meanwhile is in the log */
		DB *db = store_table(txn, table);

		fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0)
			result = fail_with_file(txn, copying, to);
		else if (!db)
			result = ERR_UNAVAILABLE;
		else
			error = copy_pages(txn, db, fd, copying);
		if (!result && !error && fsync(fd) != 0)
			result = fail_with_file(txn, copying, to);
	}
	if (fd >= 0)
		close(fd);
	free(from);
	free(to);
	return error ? store_spoil(txn, error) : result;
}

/* The names are relative to the store. */
static enum error copy_log_files(struct txn *txn, char **names, struct copying *copying)
{
	enum error result = OK;

	for (; !result && *names; names++) {
		char *from = file_path(txn->store->directory, *names);
		char *to = file_path(copying->target, *names);

		if (!from || !to || !file_copy(from, to))
			result = fail_with_file(txn, copying, *names);
		free(from);
		free(to);
	}
	return result;
}

/* What the tables' pages depend on is on disk first. */
static enum error copy_log(struct txn *txn, struct copying *copying)
{
	DB_ENV *env = txn->store->env;
	enum error result = OK;
	char **names = NULL;
	int error = env->log_flush(env, NULL);

	if (!error)
		error = env->log_archive(env, &names, DB_ARCH_LOG);
	if (!error && names)
		result = copy_log_files(txn, names, copying);
	free(names);
	if (!error && !result) /* was the environment a good one until now? */
		error = env->log_flush(env, NULL);
	return error ? store_spoil(txn, error) : result;
}

static bool make_empty(const char *folder)
{
	return (file_remove_tree(folder) || errno == ENOENT) && mkdir(folder, 0700) == 0;
}

static enum error copy_all(struct txn *txn, void *arg)
{
	struct copying *copying = arg;
	enum error error = OK;

	copying->bytes = 0;
	if (!make_empty(copying->target))
		return fail_with_file(txn, copying, copying->target);
	for (unsigned i = 0; !error && i < txn->store->count; i++)
		error = copy_table(txn, i, copying);
	return error ? error : copy_log(txn, copying);
}

enum error store_backup(struct store *store, const char *target, struct progress *progress)
{
	struct copying copying = { .target = target, .progress = progress };
	int hold = store_hold_log(&store->locks, LOCK_EX);
	enum error error = ERR_UNAVAILABLE;

	if (hold < 0) {
		log_line(LOG_ERR, "store: no lock: %s", strerror(errno));
		return error;
	}
	for (int i = 0; i < TRIES && error == ERR_UNAVAILABLE && !*copying.fault; i++)
		error = store_view(store, copy_all, &copying);
	if (*copying.fault)
		log_line(LOG_ERR, "store: %s", copying.fault);
	close(hold);
	return error;
}

static bool is_table(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 3 && strcmp(entry->d_name + length - 3, ".db") == 0;
}

/* Looks at every page of a table's file. */
static int verify_table(const char *directory, const char *name)
{
	char *path = file_path(directory, name);
	int error = path ? 0 : ENOMEM;
	DB *db;

	if (!error)
		error = db_create(&db, NULL, 0);
	if (!error) {
		db->set_errcall(db, store_on_db_error);
		error = db->verify(db, path, NULL, NULL, 0); /* which ends the handle */
	}
	if (error)
		log_line(LOG_ERR, "store: %s: %s", path ? path : name, db_strerror(error));
	free(path);
	return error;
}

static int verify_tables(const char *directory)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;
	int error = dir ? 0 : errno;

	while (!error && (entry = readdir(dir))) {
		if (is_table(entry))
			error = verify_table(directory, entry->d_name);
	}
	if (dir)
		closedir(dir);
	return error;
}

static int recover(const char *directory)
{
	DB_ENV *env;
	int error = db_env_create(&env, 0), closing;

	if (error)
		return error;
	env->set_errcall(env, store_on_db_error);
	if (!(error = env->set_cachesize(env, 0, RECOVERY_CACHE, 1)) &&
	    !(error = env->set_lg_max(env, STORE_LOG_BYTES)) &&
	    !(error = env->open(env, directory,
				DB_CREATE | DB_INIT_TXN | DB_INIT_LOG | DB_INIT_LOCK |
					DB_INIT_MPOOL | DB_PRIVATE | DB_RECOVER_FATAL,
				0600)) &&
	    !(error = env->txn_checkpoint(env, 0, 0, DB_FORCE)))
		error = env->log_archive(env, NULL, DB_ARCH_REMOVE);
	closing = env->close(env, 0);
	return error ? error : closing;
}

enum error store_recover(const char *directory)
{
	int error = recover(directory);

	if (error)
		log_line(LOG_ERR, "store: cannot recover %s: %s", directory, db_strerror(error));
	return error || verify_tables(directory) ? ERR_SERVER : OK;
}
