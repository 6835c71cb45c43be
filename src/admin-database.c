/* doorward database: tenant databases. */
#include <string.h>

#include "admin.h"
#include "database.h"
#include "object.h"
#include "progress.h"
#include "tables.h"
#include "text.h"
#include "trash.h"
#include "walk.h"

#define SWEPT 1024 /* rows of a deleted database that are removed in one transaction */

struct creation {
	struct database_new new;
	char id[ID_SIZE];
	struct failure *failure;
};

static enum error create(struct txn *txn, void *arg)
{
	struct creation *creation = arg;

	return database_create(txn, &creation->new, creation->id, creation->failure);
}

/* An identifier type that an option names; NULL is fine where it is not needed. */
static enum error check_type(struct admin *admin, const char *option, bool needed)
{
	const char *name = admin_option(admin, option);
	struct identifier_type type;

	if (!name)
		return needed ? admin_misuse(admin, "--%s is needed", option) : OK;
	if (!identifier_type_parse(&type, name))
		return admin_misuse(admin, "--%s: there is no type %s", option, name);
	return OK;
}

static enum error check_description(struct admin *admin, const char *text)
{
	return !text || text_is_valid(text)
		       ? OK
		       : admin_misuse(admin, "--description must be " TEXT_WANTED);
}

static enum error add(struct admin *admin)
{
	char organization[ID_SIZE];
	struct creation creation = {
		.new = {
			.organization = organization,
			.name = admin->operands[0],
			.description = admin_option(admin, "description"),
			.item_id_type = admin_option(admin, "item-id-type"),
			.user_id_type = admin_option(admin, "user-id-type"),
			.session_id_type = admin_option(admin, "session-id-type"),
		},
		.failure = &admin->failure,
	};
	struct json_object *answer;
	char title[DATABASE_TITLE_SIZE];
	enum error error;

	if ((error = admin_check_name(admin, creation.new.name)) ||
	    (error = check_description(admin, creation.new.description)) ||
	    (error = check_type(admin, "item-id-type", true)) ||
	    (error = check_type(admin, "user-id-type", true)) ||
	    (error = check_type(admin, "session-id-type", false)) ||
	    (error = admin_organization(admin, organization)) ||
	    (error = store_update(admin->context.store, create, &creation)))
		return error;
	database_title(title, creation.id, creation.new.name);
	admin_audit(admin, "database.create", NULL, title);
	answer = json_object_new_object();
	object_add_text(answer, "id", creation.id);
	admin_print_object(admin, answer);
	return OK;
}

static bool add_row(void *arg, struct bytes entry)
{
	json_object_array_add(arg, object_parse_own(entry.data, entry.size));
	return true;
}

static enum error fill(struct txn *txn, struct json_object *rows, void *arg)
{
	return database_each(txn, arg, 0, add_row, rows);
}

static enum error list(struct admin *admin)
{
	static const char *const columns[] = {
		"name", "item_id_type", "user_id_type", "session_id_type", "status", "id", NULL
	};
	char organization[ID_SIZE];
	enum error error = admin_organization(admin, organization);

	return error ? error : admin_list(admin, fill, organization, columns);
}

struct finding {
	struct admin *admin;
	const char *wanted;
	char organization[ID_SIZE];
	struct database *database;
};

/* By ID, or else by name. */
static enum error find(struct txn *txn, void *arg)
{
	struct finding *finding = arg;
	struct failure *failure = &finding->admin->failure;
	enum error error;

	database_free(finding->database);
	error = database_find(txn, finding->organization, finding->wanted, NULL, finding->database,
			      failure);
	if (error == ERR_NO_DATABASE)
		error = database_find(txn, finding->organization, NULL, finding->wanted,
				      finding->database, failure);
	return error;
}

enum error admin_database(struct admin *admin, const char *wanted, struct database *database_r)
{
	struct finding finding = { .admin = admin, .wanted = wanted, .database = database_r };
	enum error error = admin_organization(admin, finding.organization);

	memset(database_r, 0, sizeof(*database_r));
	return error ? error : store_view(admin->context.store, find, &finding);
}

/* The bytes of a database's rows in all tables, batch by batch: see walk.h. */
struct weighing {
	const char *database;
	int64_t batch, all;
};

static void begin_batch(void *arg)
{
	((struct weighing *)arg)->batch = 0;
}

static enum error weigh_row(struct txn *txn, void *arg, struct bytes key, struct bytes value)
{
	(void)txn;
	((struct weighing *)arg)->batch += (int64_t)(key.size + value.size);
	return OK;
}

