#include "config.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config-value.h"
#include "ini-lines.h"
#include "prefix.h"

#define MINUTE 60
#define DAY (24 * 60 * MINUTE)
#define SYSTEM_WIDE SYSCONFDIR "/doorward/doorward.conf"

static const struct config_choice rotations[] = {
	{ "when-due", ROTATE_WHEN_DUE },
	{ "always", ROTATE_ALWAYS },
	{ NULL, 0 },
};

static const struct config_choice algorithms[] = {
	{ "HS256", KEY_HS256 },
	{ "ES256", KEY_ES256 },
	{ NULL, 0 },
};

static const struct config_choice log_targets[] = {
	{ "stderr", LOG_TO_STDERR },
	{ "syslog", LOG_TO_SYSLOG },
	{ NULL, 0 },
};

static const struct config_choice audit_targets[] = {
	{ "file", AUDIT_TO_FILE },
	{ "syslog", AUDIT_TO_SYSLOG },
	{ "off", AUDIT_OFF },
	{ NULL, 0 },
};

static const struct config_choice transports[] = {
	{ "maildir", MAIL_BY_MAILDIR },
	{ "sendmail", MAIL_BY_SENDMAIL },
	{ "smtp", MAIL_BY_SMTP },
	{ NULL, 0 },
};

#define AT(member) offsetof(struct config, member)

/*
 * Every key there is. The bounds are there to catch a wrong unit: a lifetime of ten years is
 * somebody's mistake. The cost is bounded by what one request may take.
 */
