#include "policy.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* HTTP's (RFC 9110, RFC 5789), and WebDAV's (RFC 4918) that some applications speak. */
const char *const policy_methods[] = {
	"GET",	     "HEAD",  "POST", "PUT",  "PATCH", "DELETE", "OPTIONS", "PROPFIND",
	"PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK",  "UNLOCK", NULL,
};

#define METHODS (sizeof(policy_methods) / sizeof(policy_methods[0]) - 1)
#define GET_BIT 1u
#define HEAD_BIT 2u
#define OTHER_BIT (1u << METHODS) /* only in EVERY_METHOD */

/* Just that method; OTHER_BIT for one that is not in the table. */
static method_set method_bit(const char *name)
{
	for (size_t i = 0; i < METHODS; i++) {
		if (strcmp(policy_methods[i], name) == 0)
			return 1u << i;
	}
	return OTHER_BIT;
}

method_set policy_method(const char *name)
{
	method_set bit = method_bit(name);

	if (bit == OTHER_BIT)
		return 0;
	return bit == GET_BIT ? GET_BIT | HEAD_BIT : bit;
}

/*
 * Whether it is a method of the table but for its case. To HTTP that is another method (RFC 9110, section
 * 9.1), but some applications make "POST" of "post".
 */
static bool is_ambiguous(const char *method)
{
	if (method_bit(method) != OTHER_BIT)
		return false;
	for (size_t i = 0; i < METHODS; i++) {
		if (strcasecmp(policy_methods[i], method) == 0)
			return true;
	}
	return false;
}

static enum part_kind kind_of(const char *segment)
{
	if (strcmp(segment, "*") == 0)
		return PART_ANY;
	if (strcmp(segment, "**") == 0)
		return PART_REST;
	return strcmp(segment, "<user>") == 0 ? PART_USER : PART_TEXT;
}

/* Adds one segment to a pattern. NULL, or why it cannot be. */
static const char *add_part(struct pattern *pattern, const char *segment)
{
	enum part_kind kind = kind_of(segment);
	const char *why = policy_segment_check(segment);

	if (why)
		return why;
	if (pattern->count == PATTERN_PARTS_MOST)
		return "too many segments";
	if (kind == PART_TEXT && strpbrk(segment, "*<>"))
		return "a segment is a text, or * or ** or <user> alone";
	for (size_t i = 0; i < pattern->count; i++) {
		if (pattern->parts[i].kind == PART_REST)
			return "** stands for all the rest: nothing can follow";
		if (kind == PART_USER && pattern->parts[i].kind == PART_USER)
			return "<user> twice";
	}
	pattern->parts[pattern->count].kind = kind;
	pattern->parts[pattern->count++].text = segment;
	return NULL;
}

const char *pattern_read(struct pattern *pattern_r, const char *text)
{
	const char *why = NULL;
	char *at, *segment;

	memset(pattern_r, 0, sizeof(*pattern_r));
	if (*text != '/')
		return "it must start with a slash";
	pattern_r->text = strdup(text);
	pattern_r->pieces = at = strdup(text + 1);
	if (!pattern_r->text || !at)
		return "out of memory";
	/* the last slash is optional */
	while (!why && *at) {
		segment = strsep(&at, "/");
		why = add_part(pattern_r, segment);
		if (!at)
			break;
	}
	return why;
}

void pattern_free(struct pattern *pattern)
{
	free(pattern->text);
	free(pattern->pieces);
}

bool pattern_covers(const struct pattern *outer, const struct pattern *inner)
{
	size_t i;

	for (i = 0; i < outer->count; i++) {
		enum part_kind kind = outer->parts[i].kind;

		if (kind == PART_REST)
			return true;
		if (i == inner->count || inner->parts[i].kind == PART_REST)
			return false;
		if (kind == PART_TEXT && (inner->parts[i].kind != PART_TEXT ||
					  strcmp(outer->parts[i].text, inner->parts[i].text) != 0))
			return false;
	}
	return i == inner->count;
}

/* Sets *user_r where a segment is to be the caller's own user; else it is unchanged. */
static bool fits(const struct pattern *pattern, const struct policy_path *path, const char **user_r)
{
	const char *user = NULL;
	size_t i;

	for (i = 0; i < pattern->count && pattern->parts[i].kind != PART_REST; i++) {
		if (i == path->count)
			return false;
		if (pattern->parts[i].kind == PART_USER)
			user = path->segments[i];
		else if (pattern->parts[i].kind == PART_TEXT &&
			 strcmp(pattern->parts[i].text, path->segments[i]) != 0)
			return false;
	}
	if (i == pattern->count && i < path->count)
		return false;
	if (user)
		*user_r = user;
	return true;
}

enum error policy_decide(const struct policy *policy, const char *method, const char *uri,
			 struct decision *decision_r, struct failure *failure)
{
	const char *why = policy_path_read(&decision_r->path, uri);
	method_set bit = method_bit(method);

	decision_r->user = NULL;
	if (why)
		return fail(failure, ERR_DATA, "the path is broken or ambiguous: %s", why);
	if (is_ambiguous(method))
		return fail(failure, ERR_DATA, "the method is ambiguous: upper and lower case");
	for (size_t i = 0; policy && i < policy->pattern_count; i++) {
		const struct pattern *pattern = &policy->patterns[i];

		decision_r->rule = &policy->rules[pattern->rule];
		if (decision_r->rule->methods & bit &&
		    fits(pattern, &decision_r->path, &decision_r->user))
			return OK;
	}
	return fail(failure, ERR_NO_RULE, NULL);
}

static enum error judge_database(const struct rule *rule, const struct claims *caller,
				 struct failure *failure)
{
	if (rule->need == DATABASE_NEEDLESS)
		return OK;
	if (!*caller->database)
		return fail(failure, ERR_DATABASE_NOT_SELECTED, NULL);
	if (rule->need == DATABASE_ONE && strcmp(rule->database, caller->database) != 0)
		return fail(failure, ERR_OTHER_DATABASE, NULL);
	return OK;
}

enum error policy_judge(const struct decision *decision, const struct claims *caller,
			struct failure *failure)
{
	const struct rule *rule = decision->rule;
	enum error error;

	if (!(rule->roles & (1u << caller->role)))
		return fail(failure, ERR_ROLE, "%s", role_name(caller->role));
	if (*rule->organization && strcmp(rule->organization, caller->organization) != 0)
		return fail(failure, ERR_OTHER_ORGANIZATION, NULL);
	error = judge_database(rule, caller, failure);
	if (error)
		return error;
	/* byte by byte: an application takes 042 for another name than 42 */
	if (decision->user && caller->role == ROLE_FRONTEND &&
	    strcmp(decision->user, caller->user) != 0)
		return fail(failure, ERR_OTHER_USER, NULL);
	return OK;
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	for (size_t i = 0; i < policy->pattern_count; i++)
		pattern_free(&policy->patterns[i]);
	for (size_t i = 0; i < policy->rule_count; i++)
		free(policy->rules[i].name);
	free(policy->patterns);
	free(policy->rules);
	free(policy->file);
	free(policy);
}
