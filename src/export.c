#include "export.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "file.h"
#include "models.h"
#include "object.h"
#include "walk.h"

struct export
{
	int fd;
	gnutls_hash_hd_t hash;
	struct progress *progress;
	struct export_result *result;
	double began; /* what is younger is left out */
	const struct model *model;
	char *text; /* the lines of this batch */
	size_t size, room;
	uint64_t records; /* in this batch */
};

static enum error append(struct export *export, const char *text, size_t size)
{
	if (export->size + size + 1 > export->room) {
		size_t room = 2 * (export->size + size + 1);
		char *larger = realloc(export->text, room);

		if (!larger)
			return ERR_UNAVAILABLE;
		export->text = larger;
		export->room = room;
	}
	memcpy(export->text + export->size, text, size);
	export->size += size;
	export->text[export->size++] = '\n';
	return OK;
}

static enum error append_object(struct export *export, struct json_object *object)
{
	size_t size;
	const char *text = object_to_text(object, &size);
	enum error error = append(export, text, size);

	json_object_put(object);
	return error;
}

/* Writes what is there, and counts it into the hash. */
static enum error write_out(struct export *export)
{
	if (export->size > 0)
		gnutls_hash(export->hash, export->text, export->size);
	if (!file_write(export->fd, export->text, export->size)) {
		snprintf(export->result->fault, sizeof(export->result->fault), "cannot write: %s",
			 strerror(errno));
		return ERR_UNAVAILABLE;
	}
	export->size = 0;
	return OK;
}

/* What is found about one record by its links. */
struct found {
	struct txn *txn;
	double began;
	bool left_out; /* what it needs is left out */
	bool has_epoch;
	int64_t epoch;
};

static bool is_younger(struct json_object *record, double began)
{
	return object_number(record, "created", 0) > began;
}

static enum error look_at_link(void *arg, const struct link *link)
{
	struct found *found = arg;
	struct json_object *record;
	struct bytes value;
	char text[24];
	enum error error;

	if (link->kind != LINK_COMPANION && link->kind != LINK_NEEDS)
		return OK;
	error = store_get(found->txn, link->table, link->key, &value);
	if (error == ERR_ABSENT && link->kind == LINK_NEEDS)
		found->left_out = true; /* it was deleted in this moment, or verify reports it */
	if (error)
		return error == ERR_ABSENT ? OK : error;
	if (link->kind == LINK_COMPANION) {
		bytes_to_text(text, sizeof(text), value);
		found->has_epoch = true;
		found->epoch = strtoll(text, NULL, 10);
		return OK;
	}
	record = object_parse_own(value.data, value.size);
	found->left_out = found->left_out || is_younger(record, found->began);
	json_object_put(record);
	return OK;
}

static enum error add_line(struct export *export, const char *key, struct json_object *record,
			   const struct found *found)
{
	struct json_object *line = json_object_new_object();

	object_add_text(line, "table", table_names[export->model->table]);
	object_add_text(line, "key", key);
	json_object_object_add(line, "record", json_object_get(record));
	if (found->has_epoch)
		object_add_integer(line, "epoch", found->epoch);
	export->records++;
	return append_object(export, line);
}

static void begin(void *arg)
{
	struct export *export = arg;

	export->size = 0;
	export->records = 0;
}

static enum error each(struct txn *txn, void *arg, struct bytes key, struct bytes value)
{
	struct export *export = arg;
	struct found found = { .txn = txn, .began = export->began };
	struct json_object *record = object_parse_own(value.data, value.size);
	char name[MODELS_KEY_SIZE];
	enum error error = ERR_SERVER;

	bytes_to_text(name, sizeof(name), key);
	if (record && !is_younger(record, export->began)) {
		error = export->model->links(name, value, look_at_link, &found);
		if (export->model->derived)
			json_object_object_del(record, export->model->derived);
		if (!error && !found.left_out)
			error = add_line(export, name, record, &found);
	} else if (record) {
		error = OK;
	}
	if (error == ERR_SERVER)
		snprintf(export->result->fault, sizeof(export->result->fault),
			 "the %s %s is damaged: see \"doorward verify\"", export->model->what,
			 name);
	json_object_put(record);
	return error;
}

static enum error end(void *arg)
{
	struct export *export = arg;

	export->result->records += export->records;
	progress_at(export->progress, (int64_t) export->result->records);
	return write_out(export);
}

/* Runs while nobody else writes, so that nobody is about to commit what is older. */
static enum error take_time(struct txn *txn, void *arg)
{
	(void)txn;
	*(double *)arg = time_now();
	return OK;
}

static enum error write_header(struct export *export)
{
	struct json_object *header = json_object_new_object();
	enum error error;

	object_add_text(header, EXPORT_MARK, EXPORT_MARK_VALUE);
	object_add_integer(header, "version", EXPORT_VERSION);
	object_add_time(header, "created", export->began);
	error = append_object(export, header);
	return error ? error : write_out(export);
}

static enum error write_end(struct export *export)
{
	struct json_object *last = json_object_new_object();
	unsigned char digest[DIGEST_BYTES];
	char text[DIGEST_HEX_SIZE];
	enum error error;

	gnutls_hash_output(export->hash, digest);
	digest_hex(text, digest);
	object_add_truth(last, "end", true);
	object_add_integer(last, "lines", (int64_t) export->result->records + 1);
	object_add_text(last, "sha256", text);
	error = append_object(export, last);
	return error ? error : write_out(export);
}

static enum error write_tables(struct store *store, struct export *export)
{
	const struct walk walk = { begin, each, end, export };
	enum error error = OK;

	for (size_t i = 0; !error && i < models_count; i++) {
		export->model = &models[i];
		if (models[i].moves)
			error = walk_table(store, models[i].table, &walk);
	}
	return error;
}

enum error export_store(struct store *store, int fd, struct progress *progress,
			struct export_result *result_r)
{
	struct export export = { .fd = fd, .progress = progress, .result = result_r };
	enum error error;

	memset(result_r, 0, sizeof(*result_r));
	if (gnutls_hash_init(&export.hash, GNUTLS_DIG_SHA256) != 0)
		return ERR_SERVER;
	error = store_update(store, take_time, &export.began);
	if (!error)
		error = write_header(&export);
	if (!error)
		error = write_tables(store, &export);
	if (!error)
		error = write_end(&export);
	gnutls_hash_deinit(export.hash, NULL);
	if (export.text)
		explicit_bzero(export.text, export.room);
	free(export.text);
	return error;
}
