/* The policy's file: INI, read by inih, and refused for anything that could be meant otherwise. */
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ini-lines.h"
#include "policy.h"
#include "text.h"

#define SEPARATORS ", \t"
#define NAME_MOST_INIH 49 /* of a section; inih cuts what is longer */

struct reading {
	struct policy *policy;
	struct ini_lines lines;
	struct rule common; /* what stands before the first rule, for all of them */
	unsigned seen;	    /* the keys of the present rule, or of what is common */
	bool failed;
	char *why;
	size_t size;
};

/* Keeps the first thing that is wrong. Always false. */
__attribute__((format(printf, 3, 4))) static bool refuse(struct reading *reading, int line,
							 const char *format, ...)
{
	char what[256];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (!reading->failed)
		snprintf(reading->why, reading->size, "%s:%d: %s", reading->policy->file, line,
			 what);
	reading->failed = true;
	return false;
}

static bool no_memory(struct reading *reading)
{
	return refuse(reading, reading->lines.number, "out of memory");
}

static struct rule *present_rule(struct reading *reading)
{
	struct policy *policy = reading->policy;

	return policy->rule_count > 0 ? &policy->rules[policy->rule_count - 1] : NULL;
}

/* Calls each for every word of a list, until it is false; false, too, where there is no word. */
static bool each_word(struct reading *reading, const char *text,
		      bool (*each)(struct reading *reading, struct rule *rule, const char *word))
{
	char *words = strdup(text), *at = words, *word;
	bool any = false, good = words != NULL;

	while (good && (word = strsep(&at, SEPARATORS))) {
		if (!*word)
			continue;
		any = true;
		good = each(reading, present_rule(reading), word);
	}
	free(words);
	if (!words)
		return no_memory(reading);
	return good &&
	       (any || refuse(reading, reading->lines.number, "there is nothing behind the ="));
}

static bool add_method(struct reading *reading, struct rule *rule, const char *word)
{
	method_set method = policy_method(word);

	rule->methods |= method;
	return method != 0 || refuse(reading, reading->lines.number, "unknown method \"%s\"", word);
}

static bool set_methods(struct reading *reading, const char *text)
{
	present_rule(reading)->methods = 0;
	return each_word(reading, text, add_method);
}

static bool add_role(struct reading *reading, struct rule *rule, const char *word)
{
	enum role role;

	if (!role_parse(&role, word))
		return refuse(reading, reading->lines.number,
			      "unknown role \"%s\": there are root, manager, backend and frontend, "
			      "or anyone alone",
			      word);
	rule->roles |= 1u << role;
	return true;
}

static bool set_roles(struct reading *reading, const char *text)
{
	return strcmp(text, "anyone") == 0 || each_word(reading, text, add_role);
}

static bool add_pattern(struct reading *reading, const char *text)
{
	struct policy *policy = reading->policy;
	struct pattern *more =
		realloc(policy->patterns, (policy->pattern_count + 1) * sizeof(*more));
	struct pattern *pattern;
	const char *why;

	if (!more)
		return no_memory(reading);
	policy->patterns = more;
	pattern = &more[policy->pattern_count++];
	why = pattern_read(pattern, text);
	pattern->rule = policy->rule_count - 1;
	pattern->line = reading->lines.number;
	return !why || refuse(reading, reading->lines.number, "bad pattern \"%s\": %s", text, why);
}

static struct rule *rule_or_common(struct reading *reading)
{
	struct rule *rule = present_rule(reading);

	return rule ? rule : &reading->common;
}

static bool set_database(struct reading *reading, const char *text)
{
	struct rule *rule = rule_or_common(reading);

	*rule->database = '\0';
	if (strcmp(text, "none") == 0) {
		rule->need = DATABASE_NEEDLESS;
	} else if (strcmp(text, "any") == 0) {
		rule->need = DATABASE_ANY;
	} else if (id_is_well_formed(text)) {
		rule->need = DATABASE_ONE;
		text_copy(rule->database, ID_SIZE, text);
	} else {
		return refuse(
			reading, reading->lines.number,
			"\"%s\" is no database's ID (doorward database list), nor any, nor none",
			text);
	}
	return true;
}

static bool set_organization(struct reading *reading, const char *text)
{
	if (!id_is_well_formed(text))
		return refuse(reading, reading->lines.number,
			      "\"%s\" is no organization's ID (doorward org list)", text);
	text_copy(rule_or_common(reading)->organization, ID_SIZE, text);
	return true;
}

enum setting { PATH, METHODS, ROLES, DATABASE, ORGANIZATION, SETTING__MAX };

static const struct {
	const char *name;
	bool (*set)(struct reading *reading, const char *text);
	bool repeats; /* may be there more than once */
	bool common;  /* may stand before the first rule */
} keys[SETTING__MAX] = {
	[PATH] = { "path", add_pattern, true, false },
	[METHODS] = { "methods", set_methods, false, false },
	[ROLES] = { "roles", set_roles, false, false },
	[DATABASE] = { "database", set_database, false, true },
	[ORGANIZATION] = { "organization", set_organization, false, true },
};

/* What the user's own segment needs, so that it is not somebody else's by the same name. */
static bool check_user(struct reading *reading, const struct rule *rule,
		       const struct pattern *pattern)
{
	for (size_t i = 0; i < pattern->count; i++) {
		if (pattern->parts[i].kind != PART_USER)
			continue;
		if (!(rule->roles & FRONTEND))
			return refuse(reading, pattern->line,
				      "<user> holds for the role frontend, which rule [%s] refuses",
				      rule->name);
		if (rule->need == DATABASE_NEEDLESS)
			return refuse(reading, pattern->line,
				      "<user> is a user of a database: rule [%s] needs a line "
				      "database = ID, or any",
				      rule->name);
	}
	return true;
}

