/* doorward policy: what the policy for other applications says, before it is in force. */
#include <stdio.h>
#include <string.h>

#include "admin.h"
#include "object.h"
#include "policy.h"
#include "text.h"

/* The named policy, or the one that the configuration names; the caller frees. NULL and a failure. */
static struct policy *load(struct admin *admin, const char *file)
{
	struct config *config = &admin->context.config;
	struct policy *policy;
	char why[512];

	if (!file) {
		if (admin_load_config(admin))
			return NULL;
		if (!config->policy) {
			admin_fail(admin, "%s names no policy: [authorize] policy = FILE",
				   admin->config);
			return NULL;
		}
		file = config->policy;
	}
	policy = policy_load(file, why, sizeof(why));
	if (!policy)
		admin_fail(admin, "%s", why);
	return policy;
}

/* Appends a word to a list; text_r has room for all there can be. */
static void add_word(char *text_r, size_t size, const char *word)
{
	size_t length = strlen(text_r);

	snprintf(text_r + length, size - length, "%s%s", length ? " " : "", word);
}

static void name_methods(char *text_r, size_t size, method_set set)
{
	*text_r = '\0';
	for (size_t i = 0; set != EVERY_METHOD && policy_methods[i]; i++) {
		if (set & (1u << i))
			add_word(text_r, size, policy_methods[i]);
	}
	if (set == EVERY_METHOD)
		add_word(text_r, size, "any");
}

static void name_roles(char *text_r, size_t size, role_set set)
{
	*text_r = '\0';
	for (enum role role = 0; role < ROLE__MAX; role++) {
		if (set & (1u << role))
			add_word(text_r, size, role_name(role));
	}
	if (set == ANYONE)
		add_word(text_r, size, "anyone");
}

static struct json_object *pattern_row(const struct policy *policy, const struct pattern *pattern)
{
	const struct rule *rule = &policy->rules[pattern->rule];
	struct json_object *row = json_object_new_object();
	char methods[128], roles[64];

	name_methods(methods, sizeof(methods), rule->methods);
	name_roles(roles, sizeof(roles), rule->roles);
	object_add_integer(row, "line", pattern->line);
	object_add_text(row, "rule", rule->name);
	object_add_text(row, "methods", methods);
	object_add_text(row, "path", pattern->text);
	object_add_text(row, "roles", roles);
	object_add_text(row, "database", rule->need == DATABASE_ANY ? "any" : rule->database);
	object_add_text(row, "organization", rule->organization);
	return row;
}

static enum error check(struct admin *admin)
{
	static const char *const columns[] = { "line",	"rule",	    "methods",	    "path",
					       "roles", "database", "organization", NULL };
	struct policy *policy = load(admin, admin->operands[0]);
	struct json_object *rows;

	if (!policy)
		return admin->failure.code;
	rows = json_object_new_array();
	for (size_t i = 0; i < policy->pattern_count; i++)
		json_object_array_add(rows, pattern_row(policy, &policy->patterns[i]));
	policy_free(policy);
	admin_print_rows(admin, rows, columns);
	return OK;
}

/* Whose token the options stand for; the role is ROLE__MAX where none is given: no token. */
static enum error read_caller(struct admin *admin, struct claims *caller_r)
{
	const char *role = admin_option(admin, "role"), *user = admin_option(admin, "user");
	const char *database = admin_option(admin, "database"), *org = admin_option(admin, "org");

	memset(caller_r, 0, sizeof(*caller_r));
	caller_r->role = ROLE__MAX;
	if (role && !role_parse(&caller_r->role, role))
		return admin_misuse(admin, "there is no role %s", role);
	if (!role && (user || database || org))
		return admin_misuse(admin, "whose token? --role is missing");
	if ((database && !id_is_well_formed(database)) || (org && !id_is_well_formed(org)))
		return admin_misuse(admin, "a database and an organization are named by their IDs");
	text_copy(caller_r->user, sizeof(caller_r->user), user ? user : "");
	text_copy(caller_r->database, ID_SIZE, database ? database : "");
	text_copy(caller_r->organization, ID_SIZE, org ? org : "");
	return OK;
}

static enum error judge(const struct decision *decision, const struct claims *caller,
			struct failure *failure)
{
	if (decision->rule->roles == ANYONE)
		return OK;
	if (caller->role == ROLE__MAX)
		return fail(failure, ERR_JWT, "missing");
	return policy_judge(decision, caller, failure);
}

static enum error test(struct admin *admin)
{
	struct policy *policy;
	struct decision decision = { .rule = NULL };
	struct claims caller;
	struct json_object *answer;
	enum error error = read_caller(admin, &caller);

	if (error)
		return error;
	policy = load(admin, admin_option(admin, "file"));
	if (!policy)
		return admin->failure.code;
	error = policy_decide(policy, admin->operands[0], admin->operands[1], &decision,
			      &admin->failure);
	answer = json_object_new_object();
	if (!error) {
		object_add_text(answer, "rule", decision.rule->name);
		object_add_integer(answer, "line", decision.rule->line);
		error = judge(&decision, &caller, &admin->failure);
	}
	object_add_truth(answer, "allowed", !error);
	admin_print_object(admin, answer);
	policy_free(policy);
	return error;
}

static const struct admin_option test_options[] = {
	{ "role", "ROLE", "of the caller's token; without it: no token" },
	{ "user", "USER", "the token's end user" },
	{ "database", "ID", "the token's database" },
	{ "org", "ID", "the token's organization" },
	{ "file", "FILE", "this policy (the one that the configuration names)" },
	{ NULL, NULL, NULL },
};

const struct admin_command admin_policy_commands[] = {
	{ .group = "policy",
	  .verb = "check",
	  .operands = "[FILE]",
	  .operand_count = 1,
	  .operand_optional = true,
	  .operand_file = true,
	  .help = "Shows the rules of a policy for other applications, or what is wrong in it.",
	  .run = check,
	  .makes_state = true },
	{ .group = "policy",
	  .verb = "test",
	  .operands = "METHOD PATH",
	  .operand_count = 2,
	  .options = test_options,
	  .help = "Says which rule decides a request, and how. Ends with 1 when it is refused.",
	  .run = test,
	  .makes_state = true },
	{ .group = NULL },
};
