/* The audit trail: what a line says, whatever it is told; the file's limit; none that is lost. */
#include "audit.h"
#include "object.h"
#include "strict.h"
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>

#define PROCESSES 4
#define LINES 2000 /* of each */

static char *folder;
static struct config config;
static struct audit *audit;
static const struct client client = { .remote = "192.0.2.1", .id = "r-1", .number = 1 };

/* An open trail whose [audit] section has these lines. */
static void begin(const char *lines)
{
	char *path = unit_path(folder, "doorward.conf"), *text, why[256];

	if (asprintf(&text, "[audit]\n%s", lines) < 0)
		abort();
	unit_write(path, text);
	if (!config_load(&config, path, why, sizeof(why)))
		unit_fail("%s\n", why);
	audit = audit_open(&config);
	assert_non_null(audit);
	free(path);
	free(text);
}

static int make_folder(void **state)
{
	(void)state;
	folder = unit_make_folder();
	return 0;
}

static int close_and_remove(void **state)
{
	(void)state;
	audit_close(audit);
	audit = NULL;
	config_free(&config);
	unit_remove_folder(folder);
	return 0;
}

/* The file's text, NULL when it is not there. The caller frees. */
static char *contents(const char *name)
{
	char *path = unit_path(folder, name), *text = NULL;
	FILE *file = fopen(path, "r");
	size_t size = 0;
	ssize_t length;

	free(path);
	if (!file)
		return NULL;
	length = getdelim(&text, &size, '\0', file);
	fclose(file);
	if (length < 0)
		*text = '\0';
	return text;
}

static struct stat status_of(const char *name)
{
	char *path = unit_path(folder, name);
	struct stat status = { 0 };

	if (stat(path, &status) != 0)
		unit_fail("%s is not there\n", path);
	free(path);
	return status;
}

static void write_account(const char *account)
{
	audit_write(audit, &client,
		    &(struct audit_event){ .event = "login", .outcome = "ok", .account = account });
}

/* The only line of the file as an object, which is emptied. The caller puts. */
static struct json_object *take_line(void)
{
	char *text = contents("audit.log"), *path = unit_path(folder, "audit.log");
	struct json_object *object;

	assert_non_null(text);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_true(strict_utf8(text));
	assert_null(strict_json_fault(text, strlen(text) - 1));
	object = object_parse_own(text, strlen(text) - 1);
	assert_non_null(object);
	assert_int_equal(truncate(path, 0), 0);
	free(text);
	free(path);
	return object;
}

/* The file is {"time":seconds.microseconds, then what is before the process's ID, then what is after. */
static void assert_line(const char *before, const char *after)
{
	char *text = contents("audit.log"), *rest, *line;
	double seconds;

	assert_non_null(text);
	assert_memory_equal(text, "{\"time\":", 8);
	seconds = strtod(text + 8, &rest);
	assert_true(seconds > 1e9 && seconds <= (double)time(NULL) + 1);
	assert_ptr_equal(rest, text + strlen("{\"time\":1234567890.123456"));
	if (asprintf(&line, "%s%d%s\n", before, (int)getpid(), after) < 0)
		abort();
	assert_string_equal(rest, line);
	free(line);
	free(text);
}

static void each_member_in_its_order(void **state)
{
	(void)state;
	begin("");
	audit_write(audit, &client,
		    &(struct audit_event){ .event = "account.role",
					   .outcome = "ok",
					   .account = "ann@example.com",
					   .by = "B1",
					   .session = "S1",
					   .detail = "backend to manager" });
	assert_line(",\"event\":\"account.role\",\"outcome\":\"ok\",\"process\":",
		    ",\"address\":\"192.0.2.1\",\"by\":\"B1\",\"session\":\"S1\","
		    "\"request\":\"r-1\",\"account\":\"ann@example.com\","
		    "\"detail\":\"backend to manager\"}");
	assert_int_equal(status_of("audit.log").st_mode & 07777, 0600);
}

static void absent_members_are_left_out(void **state)
{
	static const struct client local = { .number = 0 };

	(void)state;
	begin("");
	audit_write(audit, &local, &(struct audit_event){ .event = "key.rotate", .outcome = "ok" });
	assert_line(",\"event\":\"key.rotate\",\"outcome\":\"ok\",\"process\":",
		    ",\"address\":\"local\"}");
}

