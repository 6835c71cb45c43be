/*
 * Links: what one record implies elsewhere in the store. Each model says it of its own records, so that
 * those who check, move or rebuild whole stores need to know no key and no record by themselves; which
 * models there are is in models.h.
 */
#ifndef DOORWARD_LINK_H
#define DOORWARD_LINK_H

#include <stddef.h>

#include "store.h"

enum link_kind {
	LINK_INDEX,	/* an entry of an index, with this very value */
	LINK_COMPANION, /* an entry with any value; this one is safe to give it when it is lost */
	LINK_NEEDS,	/* a record of another table, which must be there */
	LINK_OUTLIVES,	/* a record that may be gone: this one is swept when its time is over */
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

#endif
