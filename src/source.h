/*
 * Sources: what import reads, whatever its format: a record after the other, each with the line it
 * stands in. Reading says what is wrong with a line by itself; whether records go together with others
 * and with the store is import's business.
 */
#ifndef DOORWARD_SOURCE_H
#define DOORWARD_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "encode.h"
#include "lines.h"
#include "models.h"
#include "role.h"

#define SOURCE_WHY_SIZE 512

/* What holds for accounts from elsewhere where their lines do not say. */
struct source_defaults {
	const char *organization; /* its ID */
	const enum role *role;	  /* NULL: every line must say */
	bool verified;
};

/* A record to be written. All zero: none. */
struct source_record {
	int64_t line; /* where it stands */
	const struct model *model;
	char key[MODELS_KEY_SIZE];
	char *text; /* JSON; owned */
	size_t size;
	int64_t epoch; /* of an account */
};

/* Frees what a record holds, and makes it all zero. */
void source_record_clear(struct source_record *record);

enum source_result {
	SOURCE_RECORD,
	SOURCE_END,
	SOURCE_WRONG,  /* a line is wrong; the next one can be read */
	SOURCE_BROKEN, /* and nothing behind it can */
};

struct source {
	const struct source_format *format;
	const struct source_defaults *defaults;
	struct lines *lines;
	int64_t line;		   /* the one that was read last, or that a record begins in */
	char why[SOURCE_WHY_SIZE]; /* what is wrong with it */
	void *own;		   /* the format's */
};

struct source_format {
	const char *name;
	bool keeps_keys;		     /* records come with the keys they had */
	bool (*open)(struct source *source); /* false: out of memory */
	enum source_result (*next)(struct source *source, struct source_record *record_r);
	void (*close)(struct source *source);
};

extern const struct source_format source_export, source_jsonl, source_csv, source_htpasswd;

/* A format by its name; NULL when there is none. */
const struct source_format *source_named(const char *name);

/* The format that a file, open for reading, has by its first line; NULL when it can be none. */
const struct source_format *source_guess(int fd);

/*
 * Opens a source on a file, which is read from its beginning. NULL when out of memory. The caller
 * closes the source and then the file.
 */
struct source *source_open(const struct source_format *format, int fd,
			   const struct source_defaults *defaults);
void source_close(struct source *source);

/*
 * Reads the next record; source->line and, where it is wrong, source->why say more. The caller clears
 * the record.
 */
enum source_result source_next(struct source *source, struct source_record *record_r);

/*
 * For formats: the next line, and the next one that is not blank. Anything but SOURCE_RECORD is the
 * format's own answer.
 */
enum source_result source_any_line(struct source *source, struct line *line_r);
enum source_result source_line(struct source *source, struct line *line_r);

/* For formats: says what is wrong with the line. */
enum source_result source_wrong(struct source *source, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
enum source_result source_broken(struct source *source, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