/* Whatever an account is called, it is one line of JSON that can be shown on a terminal. */
static void no_text_spoils_the_line(void **state)
{
	static const struct {
		int line;
		const char *account, *written; /* as JSON has it */
	} rows[] = {
		{ __LINE__, "日本 Ölçü / x", "日本 Ölçü / x" },
		{ __LINE__, "a\nb\r\tc\x1b[2J\x01", "a\\nb\\r\\tc\\u001b[2J\\u0001" },
		{ __LINE__,
		  "a\x7f"
		  "b\xc2\x80\xc2\x9b"
		  "c\xc2\xa0",
		  "a\\u007fb\\u0080\\u009bc\xc2\xa0" },
		{ __LINE__, "\",\"address\":\"198.51.100.9\",\"x\":\"",
		  "\\\",\\\"address\\\":\\\"198.51.100.9\\\",\\\"x\\\":\\\"" },
		{ __LINE__, "\\\",\\u0022", "\\\\\\\",\\\\u0022" },
		{ __LINE__,
		  "a\xff"
		  "b",
		  "a\xef\xbf\xbd"
		  "b" },
		{ __LINE__, "ä\xc3", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ __LINE__, "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ __LINE__, "\x80\x80\x80\x80\n",
		  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\\n" },
	};

	(void)state;
	begin("");
	for (size_t i = 0; i < ROWS(rows); i++) {
		char *text, *at;

		write_account(rows[i].account);
		text = contents("audit.log");
		at = strstr(text, "\"account\":\"");
		check_row(rows[i].line, at != NULL);
		at += strlen("\"account\":\"");
		check_row(rows[i].line, strncmp(at, rows[i].written, strlen(rows[i].written)) == 0);
		check_row(rows[i].line, strcmp(at + strlen(rows[i].written), "\"}\n") == 0);
		free(text);
		json_object_put(take_line());
	}
}

/* 256 bytes of each text, and never a half character; at worst each byte is escaped. */
static void long_texts_are_cut(void **state)
{
	char text[1001], *line;
	struct json_object *object;

	(void)state;
	begin("");
	for (size_t i = 0; i < 1000; i += 2)
		memcpy(text + i, "\xc3\xa4", 3);
	text[0] = text[1] = 'x';
	write_account(text + 1);
	object = take_line();
	assert_int_equal(strlen(object_text(object, "account")), 255);
	json_object_put(object);

	memset(text, '\x7f', 1000);
	audit_write(audit, &client, &(struct audit_event){ text, text, text, text, text, text });
	line = contents("audit.log");
	assert_in_range(strlen(line), 6 * 256 * 6, 10000);
	free(line);
	object = take_line();
	assert_int_equal(strlen(object_text(object, "detail")), 256);
	json_object_put(object);
}

static void off_writes_nothing(void **state)
{
	(void)state;
	begin("target = off\n");
	write_account("ann");
	assert_null(contents("audit.log"));
}

/* Standard error goes to a file from now on; what comes back ends that. */
static int catch_errors(void)
{
	char *path = unit_path(folder, "stderr");
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600), kept = dup(STDERR_FILENO);

	if (file < 0 || kept < 0 || dup2(file, STDERR_FILENO) < 0)
		abort();
	close(file);
	free(path);
	return kept;
}

static void release_errors(int kept)
{
	if (dup2(kept, STDERR_FILENO) < 0)
		abort();
	close(kept);
}

static void assert_said(const char *expected)
{
	char *said = contents("stderr");

	assert_string_equal(said, expected);
	free(said);
}

static void syslog_gets_the_same(void **state)
{
	char *said;
	int kept;

	(void)state;
	begin("target = syslog\n");
	kept = catch_errors();
	openlog("test", LOG_PERROR, LOG_AUTHPRIV); /* which says it on standard error, too */
	write_account("a%s\nb");
	closelog();
	release_errors(kept);
	said = contents("stderr");
	assert_memory_equal(said, "test: {\"time\":", 14);
	assert_non_null(strstr(said, "\"request\":\"r-1\",\"account\":\"a%s\\nb\"}\n"));
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
	free(said);
	assert_null(contents("audit.log"));
}

