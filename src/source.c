#include "source.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "object.h"

static const struct source_format *const formats[] = {
	&source_export,
	&source_jsonl,
	&source_csv,
	&source_htpasswd,
};

const struct source_format *source_named(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	}
	return NULL;
}

static const struct source_format *guess_by_line(const struct line *line)
{
	struct json_object *object;
	const char *mark;
	bool is_export;

	if (*line->text == '{') {
		object = object_parse_own(line->text, line->length);
		mark = object_text(object, EXPORT_MARK);
		is_export = mark && strcmp(mark, EXPORT_MARK_VALUE) == 0;
		json_object_put(object);
		return is_export ? &source_export : &source_jsonl;
	}
	/* a header has no colon; a comma may be in a name, but then behind it */
	return line->text[strcspn(line->text, ":,")] == ':' ? &source_htpasswd : &source_csv;
}

const struct source_format *source_guess(int fd)
{
	const struct source_format *format = NULL;
	struct lines *lines = lines_open(fd);
	struct line line;

	while (lines && lines_next(lines, &line) == LINES_ONE && !format) {
		if (line.text[strspn(line.text, " \t\r")] && *line.text != '#')
			format = guess_by_line(&line);
	}
	lines_close(lines);
	return format;
}

struct source *source_open(const struct source_format *format, int fd,
			   const struct source_defaults *defaults)
{
	struct source *source = calloc(1, sizeof(*source));

	if (!source)
		return NULL;
	source->format = format;
	source->defaults = defaults;
	source->lines = lines_open(fd);
	if (source->lines && format->open(source))
		return source;
	lines_close(source->lines);
	free(source);
	return NULL;
}

void source_close(struct source *source)
{
	if (!source)
		return;
	source->format->close(source);
	lines_close(source->lines);
	free(source);
}

enum source_result source_next(struct source *source, struct source_record *record_r)
{
	enum source_result result;

	memset(record_r, 0, sizeof(*record_r));
	*source->why = '\0';
	result = source->format->next(source, record_r);
	record_r->line = source->line;
	return result;
}

enum source_result source_any_line(struct source *source, struct line *line_r)
{
	switch (lines_next(source->lines, line_r)) {
	case LINES_END:
		return SOURCE_END;
	case LINES_FAILED:
		source->line++;
		return source_broken(source, "%s", lines_fault(source->lines));
	case LINES_ONE:
		break;
	}
	source->line = line_r->number;
	return SOURCE_RECORD;
}

enum source_result source_line(struct source *source, struct line *line_r)
{
	enum source_result result;

	do
		result = source_any_line(source, line_r);
	while (result == SOURCE_RECORD && strspn(line_r->text, " \t\r") == line_r->length);
	return result;
}

static void explain(struct source *source, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
static void explain(struct source *source, const char *format, va_list args)
{
	vsnprintf(source->why, sizeof(source->why), format, args);
}

enum source_result source_wrong(struct source *source, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	explain(source, format, args);
	va_end(args);
	return SOURCE_WRONG;
}

enum source_result source_broken(struct source *source, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	explain(source, format, args);
	va_end(args);
	return SOURCE_BROKEN;
}

void source_record_clear(struct source_record *record)
{
	if (record->text)
		explicit_bzero(record->text, record->size);
	free(record->text);
	memset(record, 0, sizeof(*record));
}
