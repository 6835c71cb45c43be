/*
 * The models, as those see them who deal with every table alike: verify, export, import. A new table
 * needs a row in models.c, which does not compile into a complete program without it.
 */
#ifndef DOORWARD_MODELS_H
#define DOORWARD_MODELS_H

#include <stdbool.h>

#include "expiry.h"
#include "link.h"
#include "tables.h"

#define MODELS_KEY_SIZE (EXPIRY_NAME_MOST + 1) /* of the longest key of a record, with its end */

/* A table of records. */
struct model {
	enum table table;
	const char *what; /* one record of it, for people */
	links_fn *links;
	bool moves;	     /* is part of an export */
	count_fn *count;     /* its records are counted; else NULL */
	recount_fn *recount; /* its records count others; else NULL */
	const char *
		derived; /* a member that follows from what is counted: not in an export; else NULL */
};

/* A table that leads to the records of another. */
struct model_index {
	enum table table, of;
	owner_fn *owner;
	compose_fn *compose; /* in its place; else NULL */
};

/* In an order in which what a record needs comes before it. */
extern const struct model models[];
extern const size_t models_count;

extern const struct model_index models_indices[];
extern const size_t models_index_count;

/* The model of a table; NULL where it is none of records. */
const struct model *model_of(enum table table);

/* The same by the table's name. */
const struct model *model_named(const char *name);

#endif
