/* The configuration: defaults, every key, every error with its file and line. */
#include "config.h"

#include "address.h"
#include "unit-file.h"

static void defaults(void **state)
{
	struct config config;
	char why[512], *audit = unit_path(folder, "audit.log");

	(void)state;
	unit_write(path, "");
	assert_true(config_load(&config, path, why, sizeof(why)));
	assert_string_equal(config.directory, folder);
	assert_string_equal(config.mount, "/");
	assert_string_equal(config.issuer, "doorward");
	assert_int_equal(config.cache, 33554432);
	assert_int_equal(config.body_limit, 65536);
	assert_int_equal(config.request_limit, 10);
	assert_int_equal(config.algorithm, KEY_HS256);
	assert_int_equal(config.jwks_max_age, 600);
	assert_int_equal(config.jwt_lifetime, 900);
	assert_int_equal(config.refresh_lifetime, 2592000);
	assert_int_equal(config.session_lifetime, 7776000);
	assert_int_equal(config.rotation, ROTATE_WHEN_DUE);
	assert_int_equal(config.password_cost, 5);
	assert_true(config.throttle);
	assert_string_equal(config.url, "http://localhost/");
	assert_null(config.trusted_proxies);
	assert_null(config.cors_origins);
	assert_int_equal(config.mail_transport, MAIL_BY_MAILDIR);
	assert_null(config.mail_redirect_urls);
	assert_null(config.mail_smtp_user);
	assert_null(config.policy);
	assert_int_equal(config.audit_target, AUDIT_TO_FILE);
	assert_string_equal(config.audit_file, audit);
	assert_int_equal(config.log_target, LOG_TO_STDERR);
	config_free(&config);
	free(audit);
}

static void every_key(void **state)
{
	struct config config;
	char why[512], *relative = unit_path(folder, "sub/dir");
	char *policy = unit_path(folder, "policy.conf");

	(void)state;
	unit_write(path, "; a comment\n"
			 "# another\n"
			 "[store]\ndirectory = sub/dir\ncache=1048576\n"
			 "[server]\nmount = /auth/\nbody_limit = 1024\nrequest_limit = 1\n"
			 "[token]\nissuer = me;you = us\njwt_lifetime = 60\n"
			 "algorithm = es256\njwks_max_age = 0\n"
			 "refresh_lifetime = 61\nsession_lifetime = 62\nrefresh_rotation = Always\n"
			 "[password]\ncost = 11\n[throttle]\nenabled = No\n[log]\ntarget = syslog\n"
			 "[server]\nurl = https://example.com/auth/\n"
			 "trusted_proxies = 10.0.0.0/8, ::1 192.0.2.1\n"
			 "cors_origins = https://a.example,http://localhost:3000\n"
			 "[mail]\ntransport = smtp\nfrom = a@example.com\nfrom_name = A. Sender\n"
			 "redirect_urls = https://a.example/x, http://b.example\n"
			 "templates = mine\ntimeout = 5\nsendmail = /bin/mail -t\n"
			 "smtp_url = smtps://mail\nsmtp_starttls = off\nsmtp_user = u\n"
			 "smtp_password = p\nsmtp_ca = ca.pem\n"
			 "[authorize]\npolicy = policy.conf\n"
			 "[audit]\ntarget = off\nfile = /var/log/a\nsize = 65536\n");
	if (!config_load(&config, path, why, sizeof(why)))
		unit_fail("%s\n", why);
	assert_string_equal(config.directory, relative);
	assert_string_equal(config.mount, "/auth/");
	assert_string_equal(config.issuer, "me;you = us");
	assert_int_equal(config.algorithm, KEY_ES256);
	assert_int_equal(config.jwks_max_age, 0);
	assert_int_equal(config.cache, 1048576);
	assert_int_equal(config.body_limit, 1024);
	assert_int_equal(config.request_limit, 1);
	assert_int_equal(config.jwt_lifetime, 60);
	assert_int_equal(config.refresh_lifetime, 61);
	assert_int_equal(config.session_lifetime, 62);
	assert_int_equal(config.rotation, ROTATE_ALWAYS);
	assert_int_equal(config.password_cost, 11);
	assert_false(config.throttle);
	assert_string_equal(config.url, "https://example.com/auth/");
	assert_non_null(config.trusted_proxies);
	assert_string_equal(config.cors_origins[0], "https://a.example");
	assert_string_equal(config.cors_origins[1], "http://localhost:3000");
	assert_null(config.cors_origins[2]);
	assert_int_equal(config.mail_transport, MAIL_BY_SMTP);
	assert_string_equal(config.mail_from, "a@example.com");
	assert_string_equal(config.mail_from_name, "A. Sender");
	assert_string_equal(config.mail_redirect_urls[0], "https://a.example/x");
	assert_string_equal(config.mail_redirect_urls[1], "http://b.example");
	assert_null(config.mail_redirect_urls[2]);
	assert_string_equal(config.mail_sendmail, "/bin/mail -t");
	assert_string_equal(config.mail_smtp_url, "smtps://mail");
	assert_false(config.mail_smtp_starttls);
	assert_string_equal(config.mail_smtp_password, "p");
	assert_int_equal(config.mail_timeout, 5);
	assert_int_equal(config.audit_target, AUDIT_OFF);
	assert_string_equal(config.audit_file, "/var/log/a");
	assert_int_equal(config.audit_size, 65536);
	assert_int_equal(config.log_target, LOG_TO_SYSLOG);
	assert_string_equal(config.policy, policy);
	config_free(&config);
	free(relative);
	free(policy);

	/* where the API is follows from where people find it, unless it is said */
	unit_write(path, "[server]\nurl = https://example.com/some/auth/\n");
	assert_true(config_load(&config, path, why, sizeof(why)));
	assert_string_equal(config.mount, "/some/auth/");
	config_free(&config);
	unit_write(path, "[server]\nmount = /\nurl = https://example.com/auth/\n");
	assert_true(config_load(&config, path, why, sizeof(why)));
	assert_string_equal(config.mount, "/");
	config_free(&config);

	unit_write(path, "[store]\ndirectory = /var/lib/x\n");
	assert_true(config_load(&config, path, why, sizeof(why)));
	assert_string_equal(config.directory, "/var/lib/x");
	config_free(&config);
}

