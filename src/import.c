#include "import.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "journal.h"
#include "progress.h"
#include "seen.h"
#include "trash.h"

/* In one transaction; more would not be faster, and others wait for their turn meanwhile. */
#define BATCH_RECORDS 250
#define BATCH_BYTES (1 << 20)

/* A record, or a line that is wrong. */
struct entry {
	struct source_record record;
	char why[SOURCE_WHY_SIZE];	/* what is wrong by itself; empty: nothing */
	char conflict[SOURCE_WHY_SIZE]; /* with what the store holds */
	bool needs_organization;	/* in the store: it is not in the file */
};

struct run {
	struct store *store;
	const struct import_options *options;
	struct import_result *result;
	struct source *source;
	struct seen *seen;
	struct journal *journal;
	struct progress progress;
	struct entry entries[BATCH_RECORDS];
	int count;
	size_t bytes;
	int64_t organizations, roots; /* in the file */
	bool writing;		      /* the second time that the file is read */
};

/* What is being looked at or written. */
struct work {
	struct run *run;
	struct txn *txn;
	struct entry *entry;
};

/*
 * An entry of an index that says whose it is could belong to somebody else: an email, a name. The others
 * have their record's own key in theirs.
 */
static bool is_claim(const struct link *link)
{
	return link->kind == LINK_INDEX && link->value.size > 0;
}

/* What a claim is to people: the email or name, behind what else is in the key. */
static void claim_text(char text_r[SOURCE_WHY_SIZE], const struct link *link)
{
	size_t skip = link->table == TABLE_ACCOUNT_LOGIN ? 2 : ID_LENGTH;
	struct bytes key = { (const char *)link->key.data + skip, link->key.size - skip };
	char name[SOURCE_WHY_SIZE / 2];

	bytes_to_text(name, sizeof(name), key);
	snprintf(text_r, SOURCE_WHY_SIZE, "%s %s",
		 link->table == TABLE_ACCOUNT_LOGIN ? "the account" : "the database", name);
}

/* Whether a link goes together with what was read before. */
static enum error compare_with_file(void *arg, const struct link *link)
{
	struct work *work = arg;
	struct run *run = work->run;
	struct entry *entry = work->entry;
	char claim[SOURCE_WHY_SIZE];
	int64_t first;
	enum error error = OK;

	if (is_claim(link)) {
		error = seen_add(run->seen, table_names[link->table], link->key, entry->record.line,
				 &first);
		if (error != ERR_EXISTS)
			return error;
		claim_text(claim, link);
		snprintf(entry->why, sizeof(entry->why), "%.400s is in line %" PRId64 " already",
			 claim, first);
	} else if (link->kind == LINK_NEEDS) {
		error = seen_find(run->seen, table_names[link->table], link->key);
		if (error == ERR_ABSENT && link->table == TABLE_ORGANIZATION &&
		    !run->source->format->keeps_keys)
			entry->needs_organization = true;
		else if (error == ERR_ABSENT)
			snprintf(entry->why, sizeof(entry->why),
				 "what it belongs to is not in the lines before: the %s %.200s",
				 model_of(link->table)->what, (const char *)link->key.data);
		return error == ERR_ABSENT ? OK : error;
	} else if (link->kind == LINK_ROOT) {
		error = seen_add(run->seen, "root", link->key, entry->record.line, &first);
		run->roots++;
		if (error == ERR_EXISTS)
			snprintf(entry->why, sizeof(entry->why),
				 "the organization's root account is in line %" PRId64, first);
	}
	return error == ERR_EXISTS ? OK : error;
}

static enum error look_at(struct run *run, struct entry *entry)
{
	const struct source_record *record = &entry->record;
	struct work work = { .run = run, .entry = entry };
	struct bytes value = { record->text, record->size };
	int64_t first;
	enum error error = OK;

	if (run->source->format->keeps_keys) {
		error = seen_add(run->seen, table_names[record->model->table],
				 bytes_of(record->key), record->line, &first);
		if (error == ERR_EXISTS) {
			snprintf(entry->why, sizeof(entry->why),
				 "the %s is in line %" PRId64 " already", record->model->what,
				 first);
			return OK;
		}
	}
	if (record->model->table == TABLE_ORGANIZATION)
		run->organizations++;
	if (!error)
		error = record->model->links(record->key, value, compare_with_file, &work);
	if (error == ERR_SERVER) {
		snprintf(entry->why, sizeof(entry->why),
			 "this is no record of a kind that this "
			 "version of doorward knows");
		error = OK;
	}
	return error;
}

