/* doorward rating: the ratings of a database, from and to CSV. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin.h"
#include "log.h"
#include "object.h"
#include "rating-csv.h"

#define REPORTED_MOST 20 /* lines that are wrong and said to be */

struct reporting {
	const char *path;
	int64_t count;
};

static void report(void *arg, int64_t line, const char *why)
{
	struct reporting *reporting = arg;

	if (++reporting->count <= REPORTED_MOST)
		log_line(LOG_ERR, "%s:%lld: %s", reporting->path, (long long)line, why);
}

static enum error explain(struct admin *admin, const struct rating_csv_result *result,
			  enum error error)
{
	return *result->fault ? admin_fail(admin, "%s", result->fault) : error;
}

static enum error import_opened(struct admin *admin, int fd, const struct database *database)
{
	struct reporting reporting = { .path = admin->operands[1] };
	struct rating_csv_options options = { .database = database,
					      .dry_run = admin_option(admin, "dry-run"),
					      .report = report,
					      .arg = &reporting };
	struct rating_csv_result result;
	struct json_object *answer;
	enum error error = rating_csv_import(admin->context.store, fd, &options, &result);

	if (reporting.count > REPORTED_MOST)
		log_line(LOG_ERR, "and %lld more", (long long)reporting.count - REPORTED_MOST);
	if (error)
		return explain(admin, &result, error);
	if (result.wrong > 0)
		return admin_fail(admin, "%lld %s wrong; nothing was imported",
				  (long long)result.wrong,
				  result.wrong == 1 ? "line is" : "lines are");
	answer = json_object_new_object();
	object_add_truth(answer, "dry_run", options.dry_run);
	object_add_integer(answer, "ratings", result.ratings);
	admin_print_object(admin, answer);
	return OK;
}

/* The file is opened as whoever runs this, and only then is the state directory's owner become. */
static enum error import_ratings(struct admin *admin)
{
	const char *path = admin->operands[1];
	struct database database = { .record = NULL };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat stat_of;
	enum error error = OK;

	if (fd < 0)
		return admin_fail(admin, "%s: %s", path, strerror(errno));
	if (fstat(fd, &stat_of) != 0 || !S_ISREG(stat_of.st_mode))
		error = admin_fail(admin, "%s: it is read twice, so it must be a file", path);
	if (!error)
		error = admin_open(admin);
	if (!error)
		error = admin_database(admin, admin->operands[0], &database);
	if (!error)
		error = import_opened(admin, fd, &database);
	database_free(&database);
	close(fd);
	return error;
}

static enum error export_to(struct admin *admin, FILE *file)
{
	struct database database = { .record = NULL };
	struct rating_csv_options options = { .database = &database };
	struct rating_csv_result result = { .fault = "" };
	enum error error = admin_open(admin);

	if (!error)
		error = admin_database(admin, admin->operands[0], &database);
	if (!error)
		error = rating_csv_export(admin->context.store, file, &options, &result);
	database_free(&database);
	return error ? explain(admin, &result, error) : OK;
}

static enum error export_ratings(struct admin *admin)
{
	const char *path = admin_output_file(admin->operands[1]);
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)
		      : dup(STDOUT_FILENO);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	enum error error;

	if (!file) {
		int why = errno;

		if (fd >= 0)
			close(fd);
		return admin_fail(admin, "%s: %s", path ? path : "standard output", strerror(why));
	}
	error = export_to(admin, file);
	if (!error && path && fsync(fd) != 0)
		error = admin_fail(admin, "%s: %s", path, strerror(errno));
	if (fclose(file) != 0 && !error)
		error = admin_fail(admin, "%s: %s", path ? path : "standard output",
				   strerror(errno));
	if (error && path && unlink(path) != 0)
		log_line(LOG_WARNING, "%s is not complete, and stays: %s", path, strerror(errno));
	return error;
}

static const struct admin_option import_options[] = {
	{ "org", "ORG", "the organization's name or ID (the only one)" },
	{ "dry-run", NULL, "check everything, write nothing" },
	{ NULL, NULL, NULL },
};

static const struct admin_option export_options[] = {
	{ "org", "ORG", "the organization's name or ID (the only one)" },
	{ NULL, NULL, NULL },
};

const struct admin_command admin_rating_commands[] = {
	{ .group = "rating",
	  .verb = "import",
	  .operands = "DATABASE FILE",
	  .operand_count = 2,
	  .operand_file = true,
	  .options = import_options,
	  .help = "Reads ratings from CSV: nothing when a line is wrong. Interrupted while it\n"
		  "writes, it leaves the first of them; run it again then: a rating replaces the\n"
		  "one there was. See doorward(1).",
	  .run = import_ratings,
	  .makes_state = true },
	{ .group = "rating",
	  .verb = "export",
	  .operands = "DATABASE [FILE|-]",
	  .operand_count = 2,
	  .operand_file = true,
	  .operand_optional = true,
	  .options = export_options,
	  .help = "Writes a database's ratings as CSV, to a new file or standard output.",
	  .run = export_ratings,
	  .makes_state = true },
	{ .group = NULL },
};
