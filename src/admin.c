/* doorward: finds the command, parses its options, opens what it needs, runs it. */
#include "admin.h"

#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "organization.h"
#include "strict.h"
#include "text.h"

#define NAME "doorward"
#define USAGE_ERROR 2

/* In the order of the help. */
/* clang-format off */
static const struct admin_command *const tables[] = {
	admin_state_commands,
	admin_key_commands,
	admin_account_commands,
	admin_service_key_commands,
	admin_database_commands,
	admin_learn_commands,
	admin_rating_commands,
	admin_session_commands,
	admin_throttle_commands,
	admin_policy_commands,
	admin_mail_commands,
	admin_transfer_commands,
	admin_backup_commands,
	admin_verify_commands,
};
/* clang-format on */

#define TABLES (sizeof(tables) / sizeof(tables[0]))

enum { OPTION_CONFIG = 256, OPTION_JSON, OPTION_HELP, OPTION_VERSION, OPTION_OWN };

static const struct option global_options[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
};

#define GLOBALS (sizeof(global_options) / sizeof(global_options[0]))

const char *admin_option(const struct admin *admin, const char *name)
{
	for (int i = 0; admin->command->options && admin->command->options[i].name; i++) {
		if (strcmp(admin->command->options[i].name, name) == 0)
			return admin->values[i];
	}
	return NULL;
}

__attribute__((format(printf, 2, 0))) static enum error fail_with(struct admin *admin,
								  const char *format, va_list args)
{
	char text[512];

	vsnprintf(text, sizeof(text), format, args);
	return fail(&admin->failure, ERR_DATA, "%s", text);
}

enum error admin_fail(struct admin *admin, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fail_with(admin, format, args);
	va_end(args);
	return ERR_DATA;
}

enum error admin_misuse(struct admin *admin, const char *format, ...)
{
	va_list args;

	admin->misused = true;
	va_start(args, format);
	fail_with(admin, format, args);
	va_end(args);
	return ERR_DATA;
}

enum error admin_check_email(struct admin *admin, const char *email)
{
	return email_is_valid(email) ? OK : admin_misuse(admin, "%s is no email address", email);
}

enum error admin_check_name(struct admin *admin, const char *name)
{
	return name_is_valid(name) ? OK
				   : admin_misuse(admin, "a name is " NAME_WANTED ": %s", name);
}

void admin_audit(struct admin *admin, const char *event, const char *account, const char *detail)
{
	static const struct client client = { .number = 0 };

	audit_write(
		admin->context.audit, &client,
		&(struct audit_event){
			.event = event, .outcome = "ok", .account = account, .detail = detail });
}

bool admin_become_owner(struct admin *admin, const char *path)
{
	struct passwd *owner;
	struct stat stat_of;

	if (geteuid() != 0)
		return true;
	if (stat(path, &stat_of) != 0) {
		admin_fail(admin, "%s: %s", path, strerror(errno));
		return false;
	}
	if (stat_of.st_uid == 0)
		return true;
	owner = getpwuid(stat_of.st_uid);
	if ((owner ? initgroups(owner->pw_name, stat_of.st_gid) : setgroups(1, &stat_of.st_gid)) !=
		    0 ||
	    setgid(stat_of.st_gid) != 0 || setuid(stat_of.st_uid) != 0) {
		admin_fail(admin, "cannot become the owner of %s: %s", path, strerror(errno));
		return false;
	}
	return true;
}

enum error admin_load_config(struct admin *admin)
{
	char *folder = file_folder(admin->config), why[512];
	struct stat unused;
	bool there = folder && stat(admin->config, &unused) == 0, good;

	/* where there is none, the reader says so */
	good = !there ||
	       (admin_become_owner(admin, folder) && admin_become_owner(admin, admin->config));
	free(folder);
	if (!good)
		return admin->failure.code;
	if (!config_load(&admin->context.config, admin->config, why, sizeof(why)))
		return admin_fail(admin, "%s", why);
	return OK;
}

struct search {
	const char *wanted; /* NULL: the only one */
	char id[ID_SIZE];
	int found;
};

static bool match_organization(void *arg, const struct organization *organization)
{
	struct search *search = arg;

	if (search->wanted && strcmp(search->wanted, organization->id) != 0 &&
	    strcmp(search->wanted, organization->name) != 0)
		return true;
	memcpy(search->id, organization->id, ID_SIZE);
	search->found++;
	return true;
}

static enum error search_organization(struct txn *txn, void *arg)
{
	((struct search *)arg)->found = 0;
	return organization_each(txn, match_organization, arg);
}

enum error admin_organization(struct admin *admin, char id_r[ID_SIZE])
{
	struct search search = { .wanted = admin_option(admin, "org") };
	enum error error = store_view(admin->context.store, search_organization, &search);

	if (error)
		return error;
	if (search.found == 1) {
		memcpy(id_r, search.id, ID_SIZE);
		return OK;
	}
	if (search.wanted)
		return admin_fail(admin,
				  search.found ? "several organizations are called %s: use its ID"
					       : "there is no organization %s",
				  search.wanted);
	return admin_fail(admin, search.found
					 ? "there are several organizations: say which with --org"
					 : "there is no organization yet: doorward init");
}