static const struct config_key keys[] = {
	{ "store", "directory", PATH, AT(directory), 0, 0, 0, NULL, NULL },
	{ "store", "cache", INTEGER, AT(cache), 32 << 20, 1 << 20, INT64_C(1) << 32, NULL, NULL },
	{ "server", "mount", MOUNT, AT(mount), 0, 0, 0, NULL, NULL },
	{ "server", "body_limit", INTEGER, AT(body_limit), 64 << 10, 1 << 10, 16 << 20, NULL,
	  NULL },
	{ "server", "bulk_limit", INTEGER, AT(bulk_limit), 4 << 20, 1 << 10, 16 << 20, NULL, NULL },
	{ "server", "request_limit", INTEGER, AT(request_limit), 10, 1, 600, NULL, NULL },
	{ "server", "url", URL, AT(url), 0, 0, 0, "http://localhost/", NULL },
	{ "server", "trusted_proxies", ADDRESSES, AT(trusted_proxies), 0, 0, 0, NULL, NULL },
	{ "server", "cors_origins", ORIGINS, AT(cors_origins), 0, 0, 0, NULL, NULL },
	{ "token", "issuer", STRING, AT(issuer), 0, 0, 0, "doorward", NULL },
	{ "token", "algorithm", CHOICE, AT(algorithm), KEY_HS256, 0, 0, NULL, algorithms },
	{ "token", "jwks_max_age", INTEGER, AT(jwks_max_age), 10 * MINUTE, 0, JWKS_MAX_AGE_MOST,
	  NULL, NULL },
	{ "token", "jwt_lifetime", INTEGER, AT(jwt_lifetime), 15 * MINUTE, 1, DAY, NULL, NULL },
	{ "token", "refresh_lifetime", INTEGER, AT(refresh_lifetime), 30 * DAY, 1, 3660 * DAY, NULL,
	  NULL },
	{ "token", "session_lifetime", INTEGER, AT(session_lifetime), 90 * DAY, 1, 3660 * DAY, NULL,
	  NULL },
	{ "token", "refresh_rotation", CHOICE, AT(rotation), ROTATE_WHEN_DUE, 0, 0, NULL,
	  rotations },
	{ "password", "cost", INTEGER, AT(password_cost), 5, 1, 11, NULL, NULL },
	{ "throttle", "enabled", BOOLEAN, AT(throttle), true, 0, 0, NULL, NULL },
	{ "mail", "transport", CHOICE, AT(mail_transport), MAIL_BY_MAILDIR, 0, 0, NULL,
	  transports },
	{ "mail", "from", EMAIL, AT(mail_from), 0, 0, 0, "doorward@localhost.localdomain", NULL },
	{ "mail", "from_name", STRING, AT(mail_from_name), 0, 0, 0, "Doorward", NULL },
	{ "mail", "redirect_urls", URLS, AT(mail_redirect_urls), 0, 0, 0, NULL, NULL },
	{ "mail", "templates", PATH, AT(mail_templates), 0, 0, 0, NULL, NULL },
	{ "mail", "timeout", INTEGER, AT(mail_timeout), 30, 1, 600, NULL, NULL },
	{ "mail", "sendmail", STRING, AT(mail_sendmail), 0, 0, 0, "/usr/sbin/sendmail -t -i",
	  NULL },
	{ "mail", "smtp_url", SMTP_URL, AT(mail_smtp_url), 0, 0, 0, "smtp://localhost:587", NULL },
	{ "mail", "smtp_starttls", BOOLEAN, AT(mail_smtp_starttls), true, 0, 0, NULL, NULL },
	{ "mail", "smtp_user", STRING, AT(mail_smtp_user), 0, 0, 0, NULL, NULL },
	{ "mail", "smtp_password", STRING, AT(mail_smtp_password), 0, 0, 0, NULL, NULL },
	{ "mail", "smtp_ca", PATH, AT(mail_smtp_ca), 0, 0, 0, NULL, NULL },
	{ "audit", "target", CHOICE, AT(audit_target), AUDIT_TO_FILE, 0, 0, NULL, audit_targets },
	{ "audit", "file", PATH, AT(audit_file), 0, 0, 0, NULL, NULL },
	{ "audit", "size", INTEGER, AT(audit_size), 16 << 20, 64 << 10, INT64_C(1) << 40, NULL,
	  NULL },
	{ "authorize", "policy", PATH, AT(policy), 0, 0, 0, NULL, NULL },
	{ "log", "target", CHOICE, AT(log_target), LOG_TO_STDERR, 0, 0, NULL, log_targets },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

struct reading {
	struct config *config;
	struct ini_lines lines;
	bool seen[KEYS];
	char *lists[KEYS]; /* what all lines of a list say */
	int line;	   /* that is wrong */
	char what[512];	   /* and why; empty: nothing is */
};

/* Keeps the first thing that is wrong, in the line just read. Always false. */
__attribute__((format(printf, 2, 3))) static bool refuse(struct reading *reading,
							 const char *format, ...)
{
	va_list args;

	if (*reading->what)
		return false;
	reading->line = reading->lines.number;
	va_start(args, format);
	vsnprintf(reading->what, sizeof(reading->what), format, args);
	va_end(args);
	return false;
}

static bool refuse_value(struct reading *reading, const struct config_key *key, const char *value)
{
	char wanted[CONFIG_WANTED_SIZE];

	config_value_wanted(wanted, key);
	if (key->kind == STRING && *value) /* which may be a password */
		return refuse(reading, "%s.%s: expected %s", key->section, key->name, wanted);
	return refuse(reading, "%s.%s: expected %s, not \"%s\"", key->section, key->name, wanted,
		      value);
}

/* A list may take several lines: each is read together with those before it. */
static bool set_more(struct reading *reading, size_t i, const char *value)
{
	const char *before = reading->lists[i];
	char *all;

	if (asprintf(&all, "%s %s", before ? before : "", value) < 0)
		return refuse(reading, "out of memory");
	free(reading->lists[i]);
	reading->lists[i] = all;
	return config_value_set(reading->config, &keys[i], all) ||
	       refuse_value(reading, &keys[i], value);
}

static bool is_section(const char *name, size_t length)
{
	for (size_t i = 0; i < KEYS; i++) {
		if (strncmp(keys[i].section, name, length) == 0 && !keys[i].section[length])
			return true;
	}
	return false;
}

/* inih's reader. NULL: no more. */
static char *read_line(char *text_r, int size, void *arg)
{
	struct reading *reading = arg;
	const char *line = *reading->what ? NULL : ini_lines_next(&reading->lines, (size_t)size);
	size_t length;
	bool good;

	if (!line)
		good = !*reading->lines.fault || refuse(reading, "%s", reading->lines.fault);
	else if (ini_line_is_section(line, &length))
		good = is_section(line + 1, length) ||
		       refuse(reading, "unknown section [%.*s]", (int)length, line + 1);
	else
		good = !ini_line_has_comment(line) ||
		       refuse(reading, "\" ;\" within a line, which would cut the value: a comment "
				       "has a line of its own");
	return line && good ? strcpy(text_r, line) : NULL;
}

/* inih's handler: 1 to go on. */
static int on_setting(void *arg, const char *section, const char *name, const char *value)
{
	struct reading *reading = arg;

	for (size_t i = 0; i < KEYS; i++) {
		if (strcmp(keys[i].section, section) != 0 || strcmp(keys[i].name, name) != 0)
			continue;
		if (config_value_is_list(&keys[i]))
			return set_more(reading, i, value);
		if (reading->seen[i])
			return refuse(reading, "%s.%s: set twice", section, name);
		reading->seen[i] = true;
		return config_value_set(reading->config, &keys[i], value) ||
		       refuse_value(reading, &keys[i], value);
	}
	return refuse(reading, "unknown key \"%s\" in section [%s]", name, section);
}

/* Reads the file into what has its initial values; false, and why. */
static bool read_file(struct config *config, char *why_r, size_t size)
{
	struct reading reading = { .config = config };
	int wrong;

	if (!ini_lines_open(&reading.lines, config->file)) {
		snprintf(why_r, size, "%s: %s", config->file, strerror(errno));
		return false;
	}
	wrong = ini_parse_stream(read_line, &reading, on_setting, &reading);
	ini_lines_close(&reading.lines);
	for (size_t i = 0; i < KEYS; i++)
		free(reading.lists[i]);
	if (*reading.what)
		snprintf(why_r, size, "%s:%d: %s", config->file, reading.line, reading.what);
	else if (wrong)
		snprintf(why_r, size, "%s:%d: expected [section] or key = value", config->file,
			 wrong < 0 ? 0 : wrong);
	return !wrong && !*reading.what;
}

/*
 * The state directory when the file does not name one: the file's own folder, so that a state
 * directory describes itself; but for the system-wide file, the place for variable data.
 */
static bool set_initial_directory(struct config *config)
{
	const struct config_key *key = &keys[0];
	char *system_wide = prefix_path(SYSTEM_WIDE);
	bool set = false;

	if (system_wide && strcmp(config->file, system_wide) == 0) {
		free(config->directory);
		config->directory = prefix_path(LOCALSTATEDIR "/lib/doorward");
		set = config->directory != NULL;
	} else if (system_wide) {
		set = config_value_set(config, key, ".");
	}
	free(system_wide);
	return set;
}

static bool set_initial(struct config *config)
{
	for (size_t i = 0; i < KEYS; i++) {
		const struct config_key *key = &keys[i];

		if (key->kind == INTEGER)
			*(int64_t *)config_value(config, key) = key->initial;
		else if (key->kind == BOOLEAN)
			*(bool *)config_value(config, key) = key->initial != 0;
		else if (key->kind == CHOICE)
			*(int *)config_value(config, key) = (int)key->initial;
		else if (key->text && !config_value_set(config, key, key->text))
			return false;
	}
	return set_initial_directory(config);
}

/* The web server may tell its programs where it is; the file's own word counts for more. */
static bool set_url_of_environment(struct config *config, char *why_r, size_t size)
{
	const char *url = getenv("DOORWARD_URL");
	const struct config_key *key = keys;
	char wanted[CONFIG_WANTED_SIZE];

	while (key->at != AT(url))
		key++;
	if (!url || !*url || config_value_set(config, key, url))
		return true;
	config_value_wanted(wanted, key);
	snprintf(why_r, size, "DOORWARD_URL: expected %s, not \"%s\"", wanted, url);
	return false;
}

/* Where nothing in front of the web server changes paths, the URL says where the API is. */
static bool set_initial_mount(struct config *config)
{
	if (!config->mount)
		config->mount = strdup(strchr(strstr(config->url, "://") + 3, '/'));
	return config->mount != NULL;
}

/* Beside the store, so that it moves with it. */
static bool set_initial_audit(struct config *config)
{
	if (!config->audit_file &&
	    asprintf(&config->audit_file, "%s/audit.log", config->directory) < 0)
		config->audit_file = NULL;
	return config->audit_file != NULL;
}

bool config_load(struct config *config_r, const char *named, char *why_r, size_t size)
{
	memset(config_r, 0, sizeof(*config_r));
	config_r->file = config_path(named);
	if (!config_r->file || !set_initial(config_r)) {
		snprintf(why_r, size, "out of memory");
		goto err;
	}
	if (!set_url_of_environment(config_r, why_r, size) || !read_file(config_r, why_r, size))
		goto err;
	if (!set_initial_mount(config_r) || !set_initial_audit(config_r)) {
		snprintf(why_r, size, "out of memory");
		goto err;
	}
	return true;
err:
	config_free(config_r);
	return false;
}

void config_free(struct config *config)
{
	free(config->file);
	for (size_t i = 0; i < KEYS; i++)
		config_value_free(config, &keys[i]);
	memset(config, 0, sizeof(*config));
}

char *config_path(const char *named)
{
	const char *from_environment = getenv("DOORWARD_CONF");

	if (named)
		return strdup(named);
	if (from_environment && *from_environment)
		return strdup(from_environment);
	return prefix_path(SYSTEM_WIDE);
}
