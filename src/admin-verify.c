/* doorward verify: whether everything in the state directory goes together. */
#include "admin-verify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "journal.h"
#include "object.h"
#include "verify.h"

/* Findings that are printed; of a store with more, the number says enough. */
#define SHOWN_MOST 1000

struct findings {
	struct json_object *rows;
	uint64_t count, mended;
};

static void add_finding(void *arg, const struct verify_finding *finding)
{
	struct findings *findings = arg;
	struct json_object *row;

	findings->count++;
	findings->mended += finding->mended;
	if (findings->count > SHOWN_MOST)
		return;
	row = json_object_new_object();
	object_add_text(row, "table", finding->table);
	object_add_text(row, "key", finding->key);
	object_add_text(row, "what", finding->what);
	object_add_truth(row, "mended", finding->mended);
	json_object_array_add(findings->rows, row);
}

static void check_keys(struct admin *admin, struct findings *findings)
{
	const struct keys *keys = keyring_keys(admin->context.keyring);

	for (size_t i = 0; i < keys->count; i++) {
		const struct key *key = &keys->all[i];

		if (key->pair && !es256_is_consistent(key->pair))
			add_finding(findings,
				    &(struct verify_finding){ "keys.json", key->kid,
							      "x and y are not d's", false });
	}
	for (enum key_use use = 0; use < KEY_USE__MAX; use++) {
		if (keys_signer(keys, use, time_now()))
			continue;
		add_finding(findings,
			    &(struct verify_finding){ "keys.json", key_use_name(use),
						      "there is no key that signs", false });
	}
}

/* An import that was interrupted is undone, or a finding. */
static enum error check_journal(struct admin *admin, bool repair, struct findings *findings)
{
	const char *directory = admin->context.config.directory;
	struct verify_finding finding = { "import.journal", "", "an import did not come to its end",
					  repair };
	uint64_t undone;
	enum error error = OK;

	if (!journal_is_there(directory))
		return OK;
	if (repair)
		error = journal_undo(admin->context.store, directory, &undone);
	if (!error)
		add_finding(findings, &finding);
	return error;
}

static struct json_object *summarize(const struct verify_summary *summary,
				     const struct findings *findings)
{
	struct json_object *object = json_object_new_object();

	for (unsigned i = 0; i < TABLE__MAX; i++)
		object_add_integer(object, table_names[i], (int64_t)summary->checked[i]);
	object_add_integer(object, "to_be_swept", (int64_t)summary->outlived);
	object_add_integer(object, "wrong", (int64_t)findings->count);
	object_add_integer(object, "mended", (int64_t)findings->mended);
	return object;
}

/* Takes over the rows. */
static void print(const struct admin *admin, const struct verify_summary *summary,
		  struct findings *findings)
{
	static const char *const columns[] = { "table", "key", "what", "mended", NULL };
	struct json_object *object = summarize(summary, findings);

	if (admin->json) {
		json_object_object_add(object, "findings", findings->rows);
	} else if (findings->count > 0) {
		admin_print_rows(admin, findings->rows, columns);
		if (findings->count > SHOWN_MOST)
			printf("and %llu more\n", (unsigned long long)findings->count - SHOWN_MOST);
		putchar('\n');
	} else {
		json_object_put(findings->rows);
	}
	admin_print_object(admin, object);
}

static enum error look(struct admin *admin, bool repair)
{
	struct findings findings = { .rows = json_object_new_array() };
	const struct verify_options options = { .directory = admin->context.config.directory,
						.repair = repair,
						.report = add_finding,
						.arg = &findings };
	struct verify_summary summary;
	enum error error = check_journal(admin, repair, &findings);

	check_keys(admin, &findings);
	if (!error)
		error = verify_store(admin->context.store, &options, &summary);
	if (error) {
		json_object_put(findings.rows);
		return error;
	}
	print(admin, &summary, &findings);
	if (findings.count > findings.mended)
		return admin_fail(admin, "%llu things are wrong",
				  (unsigned long long)(findings.count - findings.mended));
	return OK;
}

enum error admin_verify(struct admin *admin, bool repair)
{
	int lock = journal_lock(admin->context.config.directory,
				repair ? JOURNAL_LOCK_ALONE : JOURNAL_LOCK_SHARED);
	enum error error;

	if (lock < 0)
		return errno == EWOULDBLOCK
			       ? admin_fail(admin,
					    "an import or a repair is running: try again later")
			       : admin_fail(admin, "import.lock: %s", strerror(errno));
	error = look(admin, repair);
	close(lock);
	return error;
}

static enum error verify(struct admin *admin)
{
	return admin_verify(admin, admin_option(admin, "repair"));
}

static const struct admin_option verify_options[] = {
	{ "repair", NULL, "write indices anew from the records; undo an interrupted import" },
	{ NULL, NULL, NULL },
};

const struct admin_command admin_verify_commands[] = {
	{ .group = "verify",
	  .options = verify_options,
	  .help = "Checks every record, index and key against each other, also while responders\n"
		  "run. Fails when something is wrong. See doorward-backup(1).",
	  .run = verify },
	{ .group = NULL },
};
