/* doorward export and import. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin.h"
#include "export.h"
#include "file.h"
#include "import.h"
#include "journal.h"
#include "log.h"
#include "object.h"

#define REPORTED_MOST 20 /* lines that are wrong and said to be */

static enum error count_records(struct txn *txn, void *arg)
{
	int64_t *total = arg;
	enum error error = OK;

	*total = 0;
	for (size_t i = 0; !error && i < models_count; i++) {
		uint64_t count = 0;

		if (models[i].moves)
			error = store_count(txn, models[i].table, &count);
		*total += (int64_t)count;
	}
	return error;
}

/* Counting reads whole tables, so it is done only for somebody who looks on. */
static enum error begin_bar(struct admin *admin, struct progress *progress_r)
{
	int64_t total = 0;
	enum error error = OK;

	if (isatty(STDERR_FILENO))
		error = store_view(admin->context.store, count_records, &total);
	progress_begin(progress_r, "exporting", total, "records");
	return error;
}

static enum error export_to(struct admin *admin, int fd)
{
	struct export_result result;
	struct progress progress;
	enum error error = begin_bar(admin, &progress);

	if (error)
		return error;
	error = export_store(admin->context.store, fd, &progress, &result);
	progress_end(&progress);
	return error && *result.fault ? admin_fail(admin, "%s", result.fault) : error;
}

/* The file is opened as whoever runs this, and only then is the state directory's owner become. */
static enum error export_command(struct admin *admin)
{
	const char *path = admin_output_file(admin->operands[0]);
	int fd = STDOUT_FILENO;
	enum error error;

	if (!path && isatty(STDOUT_FILENO))
		return admin_fail(admin, "an export holds secrets: name a file, or redirect it");
	if (path)
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return admin_fail(admin, "%s: %s", path, strerror(errno));
	error = admin_open(admin);
	if (!error)
		error = export_to(admin, fd);
	if (!path)
		return error;
	if (!error && fsync(fd) != 0)
		error = admin_fail(admin, "%s: %s", path, strerror(errno));
	if (error && unlink(path) != 0)
		log_line(LOG_WARNING, "%s is not complete, and stays: %s", path, strerror(errno));
	close(fd);
	return error;
}

struct reporting {
	const char *path;
	uint64_t count;
};

static void report(void *arg, int64_t line, const char *why)
{
	struct reporting *reporting = arg;

	if (++reporting->count <= REPORTED_MOST)
		log_line(LOG_ERR, "%s:%lld: %s", reporting->path, (long long)line, why);
}

/* A file that can be read twice: the one given, else a copy that is gone with this process. */
static enum error spool(struct admin *admin, int *fd)
{
	struct stat stat_of;
	char *path;
	int copy;

	if (fstat(*fd, &stat_of) == 0 && S_ISREG(stat_of.st_mode))
		return OK;
	path = file_path(admin->context.config.directory, "import.spool.XXXXXX");
	copy = path ? mkstemp(path) : -1; /* mode 0600 */
	if (copy >= 0)
		unlink(path);
	free(path);
	if (copy < 0 || !file_pump(*fd, copy)) {
		int error = errno;

		if (copy >= 0)
			close(copy);
		return admin_fail(admin, "cannot keep what is read: %s", strerror(error));
	}
	close(*fd);
	*fd = copy;
	return OK;
}

static enum error choose_format(struct admin *admin, int fd, const struct source_format **format_r)
{
	const char *name = admin_option(admin, "format");

	*format_r = name ? source_named(name) : source_guess(fd);
	if (*format_r)
		return OK;
	return name ? admin_misuse(admin, "the format is one of export, jsonl, csv, htpasswd")
		    : admin_fail(admin, "there is nothing in the file");
}

/* What the options say of accounts from elsewhere; an export says everything itself. */
static enum error choose_defaults(struct admin *admin, const struct source_format *format,
				  char organization[ID_SIZE], enum role *role,
				  struct source_defaults *defaults_r)
{
	const char *text = admin_option(admin, "role");

	*defaults_r = (struct source_defaults){ .organization = organization,
						.verified = admin_option(admin, "verified") };
	if (format->keeps_keys)
		return text || admin_option(admin, "org") || defaults_r->verified
			       ? admin_misuse(admin, "--org, --role and --verified are not for an "
						     "export")
			       : OK;
	if (text && (!role_parse(role, text) || *role == ROLE_ROOT))
		return admin_misuse(admin, "the role is " ROLE_WANTED);
	defaults_r->role = text ? role : NULL;
	return admin_organization(admin, organization);
}

static void print_result(const struct admin *admin, const struct import_options *options,
			 const struct import_result *result)
{
	struct json_object *answer = json_object_new_object();

	object_add_text(answer, "format", options->format->name);
	object_add_truth(answer, "dry_run", options->dry_run);
	for (unsigned i = 0; i < TABLE__MAX; i++) {
		if (result->records[i] > 0)
			object_add_integer(answer, table_names[i], (int64_t)result->records[i]);
	}
	admin_print_object(admin, answer);
}

