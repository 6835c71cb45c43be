/* Accounts from elsewhere: JSON lines, CSV (RFC 4180), and the files of Apache's htpasswd. */
#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "object.h"
#include "password.h"
#include "source.h"
#include "strict.h"
#include "text.h"

#define METADATA_MOST (64 << 10) /* bytes, what the API takes in a body */

enum column {
	EMAIL,
	NAME,
	PASSWORD_HASH,
	ROLE,
	FIRST_NAME,
	LAST_NAME,
	VERIFIED,
	METADATA,
	COLUMN__MAX
};

static const char *const column_names[COLUMN__MAX] = {
	[EMAIL] = "email",
	[NAME] = "name",
	[PASSWORD_HASH] = "password_hash",
	[ROLE] = "role",
	[FIRST_NAME] = "first_name",
	[LAST_NAME] = "last_name",
	[VERIFIED] = "verified",
	[METADATA] = "metadata",
};

/* What a line says. NULL where it says nothing. */
struct draft {
	const char *texts[COLUMN__MAX]; /* of all columns but the last two; borrowed */
	const bool *verified;
	struct json_object *metadata; /* borrowed */
};

static bool find_column(const char *name, enum column *column_r)
{
	for (*column_r = 0; *column_r < COLUMN__MAX; (*column_r)++) {
		if (strcmp(column_names[*column_r], name) == 0)
			return true;
	}
	return false;
}

/* What is wrong with the texts by themselves; NULL for nothing. */
static const char *draft_fault(const struct draft *draft)
{
	const char *email = draft->texts[EMAIL], *name = draft->texts[NAME];

	for (enum column column = 0; column < VERIFIED; column++) {
		if (draft->texts[column] && !strict_utf8(draft->texts[column]))
			return "there is invalid UTF-8";
	}
	if (!email == !name)
		return "either an email or a name is needed";
	if (email && !email_is_valid(email))
		return "the email is no email address";
	if (name && !name_is_valid(name))
		return "a name has 1 to 128 bytes and no control characters";
	for (enum column column = FIRST_NAME; column <= LAST_NAME; column++) {
		const char *text = draft->texts[column];

		if (text && !line_is_valid(text))
			return "first and last names have at most 255 bytes and no control "
			       "characters";
	}
	if (draft->metadata && !json_object_is_type(draft->metadata, json_type_object))
		return "metadata must be a JSON object";
	if (draft->metadata && strlen(json_object_to_json_string(draft->metadata)) > METADATA_MOST)
		return "metadata has more than 64 KiB";
	return draft->texts[PASSWORD_HASH] ? password_hash_fault(draft->texts[PASSWORD_HASH])
					   : NULL;
}

static enum source_result take_draft(struct source *source, const struct draft *draft,
				     struct source_record *record_r)
{
	const struct source_defaults *defaults = source->defaults;
	const char *fault = draft_fault(draft), *role = draft->texts[ROLE];
	struct account_new new = {
		.organization = defaults->organization,
		.kind = draft->texts[EMAIL] ? ACCOUNT_INDIVIDUAL : ACCOUNT_SERVICE,
		.login = draft->texts[draft->texts[EMAIL] ? EMAIL : NAME],
		.password = draft->texts[PASSWORD_HASH],
		.first_name = draft->texts[FIRST_NAME],
		.last_name = draft->texts[LAST_NAME],
		.metadata = draft->metadata,
	};
	struct json_object *record;

	if (fault)
		return source_wrong(source, "%s", fault);
	if (!role && !defaults->role)
		return source_wrong(source, "there is no role, and no --role for all");
	if (!role)
		new.role = *defaults->role;
	else if (!role_parse(&new.role, role) || new.role == ROLE_ROOT)
		return source_wrong(source, "the role is " ROLE_WANTED);
	new.verified = new.kind == ACCOUNT_SERVICE ||
		       (draft->verified ? *draft->verified : defaults->verified);

	record = account_new_record(&new);
	record_r->model = model_of(TABLE_ACCOUNT);
	id_new(record_r->key);
	record_r->text = strdup(object_to_text(record, &record_r->size));
	json_object_put(record);
	return record_r->text ? SOURCE_RECORD : source_broken(source, "out of memory");
}

static bool open_nothing(struct source *source)
{
	(void)source;
	return true;
}

static void close_nothing(struct source *source)
{
	(void)source;
}

