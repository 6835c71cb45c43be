#include "verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "models.h"
#include "seen.h"
#include "trash.h"
#include "walk.h"

#define WHAT_SIZE 512
#define SHOWN_MOST 300 /* bytes of a key in a sentence */

/* A key that the first look found something about, and what the second says of it. */
struct suspect {
	char *key;
	size_t size;
	char what[WHAT_SIZE]; /* empty: nothing is wrong */
	bool mended;
};

struct run {
	struct store *store;
	const struct verify_options *options;
	struct verify_summary *summary;
	struct seen *seen;
	const struct model *model;	 /* the table being walked is one of records, */
	const struct model_index *index; /* or one of these */
	struct suspect suspects[WALK_RECORDS];
	int suspect_count;
	uint64_t checked, outlived; /* in this batch */
};

static unsigned table_of(const struct run *run)
{
	return run->model ? run->model->table : run->index->table;
}

static void forget_suspects(struct run *run)
{
	for (int i = 0; i < run->suspect_count; i++)
		free(run->suspects[i].key);
	run->suspect_count = 0;
}

static void begin(void *arg)
{
	struct run *run = arg;

	forget_suspects(run);
	run->checked = run->outlived = 0;
}

static enum error suspect(struct run *run, struct bytes key)
{
	struct suspect *suspect = &run->suspects[run->suspect_count];

	suspect->key = bytes_copy(key);
	if (!suspect->key)
		return ERR_UNAVAILABLE;
	suspect->size = key.size;
	run->suspect_count++;
	return OK;
}

/* One look at a record or an entry. */
struct look {
	struct run *run;
	struct txn *txn;
	const struct model_index *index; /* where it is an entry */
	struct suspect *suspect;	 /* where to say what is wrong; NULL in the first look */
	const char *key;		 /* of the record */
	bool wrong;
	bool all_mended;
	struct bytes wanted; /* the entry that a record is to have */
	bool has_it;
};

