/*
 * Records: JSON objects in the store with a format version "v". An older version is upgraded as it is
 * read, so that old data opens forever; it is written back in the new one when it is next changed.
 */
#ifndef DOORWARD_RECORD_H
#define DOORWARD_RECORD_H

#include <json-c/json.h>

#include "store.h"

/* Turns a record of one version into the next, in place. */
typedef void record_upgrade_fn(struct json_object *record);

struct record_format {
	const char *what; /* for the log: "account" */
	int version;	  /* of the records written now; the first is 1 */
	record_upgrade_fn *const
		*upgrades; /* upgrades[0] makes version 2 of version 1, and so on */
};

/*
 * Parses a stored record and brings it to the present version. ERR_SERVER, and a log line, when it
 * is damaged or was written by a newer Doorward. The caller puts the record.
 */
enum error record_parse(const struct record_format *format, struct bytes value,
			struct json_object **record_r);

/* Reads and parses; ERR_ABSENT when there is none. */
enum error record_get(struct txn *txn, unsigned table, const char *key,
		      const struct record_format *format, struct json_object **record_r);

/* The same, and nobody else can change the record until the transaction ends. */
enum error record_get_to_change(struct txn *txn, unsigned table, const char *key,
				const struct record_format *format, struct json_object **record_r);

/* Writes a record with the present version. */
enum error record_put(struct txn *txn, unsigned table, const char *key,
		      const struct record_format *format, struct json_object *record);

#endif
