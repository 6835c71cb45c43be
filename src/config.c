#include "config.h"

#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MINUTE 60
#define DAY (24 * 60 * MINUTE)

enum kind { INTEGER, STRING, PATH, MOUNT, CHOICE, OFF };

struct choice {
	const char *name;
	int value;
};

static const struct choice rotations[] = {
	{ "when-due", ROTATE_WHEN_DUE },
	{ "always", ROTATE_ALWAYS },
	{ NULL, 0 },
};

static const struct choice log_targets[] = {
	{ "stderr", LOG_TO_STDERR },
	{ "syslog", LOG_TO_SYSLOG },
	{ NULL, 0 },
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
	const char *text; /* the initial value of a STRING, PATH or MOUNT */
	const struct choice *choices;
} keys[] = {
	{ "store", "directory", PATH, AT(directory), 0, 0, 0, NULL, NULL },
	{ "store", "cache", INTEGER, AT(cache), 16 << 20, 1 << 20, INT64_C(1) << 32, NULL, NULL },
	{ "server", "mount", MOUNT, AT(mount), 0, 0, 0, "/", NULL },
	{ "server", "body_limit", INTEGER, AT(body_limit), 64 << 10, 1 << 10, 16 << 20, NULL,
	  NULL },
	{ "server", "request_limit", INTEGER, AT(request_limit), 10, 1, 600, NULL, NULL },
	{ "token", "issuer", STRING, AT(issuer), 0, 0, 0, "doorward", NULL },
	{ "token", "jwt_lifetime", INTEGER, AT(jwt_lifetime), 15 * MINUTE, 1, DAY, NULL, NULL },
	{ "token", "refresh_lifetime", INTEGER, AT(refresh_lifetime), 30 * DAY, 1, 3660 * DAY, NULL,
	  NULL },
	{ "token", "session_lifetime", INTEGER, AT(session_lifetime), 90 * DAY, 1, 3660 * DAY, NULL,
	  NULL },
	{ "token", "refresh_rotation", CHOICE, AT(rotation), ROTATE_WHEN_DUE, 0, 0, NULL,
	  rotations },
	{ "password", "cost", INTEGER, AT(password_cost), 5, 1, 11, NULL, NULL },
	{ "throttle", "enabled", OFF, 0, 0, 0, 0, NULL, NULL },
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

static bool set_choice(struct config *config, const struct key *key, const char *text)
{
	for (const struct choice *choice = key->choices; choice->name; choice++) {
		if (strcasecmp(choice->name, text) == 0) {
			*(int *)member(config, key) = choice->value;
			return true;
		}
	}
	return false;
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

/* What is not built in can only be switched off; switching it on must not pass in silence. */
static bool set_off(const char *text)
{
	return strcasecmp(text, "false") == 0 || strcasecmp(text, "no") == 0 ||
	       strcasecmp(text, "off") == 0 || strcmp(text, "0") == 0;
}

static bool set(struct config *config, const struct key *key, const char *text)
{
	switch (key->kind) {
	case INTEGER:
		return set_integer(config, key, text);
	case STRING:
		return *text && set_text(config, key, text);
	case PATH:
		return set_path(config, key, text);
	case MOUNT:
		return set_mount(config, key, text);
	case CHOICE:
		return set_choice(config, key, text);
	case OFF:
		return set_off(text);
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
	case OFF:
		snprintf(expected, sizeof(expected), "false (this version has no %s)",
			 key->section);
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

	if (strcmp(config->file, SYSCONFDIR "/doorward/doorward.conf") == 0)
		return set_text(config, key, LOCALSTATEDIR "/lib/doorward");
	return set_path(config, key, ".");
}

static bool set_initial(struct config *config)
{
	for (size_t i = 0; i < KEYS; i++) {
		const struct key *key = &keys[i];

		if (key->kind == INTEGER)
			*(int64_t *)member(config, key) = key->initial;
		else if (key->kind == CHOICE)
			*(int *)member(config, key) = (int)key->initial;
		else if (key->text && !set_text(config, key, key->text))
			return false;
	}
	return set_initial_directory(config);
}

bool config_load(struct config *config_r, const char *path, char *why_r, size_t size)
{
	struct reading reading = { .config = config_r, .why = why_r, .size = size };
	char what[256] = "";
	FILE *file = NULL;
	int line;

	memset(config_r, 0, sizeof(*config_r));
	config_r->file = strdup(path);
	if (!config_r->file || !set_initial(config_r)) {
		snprintf(why_r, size, "out of memory");
		goto err;
	}
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
	free(config->directory);
	free(config->mount);
	free(config->issuer);
	memset(config, 0, sizeof(*config));
}

const char *config_path(const char *named)
{
	const char *from_environment = getenv("DOORWARD_CONF");

	if (named)
		return named;
	if (from_environment && *from_environment)
		return from_environment;
	return SYSCONFDIR "/doorward/doorward.conf";
}