/* Whether a pattern can decide anything: some of its methods are left by the patterns before it. */
static bool check_reach(struct reading *reading, const struct pattern *pattern)
{
	const struct policy *policy = reading->policy;
	method_set left = policy->rules[pattern->rule].methods;

	for (const struct pattern *before = policy->patterns; before < pattern; before++) {
		const struct rule *rule = &policy->rules[before->rule];

		if (!pattern_covers(before, pattern))
			continue;
		left &= ~rule->methods;
		if (!left)
			return refuse(reading, pattern->line,
				      "path %s can never match: %s in line %d, rule [%s], "
				      "decides before it",
				      pattern->text, before->text, before->line, rule->name);
	}
	return true;
}

/* Once all of a rule is read. */
static bool end_rule(struct reading *reading)
{
	struct policy *policy = reading->policy;
	struct rule *rule = present_rule(reading);
	bool good = true;

	if (!rule) {
		reading->seen = 0;
		return true;
	}
	if (!(reading->seen & (1u << PATH)))
		return refuse(reading, rule->line, "rule [%s] has no path", rule->name);
	if (!(reading->seen & (1u << ROLES)))
		return refuse(reading, rule->line, "rule [%s] does not say for which roles",
			      rule->name);
	if (rule->roles == ANYONE && reading->seen & (1u << DATABASE | 1u << ORGANIZATION))
		return refuse(reading, rule->line,
			      "rule [%s] is for anyone, who needs no database and no organization",
			      rule->name);
	if (rule->roles == ANYONE) {
		rule->need = DATABASE_NEEDLESS; /* also where one is common to the others */
		*rule->database = *rule->organization = '\0';
	}
	for (size_t i = 0; good && i < policy->pattern_count; i++) {
		if (policy->patterns[i].rule == policy->rule_count - 1)
			good = check_user(reading, rule, &policy->patterns[i]) &&
			       check_reach(reading, &policy->patterns[i]);
	}
	reading->seen = 0;
	return good;
}

static bool begin_rule(struct reading *reading, const char *name, size_t length)
{
	struct policy *policy = reading->policy;
	struct rule *more;

	if (length == 0 || length > NAME_MOST_INIH)
		return refuse(reading, reading->lines.number, "a rule's name has 1 to %d bytes",
			      NAME_MOST_INIH);
	if (!end_rule(reading))
		return false;
	more = realloc(policy->rules, (policy->rule_count + 1) * sizeof(*more));
	if (!more)
		return no_memory(reading);
	policy->rules = more;
	more += policy->rule_count++;
	*more = reading->common;
	more->methods = EVERY_METHOD;
	more->line = reading->lines.number;
	more->name = strndup(name, length);
	return more->name || no_memory(reading);
}

/* inih's reader, which sees where a rule begins: inih says nothing of one without keys. NULL: no more. */
static char *read_line(char *text_r, int size, void *arg)
{
	struct reading *reading = arg;
	const char *line;
	size_t length;

	if (reading->failed)
		return NULL;
	line = ini_lines_next(&reading->lines, (size_t)size);
	if (!line) {
		if (*reading->lines.fault)
			refuse(reading, reading->lines.number, "%s", reading->lines.fault);
		return NULL;
	}
	if (ini_line_is_section(line, &length) && !begin_rule(reading, line + 1, length))
		return NULL;
	return strcpy(text_r, line);
}

/* inih's handler: 1 to go on. */
static int on_line(void *arg, const char *section, const char *name, const char *value)
{
	struct reading *reading = arg;

	(void)section; /* begin_rule() has seen it */
	for (enum setting key = 0; key < SETTING__MAX; key++) {
		if (strcmp(keys[key].name, name) != 0)
			continue;
		if (!keys[key].common && !present_rule(reading))
			return refuse(reading, reading->lines.number,
				      "%s belongs into a rule: [name] first", name);
		if (reading->seen & (1u << key) && !keys[key].repeats)
			return refuse(reading, reading->lines.number, "%s twice", name);
		reading->seen |= 1u << key;
		return keys[key].set(reading, value);
	}
	return refuse(reading, reading->lines.number, "unknown key \"%s\"", name);
}

struct policy *policy_load(const char *file, char *why_r, size_t size)
{
	struct reading reading = { .why = why_r, .size = size };
	int wrong;

	reading.policy = calloc(1, sizeof(*reading.policy));
	if (!reading.policy || !(reading.policy->file = strdup(file))) {
		snprintf(why_r, size, "out of memory");
		goto err;
	}
	if (!ini_lines_open(&reading.lines, file)) {
		snprintf(why_r, size, "%s: %s", file, strerror(errno));
		goto err;
	}
	wrong = ini_parse_stream(read_line, &reading, on_line, &reading);
	if (wrong && !reading.failed)
		refuse(&reading, wrong < 0 ? 0 : wrong, "expected [rule] or key = value");
	else if (!reading.failed && reading.policy->rule_count == 0)
		refuse(&reading, reading.lines.number, "there is no rule");
	if (reading.failed || !end_rule(&reading))
		goto err;
	ini_lines_close(&reading.lines);
	return reading.policy;
err:
	ini_lines_close(&reading.lines);
	policy_free(reading.policy);
	return NULL;
}