static enum error compare_with_store(void *arg, const struct link *link)
{
	struct work *work = arg;
	struct entry *entry = work->entry;
	char claim[SOURCE_WHY_SIZE];
	enum error error;

	if (is_claim(link)) {
		error = store_exists(work->txn, link->table, link->key);
		if (error)
			return error == ERR_ABSENT ? OK : error;
		claim_text(claim, link);
		snprintf(entry->conflict, sizeof(entry->conflict), "%.400s is there already",
			 claim);
	} else if (link->kind == LINK_NEEDS && entry->needs_organization) {
		error = store_exists(work->txn, link->table, link->key);
		if (error != ERR_ABSENT)
			return error;
		snprintf(entry->conflict, sizeof(entry->conflict), "there is no organization");
	}
	return OK;
}

static enum error look_at_store(struct txn *txn, void *arg)
{
	struct run *run = arg;
	enum error error = OK;

	for (int i = 0; !error && i < run->count; i++) {
		struct entry *entry = &run->entries[i];
		struct work work = { .run = run, .txn = txn, .entry = entry };
		const struct source_record *record = &entry->record;

		*entry->conflict = '\0';
		if (*entry->why)
			continue;
		if (run->source->format->keeps_keys) {
			error = store_exists(txn, record->model->table, bytes_of(record->key));
			if (!error)
				snprintf(entry->conflict, sizeof(entry->conflict),
					 "the %s is there already", record->model->what);
			if (error == ERR_ABSENT)
				error = OK;
		}
		if (!error && !*entry->conflict)
			error = record->model->links(record->key,
						     (struct bytes){ record->text, record->size },
						     compare_with_store, &work);
	}
	return error;
}

static enum error write_link(void *arg, const struct link *link)
{
	struct work *work = arg;
	char claim[SOURCE_WHY_SIZE], epoch[24];
	enum error error = OK;

	if (link->kind == LINK_INDEX) {
		error = store_add(work->txn, link->table, link->key, link->value);
	} else if (link->kind == LINK_COMPANION) {
		snprintf(epoch, sizeof(epoch), "%" PRId64, work->entry->record.epoch);
		error = store_add(work->txn, link->table, link->key, bytes_of(epoch));
	}
	if (error != ERR_EXISTS)
		return error;
	/* somebody else made it since the file was looked at */
	claim_text(claim, link);
	snprintf(work->run->result->fault, sizeof(work->run->result->fault),
		 "line %" PRId64 ": %.400s is there already", work->entry->record.line, claim);
	return ERR_DATA;
}

static enum error write_batch(struct txn *txn, void *arg)
{
	struct run *run = arg;
	enum error error = OK;

	for (int i = 0; !error && i < run->count; i++) {
		struct entry *entry = &run->entries[i];
		struct work work = { .run = run, .txn = txn, .entry = entry };
		const struct source_record *record = &entry->record;
		struct bytes value = { record->text, record->size };

		error = store_add(txn, record->model->table, bytes_of(record->key), value);
		if (!error)
			error = record->model->links(record->key, value, write_link, &work);
		if (!error && record->model->count)
			error = record->model->count(txn, record->key, value, 1);
		if (error == ERR_EXISTS || error == ERR_SERVER) {
			snprintf(run->result->fault, sizeof(run->result->fault),
				 "line %" PRId64 ": the %s is there already", record->line,
				 record->model->what);
			error = ERR_DATA;
		}
	}
	return error;
}

/* Signals that ask for the end are held back while records are written, and looked for here. */
static bool is_asked_to_end(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 &&
	       (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1 ||
		sigismember(&pending, SIGHUP) == 1);
}

static enum error write_out(struct run *run)
{
	enum error error;

	for (int i = 0; i < run->count; i++) {
		const struct entry *entry = &run->entries[i];

		if (*entry->why) {
			snprintf(run->result->fault, sizeof(run->result->fault),
				 "line %" PRId64 " was right before and is wrong now: %.300s",
				 entry->record.line, entry->why);
			return ERR_DATA;
		}
		journal_add(run->journal, entry->record.model, entry->record.key);
	}
	if (is_asked_to_end()) {
		snprintf(run->result->fault, sizeof(run->result->fault), "interrupted");
		return ERR_DATA;
	}
	error = journal_sync(run->journal);
	return error ? error : store_update(run->store, write_batch, run);
}

