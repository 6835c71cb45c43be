/* doorward backup and restore. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin-verify.h"
#include "backup.h"
#include "file.h"
#include "object.h"

/* What a failed step says: its own words, else what the error means by itself. */
static enum error explain(struct admin *admin, enum error error, const struct backup_result *result)
{
	if (*result->fault)
		return admin_fail(admin, "%s", result->fault);
	return error == ERR_SERVER ? admin_fail(admin, "the copy is damaged: see the lines before")
				   : error;
}

static enum error backup(struct admin *admin)
{
	char folder[4096];
	size_t length;
	struct backup_result result;
	struct json_object *answer;
	enum error error;

	/* a slash at the end would make the other name one of a file in it */
	length = strlen(admin->operands[0]);
	while (length > 1 && admin->operands[0][length - 1] == '/')
		length--;
	if (length >= sizeof(folder))
		return admin_fail(admin, "the folder's name is too long");
	memcpy(folder, admin->operands[0], length);
	folder[length] = '\0';

	error = backup_make(&admin->context, folder, &result);
	if (error)
		return explain(admin, error, &result);
	answer = json_object_new_object();
	object_add_text(answer, "backup", folder);
	object_add_integer(answer, "files", result.files);
	object_add_integer(answer, "bytes", result.bytes);
	admin_print_object(admin, answer);
	return OK;
}

/* The configuration that is there counts; without one, that of the backup. */
static enum error load_config(struct admin *admin, const char *folder, struct backup_result *result)
{
	struct config *config = &admin->context.config;
	struct stat unused;
	enum error error = OK;

	if (stat(admin->config, &unused) != 0 && errno == ENOENT)
		error = backup_restore_config(folder, admin->config, result);
	if (error)
		return explain(admin, error, result);
	error = admin_load_config(admin);
	if (error)
		return error;
	if (!file_make_folders(config->directory))
		return admin_fail(admin, "%s: %s", config->directory, strerror(errno));
	return admin_become_owner(admin, config->directory) ? OK : ERR_DATA;
}

static enum error restore(struct admin *admin)
{
	const char *folder = admin->operands[0];
	struct backup_result result;
	enum error error = backup_check(folder, &result);

	if (error)
		return explain(admin, error, &result);
	if ((error = admin_make_folder(admin)) || (error = load_config(admin, folder, &result)))
		return error;
	error = backup_restore(folder, admin->context.config.directory, &result);
	if (error)
		return explain(admin, error, &result);
	if (!context_open(&admin->context))
		return admin_fail(admin, "out of memory");
	return admin_verify(admin, false);
}

const struct admin_command admin_backup_commands[] = {
	{ .group = "backup",
	  .operands = "DIR",
	  .operand_count = 1,
	  .operand_file = true,
	  .help = "Copies the store, the key ring and the configuration to a new folder, also\n"
		  "while responders run. See doorward-backup(1).",
	  .run = backup },
	{ .group = "restore",
	  .operands = "DIR",
	  .operand_count = 1,
	  .operand_file = true,
	  .help = "Makes the configured state directory from a backup. It must not hold a store\n"
		  "yet. See doorward-backup(1).",
	  .run = restore,
	  .makes_state = true },
	{ .group = NULL },
};