#define ENDING ": No such file or directory; events go unrecorded until it can be\n"

/* Said once while it lasts, and again when it comes back; events go on being recorded in between. */
static void a_missing_folder_is_said_once(void **state)
{
	char *path = unit_path(folder, "sub"), *file = unit_path(path, "audit.log"), *expected,
	     *text;
	int kept;

	(void)state;
	begin("file = sub/audit.log\n");
	kept = catch_errors();
	write_account("one");
	write_account("two");
	assert_int_equal(mkdir(path, 0700), 0);
	write_account("three");
	text = contents("sub/audit.log");
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(path), 0);
	write_account("four");
	release_errors(kept);
	assert_non_null(text);
	assert_non_null(strstr(text, "\"account\":\"three\"}\n"));
	if (asprintf(&expected,
		     "doorward: audit: cannot write %s" ENDING "doorward: audit: cannot "
		     "write %s" ENDING,
		     file, file) < 0)
		abort();
	assert_said(expected);
	free(text);
	free(expected);
	free(file);
	free(path);
}

/* Of a line that the disk has no room for nothing stays, so that the next one stands alone. */
static void a_full_disk_leaves_no_half_line(void **state)
{
	char *expected, *one, *later;
	char first[251] = "";
	struct rlimit limit, small;
	int kept;

	(void)state;
	begin("");
	memset(first, 'x', sizeof(first) - 1); /* the limit is for standard error's file, too */
	write_account(first);
	one = contents("audit.log");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = strlen(one) + 10;
	signal(SIGXFSZ, SIG_IGN);
	kept = catch_errors();
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	write_account("two");
	later = contents("audit.log");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	write_account("three");
	release_errors(kept);
	assert_string_equal(later, one);
	free(later);
	later = contents("audit.log");
	assert_memory_equal(later, one, strlen(one));
	assert_non_null(strstr(later + strlen(one), "\"account\":\"three\"}\n"));
	free(later);
	later = contents("stderr");
	if (asprintf(&expected, "%s/audit.log: No space left on device;", folder) < 0)
		abort();
	assert_non_null(strstr(later, expected));
	free(expected);
	free(later);
	free(one);
}

/* PROCESSES children that write so many lines each. */
static void start_writers(pid_t children[PROCESSES], int lines)
{
	for (int i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		for (int line = 0; children[i] == 0 && line < lines; line++) {
			char account[32];

			snprintf(account, sizeof(account), "%d-%d", i, line);
			write_account(account);
		}
		if (children[i] == 0)
			_exit(0);
	}
}

/* Whether a child goes on; it must not fail. */
static bool is_running(pid_t child, int flags)
{
	int status;
	pid_t ended = waitpid(child, &status, flags);

	assert_true(ended >= 0);
	if (ended == child)
		assert_int_equal(status, 0);
	return ended != child;
}

static void wait_for_all(const pid_t children[PROCESSES])
{
	for (int i = 0; i < PROCESSES; i++)
		assert_false(is_running(children[i], 0));
}

/* Marks the lines that the file has, each of which must be whole and seen for the first time. */
static size_t mark(const char *name, bool seen[PROCESSES][LINES])
{
	char *text = contents(name), *rest, *line = strtok_r(text, "\n", &rest);
	size_t count = 0;

	for (; line; line = strtok_r(NULL, "\n", &rest), count++) {
		struct json_object *object = object_parse_own(line, strlen(line));
		const char *account = object_text(object, "account");
		int process, number;

		assert_non_null(account);
		assert_int_equal(sscanf(account, "%d-%d", &process, &number), 2);
		assert_in_range(process, 0, PROCESSES - 1);
		assert_in_range(number, 0, LINES - 1);
		assert_false(seen[process][number]);
		seen[process][number] = true;
		json_object_put(object);
	}
	free(text);
	return count;
}