static void report(struct run *run, const struct entry *entry)
{
	const char *why = *entry->why ? entry->why : entry->conflict;

	if (!*why) {
		run->result->records[entry->record.model->table]++;
		return;
	}
	run->result->wrong++;
	run->options->report(run->options->arg, entry->record.line, why);
}

static void forget_entries(struct run *run)
{
	for (int i = 0; i < run->count; i++)
		source_record_clear(&run->entries[i].record);
	run->count = 0;
	run->bytes = 0;
}

/* Does with a batch what is to be done this time. */
static enum error finish_batch(struct run *run)
{
	enum error error =
		run->writing ? write_out(run) : store_view(run->store, look_at_store, run);

	for (int i = 0; !error && !run->writing && i < run->count; i++)
		report(run, &run->entries[i]);
	forget_entries(run);
	progress_at(&run->progress, lines_offset(run->source->lines));
	return error;
}

/* Reads one record or wrong line into the batch; false at the end. */
static bool read_entry(struct run *run, enum error *error_r)
{
	struct entry *entry = &run->entries[run->count];
	enum source_result result;

	memset(entry, 0, sizeof(*entry));
	result = source_next(run->source, &entry->record);
	if (result == SOURCE_END)
		return false;
	run->count++;
	run->bytes += entry->record.size;
	if (result != SOURCE_RECORD)
		memcpy(entry->why, run->source->why, sizeof(entry->why));
	else if (!run->writing)
		*error_r = look_at(run, entry);
	return result != SOURCE_BROKEN;
}

/* Reads the file once. */
static enum error read_all(struct run *run, int fd, const char *what)
{
	struct stat stat_of;
	enum error error = OK;
	bool more = true;

	run->source = source_open(run->options->format, fd, &run->options->defaults);
	if (!run->source)
		return ERR_UNAVAILABLE;
	progress_begin(&run->progress, what, fstat(fd, &stat_of) == 0 ? stat_of.st_size : 0, "B");
	while (!error && more) {
		more = read_entry(run, &error);
		if (!error && (!more || run->count == BATCH_RECORDS || run->bytes > BATCH_BYTES))
			error = finish_batch(run);
	}
	progress_end(&run->progress);
	forget_entries(run);
	source_close(run->source);
	run->source = NULL;
	return error;
}

static enum error look(struct run *run, int fd)
{
	enum error error;

	run->seen = seen_open(run->options->directory);
	if (!run->seen)
		return ERR_UNAVAILABLE;
	error = read_all(run, fd, "checking");
	seen_close(run->seen);
	run->seen = NULL;
	if (error || run->result->wrong > 0 || run->roots == run->organizations)
		return error;
	snprintf(run->result->fault, sizeof(run->result->fault),
		 "there are %" PRId64 " organizations, but %" PRId64 " root accounts",
		 run->organizations, run->roots);
	return ERR_DATA;
}

static enum error write_all(struct run *run, int fd)
{
	enum error error;

	run->writing = true;
	run->journal = journal_begin(run->options->directory);
	if (!run->journal)
		return ERR_UNAVAILABLE;
	error = read_all(run, fd, "writing");
	if (!error)
		error = journal_finish(run->journal);
	journal_close(run->journal);
	if (error && journal_undo(run->store, run->options->directory, &run->result->undone))
		snprintf(run->result->fault + strlen(run->result->fault),
			 sizeof(run->result->fault) - strlen(run->result->fault),
			 "%swhat was written could not be undone yet: run \"doorward verify "
			 "--repair\"",
			 *run->result->fault ? "; " : "");
	return error;
}

enum error import_file(struct store *store, int fd, const struct import_options *options,
		       struct import_result *result_r)
{
	struct run *run = calloc(1, sizeof(*run)); /* too large for the stack */
	sigset_t asking, before;
	enum error error;

	memset(result_r, 0, sizeof(*result_r));
	if (!run)
		return ERR_UNAVAILABLE;
	run->store = store;
	run->options = options;
	run->result = result_r;
	error = look(run, fd);
	if (!error && result_r->wrong == 0 && !options->dry_run) {
		sigemptyset(&asking);
		sigaddset(&asking, SIGINT);
		sigaddset(&asking, SIGTERM);
		sigaddset(&asking, SIGHUP);
		sigprocmask(SIG_BLOCK, &asking, &before);
		error = trash_empty(store); /* what comes may be a database that was deleted */
		if (!error)
			error = write_all(run, fd);
		sigprocmask(SIG_SETMASK, &before, NULL);
	}
	free(run);
	return error;
}
