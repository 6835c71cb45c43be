/*
 * The policy: who may ask what of other applications. An ordered list of rules from a file of its own,
 * doorward-policy(5); the first one that fits method and path decides, and what none fits is refused.
 */
#ifndef DOORWARD_POLICY_H
#define DOORWARD_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "encode.h"
#include "error.h"
#include "policy-path.h"
#include "role.h"
#include "token.h"

enum part_kind {
	PART_TEXT, /* just that segment */
	PART_ANY,  /* "*": any one segment */
	PART_USER, /* "<user>": any one segment, but for a frontend token its own user */
	PART_REST, /* "**": whatever follows, also nothing; always the last */
};

#define PATTERN_PARTS_MOST 32

struct pattern {
	char *text;   /* as it is written */
	char *pieces; /* what the parts' texts are in */
	struct {
		enum part_kind kind;
		const char *text;
	} parts[PATTERN_PARTS_MOST];
	size_t count;
	size_t rule; /* index of the rule that it belongs to */
	int line;    /* of the file */
};

/* A set of methods; there is a bit for all those the table in policy.c does not name, too. */
typedef unsigned method_set;

#define EVERY_METHOD (~0u)

enum database_need { DATABASE_NEEDLESS, DATABASE_ANY, DATABASE_ONE };

struct rule {
	char *name;
	int line;
	method_set methods;
	role_set roles; /* ANYONE: open, with or without a token */
	enum database_need need;
	char database[ID_SIZE];	    /* DATABASE_ONE: the token's must be this one */
	char organization[ID_SIZE]; /* empty: any */
};

struct policy {
	char *file;
	struct rule *rules;
	size_t rule_count;
	struct pattern *patterns; /* of all rules, in their order */
	size_t pattern_count;
};

/*
 * Reads a policy; policy_free() frees it. NULL, and file, line and reason in why_r, for anything that
 * doorward-policy(5) does not describe, and for a path that earlier rules decide wholly.
 */
struct policy *policy_load(const char *file, char *why_r, size_t size);

/* NULL is allowed. */
void policy_free(struct policy *policy);

/* What the policy says to a request. */
struct decision {
	const struct rule *rule;
	const char
		*user; /* the segment that must be a frontend token's own user, in path; or NULL */
	struct policy_path path;
};

/*
 * Finds the rule for a method and a raw URI. ERR_DATA for one that could be read in two ways: a path, see
 * policy_path_read(), or a method that is one of policy_methods but for its case;
 * ERR_NO_RULE where none fits or the policy is NULL.
 */
enum error policy_decide(const struct policy *policy, const char *method, const char *uri,
			 struct decision *decision_r, struct failure *failure);

/*
 * Whether the rule lets a caller in whose token was found good. ERR_ROLE, ERR_OTHER_USER,
 * ERR_OTHER_ORGANIZATION, ERR_DATABASE_NOT_SELECTED, ERR_OTHER_DATABASE.
 */
enum error policy_judge(const struct decision *decision, const struct claims *caller,
			struct failure *failure);

/* The set with one method, as a rule names it: GET is HEAD as well. 0: there is none of that name. */
method_set policy_method(const char *name);

/* The names of the methods that there is a bit for, in their order, ending with NULL. */
extern const char *const policy_methods[];

/* Reads a pattern. NULL, or why it is none; the caller frees it by pattern_free() in any case. */
const char *pattern_read(struct pattern *pattern_r, const char *text);
void pattern_free(struct pattern *pattern);

/* Whether every path that the inner pattern fits is one that the outer one fits. */
bool pattern_covers(const struct pattern *outer, const struct pattern *inner);

#endif