static void print_options(FILE *out, const struct admin_option *options)
{
	for (; options && options->name; options++) {
		char text[64];

		snprintf(text, sizeof(text), "--%s%s%s", options->name,
			 options->argument ? " " : "", options->argument ? options->argument : "");
		fprintf(out, "  %-26s %s\n", text, options->help);
	}
}

static const struct admin_option global_help[] = {
	{ "config", "FILE", "the configuration (else $DOORWARD_CONF, else the system's)" },
	{ "json", NULL, "print JSON" },
	{ "help", NULL, "print this" },
	{ "version", NULL, "print the version" },
	{ NULL, NULL, NULL },
};

#define COMMAND_SIZE 64

/* "account add" */
static void name_command(char name_r[COMMAND_SIZE], const struct admin_command *command)
{
	snprintf(name_r, COMMAND_SIZE, "%s%s%s", command->group, command->verb ? " " : "",
		 command->verb ? command->verb : "");
}

static void print_synopsis(FILE *out, const struct admin_command *command)
{
	char name[COMMAND_SIZE];

	name_command(name, command);
	fprintf(out, "  %s%s%s\n", name, command->operands ? " " : "",
		command->operands ? command->operands : "");
}

static void help_command(FILE *out, const struct admin_command *command)
{
	fprintf(out, "usage: doorward [OPTION…]\n");
	print_synopsis(out, command);
	fprintf(out, "\n%s\n\n", command->help);
	print_options(out, command->options);
	print_options(out, global_help);
}

/* All commands, or those of a group. */
static void help_commands(FILE *out, const char *group)
{
	fprintf(out, "usage: doorward [OPTION…] COMMAND\n\n");
	for (size_t i = 0; i < TABLES; i++) {
		for (const struct admin_command *at = tables[i]; at->group; at++) {
			if (!group || strcmp(group, at->group) == 0)
				print_synopsis(out, at);
		}
	}
	fprintf(out, "\n");
	print_options(out, global_help);
	fprintf(out,
		"\n\"doorward COMMAND --help\" says more. Passwords are asked for, or read from\n"
		"standard input.\n");
}

/* The command that argv names, and in *words_r how many words that took. */
static const struct admin_command *find_command(int argc, char **argv, int *words_r)
{
	for (size_t i = 0; i < TABLES; i++) {
		for (const struct admin_command *at = tables[i]; at->group; at++) {
			if (argc < 1 || strcmp(argv[0], at->group) != 0 ||
			    (at->verb && (argc < 2 || strcmp(argv[1], at->verb) != 0)))
				continue;
			*words_r = at->verb ? 2 : 1;
			return at;
		}
	}
	return NULL;
}

static bool is_group(const char *word)
{
	for (size_t i = 0; i < TABLES; i++) {
		for (const struct admin_command *at = tables[i]; at->group; at++) {
			if (strcmp(word, at->group) == 0)
				return true;
		}
	}
	return false;
}

/* The options that getopt_long(3) knows: the global ones, then the command's own. */
static void fill_options(struct option all_r[GLOBALS + ADMIN_OPTIONS_MOST + 1],
			 const struct admin_option *own)
{
	size_t count = GLOBALS;

	memcpy(all_r, global_options, sizeof(global_options));
	for (int i = 0; own && own[i].name; i++)
		all_r[count++] = (struct option){ own[i].name,
						  own[i].argument ? required_argument : no_argument,
						  NULL, OPTION_OWN + i };
	all_r[count] = (struct option){ NULL, 0, NULL, 0 };
}

struct parsed {
	bool help, version;
};

/*
 * Parses options; false after getopt_long(3) has said what is wrong, in the name of argv[0].
 */
static bool parse_options(struct admin *admin, struct parsed *parsed, const char *order, int argc,
			  char **argv)
{
	struct option all[GLOBALS + ADMIN_OPTIONS_MOST + 1];
	int option;

	fill_options(all, admin->command ? admin->command->options : NULL);
	optind = 0;
	while ((option = getopt_long(argc, argv, order, all, NULL)) != -1) {
		if (option == OPTION_CONFIG)
			admin->config = optarg;
		else if (option == OPTION_JSON)
			admin->json = true;
		else if (option == OPTION_HELP)
			parsed->help = true;
		else if (option == OPTION_VERSION)
			parsed->version = true;
		else if (option >= OPTION_OWN)
			admin->values[option - OPTION_OWN] = optarg ? optarg : "";
		else
			return false;
	}
	return true;
}

static bool is_initialised(const struct config *config)
{
	struct stat unused;
	char *path;
	bool there;

	if (asprintf(&path, "%s/store", config->directory) < 0)
		return false;
	there = stat(path, &unused) == 0;
	free(path);
	return there;
}

enum error admin_open(struct admin *admin)
{
	struct context *context = &admin->context;
	enum error error = admin_load_config(admin);

