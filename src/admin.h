/*
 * doorward, the admin command: what its commands share. A command is a row of a table with its
 * operands, options and help, and a function that is given them parsed.
 */
#ifndef DOORWARD_ADMIN_H
#define DOORWARD_ADMIN_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "account.h"
#include "context.h"
#include "database.h"
#include "error.h"

#define ADMIN_OPTIONS_MOST 8
#define ADMIN_OPERANDS_MOST 2

/* The argument of an option that names a file, which may be called anything; all else is UTF-8. */
#define ADMIN_FILE "FILE"

/* An option of a command; the list ends with a NULL name. */
struct admin_option {
	const char *name;     /* without the hyphens */
	const char *argument; /* what its value is called in the help; NULL: it takes none */
	const char *help;
};

struct admin;

/* Returns OK, or an error that admin->failure describes; its message is printed then. */
typedef enum error admin_fn(struct admin *admin);

struct admin_command {
	const char *group, *verb; /* verb: NULL where the group is the whole command */
	const char *operands;	  /* for the help: "ACCOUNT ROLE"; NULL for none */
	int operand_count;
	bool operand_optional;		    /* the last one may be left out: NULL then */
	bool operand_file;		    /* the last one names a file */
	const struct admin_option *options; /* NULL for none */
	const char *help;
	admin_fn *run;
	bool makes_state; /* runs before there is a state directory: nothing is opened for it */
};

/* The tables, each ending with a NULL group. */
extern const struct admin_command admin_account_commands[];
extern const struct admin_command admin_backup_commands[];
extern const struct admin_command admin_database_commands[];
extern const struct admin_command admin_key_commands[];
extern const struct admin_command admin_learn_commands[];
extern const struct admin_command admin_mail_commands[];
extern const struct admin_command admin_policy_commands[];
extern const struct admin_command admin_rating_commands[];
extern const struct admin_command admin_service_key_commands[];
extern const struct admin_command admin_session_commands[];
extern const struct admin_command admin_state_commands[];
extern const struct admin_command admin_throttle_commands[];
extern const struct admin_command admin_transfer_commands[];
extern const struct admin_command admin_verify_commands[];

/* One run of the command. */
struct admin {
	const struct admin_command *command;
	const char *config; /* the configuration file's path */
	bool json;
	const char *operands[ADMIN_OPERANDS_MOST];
	const char
		*values[ADMIN_OPTIONS_MOST]; /* parallel to the options; "" where it takes none */
	bool misused; /* the command line is wrong, which has an exit status of its own */
	struct context context;
	struct failure failure;
};

/* The value of an option, "" for one without an argument; NULL when it was not given. */
const char *admin_option(const struct admin *admin, const char *name);

/* Fails with a sentence of one's own. */
enum error admin_fail(struct admin *admin, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same, where the command line is wrong. */
enum error admin_misuse(struct admin *admin, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* An email; a program's or an organization's name: OK, or that the command line is wrong. */
enum error admin_check_email(struct admin *admin, const char *email);
enum error admin_check_name(struct admin *admin, const char *name);

/*
 * Started by root, becomes the owner of a folder or file, for good, so that no file will ever belong to
 * the wrong user. False, and a failure, when that cannot be.
 */
bool admin_become_owner(struct admin *admin, const char *path);

/*
 * Loads the configuration. Started by root, first becomes the owner of its folder or of the file: who can
 * write it can name a program in it, which is not to run as root. ERR_DATA when it is wrong.
 */
enum error admin_load_config(struct admin *admin);

/*
 * For commands that run before there is a state directory: opens what the configuration names, as is
 * done for all others.
 */
enum error admin_open(struct admin *admin);

/* Makes the configuration's folder where it is missing, and becomes its owner. */
enum error admin_make_folder(struct admin *admin);

/* The same, makes a configuration and the state directory where they are missing, and opens all. */
enum error admin_make_state(struct admin *admin);

/*
 * Asks for a new password, twice on a terminal, else one line from standard input, checks it against
 * the rules and hashes it.
 */
enum error admin_new_password(struct admin *admin, const char *login, char *hash_r);

/*
 * Prints an array of objects: as it is with --json, else as a table of the named columns, whose list
 * ends with NULL. Takes over rows.
 */
void admin_print_rows(const struct admin *admin, struct json_object *rows,
		      const char *const *columns);

/*
 * Has an array filled in one view of the store and prints it like that. fill may be called more than
 * once, each time with a new array.
 */
typedef enum error admin_fill_fn(struct txn *txn, struct json_object *rows, void *arg);
enum error admin_list(struct admin *admin, admin_fill_fn *fill, void *arg,
		      const char *const *columns);

/* Prints an object: as it is with --json, else a line for each member. Takes over object. */
void admin_print_object(const struct admin *admin, struct json_object *object);

/* The file that an operand names to be written; NULL for standard output: none, or "-". */
const char *admin_output_file(const char *operand);

/* Writes an audit line of what a command did. account, detail: NULL for none. */
void admin_audit(struct admin *admin, const char *event, const char *account, const char *detail);

/* The organization that --org names by ID or name, or the only one there is. */
enum error admin_organization(struct admin *admin, char id_r[ID_SIZE]);

/* The database of that organization that is named by ID or name. The caller frees. */
enum error admin_database(struct admin *admin, const char *wanted, struct database *database_r);

#endif
