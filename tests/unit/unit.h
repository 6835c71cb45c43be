/*
 * What the unit tests share: rows that name their line, and a state directory that is gone afterwards.
 * Included once by each test program.
 */
#ifndef DOORWARD_UNIT_H
#define DOORWARD_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* In these programs fail() is error.h's. */
#undef fail
#define unit_fail(...)                     \
	do {                               \
		print_error(__VA_ARGS__);  \
		_fail(__FILE__, __LINE__); \
	} while (0)

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* Fails with the line of the table's row that did not hold. */
#define check_row(line, condition)                                             \
	do {                                                                   \
		if (!(condition))                                              \
			unit_fail("row in line %d: %s\n", (line), #condition); \
	} while (0)

/* For steps that run in a transaction, which assertions would jump out of: makes them fail. */
#define expect(condition)                                                   \
	do {                                                                \
		if (!(condition)) {                                         \
			print_error("line %d: %s\n", __LINE__, #condition); \
			return ERR_SERVER;                                  \
		}                                                           \
	} while (0)

/* A new folder; unit_remove_folder() removes it with all that is in it. */
static inline char *unit_make_folder(void)
{
	const char *base = getenv("TMPDIR");
	char *path;

	if (asprintf(&path, "%s/doorward-unit.XXXXXX", base ? base : "/tmp") < 0 || !mkdtemp(path))
		abort();
	return path;
}

static inline void unit_remove_folder(char *path)
{
	char *command;

	if (asprintf(&command, "rm -rf '%s'", path) < 0 || system(command) != 0)
		abort();
	free(command);
	free(path);
}

static inline char *unit_path(const char *folder, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		abort();
	return path;
}

static inline void unit_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		abort();
}

#endif
