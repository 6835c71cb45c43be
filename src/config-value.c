#include "config-value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "address.h"
#include "file.h"
#include "strict.h"
#include "text.h"

#define LIST_SEPARATORS ", \t"

static const struct config_choice truths[] = {
	{ "true", true }, { "yes", true },  { "on", true }, { "1", true }, { "false", false },
	{ "no", false },  { "off", false }, { "0", false }, { NULL, 0 },
};

void *config_value(struct config *config, const struct config_key *key)
{
	return (char *)config + key->at;
}

static bool set_text(struct config *config, const struct config_key *key, const char *text)
{
	char **at = config_value(config, key);

	free(*at);
	*at = strdup(text);
	return *at != NULL;
}

static bool set_integer(struct config *config, const struct config_key *key, const char *text)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end || errno || value < key->least || value > key->most)
		return false;
	*(int64_t *)config_value(config, key) = value;
	return true;
}

static bool find_choice(const struct config_choice *choice, const char *text, int *value_r)
{
	for (; choice->name; choice++) {
		if (strcasecmp(choice->name, text) == 0) {
			*value_r = choice->value;
			return true;
		}
	}
	return false;
}

static bool set_boolean(struct config *config, const struct config_key *key, const char *text)
{
	int value;

	if (!find_choice(truths, text, &value))
		return false;
	*(bool *)config_value(config, key) = value;
	return true;
}

/* A relative path starts at the configuration file's own folder. */
static bool set_path(struct config *config, const struct config_key *key, const char *text)
{
	bool is_folder = strcmp(text, ".") == 0, good;
	char *folder, *path;

	if (!*text || *text == '/' || !strchr(config->file, '/'))
		return *text && set_text(config, key, text);
	folder = file_folder(config->file);
	path = folder && !is_folder ? file_path(folder, text) : NULL;
	good = is_folder ? folder && set_text(config, key, folder)
			 : path && set_text(config, key, path);
	free(folder);
	free(path);
	return good;
}

static bool set_mount(struct config *config, const struct config_key *key, const char *text)
{
	size_t length = strlen(text);

	return length > 0 && text[0] == '/' && text[length - 1] == '/' &&
	       set_text(config, key, text);
}

/* An address that links are appended to. */
static bool set_url(struct config *config, const struct config_key *key, const char *text)
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

static bool set_texts(struct config *config, const struct config_key *key, const char *text,
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
	free_texts(*(char ***)config_value(config, key));
	*(char ***)config_value(config, key) = list;
	return true;
}

static bool set_urls(struct config *config, const struct config_key *key, const char *text)
{
	return set_texts(config, key, text, url_is_valid);
}

static bool set_origins(struct config *config, const struct config_key *key, const char *text)
{
	return set_texts(config, key, text, origin_is_valid);
}

static bool set_addresses(struct config *config, const struct config_key *key, const char *text)
{
	struct address_list **at = config_value(config, key), *list;

	if (!address_list_parse(&list, text))
		return false;
	address_list_free(*at);
	*at = list;
	return true;
}

static bool set_string(struct config *config, const struct config_key *key, const char *text)
{
	return *text && strict_utf8(text) && set_text(config, key, text);
}

static bool set_choice(struct config *config, const struct config_key *key, const char *text)
{
	return find_choice(key->choices, text, config_value(config, key));
}

static bool set_email(struct config *config, const struct config_key *key, const char *text)
{
	return email_is_valid(text) && set_text(config, key, text);
}

static bool set_smtp_url(struct config *config, const struct config_key *key, const char *text)
{
	return smtp_url_is_valid(text) && set_text(config, key, text);
}

enum kept { NUMBER, TEXT, TEXTS, LIST_OF_ADDRESSES };

static const struct {
	bool (*set)(struct config *config, const struct config_key *key, const char *text);
	enum kept kept;
	const char *wanted; /* NULL: the key itself says more */
} kinds[CONFIG_KIND__MAX] = {
	[INTEGER] = { set_integer, NUMBER, NULL },
	[BOOLEAN] = { set_boolean, NUMBER, "true or false" },
	[STRING] = { set_string, TEXT, "a text in UTF-8" },
	[PATH] = { set_path, TEXT, "a path" },
	[MOUNT] = { set_mount, TEXT, "a path that starts and ends with /" },
	[CHOICE] = { set_choice, NUMBER, NULL },
	[EMAIL] = { set_email, TEXT, "an email address" },
	[URL] = { set_url, TEXT, "a web address that ends with / and has no query" },
	[SMTP_URL] = { set_smtp_url, TEXT, "smtp://host:port or smtps://host:port" },
	[URLS] = { set_urls, TEXTS, "web addresses" },
	[ORIGINS] = { set_origins, TEXTS,
		      "origins as browsers send them (https://www.example.com)" },
	[ADDRESSES] = { set_addresses, LIST_OF_ADDRESSES,
			"network addresses or blocks (10.0.0.0/8)" },
};

bool config_value_set(struct config *config, const struct config_key *key, const char *text)
{
	return kinds[key->kind].set(config, key, text);
}

void config_value_wanted(char wanted_r[CONFIG_WANTED_SIZE], const struct config_key *key)
{
	const char *wanted = kinds[key->kind].wanted;
	size_t length = 0;

	if (wanted)
		snprintf(wanted_r, CONFIG_WANTED_SIZE, "%s", wanted);
	else if (key->kind == INTEGER)
		snprintf(wanted_r, CONFIG_WANTED_SIZE, "a whole number from %lld to %lld",
			 (long long)key->least, (long long)key->most);
	for (const struct config_choice *choice = key->choices; choice && choice->name; choice++)
		length += (size_t)snprintf(wanted_r + length, CONFIG_WANTED_SIZE - length, "%s%s",
					   length ? " or " : "", choice->name);
}

bool config_value_is_list(const struct config_key *key)
{
	return kinds[key->kind].kept == TEXTS || kinds[key->kind].kept == LIST_OF_ADDRESSES;
}

void config_value_free(struct config *config, const struct config_key *key)
{
	void *at = config_value(config, key);

	switch (kinds[key->kind].kept) {
	case NUMBER:
		break;
	case TEXT:
		free(*(char **)at);
		break;
	case TEXTS:
		free_texts(*(char ***)at);
		break;
	case LIST_OF_ADDRESSES:
		address_list_free(*(struct address_list **)at);
		break;
	}
}
