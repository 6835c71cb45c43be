/* The format of doorward's own exports; see export.h. */
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "object.h"
#include "source.h"
#include "strict.h"

struct own {
	gnutls_hash_hd_t hash; /* of all lines before the present one */
	int64_t lines;	       /* before the present one */
};

static bool open_export(struct source *source)
{
	struct own *own = calloc(1, sizeof(*own));

	if (!own)
		return false;
	if (gnutls_hash_init(&own->hash, GNUTLS_DIG_SHA256) != 0) {
		free(own);
		return false;
	}
	source->own = own;
	return true;
}

static void close_export(struct source *source)
{
	struct own *own = source->own;

	gnutls_hash_deinit(own->hash, NULL);
	free(own);
}

static void count_line(struct own *own, const struct line *line)
{
	gnutls_hash(own->hash, line->text, line->length);
	gnutls_hash(own->hash, "\n", 1);
	own->lines++;
}

static enum source_result check_header(struct source *source, struct json_object *object)
{
	const char *mark = object_text(object, EXPORT_MARK);

	if (!mark || strcmp(mark, EXPORT_MARK_VALUE) != 0)
		return source_broken(source, "this is no export of doorward");
	if (object_integer(object, "version", 0) != EXPORT_VERSION)
		return source_broken(source, "the export was made by another version of doorward");
	return SOURCE_RECORD;
}

/* The last line must fit all that came before it, and nothing may follow. */
static enum source_result check_end(struct source *source, struct json_object *object)
{
	struct own *own = source->own;
	const char *stated = object_text(object, "sha256");
	unsigned char digest[DIGEST_BYTES];
	char text[DIGEST_HEX_SIZE];
	struct line line;

	gnutls_hash_output(own->hash, digest);
	digest_hex(text, digest);
	if (object_integer(object, "lines", -1) != own->lines)
		return source_broken(source,
				     "there are %lld lines before this one, not %lld: "
				     "the export is not complete",
				     (long long)own->lines,
				     (long long)object_integer(object, "lines", -1));
	if (!stated || strcmp(stated, text) != 0)
		return source_broken(source,
				     "the lines are not those that were exported: their "
				     "SHA-256 is %s",
				     text);
	if (source_line(source, &line) != SOURCE_END)
		return source_broken(source, "there is something behind the last line");
	return SOURCE_END;
}

static enum source_result take_record(struct source *source, struct json_object *object,
				      struct source_record *record_r)
{
	const char *table = object_text(object, "table"), *key = object_text(object, "key"), *text;
	struct json_object *record = object_member(object, "record");

	record_r->model = table ? model_named(table) : NULL;
	if (!record_r->model || !record_r->model->moves)
		return source_wrong(source, "there is no table %s", table ? table : "named");
	if (!key || !*key || strlen(key) >= MODELS_KEY_SIZE ||
	    !json_object_is_type(record, json_type_object))
		return source_wrong(source, "\"key\" or \"record\" is missing");
	strcpy(record_r->key, key);
	if (record_r->model->derived) /* in exports of before it was left out there */
		json_object_object_del(record, record_r->model->derived);
	record_r->epoch = object_integer(object, "epoch", 0);
	text = object_to_text(record, &record_r->size);
	record_r->text = strdup(text);
	return record_r->text ? SOURCE_RECORD : source_broken(source, "out of memory");
}

static enum source_result take_line(struct source *source, const struct line *line,
				    struct source_record *record_r)
{
	struct own *own = source->own;
	struct json_object *object;
	enum source_result result;

	if (!strict_utf8(line->text))
		return source_wrong(source, "there is invalid UTF-8");
	object = object_parse_own(line->text, line->length);
	if (!json_object_is_type(object, json_type_object))
		result = own->lines == 0 ? source_broken(source, "this is no export of doorward")
					 : source_wrong(source, "this is no JSON object");
	else if (own->lines == 0)
		result = check_header(source, object);
	else if (object_truth(object, "end"))
		result = check_end(source, object);
	else
		result = take_record(source, object, record_r);
	json_object_put(object);
	return result;
}

static enum source_result next(struct source *source, struct source_record *record_r)
{
	struct own *own = source->own;
	enum source_result result;
	struct line line;

	do {
		result = source_line(source, &line);
		if (result == SOURCE_END)
			return source_broken(source, "the last line is missing: the export is not "
						     "complete");
		if (result != SOURCE_RECORD)
			return result;
		result = take_line(source, &line, record_r);
		if (result == SOURCE_END)
			return result;
		count_line(own, &line);
	} while (own->lines == 1 && result == SOURCE_RECORD); /* that was the header */
	return result;
}

const struct source_format source_export = { .name = "export",
					     .keeps_keys = true,
					     .open = open_export,
					     .next = next,
					     .close = close_export };
