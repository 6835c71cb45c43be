/*
 * Organizations: what accounts and databases belong to. Each has exactly one root account, made with
 * it and never by the API.
 */
#ifndef DOORWARD_ORGANIZATION_H
#define DOORWARD_ORGANIZATION_H

#include <json-c/json.h>
#include <stdbool.h>

#include "encode.h"
#include "error.h"
#include "link.h"
#include "store.h"

struct organization_new {
	const char *name;
	const char *root_email;
	const char *root_password; /* its hash */
};

/*
 * Makes an organization and its root account, which counts as verified. ERR_DUPLICATED_ACCOUNT when
 * the email is taken.
 */
enum error organization_create(struct txn *txn, const struct organization_new *organization,
			       char id_r[ID_SIZE], struct failure *failure);

/* An organization's name; ERR_ABSENT. The caller frees. */
enum error organization_name(struct txn *txn, const char *id, char **name_r);

/* An organization's metadata, an object; ERR_ABSENT. The caller puts it. */
enum error organization_metadata(struct txn *txn, const char *id, struct json_object **metadata_r);

/*
 * Merges a patch (see merge.h) into an organization's metadata. ERR_FIELDS when they would get beyond
 * the limits there, and nothing is written; ERR_ABSENT.
 */
enum error organization_change(struct txn *txn, const char *id, struct json_object *patch,
			       bool preserve, struct failure *failure);

struct organization {
	char id[ID_SIZE];
	const char *name; /* borrowed */
	double created;
};

/* Calls each for every organization in the order of their IDs, until it returns false. */
typedef bool organization_fn(void *arg, const struct organization *organization);
enum error organization_each(struct txn *txn, organization_fn *each, void *arg);

links_fn organization_links;

#endif