static void errors(void **state)
{
	static const struct {
		int line;
		const char *text, *why; /* behind the file's name */
	} rows[] = {
		{ __LINE__, "colour = red\n", ":1: unknown key \"colour\" in section []" },
		{ __LINE__, "[token]\nlifetime = 1\n",
		  ":2: unknown key \"lifetime\" in section [token]" },
		{ __LINE__, "[tokens]\njwt_lifetime = 1\n", ":1: unknown section [tokens]" },
		{ __LINE__, "[log]\n[nope]\n", ":2: unknown section [nope]" },
		{ __LINE__, "[]\n", ":1: unknown section []" },
		{ __LINE__, "[server] mount = /\n", ":1: there is something behind the section" },
		{ __LINE__, "[token]\n\njwt_lifetime\n", ":3: expected [section] or key = value" },
		{ __LINE__, "[token\n", ":1: expected [section] or key = value" },
		{ __LINE__, "[token]\njwt_lifetime = 15m\n",
		  ":2: token.jwt_lifetime: expected a whole number from 1 to 86400, not \"15m\"" },
		{ __LINE__, "[token]\njwt_lifetime =\n",
		  ":2: token.jwt_lifetime: expected a whole number from 1 to 86400, not \"\"" },
		{ __LINE__, "[token]\njwt_lifetime = 0\n",
		  ":2: token.jwt_lifetime: expected a whole number from 1 to 86400, not \"0\"" },
		{ __LINE__, "[token]\njwt_lifetime = 86401\n",
		  ":2: token.jwt_lifetime: expected a whole number from 1 to 86400, not "
		  "\"86401\"" },
		{ __LINE__, "[token]\njwt_lifetime = 99999999999999999999\n",
		  ":2: token.jwt_lifetime: expected a whole number from 1 to 86400, not "
		  "\"99999999999999999999\"" },
		{ __LINE__, "[token]\nrefresh_rotation = sometimes\n",
		  ":2: token.refresh_rotation: expected when-due or always, not \"sometimes\"" },
		{ __LINE__, "[token]\nissuer =\n",
		  ":2: token.issuer: expected a text in UTF-8, not \"\"" },
		{ __LINE__, "[token]\nissuer = x\xff\n",
		  ":2: token.issuer: expected a text in UTF-8" },
		{ __LINE__, "[mail]\nsmtp_password = x\xff\n",
		  ":2: mail.smtp_password: expected a text in UTF-8" },
		{ __LINE__, "[mail]\nfrom_name = Tom ;and Jerry\n", ":2: \" ;\" within a line" },
		{ __LINE__, "[mail]\nsmtp_password = a\t;b\n", ":2: \" ;\" within a line" },
		{ __LINE__, "[mail]\nfrom = a\xff@example.com\n",
		  ":2: mail.from: expected an email address, not \"a\xff@example.com\"" },
		{ __LINE__, "[mail]\nsmtp_url = nonsense\n",
		  ":2: mail.smtp_url: expected smtp://host:port or smtps://host:port, not "
		  "\"nonsense\"" },
		{ __LINE__, "[mail]\nsmtp_url = http://x\n",
		  ":2: mail.smtp_url: expected smtp://host:port or smtps://host:port, not "
		  "\"http://x\"" },
		{ __LINE__, "[mail]\nsmtp_url = smtp://\n",
		  ":2: mail.smtp_url: expected smtp://host:port or smtps://host:port, not "
		  "\"smtp://\"" },
		{ __LINE__, "[server]\nmount = /\n  url = http://x/\n",
		  ":3: a line starts without spaces" },
		{ __LINE__, "[server]\ncors_origins = https://a.example\n  https://b.example\n",
		  ":3: a line starts without spaces" },
		{ __LINE__, "[server]\ncors_origins = https://a.example\ncors_origins = b\n",
		  ":3: server.cors_origins: expected origins as browsers send them "
		  "(https://www.example.com), not \"b\"" },
		{ __LINE__, "[token]\njwt_lifetime = x\nissuer =\nnonsense\n",
		  ":2: token.jwt_lifetime: expected a whole number from 1 to 86400, not \"x\"" },
		{ __LINE__, "[server]\nmount = auth/\n",
		  ":2: server.mount: expected a path that starts and ends with /, not \"auth/\"" },
		{ __LINE__, "[server]\nmount = /auth\n",
		  ":2: server.mount: expected a path that starts and ends with /, not \"/auth\"" },
		{ __LINE__, "[throttle]\nenabled = maybe\n",
		  ":2: throttle.enabled: expected true or false, not \"maybe\"" },
		{ __LINE__, "[server]\nurl = example.com/\n",
		  ":2: server.url: expected a web address that ends with / and has no query, not "
		  "\"example.com/\"" },
		{ __LINE__, "[server]\nurl = https://example.com\n",
		  ":2: server.url: expected a web address that ends with / and has no query, not "
		  "\"https://example.com\"" },
		{ __LINE__, "[server]\ntrusted_proxies = 10.0.0.0/33\n",
		  ":2: server.trusted_proxies: expected network addresses or blocks (10.0.0.0/8), "
		  "not \"10.0.0.0/33\"" },
		{ __LINE__, "[log]\n[server]\ncors_origins = https://a.example, *\n",
		  ":3: server.cors_origins: expected origins as browsers send them "
		  "(https://www.example.com), not \"https://a.example, *\"" },
		{ __LINE__, "[mail]\nfrom = me\n",
		  ":2: mail.from: expected an email address, not \"me\"" },
		{ __LINE__, "[mail]\nredirect_urls = https://a.example javascript:x\n",
		  ":2: mail.redirect_urls: expected web addresses, not "
		  "\"https://a.example javascript:x\"" },
		{ __LINE__, "[mail]\ntransport = pigeon\n",
		  ":2: mail.transport: expected maildir or sendmail or smtp, not \"pigeon\"" },
		{ __LINE__, "[token]\njwt_lifetime = 1\n[log]\n[token]\njwt_lifetime = 2\n",
		  ":5: token.jwt_lifetime: set twice" },
		{ __LINE__, "[password]\ncost = 12\n",
		  ":2: password.cost: expected a whole number from 1 to 11, not \"12\"" },
	};
	struct config config;
	char why[512];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		unit_write(path, rows[i].text);
		check_row(rows[i].line, !config_load(&config, path, why, sizeof(why)));
		check_row(rows[i].line, strncmp(why, path, strlen(path)) == 0);
		check_row(rows[i].line,
			  strncmp(why + strlen(path), rows[i].why, strlen(rows[i].why)) == 0);
		/* a password is not repeated */
		check_row(rows[i].line,
			  !strstr(rows[i].text, "smtp_password = x") || !strstr(why, "\xff"));
	}
	assert_false(config_load(&config, "/nowhere/doorward.conf", why, sizeof(why)));
	assert_string_equal(why, "/nowhere/doorward.conf: No such file or directory");
}

