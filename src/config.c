#include "config.h"

#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "address.h"
#include "prefix.h"
#include "text.h"

#define MINUTE 60
#define DAY (24 * 60 * MINUTE)
#define LIST_SEPARATORS ", \t"
#define SYSTEM_WIDE SYSCONFDIR "/doorward/doorward.conf"
#define WANTED_URL "a web address that ends with / and has no query"

enum kind { INTEGER, BOOLEAN, STRING, PATH, MOUNT, CHOICE, EMAIL, URL, URLS, ORIGINS, ADDRESSES };

struct choice {
	const char *name;
	int value;
};

static const struct choice rotations[] = {
	{ "when-due", ROTATE_WHEN_DUE },
	{ "always", ROTATE_ALWAYS },
	{ NULL, 0 },
};

static const struct choice algorithms[] = {
	{ "HS256", KEY_HS256 },
	{ "ES256", KEY_ES256 },
	{ NULL, 0 },
};

static const struct choice log_targets[] = {
	{ "stderr", LOG_TO_STDERR },
	{ "syslog", LOG_TO_SYSLOG },
	{ NULL, 0 },
};

static const struct choice audit_targets[] = {
	{ "file", AUDIT_TO_FILE },
	{ "syslog", AUDIT_TO_SYSLOG },
	{ "off", AUDIT_OFF },
	{ NULL, 0 },
};

static const struct choice transports[] = {
	{ "maildir", MAIL_BY_MAILDIR },
	{ "sendmail", MAIL_BY_SENDMAIL },
	{ "smtp", MAIL_BY_SMTP },
	{ NULL, 0 },
};

static const struct choice truths[] = {
	{ "true", true }, { "yes", true },  { "on", true }, { "1", true }, { "false", false },
	{ "no", false },  { "off", false }, { "0", false }, { NULL, 0 },
};

#define AT(member) offsetof(struct config, member)

/*
 * Every key there is. The bounds are there to catch a wrong unit: a lifetime of ten years is
 * somebody's mistake. The cost is bounded by what one request may take.
 */
static const struct key {
	const char *section, *name;
	enum kind kind;
	size_t at;
	int64_t initial, least, most;
	const char *
		text; /* the initial value of what is kept as text; NULL: none, and none is needed */
	const struct choice *choices;
} keys[] = {
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
	{ "mail", "smtp_url", STRING, AT(mail_smtp_url), 0, 0, 0, "smtp://localhost:587", NULL },
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
	bool seen[KEYS];
	char *why;
	size_t size;
};

static void *member(struct config *config, const struct key *key)
{
	return (char *)config + key->at;
}

static bool set_text(struct config *config, const struct key *key, const char *text)
{
	char **at = member(config, key);

	free(*at);
	*at = strdup(text);
	return *at != NULL;
}

static bool set_integer(struct config *config, const struct key *key, const char *text)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end || errno || value < key->least || value > key->most)
		return false;
	*(int64_t *)member(config, key) = value;
	return true;
}

static bool find_choice(const struct choice *choice, const char *text, int *value_r)
{
	for (; choice->name; choice++) {
		if (strcasecmp(choice->name, text) == 0) {
			*value_r = choice->value;
			return true;
		}
	}
	return false;
}

static bool set_boolean(struct config *config, const struct key *key, const char *text)
{
	int value;

	if (!find_choice(truths, text, &value))
		return false;
	*(bool *)member(config, key) = value;
	return true;
}

/* A relative path starts at the configuration file's own folder. */
static bool set_path(struct config *config, const struct key *key, const char *text)
{
	const char *slash = strrchr(config->file, '/');
	char *path;
	int length;

	if (*text == '/' || !slash)
		return *text && set_text(config, key, text);
	length = slash == config->file ? 1 : (int)(slash - config->file);
	if (strcmp(text, ".") == 0)
		path = strndup(config->file, (size_t)length);
	else if (!*text || asprintf(&path, "%.*s/%s", length, config->file, text) < 0)
		return false;
	if (!path)
		return false;
	free(*(char **)member(config, key));
	*(char **)member(config, key) = path;
	return true;
}

