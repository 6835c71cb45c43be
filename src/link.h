/*
 * Links: what one record implies elsewhere in the store. Each model says it of its own records, so that
 * those who check, move or rebuild whole stores need to know no key and no record by themselves; which
 * models there are is in models.h.
 */
#ifndef DOORWARD_LINK_H
#define DOORWARD_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include "store.h"

enum link_kind {
	LINK_INDEX,	/* an entry of an index, with this very value */
	LINK_COMPANION, /* an entry with any value; this one is safe to give it when it is lost */
	LINK_NEEDS,	/* a record of another table, which must be there */
	LINK_OUTLIVES,	/* a record that may be gone: this one is swept when its time is over */
	LINK_COUNTED,	/* a record that counts this one and others: see count_fn */
	LINK_ROOT,	/* the organization whose only root account this is */
};

struct link {
	enum link_kind kind;
	unsigned table;
	struct bytes key, value;
};

typedef enum error link_fn(void *arg, const struct link *link);

/*
 * What a model provides: calls each for every link of the record under key, until it fails. ERR_SERVER,
 * before any call, when the record is damaged.
 */
typedef enum error links_fn(const char *key, struct bytes value, link_fn *each, void *arg);

/* Calls each for count links, until it fails. */
enum error link_each(const struct link *links, size_t count, link_fn *each, void *arg);

/*
 * What the model of an index provides: the key of the record that an entry stands for, borrowed from the
 * entry. False when it stands for none.
 */
typedef bool owner_fn(struct bytes key, struct bytes value, struct bytes *owner_r);

/* The same for an index whose entries hold that key in another form; owner_r has room for size bytes. */
typedef bool compose_fn(struct bytes key, char *owner_r, size_t size);

/*
 * What a model provides whose records are counted: adds sign, 1 or -1, to all that counts the record
 * under key. For those who write and delete records without the model's other functions.
 */
typedef enum error count_fn(struct txn *txn, const char *key, struct bytes value, int sign);

/*
 * What a model provides whose records count those of another: counts anew. *wrong_r says what is wrong
 * with the record under key, which may be missing; a constant, NULL for nothing. With repair it is put
 * right. Reads all that is counted.
 */
typedef enum error recount_fn(struct txn *txn, const char *key, bool repair, const char **wrong_r);

#endif