/* What inih would cut, in the longest line that it takes and in one that is longer; a NUL byte. */
static void long_lines(void **state)
{
	static const char start[] = "[token]\nissuer = ";
	struct config config;
	char text[512], why[512], *wanted;

	(void)state;
	for (size_t length = 188; length <= 190; length++) {
		memcpy(text, start, sizeof(start));
		memset(text + sizeof(start) - 1, 'x', length);
		strcpy(text + sizeof(start) - 1 + length, "\n");
		unit_write(path, text);
		if (config_load(&config, path, why, sizeof(why))) {
			assert_true(length < 190);
			assert_int_equal(strlen(config.issuer), length);
			config_free(&config);
			continue;
		}
		assert_int_equal(length, 190);
		assert_true(asprintf(&wanted, "%s:2: the line is longer than 198 bytes", path) > 0);
		assert_string_equal(why, wanted);
		free(wanted);
	}
}

/* A list that one line has no room for. */
static void long_lists(void **state)
{
	struct config config;
	char text[4096] = "\xef\xbb\xbf[server]\n", why[512], origin[64];
	char client[ADDRESS_SIZE];

	(void)state;
	for (int i = 0; i < 30; i++)
		sprintf(text + strlen(text), "cors_origins = https://%d.example https://%d.test\n",
			i, i);
	strcat(text, "trusted_proxies = ::1\ntrusted_proxies = 10.0.0.0/8\n"
		     "[mail]\nredirect_urls =\nredirect_urls = http://a/b\n");
	unit_write(path, text);
	if (!config_load(&config, path, why, sizeof(why)))
		unit_fail("%s\n", why);
	for (int i = 0; i < 60; i++) {
		sprintf(origin, "https://%d.%s", i / 2, i % 2 ? "test" : "example");
		assert_string_equal(config.cors_origins[i], origin);
	}
	assert_null(config.cors_origins[60]);
	assert_string_equal(config.mail_redirect_urls[0], "http://a/b");
	address_of_client(client, config.trusted_proxies, "::1", "192.0.2.1, 10.1.2.3");
	assert_string_equal(client, "192.0.2.1"); /* both are trusted */
	config_free(&config);
}

