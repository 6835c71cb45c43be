#include "organization.h"

#include <string.h>

#include "account.h"
#include "merge.h"
#include "object.h"
#include "record.h"
#include "tables.h"

static const struct record_format format = { .what = "organization", .version = 1 };

enum error organization_create(struct txn *txn, const struct organization_new *new,
			       char id_r[ID_SIZE], struct failure *failure)
{
	struct account_new root = {
		.organization = id_r,
		.kind = ACCOUNT_INDIVIDUAL,
		.role = ROLE_ROOT,
		.verified = true,
		.login = new->root_email,
		.password = new->root_password,
	};
	char account_id[ID_SIZE];
	struct json_object *record;
	enum error error;

	id_new(id_r);
	record = json_object_new_object();
	object_add_text(record, "name", new->name);
	object_add_time(record, "created", time_now());
	json_object_object_add(record, "metadata", json_object_new_object());
	error = record_put(txn, TABLE_ORGANIZATION, id_r, &format, record);
	json_object_put(record);
	return error ? error : account_create(txn, &root, account_id, failure);
}

enum error organization_name(struct txn *txn, const char *id, char **name_r)
{
	struct json_object *record;
	enum error error = record_get(txn, TABLE_ORGANIZATION, id, &format, &record);
	const char *name;

	if (error)
		return error;
	name = object_text(record, "name");
	*name_r = strdup(name ? name : "");
	json_object_put(record);
	return *name_r ? OK : ERR_SERVER;
}

enum error organization_metadata(struct txn *txn, const char *id, struct json_object **metadata_r)
{
	struct json_object *record;
	enum error error = record_get(txn, TABLE_ORGANIZATION, id, &format, &record);

	if (error)
		return error;
	*metadata_r = json_object_get(object_member(record, "metadata"));
	if (!*metadata_r)
		*metadata_r = json_object_new_object();
	json_object_put(record);
	return OK;
}

enum error organization_change(struct txn *txn, const char *id, struct json_object *patch,
			       bool preserve, struct failure *failure)
{
	struct json_object *record, *merged;
	enum error error = record_get_to_change(txn, TABLE_ORGANIZATION, id, &format, &record);

	if (error)
		return error;
	error = merge_field("metadata", object_member(record, "metadata"), patch, preserve, &merged,
			    failure);
	if (!error) {
		json_object_object_add(record, "metadata", merged);
		error = record_put(txn, TABLE_ORGANIZATION, id, &format, record);
	}
	json_object_put(record);
	return error;
}

struct visit {
	organization_fn *each;
	void *arg;
	enum error error;
};

static bool visit_record(void *arg, struct bytes key, struct bytes value)
{
	struct visit *visit = arg;
	struct organization organization;
	struct json_object *record;
	bool more;

	visit->error = record_parse(&format, value, &record);
	if (visit->error)
		return false;
	bytes_to_text(organization.id, ID_SIZE, key);
	organization.name = object_text(record, "name");
	organization.created = object_number(record, "created", 0);
	more = visit->each(visit->arg, &organization);
	json_object_put(record);
	return more;
}

enum error organization_each(struct txn *txn, organization_fn *each, void *arg)
{
	struct visit visit = { .each = each, .arg = arg };
	enum error error = store_scan(txn, TABLE_ORGANIZATION, bytes_of(""), bytes_of(""),
				      visit_record, &visit);

	return error ? error : visit.error;
}

/* Its root account leads to it, not the other way. */
enum error organization_links(const char *id, struct bytes value, link_fn *each, void *arg)
{
	struct json_object *record;
	enum error error = record_parse(&format, value, &record);

	(void)id;
	if (error)
		return error;
	if (!object_text(record, "name"))
		error = ERR_SERVER;
	json_object_put(record);
	return error ? error : link_each(NULL, 0, each, arg);
}
