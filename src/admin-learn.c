/* doorward database learn: what items have to do with each other, for recommendations. */
#include <string.h>
#include <unistd.h>

#include "admin.h"
#include "database.h"
#include "learn.h"
#include "log.h"
#include "object.h"

/* What others ask for goes first. */
#define NICENESS 10

/* All of a database that is named, else what has changed in any. */
static enum error choose(struct admin *admin, struct database *database,
			 struct learn_options *options)
{
	const char *wanted = admin->operands[0];
	enum error error = wanted ? admin_database(admin, wanted, database) : OK;

	if (!error && wanted) {
		options->database = database->id;
		options->anew = true;
	}
	return error;
}

/* By itself it is nobody's command, but one of the responders' processes. */
static enum error learn_quietly(struct admin *admin, const struct learn_options *options)
{
	struct learn_result result;
	enum error error;

	log_open("doorward", admin->context.config.log_target == LOG_TO_SYSLOG);
	if (nice(NICENESS) == -1)
		log_line(LOG_INFO, "learning is as hasty as all else");
	error = learn(&admin->context, options, &result);
	return error == ERR_DATA ? admin_fail(admin, "%s", result.why) : error;
}

static enum error learn_visibly(struct admin *admin, struct learn_options *options)
{
	struct learn_result result;
	struct progress progress;
	struct json_object *answer;
	enum error error;

	memset(&progress, 0, sizeof(progress)); /* it may end before it begins */
	options->wait = true;
	options->progress = &progress;
	error = learn(&admin->context, options, &result);
	progress_end(&progress);
	if (error)
		return error == ERR_DATA ? admin_fail(admin, "%s", result.why) : error;
	answer = json_object_new_object();
	object_add_integer(answer, "learned", result.items);
	admin_print_object(admin, answer);
	return OK;
}

static enum error run(struct admin *admin)
{
	struct learn_options options = { .database = NULL };
	struct database database = { .record = NULL };
	enum error error = choose(admin, &database, &options);

	if (!error)
		error = admin_option(admin, "quiet") ? learn_quietly(admin, &options)
						     : learn_visibly(admin, &options);
	database_free(&database);
	return error;
}

static const struct admin_option learn_options[] = {
	{ "quiet", NULL, "say nothing, leave when another does the same: for programs" },
	{ "org", "ORG", "the organization's name or ID (the only one)" },
	{ NULL, NULL, NULL },
};

const struct admin_command admin_learn_commands[] = {
	{ .group = "database",
	  .verb = "learn",
	  .operands = "[DATABASE]",
	  .operand_count = 1,
	  .operand_optional = true,
	  .options = learn_options,
	  .help = "Learns from a database's ratings what to recommend; without one, from what\n"
		  "changed in any. Responders do this by themselves.",
	  .run = run },
	{ .group = NULL },
};
