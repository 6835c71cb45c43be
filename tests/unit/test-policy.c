/* The policy for other applications: paths, patterns, files and their errors, decisions. */
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "policy-watch.h"
#include "policy.h"
#include "unit-file.h"

#define SHOP "AAAAAAAAAAAAAAAAAAAAAA"
#define OTHER "BBBBBBBBBBBBBBBBBBBBBA"

/* What a URI's path means, with "|" between the segments; or why it is refused. */
static void paths(void **state)
{
	static const struct {
		int line;
		const char *uri, *wanted;
	} rows[] = {
		{ __LINE__, "/", "" },
		{ __LINE__, "/?/../x", "" },
		{ __LINE__, "/a", "a" },
		{ __LINE__, "/a/", "a" },
		{ __LINE__, "/a/b?c/../d#%2f", "a|b" },
		{ __LINE__, "/%61/%62%20c", "a|b c" },
		{ __LINE__, "/%C3%9C/+/~x/a.b/...", "\xc3\x9c|+|~x|a.b|..." },
		{ __LINE__, "/.a/..b/c..", ".a|..b|c.." },
		{ __LINE__, "", "no slash at its start" },
		{ __LINE__, "*", "no slash at its start" },
		{ __LINE__, "http://host/a", "no slash at its start" },
		{ __LINE__, "//", "an empty segment" },
		{ __LINE__, "//a", "an empty segment" },
		{ __LINE__, "/a//b", "an empty segment" },
		{ __LINE__, "/a//", "an empty segment" },
		{ __LINE__, "/.", "a segment of dots" },
		{ __LINE__, "/a/./b", "a segment of dots" },
		{ __LINE__, "/a/../b", "a segment of dots" },
		{ __LINE__, "/a/..", "a segment of dots" },
		{ __LINE__, "/a/%2e%2E/b", "a segment of dots" },
		{ __LINE__, "/a/.%2e/b", "a segment of dots" },
		{ __LINE__, "/a%2fb", "one of / \\ ; ? # % within a segment" },
		{ __LINE__, "/a%2F..%2Fb", "one of / \\ ; ? # % within a segment" },
		{ __LINE__, "/a\\b", "one of / \\ ; ? # % within a segment" },
		{ __LINE__, "/a%5cb", "one of / \\ ; ? # % within a segment" },
		{ __LINE__, "/a;b=c", "one of / \\ ; ? # % within a segment" },
		{ __LINE__, "/a%3Bb", "one of / \\ ; ? # % within a segment" },
		{ __LINE__, "/a%3fb", "one of / \\ ; ? # % within a segment" },
		{ __LINE__, "/a%23b", "one of / \\ ; ? # % within a segment" },
		{ __LINE__, "/a#b", "one of / \\ ; ? # % within a segment" },
		{ __LINE__, "/a%252e%252e", "one of / \\ ; ? # % within a segment" },
		{ __LINE__, "/a%00", "a broken escape, or one of a NUL byte" },
		{ __LINE__, "/a%", "a broken escape, or one of a NUL byte" },
		{ __LINE__, "/a%2", "a broken escape, or one of a NUL byte" },
		{ __LINE__, "/a%2/b", "a broken escape, or one of a NUL byte" },
		{ __LINE__, "/a%2?f", "a broken escape, or one of a NUL byte" },
		{ __LINE__, "/a%zz", "a broken escape, or one of a NUL byte" },
		{ __LINE__, "/a%u002e", "a broken escape, or one of a NUL byte" },
		{ __LINE__, "/a%0ab", "a control character" },
		{ __LINE__, "/a%7f", "a control character" },
		{ __LINE__, "/a%c2%85", "a control character" },
		{ __LINE__, "/%c0%ae%c0%ae/b", "invalid UTF-8" },
		{ __LINE__, "/a%c0%afb", "invalid UTF-8" },
		{ __LINE__, "/%ff", "invalid UTF-8" },
		{ __LINE__, "/\xc3\x9c", "a character that is not encoded" },
		{ __LINE__, "/a b", "a character that is not encoded" },
		{ __LINE__, "/a\tb", "a character that is not encoded" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct policy_path read;
		const char *why = policy_path_read(&read, rows[i].uri);
		char got[256] = "";

		for (size_t j = 0; !why && j < read.count; j++) {
			strcat(got, j ? "|" : "");
			strcat(got, read.segments[j]);
		}
		check_row(rows[i].line, strcmp(why ? why : got, rows[i].wanted) == 0);
	}
}

static void long_paths(void **state)
{
	struct policy_path read;
	char uri[2 * POLICY_PATH_SIZE];

	(void)state;
	memset(uri, 'x', sizeof(uri));
	uri[0] = '/';
	uri[POLICY_PATH_SIZE] = '\0';
	assert_string_equal(policy_path_read(&read, uri), "too long");
	uri[POLICY_PATH_SIZE - 1] = '\0';
	assert_null(policy_path_read(&read, uri));
	assert_int_equal(strlen(read.segments[0]), POLICY_PATH_SIZE - 2);
	for (size_t i = 0; i <= POLICY_SEGMENTS_MOST; i++)
		memcpy(uri + 2 * i, "/x", 3);
	assert_string_equal(policy_path_read(&read, uri), "too many segments");
	uri[2 * POLICY_SEGMENTS_MOST] = '\0';
	assert_null(policy_path_read(&read, uri));
	assert_int_equal(read.count, POLICY_SEGMENTS_MOST);
}

/* Whether the first pattern covers the second; and whether both fit the path that the second spells. */
static void covering(void **state)
{
	static const struct {
		int line;
		const char *outer, *inner;
		bool covers;
	} rows[] = {
		{ __LINE__, "/", "/", true },	      { __LINE__, "/a", "/a/", true },
		{ __LINE__, "/a", "/b", false },      { __LINE__, "/a", "/a/b", false },
		{ __LINE__, "/a/b", "/a", false },    { __LINE__, "/*", "/a", true },
		{ __LINE__, "/*", "/", false },	      { __LINE__, "/a", "/*", false },
		{ __LINE__, "/*", "/<user>", true },  { __LINE__, "/<user>", "/*", true },
		{ __LINE__, "/<user>", "/a", true },  { __LINE__, "/**", "/", true },
		{ __LINE__, "/**", "/**", true },     { __LINE__, "/**", "/a/*/<user>/**", true },
		{ __LINE__, "/a/**", "/a", true },    { __LINE__, "/a/**", "/a/b/c", true },
		{ __LINE__, "/a/**", "/**", false },  { __LINE__, "/a/**", "/b/**", false },
		{ __LINE__, "/a/*", "/a/**", false }, { __LINE__, "/a/*/c", "/a/b/*", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct pattern outer, inner;

		check_row(rows[i].line, pattern_read(&outer, rows[i].outer) == NULL);
		check_row(rows[i].line, pattern_read(&inner, rows[i].inner) == NULL);
		check_row(rows[i].line, pattern_covers(&outer, &inner) == rows[i].covers);
		pattern_free(&outer);
		pattern_free(&inner);
	}
}

/* Every kind of mistake, with its line. */
static void errors(void **state)
{
#define RULE "[a]\npath = /a\nroles = root\n"
	static const struct {
		int line;
		const char *text, *why; /* behind the file's name */
	} rows[] = {
		{ __LINE__, "", ":0: there is no rule" },
		{ __LINE__, "; only a comment\n", ":1: there is no rule" },
		{ __LINE__, "nonsense\n", ":1: expected [rule] or key = value" },
		{ __LINE__, "[a\npath = /a\n", ":1: expected [rule] or key = value" },
		{ __LINE__, "[]\n", ":1: a rule's name has 1 to 49 bytes" },
		{ __LINE__, "[12345678901234567890123456789012345678901234567890]\n",
		  ":1: a rule's name has 1 to 49 bytes" },
		{ __LINE__, "path = /a\n", ":1: path belongs into a rule: [name] first" },
		{ __LINE__, "roles = root\n", ":1: roles belongs into a rule: [name] first" },
		{ __LINE__, "[a]\n", ":1: rule [a] has no path" },
		{ __LINE__, "[a]\n[b]\npath = /b\nroles = root\n", ":1: rule [a] has no path" },
		{ __LINE__, "[a]\npath = /a\n", ":1: rule [a] does not say for which roles" },
		{ __LINE__, "[a]\npath = /a\nroles = root\n\n[b]\nroles = root\n",
		  ":5: rule [b] has no path" },
		{ __LINE__, "[a]\nuser = x\n", ":2: unknown key \"user\"" },
		{ __LINE__, "[a]\nroles = admin\n", ":2: unknown role \"admin\": there are root" },
		{ __LINE__, "[a]\nroles = root, Manager\n", ":2: unknown role \"Manager\"" },
		{ __LINE__, "[a]\nroles = anyone root\n", ":2: unknown role \"anyone\"" },
		{ __LINE__, "[a]\nroles =\n", ":2: there is nothing behind the =" },
		{ __LINE__, "[a]\nroles = root\nroles = manager\n", ":3: roles twice" },
		{ __LINE__, "[a]\nmethods = get\n", ":2: unknown method \"get\"" },
		{ __LINE__, "[a]\nmethods = GET FETCH\n", ":2: unknown method \"FETCH\"" },
		{ __LINE__, "[a]\nmethods = ,\n", ":2: there is nothing behind the =" },
		{ __LINE__, "[a]\nmethods = GET\nmethods = PUT\n", ":3: methods twice" },
		{ __LINE__, "[a]\npath =\n", ":2: bad pattern \"\": it must start with a slash" },
		{ __LINE__, "[a]\npath = a\n",
		  ":2: bad pattern \"a\": it must start with a slash" },
		{ __LINE__, "[a]\npath = //a\n", ":2: bad pattern \"//a\": an empty segment" },
		{ __LINE__, "[a]\npath = /a//\n", ":2: bad pattern \"/a//\": an empty segment" },
		{ __LINE__, "[a]\npath = /a/../b\n", ":2: bad pattern \"/a/../b\": a segment of" },
		{ __LINE__, "[a]\npath = /%61\n", ":2: bad pattern \"/%61\": one of / \\ ; ? # %" },
		{ __LINE__, "[a]\npath = /a?b\n", ":2: bad pattern \"/a?b\": one of / \\ ; ? # %" },
		{ __LINE__, "[a]\npath = /*.php\n", ":2: bad pattern \"/*.php\": a segment is a" },
		{ __LINE__, "[a]\npath = /<me>\n", ":2: bad pattern \"/<me>\": a segment is a" },
		{ __LINE__, "[a]\npath = /**/a\n", ":2: bad pattern \"/**/a\": ** stands for all" },
		{ __LINE__, "[a]\npath = /\xff\n", ":2: bad pattern \"/\xff\": invalid UTF-8" },
		{ __LINE__, "[a]\npath = /<user>/<user>\n",
		  ":2: bad pattern \"/<user>/<user>\": <user> twice" },
		{ __LINE__, "[a]\npath = /<user>\nroles = root\ndatabase = any\n",
		  ":2: <user> holds for the role frontend, which rule [a] refuses" },
		{ __LINE__, "[a]\npath = /<user>\nroles = anyone\n",
		  ":2: <user> holds for the role frontend, which rule [a] refuses" },
		{ __LINE__, "[a]\npath = /<user>\nroles = frontend\n",
		  ":2: <user> is a user of a database: rule [a] needs a line database" },
		{ __LINE__, "[a]\ndatabase = shop\n",
		  ":2: \"shop\" is no database's ID (doorward" },
		{ __LINE__, "[a]\npath = /<user>\nroles = frontend\ndatabase = none\n",
		  ":2: <user> is a user of a database: rule [a] needs a line database" },
		{ __LINE__, "[a]\ndatabase =\n", ":2: \"\" is no database's ID (doorward" },
		{ __LINE__, "organization = x\n", ":1: \"x\" is no organization's ID" },
		{ __LINE__, "database = any\ndatabase = any\n", ":2: database twice" },
		{ __LINE__, "[a]\npath = /a\nroles = anyone\ndatabase = any\n",
		  ":1: rule [a] is for anyone, who needs no database and no organization" },
		{ __LINE__, RULE "[b]\npath = /b\npath = /a\nroles = root\n",
		  ":6: path /a can never match: /a in line 2, rule [a], decides before it" },
		{ __LINE__, "[a]\npath = /**\npath = /x\nroles = root\n",
		  ":3: path /x can never match: /** in line 2, rule [a], decides before it" },
		{ __LINE__,
		  "[a]\npath = /*\nmethods = GET\nroles = root\n[b]\npath = /**\nmethods = PUT\n"
		  "roles = root\n[c]\npath = /c\nmethods = GET PUT\nroles = root\n",
		  ":10: path /c can never match: /** in line 6, rule [b], decides before it" },
		{ __LINE__,
		  "[a]\npath = /a\nmethods = GET\nroles = root\n[b]\npath = /a\nmethods = HEAD\n"
		  "roles = root\n",
		  ":6: path /a can never match: /a in line 2, rule [a], decides before it" },
		{ __LINE__, RULE " [b]\npath = /b\n", ":4: a line starts without spaces" },
		{ __LINE__, RULE "  /more\n", ":4: a line starts without spaces" },
		{ __LINE__,
		  "[a]\npath = /12345678901234567890123456789012345678901234567890123456789012345"
		  "6789012345678901234567890123456789012345678901234567890123456789012345678901"
		  "234567890123456789012345678901234567890123456789012345678901234567\n",
		  ":2: the line is longer than" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char why[512] = "";
		struct policy *policy;

		unit_write(path, rows[i].text);
		policy = policy_load(path, why, sizeof(why));
		if (policy || strncmp(why, path, strlen(path)) != 0 ||
		    strncmp(why + strlen(path), rows[i].why, strlen(rows[i].why)) != 0)
			unit_fail("row in line %d: %s\n", rows[i].line, why);
	}
}

/* NUL bytes, which would hide what follows, within the file and at its very end. */
static void nul_bytes(void **state)
{
	static const char middle[] = "[a]\npath = /a\0 x\nroles = root\n";
	static const char end[] = "[a]\npath = /a\nroles = root\0 x";
	char why[512];

	(void)state;
	for (int i = 0; i < 2; i++) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fwrite(i ? end : middle, 1, i ? sizeof(end) - 1 : sizeof(middle) - 1, file);
		assert_int_equal(fclose(file), 0);
		assert_null(policy_load(path, why, sizeof(why)));
		assert_non_null(strstr(why, i ? ":3: a NUL byte" : ":2: a NUL byte"));
	}
}

static void missing_file(void **state)
{
	char why[512], *missing = unit_path(folder, "missing");

	(void)state;
	assert_null(policy_load(missing, why, sizeof(why)));
	assert_non_null(strstr(why, "missing: No such file"));
	assert_null(policy_load(folder, why, sizeof(why)));
	free(missing);
}

static const char example[] =
	"; what the rows below ask\n"
	"database = " SHOP "\n"
	"[open]\npath = /\npath = /static/**\nmethods = GET ; and HEAD\nroles = anyone\n"
	"[log in]\npath = /login\nmethods = POST\nroles = anyone\n"
	"[own]\npath = /notes/<user>/**\nroles = frontend,manager\n"
	"[any database]\npath = /any\nroles = backend\ndatabase = any\n"
	"[staff]\npath = /staff/*\nroles = root manager\norganization = " OTHER "\n"
	"[free]\npath = /free\nroles = backend\ndatabase = none\n"
	"[\xc3\x9c]\npath = /\xc3\x9c a\nroles = root\n";

/* Who may what; ROLE__MAX asks without a token and only finds the rule. */
static void decisions(void **state)
{
	static const struct {
		int line;
		const char *method, *uri;
		enum role role;
		const char *user, *database, *organization;
		enum error wanted;
	} rows[] = {
		{ __LINE__, "GET", "/", ROLE__MAX, "", "", "", OK },
		{ __LINE__, "HEAD", "/", ROLE__MAX, "", "", "", OK },
		{ __LINE__, "POST", "/", ROLE__MAX, "", "", "", ERR_NO_RULE },
		{ __LINE__, "get", "/", ROLE__MAX, "", "", "", ERR_DATA },
		{ __LINE__, "Post", "/login", ROLE__MAX, "", "", "", ERR_DATA },
		{ __LINE__, "post", "/nothing", ROLE__MAX, "", "", "", ERR_DATA },
		{ __LINE__, "propFind", "/notes/42/a", ROLE_FRONTEND, "42", SHOP, "", ERR_DATA },
		{ __LINE__, "unlocK", "/notes/42/a", ROLE_FRONTEND, "42", SHOP, "", ERR_DATA },
		{ __LINE__, "brew", "/notes/42/a", ROLE_FRONTEND, "42", SHOP, "", OK },
		{ __LINE__, "posts", "/notes/42/a", ROLE_FRONTEND, "42", SHOP, "", OK },
		{ __LINE__, "pos", "/notes/42/a", ROLE_FRONTEND, "42", SHOP, "", OK },
		{ __LINE__, "", "/", ROLE__MAX, "", "", "", ERR_NO_RULE },
		{ __LINE__, "GET", "/static", ROLE__MAX, "", "", "", OK },
		{ __LINE__, "GET", "/static/a/b?c", ROLE__MAX, "", "", "", OK },
		{ __LINE__, "GET", "/statics", ROLE__MAX, "", "", "", ERR_NO_RULE },
		{ __LINE__, "GET", "/Static/a", ROLE__MAX, "", "", "", ERR_NO_RULE },
		{ __LINE__, "GET", "/static/../staff/a", ROLE__MAX, "", "", "", ERR_DATA },
		{ __LINE__, "GET", "/static/%2e%2e/staff/a", ROLE__MAX, "", "", "", ERR_DATA },
		{ __LINE__, "GET", "/login", ROLE__MAX, "", "", "", ERR_NO_RULE },
		{ __LINE__, "POST", "/login/", ROLE__MAX, "", "", "", OK },
		{ __LINE__, "GET", "/notes/42", ROLE_FRONTEND, "42", SHOP, "", OK },
		{ __LINE__, "BREW", "/notes/42/a", ROLE_FRONTEND, "42", SHOP, "", OK },
		{ __LINE__, "GET", "/notes/%34%32/a", ROLE_FRONTEND, "42", SHOP, "", OK },
		{ __LINE__, "GET", "/notes/", ROLE_FRONTEND, "42", SHOP, "", ERR_NO_RULE },
		{ __LINE__, "GET", "/notes/7", ROLE_FRONTEND, "42", SHOP, "", ERR_OTHER_USER },
		{ __LINE__, "GET", "/notes/042", ROLE_FRONTEND, "42", SHOP, "", ERR_OTHER_USER },
		{ __LINE__, "GET", "/notes/~me", ROLE_FRONTEND, "42", SHOP, "", ERR_OTHER_USER },
		{ __LINE__, "GET", "/notes/42", ROLE_FRONTEND, "", SHOP, "", ERR_OTHER_USER },
		{ __LINE__, "GET", "/notes/42", ROLE_FRONTEND, "42", OTHER, "",
		  ERR_OTHER_DATABASE },
		{ __LINE__, "GET", "/notes/42", ROLE_FRONTEND, "42", "", "",
		  ERR_DATABASE_NOT_SELECTED },
		{ __LINE__, "GET", "/notes/42", ROLE_MANAGER, "", SHOP, "", OK },
		{ __LINE__, "GET", "/notes/42", ROLE_BACKEND, "", SHOP, "", ERR_ROLE },
		{ __LINE__, "GET", "/any", ROLE_BACKEND, "", OTHER, "", OK },
		{ __LINE__, "GET", "/any", ROLE_BACKEND, "", "", "", ERR_DATABASE_NOT_SELECTED },
		{ __LINE__, "GET", "/free", ROLE_BACKEND, "", "", "", OK },
		{ __LINE__, "GET", "/free", ROLE_BACKEND, "", OTHER, "", OK },
		{ __LINE__, "GET", "/staff/a", ROLE_ROOT, "", SHOP, OTHER, OK },
		{ __LINE__, "GET", "/staff/a", ROLE_ROOT, "", SHOP, SHOP, ERR_OTHER_ORGANIZATION },
		{ __LINE__, "GET", "/staff/a", ROLE_ROOT, "", "", OTHER,
		  ERR_DATABASE_NOT_SELECTED },
		{ __LINE__, "GET", "/staff/a", ROLE_FRONTEND, "42", SHOP, OTHER, ERR_ROLE },
		{ __LINE__, "GET", "/staff", ROLE_ROOT, "", SHOP, OTHER, ERR_NO_RULE },
		{ __LINE__, "GET", "/staff/a/b", ROLE_ROOT, "", SHOP, OTHER, ERR_NO_RULE },
		{ __LINE__, "GET", "/%c3%9c%20a", ROLE_ROOT, "", SHOP, "", OK },
	};
	char why[512];
	struct policy *policy;

	(void)state;
	unit_write(path, example);
	policy = policy_load(path, why, sizeof(why));
	if (!policy)
		unit_fail("%s\n", why);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct claims caller = { .role = rows[i].role };
		struct failure failure = { .code = OK };
		struct decision decision;
		enum error error =
			policy_decide(policy, rows[i].method, rows[i].uri, &decision, &failure);

		strcpy(caller.user, rows[i].user);
		strcpy(caller.database, rows[i].database);
		strcpy(caller.organization, rows[i].organization);
		if (!error && rows[i].role != ROLE__MAX)
			error = policy_judge(&decision, &caller, &failure);
		else if (!error)
			check_row(rows[i].line, decision.rule->roles == ANYONE);
		check_row(rows[i].line, error == rows[i].wanted && failure.code == error);
		failure_clear(&failure);
	}
	policy_free(policy);
}

static void no_policy(void **state)
{
	struct failure failure = { .code = OK };
	struct decision decision;

	(void)state;
	assert_int_equal(policy_decide(NULL, "GET", "/", &decision, &failure), ERR_NO_RULE);
}

/* Writes the file as if it had been there for a while, so that it counts as whole. */
static void put(const char *text, int age)
{
	struct timespec times[2] = { { time(NULL) - age, 0 }, { time(NULL) - age, 0 } };

	unit_write(path, text);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* The names of the rules in force, once the watch has looked again. */
static const char *first_rule(struct policy_watch *watch)
{
	usleep(1050000);
	return policy_watch_now(watch)->rules[0].name;
}

static void changes(void **state)
{
	struct policy_watch *watch;
	char why[512];

	(void)state;
	put("[a]\npath = /a\nroles = rot\n", 60);
	assert_null(policy_watch_open(path, why, sizeof(why)));
	assert_non_null(strstr(why, ":3: unknown role"));
	put("[a]\npath = /a\nroles = root\n", 60);
	watch = policy_watch_open(path, why, sizeof(why));
	assert_non_null(watch);
	assert_string_equal(policy_watch_now(watch)->rules[0].name, "a");
	put("[b]\npath = /**\nroles = anyone\nroles = root\n", 50);
	assert_string_equal(first_rule(watch), "a");
	assert_int_equal(unlink(path), 0);
	assert_string_equal(first_rule(watch), "a");
	put("[c]\npath = /**\nroles = anyone\n", 40);
	assert_string_equal(first_rule(watch), "c");
	policy_watch_close(watch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(long_paths),
		cmocka_unit_test(covering),
		cmocka_unit_test_setup_teardown(errors, make_file, remove_file),
		cmocka_unit_test_setup_teardown(nul_bytes, make_file, remove_file),
		cmocka_unit_test_setup_teardown(missing_file, make_file, remove_file),
		cmocka_unit_test_setup_teardown(decisions, make_file, remove_file),
		cmocka_unit_test(no_policy),
		cmocka_unit_test_setup_teardown(changes, make_file, remove_file),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