static bool set_mount(struct config *config, const struct key *key, const char *text)
{
	size_t length = strlen(text);

	return length > 0 && text[0] == '/' && text[length - 1] == '/' &&
	       set_text(config, key, text);
}

/* An address that links are appended to. */
static bool set_url(struct config *config, const struct key *key, const char *text)
{
	size_t length = strlen(text);

	return url_is_valid(text) && text[length - 1] == '/' && !strchr(text, '?') &&
	       set_text(config, key, text);
}

static void free_texts(char **texts)
{
	for (size_t i = 0; texts && texts[i]; i++)
		free(texts[i]);
	free(texts);
}

static bool is_plain_url(const char *text)
{
	return url_is_valid(text);
}

static bool set_list(struct config *config, const struct key *key, const char *text,
		     bool (*is_valid)(const char *))
{
	/* no list has more entries than half its characters */
	char **list = calloc(strlen(text) / 2 + 2, sizeof(*list));
	size_t count = 0;

	if (!list)
		return false;
	for (text += strspn(text, LIST_SEPARATORS); *text; text += strspn(text, LIST_SEPARATORS)) {
		size_t length = strcspn(text, LIST_SEPARATORS);

		list[count] = strndup(text, length);
		if (!list[count] || !is_valid(list[count])) {
			free_texts(list);
			return false;
		}
		count++;
		text += length;
	}
	free_texts(*(char ***)member(config, key));
	*(char ***)member(config, key) = list;
	return true;
}

static bool set_addresses(struct config *config, const struct key *key, const char *text)
{
	struct address_list **at = member(config, key);

	address_list_free(*at);
	return address_list_parse(at, text);
}

static bool set(struct config *config, const struct key *key, const char *text)
{
	switch (key->kind) {
	case INTEGER:
		return set_integer(config, key, text);
	case BOOLEAN:
		return set_boolean(config, key, text);
	case STRING:
		return *text && set_text(config, key, text);
	case PATH:
		return set_path(config, key, text);
	case MOUNT:
		return set_mount(config, key, text);
	case CHOICE:
		return find_choice(key->choices, text, member(config, key));
	case EMAIL:
		return email_is_valid(text) && set_text(config, key, text);
	case URL:
		return set_url(config, key, text);
	case URLS:
		return set_list(config, key, text, is_plain_url);
	case ORIGINS:
		return set_list(config, key, text, origin_is_valid);
	case ADDRESSES:
		return set_addresses(config, key, text);
	}
	return false;
}

static void explain(const struct key *key, const char *value, struct reading *reading)
{
	char expected[160] = "";

	switch (key->kind) {
	case INTEGER:
		snprintf(expected, sizeof(expected), "a whole number from %lld to %lld",
			 (long long)key->least, (long long)key->most);
		break;
	case STRING:
	case PATH:
		snprintf(expected, sizeof(expected), "a text");
		break;
	case MOUNT:
		snprintf(expected, sizeof(expected), "a path that starts and ends with /");
		break;
	case CHOICE:
		for (const struct choice *choice = key->choices; choice->name; choice++)
			snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected),
				 "%s%s", *expected ? " or " : "", choice->name);
		break;
	case BOOLEAN:
		snprintf(expected, sizeof(expected), "true or false");
		break;
	case EMAIL:
		snprintf(expected, sizeof(expected), "an email address");
		break;
	case URL:
		snprintf(expected, sizeof(expected), WANTED_URL);
		break;
	case URLS:
		snprintf(expected, sizeof(expected), "web addresses");
		break;
	case ORIGINS:
		snprintf(expected, sizeof(expected),
			 "origins as browsers send them (https://www.example.com)");
		break;
	case ADDRESSES:
		snprintf(expected, sizeof(expected), "network addresses or blocks (10.0.0.0/8)");
		break;
	}
	snprintf(reading->why, reading->size, "%s.%s: expected %s, not \"%s\"", key->section,
		 key->name, expected, value);
}

