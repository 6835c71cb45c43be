/* doorward init, status and org: the state directory and its organizations. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin.h"
#include "file.h"
#include "object.h"
#include "organization.h"
#include "password.h"
#include "tables.h"
#include "text.h"

static const char initial_config[] =
	"; Doorward. Every key is optional; doorward.conf(5) describes them all.\n"
	"\n"
	"[server]\n"
	";url = http://localhost/\n"
	"\n"
	"[token]\n"
	";algorithm = HS256\n"
	";jwt_lifetime = 900\n"
	";refresh_lifetime = 2592000\n"
	";refresh_rotation = when-due\n"
	"\n"
	"[password]\n"
	";cost = 5\n";

/* Makes the configuration's folder where it is missing; the caller frees. NULL and a failure. */
static char *make_folder(struct admin *admin)
{
	char *folder = file_folder(admin->config);

	if (folder && !file_make_folders(folder)) {
		admin_fail(admin, "%s: %s", folder, strerror(errno));
		free(folder);
		return NULL;
	}
	return folder;
}

/* One file, made only where there is none. */
static enum error write_config(struct admin *admin)
{
	int fd = open(admin->config, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t size = (ssize_t)sizeof(initial_config) - 1;
	bool good;

	if (fd < 0)
		return errno == EEXIST
			       ? OK
			       : admin_fail(admin, "%s: %s", admin->config, strerror(errno));
	good = write(fd, initial_config, (size_t)size) == size;
	good = close(fd) == 0 && good;
	return good ? OK : admin_fail(admin, "cannot write %s", admin->config);
}

enum error admin_make_folder(struct admin *admin)
{
	char *folder = make_folder(admin);
	enum error error = folder && admin_become_owner(admin, folder) ? OK : ERR_DATA;

	free(folder);
	return error;
}

/* The folder, its owner, the file in it; then what it configures is opened. */
enum error admin_make_state(struct admin *admin)
{
	enum error error = admin_make_folder(admin);
	const char *directory;

	if (!error)
		error = write_config(admin);
	if (!error)
		error = admin_load_config(admin);
	if (error)
		return error;
	directory = admin->context.config.directory;
	if (!file_make_folders(directory))
		return admin_fail(admin, "%s: %s", directory, strerror(errno));
	/* which may be another's than the configuration's folder: /etc and /var */
	if (!admin_become_owner(admin, directory))
		return admin->failure.code;
	return context_open(&admin->context) ? OK : admin_fail(admin, "out of memory");
}

struct creation {
	struct admin *admin;
	struct organization_new new;
	bool first; /* only if there is none yet */
	char id[ID_SIZE];
};

static bool count(void *arg, const struct organization *organization)
{
	(void)organization;
	++*(int *)arg;
	return true;
}

static enum error create(struct txn *txn, void *arg)
{
	struct creation *creation = arg;
	int there = 0;
	enum error error = organization_each(txn, count, &there);

	if (error)
		return error;
	if (creation->first && there > 0)
		return admin_fail(creation->admin, "%s is initialised already",
				  creation->admin->context.config.directory);
	return organization_create(txn, &creation->new, creation->id, &creation->admin->failure);
}

static enum error create_organization(struct admin *admin, const char *name, const char *email,
				      bool first)
{
	char hash[PASSWORD_HASH_SIZE];
	struct creation creation = {
		.admin = admin,
		.new = { .name = name, .root_email = email, .root_password = hash },
		.first = first,
	};
	struct json_object *answer;
	char title[DATABASE_TITLE_SIZE];
	enum error error;

	if ((error = admin_check_name(admin, name)) || (error = admin_check_email(admin, email)) ||
	    (error = admin_new_password(admin, email, hash)) ||
	    (error = store_update(admin->context.store, create, &creation)))
		return error;
	database_title(title, creation.id, name);
	admin_audit(admin, "organization.create", NULL, title);
	admin_audit(admin, "account.create", email, role_name(ROLE_ROOT));
	answer = json_object_new_object();
	object_add_text(answer, "organization", creation.id);
	object_add_text(answer, "name", name);
	object_add_text(answer, "root", email);
	admin_print_object(admin, answer);
	return OK;
}

static enum error refuse_second(struct txn *txn, void *arg)
{
	struct admin *admin = arg;
	int there = 0;
	enum error error = organization_each(txn, count, &there);

	if (!error && there > 0)
		error = admin_fail(admin, "%s is initialised already",
				   admin->context.config.directory);
	return error;
}

/* Can be run again when it was interrupted: it is done once there is an organization. */
static enum error init(struct admin *admin)
{
	const char *email = admin_option(admin, "email"), *name = admin_option(admin, "org");
	enum error error = admin_make_state(admin);

	if (!error)
		error = store_view(admin->context.store, refuse_second, admin);
	if (error)
		return error;
	error = keyring_create(admin->context.keyring, admin->context.config.algorithm);
	if (error && error != ERR_EXISTS)
		return admin_fail(admin, "cannot make the key ring");
	return create_organization(admin, name ? name : "default",
				   email ? email : "root@localhost.localdomain", true);
}

/* Bytes of the files in the store whose names start with a prefix. */
static int64_t size_of_files(const char *folder, const char *prefix)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int64_t size = 0;

