/* Mails: what templates may have in them, what becomes of it, and messages nobody can break out of. */
#include <signal.h>
#include <sys/stat.h>

#include "mail-compose.h"
#include "mail-template.h"
#include "mail-transport.h"
#include "unit.h"

static char *folder;

static int make_folder(void **state)
{
	(void)state;
	folder = unit_make_folder();
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unit_remove_folder(folder);
	return 0;
}

static void write_template(const char *name, const char *text)
{
	char *path = unit_path(folder, name);

	unit_write(path, text);
	free(path);
}

static void remove_template(const char *name)
{
	char *path = unit_path(folder, name);

	if (unlink(path) != 0)
		abort();
	free(path);
}

static const struct mail sample = {
	.id = "0123456789abcdefghijkl",
	.kind = MAIL_RESET,
	.to = "ann@example.com",
	.name = "Ann <b> & \"Co\"",
	.organization = "Example",
	.link = "https://example.com/reset?code=c0de&email=ann%40example.com",
	.code = "c0de",
	.error = "",
	.expires = 1796018400, /* Monday, 30 November 2026, 06:00 UTC */
	.created = 1796014800,
};

static const struct config config = {
	.mail_from = (char *)"doorward@example.com",
	.mail_from_name = (char *)"Doorward",
};

/* A mail of each kind says what a mail has to say. */
static void built_in(void **state)
{
	struct mail_templates templates;
	struct mail mail = sample;
	char why[256];

	(void)state;
	assert_true(mail_templates_load(&templates, NULL, why, sizeof(why)));
	for (mail.kind = 0; mail.kind < MAIL_KIND__MAX; mail.kind++) {
		char *subject = mail_template_fill(&templates, MAIL_SUBJECT, &mail);
		char *text = mail_template_fill(&templates, MAIL_TXT, &mail);
		char *html = mail_template_fill(&templates, MAIL_HTML, &mail);

		assert_non_null(strstr(subject, "Example"));
		assert_null(strchr(subject, '\n'));
		assert_non_null(strstr(text, "Hello Ann <b> & \"Co\","));
		assert_non_null(strstr(text, "\nhttps://example.com/reset?code=c0de&email="));
		assert_non_null(strstr(text, "good until Monday, 30 November 2026, 06:00 UTC"));
		assert_non_null(strstr(text, "there is nothing to do"));
		assert_non_null(strstr(html, "Hello Ann &lt;b&gt; &amp; &quot;Co&quot;,"));
		assert_non_null(strstr(html, "href=\"https://example.com/reset?code=c0de&amp;"));
		assert_non_null(strstr(html, ">https://example.com/reset?code=c0de&amp;"));
		assert_non_null(strstr(html, "Monday, 30 November 2026, 06:00 UTC"));
		assert_non_null(strstr(html, "there is nothing to do"));
		assert_null(strstr(html, "<img"));
		assert_null(strstr(html, "src="));
		assert_null(strchr(text, '{'));
		assert_null(strchr(html, '{'));
		free(subject);
		free(text);
		free(html);
	}
	mail_templates_free(&templates);
}