/* The web server's own word on where it is, for a file that says nothing. */
static void url_of_environment(void **state)
{
	struct config config;
	char why[512];

	(void)state;
	setenv("DOORWARD_URL", "http://127.0.0.1:1234/", 1);
	unit_write(path, "");
	assert_true(config_load(&config, path, why, sizeof(why)));
	assert_string_equal(config.url, "http://127.0.0.1:1234/");
	config_free(&config);
	unit_write(path, "[server]\nurl = https://example.com/\n");
	assert_true(config_load(&config, path, why, sizeof(why)));
	assert_string_equal(config.url, "https://example.com/");
	config_free(&config);
	setenv("DOORWARD_URL", "example.com", 1);
	assert_false(config_load(&config, path, why, sizeof(why)));
	assert_string_equal(why, "DOORWARD_URL: expected a web address that ends with / and has no "
				 "query, not \"example.com\"");
	unsetenv("DOORWARD_URL");
}

static void where_it_is(void **state)
{
	static const struct {
		int line;
		const char *environment, *named, *path;
	} rows[] = {
		{ __LINE__, NULL, "named", "named" },
		{ __LINE__, NULL, NULL, SYSCONFDIR "/doorward/doorward.conf" },
		{ __LINE__, "/from/environment", "named", "named" },
		{ __LINE__, "/from/environment", NULL, "/from/environment" },
		{ __LINE__, "", NULL, SYSCONFDIR "/doorward/doorward.conf" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char *found;

		unsetenv("DOORWARD_CONF");
		if (rows[i].environment)
			setenv("DOORWARD_CONF", rows[i].environment, 1);
		found = config_path(rows[i].named);
		check_row(rows[i].line, found && strcmp(found, rows[i].path) == 0);
		free(found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(defaults, make_file, remove_file),
		cmocka_unit_test_setup_teardown(every_key, make_file, remove_file),
		cmocka_unit_test_setup_teardown(errors, make_file, remove_file),
		cmocka_unit_test_setup_teardown(long_lines, make_file, remove_file),
		cmocka_unit_test_setup_teardown(long_lists, make_file, remove_file),
		cmocka_unit_test_setup_teardown(url_of_environment, make_file, remove_file),
		cmocka_unit_test(where_it_is),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