/* The members of a JSON object; null counts as absent, as in the API. */
static enum source_result read_members(struct source *source, struct json_object *object,
				       struct draft *draft_r, bool *verified)
{
	json_object_object_foreach(object, name, value) {
		enum column column;

		if (!find_column(name, &column))
			return source_wrong(source, "there is no field \"%.100s\"", name);
		if (!value)
			continue;
		if (column == METADATA) {
			draft_r->metadata = value;
		} else if (column == VERIFIED && json_object_is_type(value, json_type_boolean)) {
			*verified = json_object_get_boolean(value);
			draft_r->verified = verified;
		} else if (column < VERIFIED && json_object_is_type(value, json_type_string)) {
			draft_r->texts[column] = json_object_get_string(value);
		} else {
			return source_wrong(source, "%s must be %s", name,
					    column == VERIFIED ? "true or false" : "a text");
		}
	}
	return SOURCE_RECORD;
}

static enum source_result next_jsonl(struct source *source, struct source_record *record_r)
{
	struct draft draft = { .verified = NULL };
	struct json_object *object;
	const char *why;
	struct line line;
	bool verified;
	enum source_result result = source_line(source, &line);

	if (result != SOURCE_RECORD)
		return result;
	object = object_parse_strict(line.text, line.length, &why);
	if (why)
		result = source_wrong(source, "%s", why);
	else if (!json_object_is_type(object, json_type_object))
		result = source_wrong(source, "this is no JSON object");
	else
		result = read_members(source, object, &draft, &verified);
	if (result == SOURCE_RECORD)
		result = take_draft(source, &draft, record_r);
	json_object_put(object);
	return result;
}

const struct source_format source_jsonl = {
	.name = "jsonl", .open = open_nothing, .next = next_jsonl, .close = close_nothing
};

/* "name:hash", and what Apache takes besides: comments, and a third field that nobody reads. */
static enum source_result next_htpasswd(struct source *source, struct source_record *record_r)
{
	struct draft draft = { .verified = NULL };
	enum source_result result;
	struct line line;
	char *copy, *hash;

	do
		result = source_line(source, &line);
	while (result == SOURCE_RECORD && *line.text == '#');
	if (result != SOURCE_RECORD)
		return result;
	if (strlen(line.text) != line.length)
		return source_wrong(source, "there is a zero byte");
	copy = strdup(line.text);
	if (!copy)
		return source_broken(source, "out of memory");
	copy[strcspn(copy, "\r")] = '\0';
	hash = strchr(copy, ':');
	if (hash) {
		*hash++ = '\0';
		hash[strcspn(hash, ":")] = '\0';
		draft.texts[email_is_valid(copy) ? EMAIL : NAME] = copy;
		draft.texts[PASSWORD_HASH] = hash;
		result = take_draft(source, &draft, record_r);
	} else {
		result = source_wrong(source, "expected name:hash");
	}
	explicit_bzero(copy, line.length);
	free(copy);
	return result;
}

const struct source_format source_htpasswd = {
	.name = "htpasswd", .open = open_nothing, .next = next_htpasswd, .close = close_nothing
};

struct csv {
	struct csv_parser parser;
	enum column columns[COLUMN__MAX]; /* what the header says */
	int column_count;		  /* 0 before it was read */
	char *fields[COLUMN__MAX];	  /* of the present record; NULL where empty */
	int field_count;		  /* may be more than there is room for */
	size_t bytes;			  /* of the present record */
	bool zero;			  /* there is a zero byte in it */
	bool ended;			  /* it is complete */
	bool no_memory;
};

static void on_field(void *data, size_t size, void *arg)
{
	struct csv *csv = arg;
	const char *text = data;

	csv->zero = csv->zero || memchr(text, '\0', size);
	if (csv->field_count < COLUMN__MAX && size > 0) {
		csv->fields[csv->field_count] = strndup(text, size);
		csv->no_memory = csv->no_memory || !csv->fields[csv->field_count];
	}
	csv->field_count++;
}

static void on_record(int byte, void *arg)
{
	(void)byte;
	((struct csv *)arg)->ended = true;
}

/* Blanks belong to a field (RFC 4180, section 2.4). */
static int is_no_space(unsigned char byte)
{
	(void)byte;
	return 0;
}

static void forget_fields(struct csv *csv)
{
	for (int i = 0; i < COLUMN__MAX; i++) {
		free(csv->fields[i]);
		csv->fields[i] = NULL;
	}
	csv->field_count = 0;
	csv->bytes = 0;
	csv->zero = csv->ended = false;
}

static bool open_csv(struct source *source)
{
	struct csv *csv = calloc(1, sizeof(*csv));

	if (!csv || csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
		free(csv);
		return false;
	}
	csv_set_space_func(&csv->parser, is_no_space);
	source->own = csv;
	return true;
}