static enum error end_batch(void *arg)
{
	struct weighing *weighing = arg;

	weighing->all += weighing->batch;
	return OK;
}

static enum error weigh(struct txn *txn, void *arg)
{
	struct weighing *weighing = arg;
	const struct walk walk = { begin_batch, weigh_row, end_batch, weighing };
	enum error error = OK;

	weighing->all = 0;
	for (unsigned i = 0; !error && i < tables_of_database_count; i++)
		error = walk_rows(txn, tables_of_database[i], bytes_of(weighing->database), &walk);
	return error;
}

static void print_database(const struct admin *admin, const struct database *database,
			   int64_t bytes)
{
	struct json_object *object = database_to_entry(database);

	object_add_integer(object, "ratings", database->counters.ratings);
	object_add_integer(object, "users", database->counters.users);
	object_add_integer(object, "items", database->counters.items);
	object_add_integer(object, "bytes", bytes);
	json_object_object_add(object, "metadata", json_object_get(database->metadata));
	json_object_object_add(object, "core_config", json_object_get(database->core_config));
	admin_print_object(admin, object);
}

static enum error show(struct admin *admin)
{
	struct database database;
	enum error error = admin_database(admin, admin->operands[0], &database);
	struct weighing weighing = { .database = database.id };

	if (!error)
		error = store_view(admin->context.store, weigh, &weighing);
	if (!error)
		print_database(admin, &database, weighing.all);
	database_free(&database);
	return error;
}

struct removal {
	struct admin *admin;
	struct database database;
	int64_t removed;
};

static enum error remove_database(struct txn *txn, void *arg)
{
	struct removal *removal = arg;

	return database_delete(txn, removal->database.organization, removal->database.id,
			       &removal->admin->failure);
}

static enum error sweep(struct txn *txn, void *arg)
{
	return trash_sweep(txn, SWEPT, &((struct removal *)arg)->removed);
}

/* It is gone at once; then what was in it is removed. Interrupted, whoever writes next goes on. */
static enum error erase(struct admin *admin)
{
	struct removal removal = { .admin = admin };
	struct store *store = admin->context.store;
	char title[DATABASE_TITLE_SIZE];
	struct progress progress;
	int64_t removed = 0;
	enum error error = admin_database(admin, admin->operands[0], &removal.database);

	if (!error)
		error = store_update(store, remove_database, &removal);
	if (!error) {
		database_title(title, removal.database.id, removal.database.name);
		admin_audit(admin, "database.delete", NULL, title);
	}
	progress_begin(&progress, "removing", 0, "rows");
	removal.removed = SWEPT;
	while (!error && removal.removed == SWEPT) {
		error = store_update(store, sweep, &removal);
		removed += removal.removed;
		progress_at(&progress, removed);
	}
	progress_end(&progress);
	database_free(&removal.database);
	return error;
}

static const struct admin_option add_options[] = {
	{ "item-id-type", "TYPE", "of the items' identifiers: uint32, uuid, urlsafe16, …" },
	{ "user-id-type", "TYPE", "of the users' identifiers" },
	{ "session-id-type", "TYPE", "of the sessions' identifiers (none)" },
	{ "description", "TEXT", "what it is for" },
	{ "org", "ORG", "the organization's name or ID (the only one)" },
	{ NULL, NULL, NULL },
};

static const struct admin_option org_options[] = {
	{ "org", "ORG", "the organization's name or ID (the only one)" },
	{ NULL, NULL, NULL },
};

const struct admin_command admin_database_commands[] = {
	{ .group = "database",
	  .verb = "add",
	  .operands = "NAME --item-id-type TYPE --user-id-type TYPE",
	  .operand_count = 1,
	  .options = add_options,
	  .help = "Makes a database. Its types are permanent.",
	  .run = add },
	{ .group = "database",
	  .verb = "list",
	  .options = org_options,
	  .help = "Lists an organization's databases by name.",
	  .run = list },
	{ .group = "database",
	  .verb = "show",
	  .operands = "DATABASE",
	  .operand_count = 1,
	  .options = org_options,
	  .help = "Shows a database, by ID or name, with what is in it and how much that takes.",
	  .run = show },
	{ .group = "database",
	  .verb = "delete",
	  .operands = "DATABASE",
	  .operand_count = 1,
	  .options = org_options,
	  .help = "Deletes a database, by ID or name, and all that is in it.",
	  .run = erase },
	{ .group = NULL },
};
