/* doorward database: tenant databases. */
#include "admin.h"
#include "database.h"
#include "object.h"
#include "text.h"

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
		return needed ? admin_fail(admin, "--%s is needed", option) : OK;
	if (!identifier_type_parse(&type, name))
		return admin_fail(admin, "--%s: there is no type %s", option, name);
	return OK;
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

	if (!name_is_valid(creation.new.name))
		return admin_fail(admin, "a name has 1 to 128 bytes and no control characters");
	if ((error = check_type(admin, "item-id-type", true)) ||
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

struct listing {
	const char *organization;
	struct json_object *rows;
};

static bool add_row(void *arg, struct bytes entry)
{
	json_object_array_add(((struct listing *)arg)->rows,
			      object_parse_own(entry.data, entry.size));
	return true;
}

static enum error collect(struct txn *txn, void *arg)
{
	struct listing *listing = arg;

	json_object_put(listing->rows);
	listing->rows = json_object_new_array();
	return database_each(txn, listing->organization, 0, add_row, listing);
}

static enum error list(struct admin *admin)
{
	static const char *const columns[] = {
		"name", "item_id_type", "user_id_type", "session_id_type", "status", "id", NULL
	};
	char organization[ID_SIZE];
	struct listing listing = { .organization = organization };
	enum error error = admin_organization(admin, organization);

	if (!error)
		error = store_view(admin->context.store, collect, &listing);
	if (error)
		json_object_put(listing.rows);
	else
		admin_print_rows(admin, listing.rows, columns);
	return error;
}

struct removal {
	struct admin *admin;
	const char *organization;
	char title[DATABASE_TITLE_SIZE];
};

/* By ID, or else by name. */
static enum error remove_database(struct txn *txn, void *arg)
{
	struct removal *removal = arg;
	struct failure *failure = &removal->admin->failure;
	const char *wanted = removal->admin->operands[0];
	struct database database;
	enum error error;

	error = database_find(txn, removal->organization, wanted, NULL, &database, failure);
	if (error == ERR_NO_DATABASE)
		error = database_find(txn, removal->organization, NULL, wanted, &database, failure);
	if (error)
		return error;
	database_title(removal->title, database.id, database.name);
	error = database_delete(txn, removal->organization, database.id, failure);
	database_free(&database);
	return error;
}

static enum error erase(struct admin *admin)
{
	char organization[ID_SIZE];
	struct removal removal = { .admin = admin, .organization = organization };
	enum error error = admin_organization(admin, organization);

	if (!error)
		error = store_update(admin->context.store, remove_database, &removal);
	if (!error)
		admin_audit(admin, "database.delete", NULL, removal.title);
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
	  .verb = "delete",
	  .operands = "DATABASE",
	  .operand_count = 1,
	  .options = org_options,
	  .help = "Deletes a database, by ID or name, and all that is in it.",
	  .run = erase },
	{ .group = NULL },
};
