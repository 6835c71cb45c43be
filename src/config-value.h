/*
 * Values of the configuration: the kinds there are, what each takes and where it is kept. Only config.c,
 * which has the table of keys, knows more than struct config.
 */
#ifndef DOORWARD_CONFIG_VALUE_H
#define DOORWARD_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"

#define CONFIG_WANTED_SIZE 160

enum config_kind {
	INTEGER,
	BOOLEAN,
	STRING,
	PATH,
	MOUNT,
	CHOICE,
	EMAIL,
	URL,
	SMTP_URL,
	URLS,
	ORIGINS,
	ADDRESSES,
	CONFIG_KIND__MAX
};

struct config_choice {
	const char *name;
	int value;
};

struct config_key {
	const char *section, *name;
	enum config_kind kind;
	size_t at; /* the offset in struct config */
	int64_t initial, least, most;
	const char
		*text; /* the initial value of what is kept as text; NULL: none, none is needed */
	const struct config_choice *choices; /* ended by a NULL name */
};

/* Where the value is kept. */
void *config_value(struct config *config, const struct config_key *key);

/* Replaces the value by the one that text says. False, and nothing is replaced, when it is none. */
bool config_value_set(struct config *config, const struct config_key *key, const char *text);

/* What text must be, for people: "true or false". */
void config_value_wanted(char wanted_r[CONFIG_WANTED_SIZE], const struct config_key *key);

/* Whether the value is a list: of words with spaces or commas between them. */
bool config_value_is_list(const struct config_key *key);

/* Frees what the value owns. */
void config_value_free(struct config *config, const struct config_key *key);

#endif
