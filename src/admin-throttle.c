/* doorward throttle: who has to wait, and forgiving it. */
#include "admin.h"
#include "object.h"
#include "throttle.h"

static bool add_row(void *arg, const struct throttle *throttle)
{
	struct json_object *row = json_object_new_object();

	object_add_text(row, "what", throttle->what);
	object_add_text(row, "subject", throttle->subject);
	object_add_integer(row, "count", throttle->count);
	if (throttle->until > 0)
		object_add_time(row, "until", throttle->until);
	object_add_time(row, "forgotten", throttle->forgets);
	json_object_array_add(arg, row);
	return true;
}

static enum error fill(struct txn *txn, struct json_object *rows, void *arg)
{
	(void)arg;
	return throttle_each(txn, add_row, rows);
}

static enum error list(struct admin *admin)
{
	static const char *const columns[] = { "what",	"subject",   "count",
					       "until", "forgotten", NULL };

	return admin_list(admin, fill, NULL, columns);
}

struct clearing {
	const char *subject;
	int count;
};

static enum error clear_some(struct txn *txn, void *arg)
{
	struct clearing *clearing = arg;

	return throttle_clear(txn, clearing->subject, &clearing->count);
}

static enum error clear(struct admin *admin)
{
	struct clearing clearing = { .subject = admin->operands[0] };
	enum error error;
	int all = 0;

	if (!clearing.subject == !admin_option(admin, "all"))
		return admin_misuse(admin, "either an address, email or name is needed, or --all");
	do {
		error = store_update(admin->context.store, clear_some, &clearing);
		all += clearing.count;
	} while (!error && clearing.count > 0);
	if (error)
		return error;
	if (clearing.subject && all == 0)
		return admin_fail(admin, "nothing is counted of %s", clearing.subject);
	admin_audit(admin, "throttle.clear", clearing.subject, NULL);
	return OK;
}

static const struct admin_option clear_options[] = {
	{ "all", NULL, "everybody" },
	{ NULL, NULL, NULL },
};

const struct admin_command admin_throttle_commands[] = {
	{ .group = "throttle",
	  .verb = "list",
	  .help = "Lists who failed to log in or asked for mails, and until when they wait.",
	  .run = list },
	{ .group = "throttle",
	  .verb = "clear",
	  .operands = "ADDRESS|EMAIL|NAME | --all",
	  .operand_count = 1,
	  .operand_optional = true,
	  .options = clear_options,
	  .help = "Forgets what is counted of an address or an account.",
	  .run = clear },
	{ .group = NULL },
};