static void rotation_loses_no_line(void **state)
{
	static bool seen[PROCESSES][LINES];
	pid_t children[PROCESSES];
	size_t older, newer;

	(void)state;
	begin("size = 720000\n"); /* room for three quarters of all lines */
	start_writers(children, LINES);
	wait_for_all(children);
	older = mark("audit.log.1", seen);
	newer = mark("audit.log", seen);
	assert_true(older > newer && newer > 0);
	assert_int_equal(older + newer, PROCESSES * LINES);
	assert_in_range(status_of("audit.log.1").st_size, 720000 - 200, 720000);
	assert_int_equal(status_of("audit.log.1").st_mode & 07777, 0600);
	assert_int_equal(status_of("audit.log").st_mode & 07777, 0600);
}

/* However many are written, and each of those that are left is whole. */
static void disk_use_is_bounded(void **state)
{
	static bool seen[PROCESSES][LINES];
	pid_t children[PROCESSES];

	(void)state;
	begin("size = 65536\n");
	start_writers(children, LINES);
	wait_for_all(children);
	assert_true(mark("audit.log.1", seen) > 300);
	assert_true(mark("audit.log", seen) > 0);
	assert_in_range(status_of("audit.log.1").st_size, 65536 - 200, 65536);
	assert_in_range(status_of("audit.log").st_size, 1, 65536);
	assert_null(contents("audit.log.2"));
}

/* As logrotate does: the file is renamed under those who write, who are told nothing. */
static void others_may_rename_the_file(void **state)
{
	static bool seen[PROCESSES][LINES];
	char *path = unit_path(folder, "audit.log"), name[64];
	pid_t children[PROCESSES];
	int renamed = 0;
	size_t lines;

	(void)state;
	begin("");
	start_writers(children, LINES);
	while (is_running(children[0], WNOHANG)) {
		char *other;

		snprintf(name, sizeof(name), "rotated.%d", renamed);
		other = unit_path(folder, name);
		renamed += rename(path, other) == 0;
		free(other);
		usleep(500);
	}
	for (int i = 1; i < PROCESSES; i++)
		assert_false(is_running(children[i], 0));
	write_account("0-0"); /* in case that it was renamed after the last line */
	seen[0][0] = false;
	lines = 0;
	for (int i = 0; i < renamed; i++) {
		snprintf(name, sizeof(name), "rotated.%d", i);
		lines += mark(name, seen);
	}
	assert_true(renamed > 1);
	seen[0][0] = false;
	lines += mark("audit.log", seen);
	assert_int_equal(lines, PROCESSES * LINES + 1);
	free(path);
}

static void what_cannot_be_renamed_grows(void **state)
{
	char *path = unit_path(folder, "audit.log.1"), *child = unit_path(path, "x"), *said, *at;
	static bool seen[PROCESSES][LINES];
	pid_t children[PROCESSES];
	int kept;

	(void)state;
	begin("size = 65536\n");
	assert_int_equal(mkdir(path, 0700), 0);
	unit_write(child, "");
	kept = catch_errors();
	start_writers(children, LINES);
	wait_for_all(children);
	release_errors(kept);
	assert_int_equal(mark("audit.log", seen), PROCESSES * LINES);
	said = contents("stderr");
	at = said;
	for (int i = 0; i < PROCESSES; i++) { /* each of them says so once */
		at = strchr(at, '\n');
		assert_non_null(at++);
	}
	assert_string_equal(at, "");
	assert_non_null(strstr(said, "audit.log.1: Is a directory; it grows beyond its size\n"));
	free(said);
	free(child);
	free(path);
}

int main(void)
{
#define AUDIT_TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, close_and_remove)
	const struct CMUnitTest tests[] = {
		AUDIT_TEST(each_member_in_its_order),
		AUDIT_TEST(absent_members_are_left_out),
		AUDIT_TEST(no_text_spoils_the_line),
		AUDIT_TEST(long_texts_are_cut),
		AUDIT_TEST(off_writes_nothing),
		AUDIT_TEST(syslog_gets_the_same),
		AUDIT_TEST(a_missing_folder_is_said_once),
		AUDIT_TEST(a_full_disk_leaves_no_half_line),
		AUDIT_TEST(rotation_loses_no_line),
		AUDIT_TEST(disk_use_is_bounded),
		AUDIT_TEST(others_may_rename_the_file),
		AUDIT_TEST(what_cannot_be_renamed_grows),
	};

	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