static void close_csv(struct source *source)
{
	struct csv *csv = source->own;

	forget_fields(csv);
	csv_free(&csv->parser);
	free(csv);
}

/* Feeds the parser line by line until it has a record, which may take several. */
static enum source_result read_fields(struct source *source, struct csv *csv)
{
	enum source_result result = SOURCE_RECORD;
	int64_t first = 0;
	struct line line;

	forget_fields(csv);
	while (!csv->ended && (result = source_any_line(source, &line)) == SOURCE_RECORD) {
		static const char mark[] = "\xef\xbb\xbf"; /* some programs begin a file with it */
		size_t skip = line.number == 1 && strncmp(line.text, mark, 3) == 0 ? 3 : 0;

		if (!first && *line.text && *line.text != '\r') /* libcsv skips empty ones too */
			first = source->line;
		if (first)
			source->line = first;
		csv->bytes += line.bytes;
		if (csv->bytes > LINES_LONGEST)
			return source_broken(source, "the record is too long");
		if (csv_parse(&csv->parser, line.text + skip, line.length - skip, on_field,
			      on_record, csv) != line.length - skip ||
		    csv_parse(&csv->parser, "\n", 1, on_field, on_record, csv) != 1)
			return source_broken(source, "this is no CSV (RFC 4180): %s",
					     csv_strerror(csv_error(&csv->parser)));
	}
	if (result == SOURCE_END && first) {
		source->line = first;
		return source_broken(source, "a quoted field that begins here has no end");
	}
	if (csv->no_memory)
		return source_broken(source, "out of memory");
	return result;
}

static enum source_result read_header(struct source *source, struct csv *csv)
{
	enum source_result result = read_fields(source, csv);

	if (result != SOURCE_RECORD)
		return result;
	if (csv->field_count > COLUMN__MAX)
		return source_broken(source, "there are more columns than can be");
	for (int i = 0; i < csv->field_count; i++) {
		const char *name = csv->fields[i] ? csv->fields[i] : "";

		if (!find_column(name, &csv->columns[i]))
			return source_broken(source, "there is no column \"%.100s\"", name);
		for (int j = 0; j < i; j++) {
			if (csv->columns[i] == csv->columns[j])
				return source_broken(source, "the column %s is there twice", name);
		}
	}
	csv->column_count = csv->field_count;
	return result;
}

static bool read_truth(const char *text, bool *truth_r)
{
	static const char *const truths[] = { "false", "true", "0", "1", "no", "yes" };

	for (size_t i = 0; i < sizeof(truths) / sizeof(truths[0]); i++) {
		if (strcasecmp(text, truths[i]) == 0) {
			*truth_r = i % 2;
			return true;
		}
	}
	return false;
}

static enum source_result take_fields(struct source *source, const struct csv *csv,
				      struct source_record *record_r)
{
	struct draft draft = { .verified = NULL };
	struct json_object *metadata = NULL;
	enum source_result result;
	const char *why = NULL;
	bool verified;

	for (int i = 0; i < csv->column_count; i++) {
		const char *text = csv->fields[i];

		if (!text)
			continue;
		if (csv->columns[i] == METADATA) {
			metadata = object_parse_strict(text, strlen(text), &why);
			if (!why && !json_object_is_type(metadata, json_type_object))
				why = "metadata must be a JSON object";
		} else if (csv->columns[i] == VERIFIED) {
			draft.verified = &verified;
			if (!read_truth(text, &verified))
				why = "verified must be true or false";
		} else {
			draft.texts[csv->columns[i]] = text;
		}
	}
	draft.metadata = metadata;
	result = why ? source_wrong(source, "%s", why) : take_draft(source, &draft, record_r);
	json_object_put(metadata);
	return result;
}

static enum source_result next_csv(struct source *source, struct source_record *record_r)
{
	struct csv *csv = source->own;
	enum source_result result = SOURCE_RECORD;

	if (csv->column_count == 0)
		result = read_header(source, csv);
	if (result == SOURCE_RECORD)
		result = read_fields(source, csv);
	if (result != SOURCE_RECORD)
		return result;
	if (csv->zero)
		return source_wrong(source, "there is a zero byte");
	if (csv->field_count != csv->column_count)
		return source_wrong(source, "there are %d fields in %d columns", csv->field_count,
				    csv->column_count);
	return take_fields(source, csv, record_r);
}

const struct source_format source_csv = {
	.name = "csv", .open = open_csv, .next = next_csv, .close = close_csv
};