/* The first thing said of a suspect counts. */
static void say(struct look *look, bool mended, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void say(struct look *look, bool mended, const char *format, ...)
{
	va_list args;

	look->wrong = true;
	look->all_mended = look->all_mended && mended;
	if (!look->suspect || *look->suspect->what)
		return;
	va_start(args, format);
	vsnprintf(look->suspect->what, WHAT_SIZE, format, args);
	va_end(args);
}

static bool repairs(const struct look *look)
{
	return look->suspect && look->run->options->repair;
}

static enum error match_entry(void *arg, const struct link *link)
{
	struct look *look = arg;

	if (link->table == look->index->table && bytes_equal(link->key, look->wanted) &&
	    (link->kind == LINK_INDEX || link->kind == LINK_COMPANION))
		look->has_it = true;
	return OK;
}

/* The key of the record that an entry of an index stands for, as a text; false when it is none. */
static bool find_owner(const struct model_index *index, struct bytes key, struct bytes value,
		       char name_r[MODELS_KEY_SIZE])
{
	struct bytes owner;

	if (index->compose)
		return index->compose(key, name_r, MODELS_KEY_SIZE);
	if (!index->owner(key, value, &owner) || owner.size >= MODELS_KEY_SIZE)
		return false;
	bytes_to_text(name_r, MODELS_KEY_SIZE, owner);
	return true;
}

/* Whether the record that an entry of an index stands for is there and has that entry. */
static enum error look_at_entry(struct look *look, struct bytes key, struct bytes value)
{
	const struct model_index *index = look->index;
	char name[MODELS_KEY_SIZE];
	struct bytes record;
	enum error error;

	if (!find_owner(index, key, value, name)) {
		say(look, false, "stands for no record");
		return OK;
	}
	error = store_get(look->txn, index->of, bytes_of(name), &record);
	if (error == ERR_ABSENT) {
		say(look, false, "the %s is not there", model_of(index->of)->what);
		return OK;
	}
	if (error)
		return error;
	look->wanted = key;
	look->has_it = false;
	error = model_of(index->of)->links(name, record, match_entry, look);
	if (error == ERR_SERVER)
		return OK; /* what a damaged record says is not known, and it is reported itself */
	if (!error && !look->has_it)
		say(look, false, "the %s says otherwise", model_of(index->of)->what);
	return error;
}

/* Whether an entry belongs to another record with as much right: then neither is taken away. */
static enum error is_others(struct look *look, const struct link *link, struct bytes value,
			    bool *others_r)
{
	struct look other = { .run = look->run, .txn = look->txn, .index = models_indices };
	char owner[MODELS_KEY_SIZE];
	enum error error;

	while (other.index->table != link->table)
		other.index++;
	*others_r = false;
	if (!find_owner(other.index, link->key, value, owner) || strcmp(owner, look->key) == 0)
		return OK;
	error = look_at_entry(&other, link->key, value);
	*others_r = !other.wrong;
	return error;
}

static enum error look_at_index(struct look *look, const struct link *link)
{
	const char *table = table_names[link->table];
	char shown[SHOWN_MOST];
	struct bytes value;
	bool others = false, repair = repairs(look);
	enum error error = store_get(look->txn, link->table, link->key, &value);

	if (error && error != ERR_ABSENT)
		return error;
	if (!error && (link->kind == LINK_COMPANION || bytes_equal(value, link->value)))
		return OK;
	bytes_to_text(shown, sizeof(shown), link->key);
	if (error == ERR_ABSENT) {
		say(look, repair, "has no entry in %s: %s", table, shown);
	} else {
		char *copy = bytes_copy(value);
		struct bytes old = { copy, value.size };

		if (!copy)
			return ERR_UNAVAILABLE;
		error = is_others(look, link, old, &others);
		free(copy);
		if (error)
			return error;
		repair = repair && !others;
		say(look, repair,
		    others ? "another has its entry in %s: %s" : "its entry in %s differs: %s",
		    table, shown);
	}
	return repair ? store_put(look->txn, link->table, link->key, link->value) : OK;
}

static enum error look_at_record_needed(struct look *look, const struct link *link)
{
	char shown[SHOWN_MOST];
	enum error error = store_exists(look->txn, link->table, link->key);

	if (error != ERR_ABSENT)
		return error;
	bytes_to_text(shown, sizeof(shown), link->key);
	say(look, false, "its %s is not there: %s", model_of(link->table)->what, shown);
	return OK;
}

/* A record that is counted, and what counts it is not there. */
static enum error look_at_count(struct look *look, const struct link *link)
{
	char key[MODELS_KEY_SIZE];
	const char *wrong;
	enum error error = store_exists(look->txn, link->table, link->key);

	if (error != ERR_ABSENT)
		return error;
	bytes_to_text(key, sizeof(key), link->key);
	say(look, repairs(look), "is not counted in %s: %s", table_names[link->table], key);
	return repairs(look) ? model_of(link->table)->recount(look->txn, key, true, &wrong) : OK;
}

static enum error look_at_link(void *arg, const struct link *link)
{
	struct look *look = arg;
	enum error error = OK;

	switch (link->kind) {
	case LINK_INDEX:
	case LINK_COMPANION:
		return look_at_index(look, link);
	case LINK_NEEDS:
		return look_at_record_needed(look, link);
	case LINK_COUNTED:
		return look_at_count(look, link);
	case LINK_OUTLIVES:
		error = store_exists(look->txn, link->table, link->key);
		if (error == ERR_ABSENT && !look->suspect)
			look->run->outlived++;
		return error == ERR_ABSENT ? OK : error;
	case LINK_ROOT:
		/* who is root never changes, so the first of them to be met may be noted at once */
		error = seen_add(look->run->seen, "root", link->key, 0, NULL);
		if (error == ERR_EXISTS &&
		    seen_find(look->run->seen, "root account", bytes_of(look->key)) == ERR_ABSENT)
			say(look, false, "is a second root account of its organization");
		else if (!error)
			error = seen_add(look->run->seen, "root account", bytes_of(look->key), 0,
					 NULL);
		return error == ERR_EXISTS ? OK : error;
	}
	return error;
}

/* A record that counts others. */
static enum error recount(struct look *look)
{
	recount_fn *run = look->run->model->recount;
	const char *wrong = NULL;
	enum error error = run ? run(look->txn, look->key, repairs(look), &wrong) : OK;

	if (!error && wrong)
		say(look, repairs(look), "%s", wrong);
	return error;
}

static enum error look_at_record(struct look *look, struct bytes key, struct bytes value)
{
	char name[MODELS_KEY_SIZE];
	enum error error;

	bytes_to_text(name, sizeof(name), key);
	look->key = name;
	error = key.size < sizeof(name) ? look->run->model->links(name, value, look_at_link, look)
					: ERR_SERVER;
	if (!error)
		error = recount(look);
	look->key = NULL;
	if (error != ERR_SERVER)
		return error;
	say(look, false, "is damaged");
	return OK;
}

static enum error look_at(struct look *look, struct bytes key, struct bytes value)
{
	return look->run->model ? look_at_record(look, key, value)
				: look_at_entry(look, key, value);
}

static enum error first_look(struct txn *txn, void *arg, struct bytes key, struct bytes value)
{
	struct run *run = arg;
	struct look look = { .run = run, .txn = txn, .index = run->index };
	enum error error = look_at(&look, key, value);

	run->checked++;
	if (error || !look.wrong)
		return error;
	error = trash_has(txn, table_of(run), key);
	run->outlived += error == OK;
	return error == ERR_ABSENT ? suspect(run, key) : error;
}

/* As the only writer: what is wrong now is wrong. */
static enum error look_again(struct txn *txn, struct run *run, struct suspect *suspect)
{
	struct look look = {
		.run = run, .txn = txn, .index = run->index, .suspect = suspect, .all_mended = true
	};
	struct bytes key = { suspect->key, suspect->size }, value;
	enum error error = trash_has(txn, table_of(run), key);
	char *copy;

	*suspect->what = '\0';
	if (error != ERR_ABSENT)
		return error; /* it waits to be removed */
	error = store_get(txn, table_of(run), key, &value);
	if (error)
		return error == ERR_ABSENT ? OK : error;
	copy = bytes_copy(value);
	if (!copy)
		return ERR_UNAVAILABLE;
	error = look_at(&look, key, (struct bytes){ copy, value.size });
	free(copy);
	if (!error && look.wrong && run->index && run->options->repair) {
		error = store_delete(txn, run->index->table, key);
		look.all_mended = true;
	}
	suspect->mended = look.wrong && run->options->repair && look.all_mended;
	return error;
}

static enum error second_look(struct txn *txn, void *arg)
{
	struct run *run = arg;
	enum error error = OK;

	for (int i = 0; !error && i < run->suspect_count; i++)
		error = look_again(txn, run, &run->suspects[i]);
	return error;
}

static void report(struct run *run, const char *key, const char *what, bool mended)
{
	const struct verify_finding finding = { table_names[table_of(run)], key, what, mended };

	run->summary->found++;
	run->summary->mended += mended;
	run->options->report(run->options->arg, &finding);
}

static enum error end(void *arg)
{
	struct run *run = arg;
	enum error error = OK;

	run->summary->checked[table_of(run)] += run->checked;
	run->summary->outlived += run->outlived;
	if (run->suspect_count > 0)
		error = store_update(run->store, second_look, run);
	for (int i = 0; !error && i < run->suspect_count; i++) {
		if (*run->suspects[i].what)
			report(run, run->suspects[i].key, run->suspects[i].what,
			       run->suspects[i].mended);
	}
	forget_suspects(run);
	return error;
}

static enum error note_organization(struct txn *txn, void *arg, struct bytes key,
				    struct bytes value)
{
	enum error error = seen_add(((struct run *)arg)->seen, "organization", key, 0, NULL);

	(void)txn;
	(void)value;
	return error == ERR_EXISTS ? OK : error;
}

/* An organization that was there before the accounts were walked had its root account by then. */
static enum error look_for_root(struct txn *txn, void *arg, struct bytes key, struct bytes value)
{
	struct run *run = arg;

	(void)txn;
	(void)value;
	if (seen_find(run->seen, "organization", key) == OK &&
	    seen_find(run->seen, "root", key) == ERR_ABSENT)
		return suspect(run, key);
	return OK;
}

static enum error end_roots(void *arg)
{
	struct run *run = arg;

	for (int i = 0; i < run->suspect_count; i++)
		report(run, run->suspects[i].key, "has no root account", false);
	forget_suspects(run);
	return OK;
}

static enum error nothing_more(void *arg)
{
	(void)arg;
	return OK;
}

static enum error verify_all(struct run *run)
{
	const struct walk noting = { begin, note_organization, nothing_more, run };
	const struct walk looking = { begin, first_look, end, run };
	const struct walk roots = { begin, look_for_root, end_roots, run };
	enum error error = walk_table(run->store, TABLE_ORGANIZATION, &noting);

	for (size_t i = 0; !error && i < models_count; i++) {
		run->model = &models[i];
		error = walk_table(run->store, run->model->table, &looking);
	}
	run->model = NULL;
	for (size_t i = 0; !error && i < models_index_count; i++) {
		run->index = &models_indices[i];
		error = walk_table(run->store, run->index->table, &looking);
	}
	run->index = NULL;
	run->model = model_of(TABLE_ORGANIZATION);
	return error ? error : walk_table(run->store, TABLE_ORGANIZATION, &roots);
}

enum error verify_store(struct store *store, const struct verify_options *options,
			struct verify_summary *summary_r)
{
	struct run *run = calloc(1, sizeof(*run)); /* too large for the stack */
	enum error error = ERR_SERVER;

	memset(summary_r, 0, sizeof(*summary_r));
	if (!run)
		return error;
	run->store = store;
	run->options = options;
	run->summary = summary_r;
	run->seen = seen_open(options->directory);
	if (run->seen)
		error = verify_all(run);
	forget_suspects(run);
	seen_close(run->seen);
	free(run);
	return error;
}