	while (dir && (entry = readdir(dir))) {
		struct stat stat_of;

		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
		    fstatat(dirfd(dir), entry->d_name, &stat_of, 0) == 0 &&
		    S_ISREG(stat_of.st_mode))
			size += stat_of.st_size;
	}
	if (dir)
		closedir(dir);
	return size;
}

static const struct {
	const char *name;
	enum table table;
} counted[] = {
	{ "organizations", TABLE_ORGANIZATION }, { "accounts", TABLE_ACCOUNT },
	{ "databases", TABLE_DATABASE },	 { "sessions", TABLE_SESSION },
	{ "service_keys", TABLE_SERVICE_KEY },	 { "codes", TABLE_CODE },
	{ "mails_waiting", TABLE_MAIL },	 { "throttled", TABLE_THROTTLE },
};

#define COUNTED (sizeof(counted) / sizeof(counted[0]))

static enum error count_records(struct txn *txn, void *arg)
{
	uint64_t *counts = arg;
	enum error error = OK;

	for (size_t i = 0; !error && i < COUNTED; i++)
		error = store_count(txn, counted[i].table, &counts[i]);
	return error;
}

static enum error status(struct admin *admin)
{
	const char *directory = admin->context.config.directory;
	const struct key *signer = keyring_signer(admin->context.keyring, KEY_USE_JWT);
	struct json_object *answer;
	uint64_t counts[COUNTED];
	enum error error = store_view(admin->context.store, count_records, counts);
	char *store;

	if (error)
		return error;
	if (counts[0] == 0)
		return admin_fail(admin, "%s has no organization yet: doorward init", directory);
	if (!signer)
		return admin_fail(admin, "%s/keys.json has no key to sign with", directory);
	answer = json_object_new_object();
	object_add_text(answer, "version", VERSION);
	object_add_text(answer, "directory", directory);
	for (size_t i = 0; i < COUNTED; i++)
		object_add_integer(answer, counted[i].name, (int64_t)counts[i]);
	if (asprintf(&store, "%s/store", directory) >= 0) {
		object_add_integer(answer, "store_bytes", size_of_files(store, ""));
		object_add_integer(answer, "log_bytes", size_of_files(store, "log."));
		free(store);
	}
	object_add_integer(answer, "keys", (int64_t)keyring_count(admin->context.keyring));
	signer = keyring_signer(admin->context.keyring, KEY_USE_JWT);
	if (signer)
		object_add_time(answer, "signing_key_created", signer->created);
	admin_print_object(admin, answer);
	return OK;
}

static enum error org_add(struct admin *admin)
{
	const char *email = admin_option(admin, "email");

	if (!email)
		return admin_misuse(admin, "--email is needed: the root account's");
	return create_organization(admin, admin->operands[0], email, false);
}

static bool add_row(void *arg, const struct organization *organization)
{
	struct json_object *row = json_object_new_object();

	object_add_text(row, "id", organization->id);
	object_add_text(row, "name", organization->name);
	object_add_time(row, "created", organization->created);
	json_object_array_add(*(struct json_object **)arg, row);
	return true;
}

static enum error list(struct txn *txn, void *arg)
{
	struct json_object **rows = arg;

	json_object_put(*rows);
	*rows = json_object_new_array();
	return organization_each(txn, add_row, rows);
}

static enum error org_list(struct admin *admin)
{
	static const char *const columns[] = { "id", "name", "created", NULL };
	struct json_object *rows = NULL;
	enum error error = store_view(admin->context.store, list, &rows);

	if (error)
		json_object_put(rows);
	else
		admin_print_rows(admin, rows, columns);
	return error;
}

static const struct admin_option init_options[] = {
	{ "email", "EMAIL", "the root account's email (root@localhost.localdomain)" },
	{ "org", "NAME", "the first organization's name (default)" },
	{ NULL, NULL, NULL },
};

static const struct admin_option org_options[] = {
	{ "email", "EMAIL", "the root account's email" },
	{ NULL, NULL, NULL },
};

const struct admin_command admin_state_commands[] = {
	{ .group = "init",
	  .options = init_options,
	  .help = "Makes the state directory: configuration, keys, store, a first organization "
		  "and\n"
		  "its root account, whose password is asked for.",
	  .run = init,
	  .makes_state = true },
	{ .group = "status",
	  .help = "Says what there is; fails when the state directory is not initialised.",
	  .run = status },
	{ .group = "org",
	  .verb = "add",
	  .operands = "NAME --email EMAIL",
	  .operand_count = 1,
	  .options = org_options,
	  .help = "Makes an organization and its root account, whose password is asked for.",
	  .run = org_add },
	{ .group = "org", .verb = "list", .help = "Lists the organizations.", .run = org_list },
	{ .group = NULL },
};
