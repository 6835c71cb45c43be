#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "account.h"
#include "code.h"
#include "file.h"
#include "lines.h"
#include "log.h"
#include "service-key.h"
#include "trash.h"

#define NAME "import.journal"
#define LOCK "import.lock"

struct journal {
	char *directory, *path;
	FILE *file;
};

int journal_lock(const char *directory, enum journal_lock lock)
{
	char *path;
	int fd;

	if (asprintf(&path, "%s/" LOCK, directory) < 0)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	free(path);
	if (fd >= 0 && flock(fd, (lock == JOURNAL_LOCK_ALONE ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static int open_there(const char *directory)
{
	char *path;
	int fd;

	if (asprintf(&path, "%s/" NAME, directory) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	free(path);
	return fd;
}

bool journal_is_there(const char *directory)
{
	int fd = open_there(directory);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno != ENOENT;
}

static enum error remove_file(const char *directory)
{
	char *path;
	bool good;

	if (asprintf(&path, "%s/" NAME, directory) < 0)
		return ERR_UNAVAILABLE;
	good = unlink(path) == 0 && file_sync_folder(directory);
	if (!good)
		log_line(LOG_ERR, "%s: %s", path, strerror(errno));
	free(path);
	return good ? OK : ERR_UNAVAILABLE;
}

/* A record that was listed. */
struct listed {
	const struct model *model;
	char key[MODELS_KEY_SIZE];
};

#define BATCH 256

struct undoing {
	struct txn *txn;
	struct listed listed[BATCH];
	int count;
	uint64_t undone; /* of this batch */
};

static enum error unlink_entry(void *arg, const struct link *link)
{
	struct undoing *undoing = arg;
	struct bytes value;
	enum error error;

	if (link->kind != LINK_INDEX && link->kind != LINK_COMPANION)
		return OK;
	error = store_get(undoing->txn, link->table, link->key, &value);
	if (!error && link->kind == LINK_INDEX && !bytes_equal(value, link->value))
		return OK; /* another's */
	if (!error)
		error = store_delete(undoing->txn, link->table, link->key);
	return error == ERR_ABSENT ? OK : error;
}

/* What was given to an imported account or database since goes with it. */
static enum error remove_belongings(struct txn *txn, const struct listed *listed)
{
	enum error error;

	if (listed->model->table == TABLE_DATABASE)
		return trash_add(txn, listed->key);
	if (listed->model->table != TABLE_ACCOUNT)
		return OK;
	error = service_key_delete_all(txn, listed->key);
	return error ? error : code_delete_all(txn, listed->key);
}

/* What counted a record; in a database that is gone nothing needs to be right. */
static enum error uncount(struct txn *txn, const struct listed *listed, struct bytes value)
{
	enum error error;

	if (!listed->model->count)
		return OK;
	error = trash_has(txn, listed->model->table, bytes_of(listed->key));
	return error == ERR_ABSENT ? listed->model->count(txn, listed->key, value, -1) : error;
}

static enum error undo_one(struct undoing *undoing, const struct listed *listed)
{
	struct bytes key = bytes_of(listed->key), value;
	enum error error = store_get(undoing->txn, listed->model->table, key, &value);
	char *copy;

	if (error)
		return error == ERR_ABSENT ? OK : error; /* it was not written, or is undone */
	copy = bytes_copy(value);
	if (!copy)
		return ERR_UNAVAILABLE;
	value.data = copy;
	error = listed->model->links(listed->key, value, unlink_entry, undoing);
	if (!error)
		error = uncount(undoing->txn, listed, value);
	free(copy);
	if (!error || error == ERR_SERVER) /* a damaged one is removed like any other */
		error = remove_belongings(undoing->txn, listed);
	if (!error)
		error = store_delete(undoing->txn, listed->model->table, key);
	undoing->undone++;
	return error;
}

static enum error undo_batch(struct txn *txn, void *arg)
{
	struct undoing *undoing = arg;
	enum error error = OK;

	undoing->txn = txn;
	undoing->undone = 0;
	for (int i = 0; !error && i < undoing->count; i++)
		error = undo_one(undoing, &undoing->listed[i]);
	return error;
}

/* "table key"; a line that was not written to its end was not acted upon. */
static bool read_listed(const struct line *line, struct listed *listed_r)
{
	const char *space = memchr(line->text, ' ', line->length);
	char table[64];

	if (line->bytes == line->length || !space || space - line->text >= (int)sizeof(table) ||
	    strlen(space + 1) >= sizeof(listed_r->key))
		return false;
	snprintf(table, sizeof(table), "%.*s", (int)(space - line->text), line->text);
	listed_r->model = model_named(table);
	strcpy(listed_r->key, space + 1);
	return listed_r->model != NULL;
}

static enum error undo_lines(struct store *store, struct lines *lines, struct undoing *undoing,
			     uint64_t *undone_r)
{
	enum lines_result result = LINES_ONE;
	enum error error = OK;
	struct line line;

	while (!error && result == LINES_ONE) {
		undoing->count = 0;
		while (undoing->count < BATCH && (result = lines_next(lines, &line)) == LINES_ONE)
			undoing->count += read_listed(&line, &undoing->listed[undoing->count]);
		if (undoing->count > 0)
			error = store_update(store, undo_batch, undoing);
		if (!error)
			*undone_r += undoing->undone;
		undoing->undone = 0;
	}
	return !error && result == LINES_FAILED ? ERR_UNAVAILABLE : error;
}

enum error journal_undo(struct store *store, const char *directory, uint64_t *undone_r)
{
	struct undoing *undoing = calloc(1, sizeof(*undoing)); /* too large for the stack */
	int fd = open_there(directory);
	struct lines *lines = fd >= 0 ? lines_open(fd) : NULL;
	enum error error = ERR_UNAVAILABLE;

	*undone_r = 0;
	if (undoing && lines)
		error = undo_lines(store, lines, undoing, undone_r);
	if (!error)
		error = trash_empty(store); /* the same databases may come again */
	lines_close(lines);
	if (fd >= 0)
		close(fd);
	free(undoing);
	return error ? error : remove_file(directory);
}

struct journal *journal_begin(const char *directory)
{
	struct journal *journal = calloc(1, sizeof(*journal));
	int fd = -1;

	if (journal) {
		journal->directory = strdup(directory);
		if (asprintf(&journal->path, "%s/" NAME, directory) < 0)
			journal->path = NULL;
	}
	if (journal && journal->directory && journal->path) {
		fd = open(journal->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		journal->file = fd >= 0 ? fdopen(fd, "w") : NULL;
	}
	if (journal && journal->file && file_sync_folder(directory))
		return journal;
	log_line(LOG_ERR, "%s/" NAME ": %s", directory, strerror(errno));
	journal_close(journal);
	return NULL;
}

void journal_add(struct journal *journal, const struct model *model, const char *key)
{
	fprintf(journal->file, "%s %s\n", table_names[model->table], key);
}

enum error journal_sync(struct journal *journal)
{
	if (fflush(journal->file) == 0 && !ferror(journal->file) &&
	    fdatasync(fileno(journal->file)) == 0)
		return OK;
	log_line(LOG_ERR, "%s: %s", journal->path, strerror(errno));
	return ERR_UNAVAILABLE;
}

enum error journal_finish(struct journal *journal)
{
	return remove_file(journal->directory);
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	if (journal->file)
		fclose(journal->file);
	free(journal->directory);
	free(journal->path);
	free(journal);
}