	if (error)
		return error;
	if (!admin_become_owner(admin, context->config.directory))
		return admin->failure.code;
	if (!is_initialised(&context->config))
		return admin_fail(admin, "%s is not initialised: doorward init",
				  context->config.directory);
	return context_open(context) ? OK : admin_fail(admin, "out of memory");
}

/* Names of files may be any bytes; what else is said ends up in records, and those are JSON. */
static enum error check_utf8(struct admin *admin)
{
	const struct admin_command *command = admin->command;
	const struct admin_option *option = command->options;
	int last = command->operand_count - 1;

	for (int i = 0; i < command->operand_count; i++) {
		if (admin->operands[i] && !(command->operand_file && i == last) &&
		    !strict_utf8(admin->operands[i]))
			return admin_misuse(admin, "operand %d is not UTF-8", i + 1);
	}
	for (int i = 0; option && option[i].name; i++) {
		if (admin->values[i] &&
		    strcmp(option[i].argument ? option[i].argument : "", ADMIN_FILE) &&
		    !strict_utf8(admin->values[i]))
			return admin_misuse(admin, "--%s is not UTF-8", option[i].name);
	}
	return OK;
}

static int run_command(struct admin *admin)
{
	enum error error = check_utf8(admin);
	char *message;

	if (!error && !admin->command->makes_state)
		error = admin_open(admin);
	if (!error)
		error = admin->command->run(admin);
	if (!error && fflush(stdout) != 0)
		error = admin_fail(admin, "cannot write: %s", strerror(errno));
	context_close(&admin->context);
	if (!error)
		return EXIT_SUCCESS;
	admin->failure.code = error;
	/* what the command says itself needs no preface for API clients */
	message = error == ERR_DATA ? strdup(admin->failure.detail)
				    : failure_explain(&admin->failure);
	log_line(LOG_ERR, "%s", message ? message : "out of memory");
	free(message);
	failure_clear(&admin->failure);
	return admin->misused ? USAGE_ERROR : EXIT_FAILURE;
}

/* With the command's words gone, argv[0] is for them and the rest are options and operands. */
static int parse_and_run(struct admin *admin, struct parsed *parsed, int argc, char **argv)
{
	const struct admin_command *command = admin->command;
	char name[COMMAND_SIZE], said_by[COMMAND_SIZE + sizeof(NAME)];
	int given, status;
	char *path;

	name_command(name, command);
	snprintf(said_by, sizeof(said_by), NAME " %s", name);
	argv[0] = said_by;
	if (!parse_options(admin, parsed, "", argc, argv))
		return USAGE_ERROR;
	if (parsed->help) {
		help_command(stdout, command);
		return EXIT_SUCCESS;
	}
	given = argc - optind;
	if (given > command->operand_count ||
	    given < command->operand_count - command->operand_optional) {
		log_line(LOG_ERR,
			 given > command->operand_count ? "%s: there is more than it takes"
							: "%s: it takes more than that",
			 name);
		help_command(stderr, command);
		return USAGE_ERROR;
	}
	for (int i = 0; i < given; i++)
		admin->operands[i] = argv[optind + i];
	umask(077);
	admin->config = path = config_path(admin->config);
	status = path ? run_command(admin) : EXIT_FAILURE;
	free(path);
	return status;
}

/* What to do where no command is named: help is an answer, or says what could have been meant. */
static int explain_commands(int argc, char **argv, bool asked)
{
	const char *group = argc > 0 && is_group(argv[0]) ? argv[0] : NULL;

	asked = asked || (group && argc > 1 && strcmp(argv[1], "--help") == 0);
	if (!asked && argc <= 0)
		log_line(LOG_ERR, "there is no command");
	else if (!asked && group && argc == 1)
		log_line(LOG_ERR, "%s: its second word is missing", group);
	else if (!asked)
		log_line(LOG_ERR, "no such command: %s%s%s", argv[0], group ? " " : "",
			 group ? argv[1] : "");
	help_commands(asked ? stdout : stderr, group);
	return asked ? EXIT_SUCCESS : USAGE_ERROR;
}

int main(int argc, char **argv)
{
	struct admin admin = { .json = false };
	struct parsed parsed = { .help = false };
	int words;

	/* its arguments would be a client's words (RFC 3875, 4.4), and its input a client's body */
	if (getenv("GATEWAY_INTERFACE") || getenv("REQUEST_METHOD")) {
		log_line(LOG_ERR, "this is no CGI program: refusing where GATEWAY_INTERFACE or "
				  "REQUEST_METHOD is set");
		return EXIT_FAILURE;
	}
	argv[0] = (char *)NAME;
	if (!parse_options(&admin, &parsed, "+", argc, argv))
		return USAGE_ERROR;
	if (parsed.version) {
		puts(NAME " " VERSION);
		return EXIT_SUCCESS;
	}
	argv += optind;
	argc -= optind;
	admin.command = find_command(argc, argv, &words);
	if (admin.command)
		return parse_and_run(&admin, &parsed, argc - words + 1, argv + words - 1);
	return explain_commands(argc, argv, parsed.help);
}