static void filling(void **state)
{
	static const struct {
		int line;
		const char *name; /* of the file */
		enum mail_part part;
		const char *template, *filled;
	} rows[] = {
		{ __LINE__, "reset.txt", MAIL_TXT, "", "" },
		{ __LINE__, "reset.txt", MAIL_TXT, "{name}|{email}|{organization}|{code}\n",
		  "Ann <b> & \"Co\"|ann@example.com|Example|c0de\n" },
		{ __LINE__, "reset.html", MAIL_HTML, "{name}",
		  "Ann &lt;b&gt; &amp; &quot;Co&quot;" },
		{ __LINE__, "reset.txt", MAIL_TXT, "{{name} {{{code}} }", "{name} {c0de} }" },
		{ __LINE__, "reset.txt", MAIL_TXT, "a\r\nb\r\n", "a\nb\n" },
		{ __LINE__, "reset.txt", MAIL_TXT, "Grüße 😀", "Grüße 😀" },
		{ __LINE__, "reset.subject", MAIL_SUBJECT, "For {email}\n", "For ann@example.com" },
		{ __LINE__, "reset.subject", MAIL_SUBJECT, "For {email}", "For ann@example.com" },
	};
	struct mail_templates templates;
	char why[256] = "", *text;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		write_template(rows[i].name, rows[i].template);
		check_row(rows[i].line, mail_templates_load(&templates, folder, why, sizeof(why)));
		text = mail_template_fill(&templates, rows[i].part, &sample);
		check_row(rows[i].line, strcmp(text, rows[i].filled) == 0);
		/* the other files are not there: the built-in ones stand in */
		check_row(rows[i].line, strcmp(templates.texts[MAIL_VERIFY][MAIL_TXT],
					       mail_template_default(MAIL_VERIFY, MAIL_TXT)) == 0);
		free(text);
		mail_templates_free(&templates);
		remove_template(rows[i].name);
	}
}

/* Control characters of a value stay out of all parts; an empty name leaves no hole. */
static void values(void **state)
{
	struct mail_templates templates;
	struct mail mail = sample;
	char why[256], *text;

	(void)state;
	write_template("reset.subject", "For {name}\n");
	write_template("reset.txt", "{greeting}|{name}");
	assert_true(mail_templates_load(&templates, folder, why, sizeof(why)));
	mail.name = "Eve\r\nBcc: x@example.com\x7f";
	text = mail_template_fill(&templates, MAIL_SUBJECT, &mail);
	assert_string_equal(text, "For Eve  Bcc: x@example.com ");
	free(text);
	text = mail_template_fill(&templates, MAIL_TXT, &mail);
	assert_string_equal(text, "Hello Eve  Bcc: x@example.com ,|Eve  Bcc: x@example.com ");
	free(text);
	mail.name = "";
	text = mail_template_fill(&templates, MAIL_TXT, &mail);
	assert_string_equal(text, "Hello,|");
	free(text);
	mail_templates_free(&templates);
}

static void bad_templates(void **state)
{
	static const struct {
		int line;
		const char *name, *text, *why; /* behind the folder */
	} rows[] = {
		{ __LINE__, "verify.txt", "a\nb {colour}\n", ":2: unknown placeholder {colour}" },
		{ __LINE__, "verify.txt", "{}", ":1: unknown placeholder {}" },
		{ __LINE__, "verify.txt", "{Name}", ":1: unknown placeholder {Name}" },
		{ __LINE__, "reset.html", "\n\n{name", ":3: no } after {name" },
		{ __LINE__, "reset.html", "{name\n}", ":1: no } after {name" },
		{ __LINE__, "reset.html", "{na{name}", ":1: no } after {na" },
		{ __LINE__, "reset.html", "p { color: red }",
		  ":1: unknown placeholder { color: red }" },
		{ __LINE__, "welcome.txt", "a\n\xff", ":2: this is not UTF-8" },
		{ __LINE__, "welcome.txt", "a\n\n\xc3", ":3: this is not UTF-8" },
		{ __LINE__, "welcome.subject", "", ":1: a subject is missing" },
		{ __LINE__, "welcome.subject", "\nx", ":1: a subject is missing" },
		{ __LINE__, "welcome.subject", "a\nb\n",
		  ":2: a subject is one line, and this is a second" },
	};
	struct mail_templates templates;
	char why[256];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char *path = unit_path(folder, rows[i].name);

		unit_write(path, rows[i].text);
		check_row(rows[i].line, !mail_templates_load(&templates, folder, why, sizeof(why)));
		check_row(rows[i].line, strncmp(why, path, strlen(path)) == 0);
		check_row(rows[i].line, strcmp(why + strlen(path), rows[i].why) == 0);
		remove_template(rows[i].name);
		free(path);
	}
	assert_false(mail_templates_load(&templates, "/nowhere", why, sizeof(why)));
	assert_string_equal(why, "/nowhere: there is no such folder");
}