static void audit_import(struct admin *admin, const struct import_options *options,
			 const struct import_result *result)
{
	char detail[64];
	uint64_t count = 0;

	for (unsigned i = 0; i < TABLE__MAX; i++)
		count += result->records[i];
	snprintf(detail, sizeof(detail), "%s, %" PRIu64 " records", options->format->name, count);
	admin_audit(admin, "import", NULL, detail);
}

static enum error run_import(struct admin *admin, int fd, struct import_options *options)
{
	struct reporting *reporting = options->arg;
	struct import_result result;
	enum error error = import_file(admin->context.store, fd, options, &result);

	if (reporting->count > REPORTED_MOST)
		log_line(LOG_ERR, "and %llu more",
			 (unsigned long long)reporting->count - REPORTED_MOST);
	if (result.undone > 0)
		log_line(LOG_NOTICE, "%llu records that were written are removed again",
			 (unsigned long long)result.undone);
	if (error)
		return *result.fault ? admin_fail(admin, "%s; nothing was imported", result.fault)
				     : error;
	if (result.wrong > 0)
		return admin_fail(admin, "%llu %s wrong; nothing was imported",
				  (unsigned long long)result.wrong,
				  result.wrong == 1 ? "line is" : "lines are");
	if (!options->dry_run)
		audit_import(admin, options, &result);
	print_result(admin, options, &result);
	return OK;
}

/* With the lock: what another import has left is undone first. */
static enum error undo_left(struct admin *admin)
{
	uint64_t undone;
	enum error error;

	if (!journal_is_there(admin->context.config.directory))
		return OK;
	error = journal_undo(admin->context.store, admin->context.config.directory, &undone);
	if (!error)
		log_line(LOG_NOTICE,
			 "an import that did not come to its end was undone: %llu "
			 "records",
			 (unsigned long long)undone);
	return error;
}

static enum error import_opened(struct admin *admin, const char *path, int fd,
				const struct source_format *format)
{
	char organization[ID_SIZE];
	enum role role;
	struct reporting reporting = { .path = path };
	struct import_options options = { .format = format,
					  .directory = admin->context.config.directory,
					  .dry_run = admin_option(admin, "dry-run"),
					  .report = report,
					  .arg = &reporting };
	int lock = journal_lock(options.directory, JOURNAL_LOCK_ALONE);
	enum error error = OK;

	if (lock < 0)
		return errno == EWOULDBLOCK
			       ? admin_fail(admin, "an import or a verify is running: try again "
						   "later")
			       : admin_fail(admin, "import.lock: %s", strerror(errno));
	if (!(error = undo_left(admin)) &&
	    !(error = choose_defaults(admin, format, organization, &role, &options.defaults)))
		error = run_import(admin, fd, &options);
	close(lock);
	return error;
}

/* An export may be what a state directory begins with, instead of doorward init. */
static enum error open_state(struct admin *admin, const struct source_format *format)
{
	enum error error;

	if (!format || !format->keeps_keys || admin_option(admin, "dry-run"))
		return admin_open(admin);
	error = admin_make_state(admin);
	if (!error)
		error = keyring_create(admin->context.keyring, admin->context.config.algorithm);
	return error == ERR_EXISTS ? OK : error;
}

/* The file is opened as whoever runs this, and only then is the state directory's owner become. */
static enum error import_command(struct admin *admin)
{
	const char *path = admin->operands[0];
	bool from_stdin = strcmp(path, "-") == 0;
	int fd = from_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	const struct source_format *format = NULL;
	struct stat stat_of;
	enum error error = OK;

	if (fd < 0)
		return admin_fail(admin, "%s: %s", path, strerror(errno));
	if (fstat(fd, &stat_of) == 0 && S_ISREG(stat_of.st_mode))
		error = choose_format(admin, fd, &format);
	if (!error)
		error = open_state(admin, format);
	if (!error)
		error = spool(admin, &fd);
	if (!error && !format)
		error = choose_format(admin, fd, &format);
	if (!error)
		error = import_opened(admin, from_stdin ? "standard input" : path, fd, format);
	close(fd);
	return error;
}

static const struct admin_option import_options[] = {
	{ "format", "FORMAT", "export, jsonl, csv or htpasswd (by what is in the file)" },
	{ "org", "ORG", "the accounts' organization, by name or ID (the only one)" },
	{ "role", "ROLE", "the role of accounts whose line has none" },
	{ "verified", NULL, "addresses count as verified where a line does not say" },
	{ "dry-run", NULL, "check everything, write nothing" },
	{ NULL, NULL, NULL },
};

const struct admin_command admin_transfer_commands[] = {
	{ .group = "export",
	  .operands = "[FILE|-]",
	  .operand_count = 1,
	  .operand_file = true,
	  .operand_optional = true,
	  .help = "Writes everything in the store as JSON lines, to a new file or standard\n"
		  "output, also while responders run. See doorward-transfer(1).",
	  .run = export_command,
	  .makes_state = true },
	{ .group = "import",
	  .operands = "FILE|-",
	  .operand_count = 1,
	  .operand_file = true,
	  .options = import_options,
	  .help = "Reads an export, or accounts from elsewhere: all of them, or none when a line\n"
		  "is wrong. See doorward-transfer(1).",
	  .run = import_command,
	  .makes_state = true },
	{ .group = NULL },
};