/* inih's handler: 1 to go on, 0 to make ini_parse_file() return this line's number. */
static int on_setting(void *arg, const char *section, const char *name, const char *value)
{
	struct reading *reading = arg;

	for (size_t i = 0; i < KEYS; i++) {
		if (strcmp(keys[i].section, section) != 0 || strcmp(keys[i].name, name) != 0)
			continue;
		if (reading->seen[i]) {
			snprintf(reading->why, reading->size, "%s.%s: set twice", section, name);
			return 0;
		}
		reading->seen[i] = true;
		if (set(reading->config, &keys[i], value))
			return 1;
		explain(&keys[i], value, reading);
		return 0;
	}
	snprintf(reading->why, reading->size, "unknown key \"%s\" in section [%s]", name, section);
	return 0;
}

/*
 * The state directory when the file does not name one: the file's own folder, so that a state
 * directory describes itself; but for the system-wide file, the place for variable data.
 */
static bool set_initial_directory(struct config *config)
{
	const struct key *key = &keys[0];
	char *system_wide = prefix_path(SYSTEM_WIDE);
	bool set = false;

	if (system_wide && strcmp(config->file, system_wide) == 0) {
		free(config->directory);
		config->directory = prefix_path(LOCALSTATEDIR "/lib/doorward");
		set = config->directory != NULL;
	} else if (system_wide) {
		set = set_path(config, key, ".");
	}
	free(system_wide);
	return set;
}

static bool set_initial(struct config *config)
{
	for (size_t i = 0; i < KEYS; i++) {
		const struct key *key = &keys[i];

		if (key->kind == INTEGER)
			*(int64_t *)member(config, key) = key->initial;
		else if (key->kind == BOOLEAN)
			*(bool *)member(config, key) = key->initial != 0;
		else if (key->kind == CHOICE)
			*(int *)member(config, key) = (int)key->initial;
		else if (key->text && !set(config, key, key->text))
			return false;
	}
	return set_initial_directory(config);
}

/* The web server may tell its programs where it is; the file's own word counts for more. */
static bool set_url_of_environment(struct config *config, char *why_r, size_t size)
{
	const char *url = getenv("DOORWARD_URL");
	const struct key *key = keys;

	while (key->at != AT(url))
		key++;
	if (!url || !*url || set(config, key, url))
		return true;
	snprintf(why_r, size, "DOORWARD_URL: expected %s, not \"%s\"", WANTED_URL, url);
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
	struct reading reading = { .config = config_r, .why = why_r, .size = size };
	char what[256] = "";
	char *path;
	FILE *file = NULL;
	int line;

	memset(config_r, 0, sizeof(*config_r));
	config_r->file = path = config_path(named);
	if (!path || !set_initial(config_r)) {
		snprintf(why_r, size, "out of memory");
		goto err;
	}
	if (!set_url_of_environment(config_r, why_r, size))
		goto err;
	file = fopen(path, "r");
	if (!file) {
		snprintf(why_r, size, "%s: %s", path, strerror(errno));
		goto err;
	}
	reading.why = what;
	reading.size = sizeof(what);
	line = ini_parse_file(file, on_setting, &reading);
	if (line != 0) {
		snprintf(why_r, size, "%s:%d: %s", path, line < 0 ? 0 : line,
			 *what ? what : "expected [section] or key = value");
		goto err;
	}
	if (!set_initial_mount(config_r) || !set_initial_audit(config_r)) {
		snprintf(why_r, size, "out of memory");
		goto err;
	}
	fclose(file);
	return true;
err:
	if (file)
		fclose(file);
	config_free(config_r);
	return false;
}

void config_free(struct config *config)
{
	free(config->file);
	for (size_t i = 0; i < KEYS; i++) {
		void *at = member(config, &keys[i]);

		switch (keys[i].kind) {
		case STRING:
		case PATH:
		case MOUNT:
		case EMAIL:
		case URL:
			free(*(char **)at);
			break;
		case URLS:
		case ORIGINS:
			free_texts(*(char ***)at);
			break;
		case ADDRESSES:
			address_list_free(*(struct address_list **)at);
			break;
		case INTEGER:
		case BOOLEAN:
		case CHOICE:
			break;
		}
	}
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