/* The lines that start with a name, up to the first empty one. */
static int count_headers(const char *message, const char *name)
{
	int count = 0;

	for (const char *at = message; *at && *at != '\n' && *at != '\r'; at++) {
		count += strncasecmp(at, name, strlen(name)) == 0;
		at = strchr(at, '\n');
		if (!at)
			break;
	}
	return count;
}

static void addresses(void **state)
{
	static const struct {
		int line;
		const char *email, *written; /* NULL: refused */
	} rows[] = {
		{ __LINE__, "ann@example.com", "ann@example.com" },
		{ __LINE__, "o'neil+x_y@sub.example.com", "o'neil+x_y@sub.example.com" },
		{ __LINE__, "-f@example.com", "-f@example.com" },
		{ __LINE__, "eve,bob@example.com", "\"eve,bob\"@example.com" },
		{ __LINE__, "<eve>@example.com", "\"<eve>\"@example.com" },
		{ __LINE__, "a:b;@example.com", "\"a:b;\"@example.com" },
		{ __LINE__, "a(b)@example.com", "\"a(b)\"@example.com" },
		{ __LINE__, "a\\b\"c@example.com", "\"a\\\\b\\\"c\"@example.com" },
		{ __LINE__, "a..b@example.com", "\"a..b\"@example.com" },
		{ __LINE__, ".a@example.com", "\".a\"@example.com" },
		{ __LINE__, "jörg@example.com", "jörg@example.com" },
		{ __LINE__, "ann@bücher.example", "ann@bücher.example" },
		{ __LINE__, "ann@example.com,bob", NULL },
		{ __LINE__, "ann@example.com>", NULL },
		{ __LINE__, "ann@exa mple.com", NULL },
		{ __LINE__, "ann@a(b)c", NULL },
		{ __LINE__, "ann@example.com\r\nBcc: x", NULL },
		{ __LINE__, "ann", NULL },
	};
	struct mail_templates templates;
	struct mail mail = sample;
	char why[256];

	(void)state;
	assert_true(mail_templates_load(&templates, NULL, why, sizeof(why)));
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct mail_message message;
		bool good;

		mail.to = rows[i].email;
		good = mail_compose(&config, &templates, &mail, MAIL_LF, &message, why,
				    sizeof(why));
		check_row(rows[i].line, good == (rows[i].written != NULL));
		if (good)
			check_row(rows[i].line, strcmp(message.to, rows[i].written) == 0);
		else
			check_row(rows[i].line, strstr(why, "the recipient's address"));
		mail_message_free(&message);
	}
	mail_templates_free(&templates);
}

/* Whatever the name is, the message has one of each header and none more. */
static void injection(void **state)
{
	static const char *const names[] = {
		"Ann\r\nBcc: victim@example.com",
		"Ann\nBcc: victim@example.com\n\nbody",
		"Ann\" <victim@example.com>, \"x",
		"<victim@example.com>,",
		"Jörg 😀\r\nBcc: victim@example.com",
		"=?utf-8?q?=0D=0ABcc:_victim=40example.com?=",
		("\xc2\x85"
		 "Bcc: victim@example.com"),
	};
	static const char *const headers[] = { "From:",		  "To:",	  "Subject:",
					       "Date:",		  "Message-Id:",  "MIME-Version:",
					       "Auto-Submitted:", "Content-Type:" };
	struct mail_templates templates;
	struct mail mail = sample;
	char why[256];

	(void)state;
	write_template("reset.subject", "For {name}");
	assert_true(mail_templates_load(&templates, folder, why, sizeof(why)));
	for (size_t i = 0; i < ROWS(names); i++) {
		struct mail_message message;

		mail.name = mail.organization = names[i];
		assert_true(mail_compose(&config, &templates, &mail, MAIL_LF, &message, why,
					 sizeof(why)));
		for (size_t j = 0; j < ROWS(headers); j++)
			assert_int_equal(count_headers(message.text, headers[j]), 1);
		assert_int_equal(count_headers(message.text, "Bcc:"), 0);
		assert_string_equal(message.to, "ann@example.com");
		mail_message_free(&message);
	}
	mail_templates_free(&templates);
}

/* Line ends as asked for, lines that servers take, the same identity each time. */
static void form(void **state)
{
	struct mail_templates templates;
	struct mail_message unix_message, smtp_message;
	char why[256];
	size_t width = 0;

	(void)state;
	assert_true(mail_templates_load(&templates, NULL, why, sizeof(why)));
	assert_true(mail_compose(&config, &templates, &sample, MAIL_LF, &unix_message, why,
				 sizeof(why)));
	assert_true(mail_compose(&config, &templates, &sample, MAIL_CRLF, &smtp_message, why,
				 sizeof(why)));
	assert_null(strchr(unix_message.text, '\r'));
	for (const char *at = smtp_message.text; *at; at++) {
		assert_true((unsigned char)*at < 0x80);
		assert_true(*at != '\n' || at[-1] == '\r');
		width = *at == '\n' ? 0 : width + 1;
		assert_true(width <= 79);
	}
	assert_int_equal(smtp_message.size, strlen(smtp_message.text));
	assert_non_null(
		strstr(unix_message.text, "\nMessage-Id: <0123456789abcdefghijkl@example.com>\n"));
	assert_non_null(strstr(smtp_message.text,
			       "\nMessage-Id: <0123456789abcdefghijkl@example.com>\r\n"));
	assert_non_null(strstr(unix_message.text, "Date: Mon, 30 Nov 2026 05:00:00 +0000\n"));
	assert_non_null(strstr(unix_message.text, "\nAuto-Submitted: auto-generated\n"));
	assert_string_equal(unix_message.from, "doorward@example.com");
	mail_message_free(&unix_message);
	mail_message_free(&smtp_message);
	mail_templates_free(&templates);
}

/* Hands a message to a sendmail command, with SIGCHLD ignored before it is opened or after that. */
static bool handed_over(const char *command, bool before, bool after, char why_r[MAIL_WHY_SIZE])
{
	struct config by_sendmail = { .mail_transport = MAIL_BY_SENDMAIL,
				      .mail_sendmail = (char *)command,
				      .mail_timeout = 10 };
	char text[] = "Subject: x\n\nx\n", from[] = "doorward@example.com";
	struct mail_message message = { .text = text, .size = strlen(text), .from = from };
	struct transport *transport;
	bool good;

	signal(SIGCHLD, before ? SIG_IGN : SIG_DFL);
	transport = mail_transport_open(&by_sendmail);
	assert_non_null(transport);
	if (after)
		signal(SIGCHLD, SIG_IGN);
	good = mail_transport_send(transport, &message, why_r);
	mail_transport_close(transport);
	signal(SIGCHLD, SIG_DFL);
	return good;
}

/* How a command ended is known whoever started us, or else the mail is not delivered. */
static void ignored_children(void **state)
{
	char *command, why[MAIL_WHY_SIZE];

	(void)state;
	command = unit_path(folder, "sendmail");
	unit_write(command, "#!/bin/sh\ncat >/dev/null\nexit $1\n");
	assert_int_equal(chmod(command, 0700), 0);
	for (int status = 0; status < 2; status++) {
		char words[256];

		snprintf(words, sizeof(words), "%s %d", command, status);
		assert_int_equal(handed_over(words, false, false, why), status == 0);
		assert_int_equal(handed_over(words, true, false, why), status == 0);
		if (status == 1)
			assert_non_null(strstr(why, "exited with status 1"));
		assert_false(handed_over(words, false, true, why));
		assert_non_null(strstr(why, "its status is not known"));
	}
	free(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(built_in),
		cmocka_unit_test_setup_teardown(filling, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(values, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(bad_templates, make_folder, remove_folder),
		cmocka_unit_test(addresses),
		cmocka_unit_test_setup_teardown(injection, make_folder, remove_folder),
		cmocka_unit_test(form),
		cmocka_unit_test_setup_teardown(ignored_children, make_folder, remove_folder),
	};

	return cmocka_run_group_tests_name("mail", tests, NULL, NULL);
}
