#include "rating-csv.h"

#include <csv.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "field.h"
#include "lines.h"
#include "progress.h"
#include "rating.h"

#define BATCH 4096		 /* ratings in one transaction */
#define TIME_MOST 253402300799.0 /* the last second of the year 9999 */
#define CELL_SIZE 128		 /* longer than any identifier or number */

enum column { USER, ITEM, RATING, TIMESTAMP, COLUMN__MAX };

static const char *const column_names[COLUMN__MAX] = {
	[USER] = "user_id",
	[ITEM] = "item_id",
	[RATING] = "rating",
	[TIMESTAMP] = "timestamp",
};

struct run {
	struct store *store;
	const struct rating_csv_options *options;
	struct rating_csv_result *result;
	struct identifier_type user_type, item_type;
	bool writing;	/* the second time that the file is read */
	double started; /* the time of ratings that have none */

	struct csv_parser parser;
	enum column columns[COLUMN__MAX]; /* what the header says */
	int column_count;		  /* 0 before it was read */
	char cells[COLUMN__MAX][CELL_SIZE];
	int cell_count; /* of the present line; may be more than there is room for */
	bool bad_cell;	/* one is too long or has a zero byte */
	int records;	/* in the present line */

	struct rating ratings[BATCH];
	char users[BATCH][IDENTIFIER_SIZE], items[BATCH][IDENTIFIER_SIZE];
	size_t count;
};

static enum error end_with(struct run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static enum error end_with(struct run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(run->result->fault, sizeof(run->result->fault), format, args);
	va_end(args);
	return ERR_DATA;
}

static void on_cell(void *data, size_t size, void *arg)
{
	struct run *run = arg;

	if (run->cell_count < COLUMN__MAX) {
		bytes_to_text(run->cells[run->cell_count], CELL_SIZE, (struct bytes){ data, size });
		if (strlen(run->cells[run->cell_count]) != size)
			run->bad_cell = true;
	}
	run->cell_count++;
}

static void on_record(int byte, void *arg)
{
	(void)byte;
	((struct run *)arg)->records++;
}

/* Blanks belong to a field (RFC 4180, section 2.4). */
static int is_no_space(unsigned char byte)
{
	(void)byte;
	return 0;
}

/* One line, which is one record, since nothing in it can contain a newline. NULL, or what is wrong. */
static const char *parse_line(struct run *run, const struct line *line)
{
	static const char mark[] = "\xef\xbb\xbf"; /* some programs begin a file with it */
	size_t skip = line->number == 1 && strncmp(line->text, mark, 3) == 0 ? 3 : 0;

	run->cell_count = run->records = 0;
	run->bad_cell = false;
	if (csv_parse(&run->parser, line->text + skip, line->length - skip, on_cell, on_record,
		      run) != line->length - skip ||
	    csv_parse(&run->parser, "\n", 1, on_cell, on_record, run) != 1)
		return csv_strerror(csv_error(&run->parser));
	if (run->records == 0 && line->length > skip && *line->text != '\r')
		return "a quoted field has no end";
	return run->bad_cell ? "a field is longer than any of these can be" : NULL;
}

static enum error read_header(struct run *run)
{
	bool has[COLUMN__MAX] = { false };

	if (run->cell_count > COLUMN__MAX)
		return end_with(run, "there are more columns than can be");
	for (int i = 0; i < run->cell_count; i++) {
		enum column column = 0;

		while (column < COLUMN__MAX && strcmp(column_names[column], run->cells[i]) != 0)
			column++;
		if (column == COLUMN__MAX)
			return end_with(run, "there is no column \"%.100s\"", run->cells[i]);
		if (has[column])
			return end_with(run, "the column %s is there twice", run->cells[i]);
		has[column] = true;
		run->columns[i] = column;
	}
	for (enum column column = USER; column < TIMESTAMP; column++) {
		if (!has[column])
			return end_with(run, "the column %s is missing", column_names[column]);
	}
	run->column_count = run->cell_count;
	return OK;
}

static bool read_number(const char *text, double least, double most, double *number_r)
{
	char *end;

	*number_r = strtod(text, &end);
	return *text && !text[strspn(text, "0123456789.")] && !*end && *number_r >= least &&
	       *number_r <= most;
}

/* Takes the present line's cells as the batch's next rating. NULL, or what is wrong. */
static const char *take_rating(struct run *run)
{
	struct rating *rating = &run->ratings[run->count];
	const char *texts[COLUMN__MAX] = { NULL };

	if (run->cell_count != run->column_count)
		return "there are not as many fields as columns";
	for (int i = 0; i < run->column_count; i++)
		texts[run->columns[i]] = run->cells[i];
	if (!identifier_parse(&run->user_type, run->users[run->count], texts[USER]))
		return "the user_id is not of the database's type";
	if (!identifier_parse(&run->item_type, run->items[run->count], texts[ITEM]))
		return "the item_id is not of the database's type";
	*rating = (struct rating){ .user = run->users[run->count],
				   .item = run->items[run->count],
				   .timestamp = run->started };
	if (!read_number(texts[RATING], RATING_LEAST, RATING_MOST, &rating->value))
		return "the rating is not a number from 1 to 10";
	if (texts[TIMESTAMP] && *texts[TIMESTAMP] &&
	    !read_number(texts[TIMESTAMP], 0, TIME_MOST, &rating->timestamp))
		return "the timestamp is not a time in seconds since the epoch";
	run->count++;
	return NULL;
}

static enum error write_batch(struct txn *txn, void *arg)
{
	struct run *run = arg;
	const char *id = run->options->database->id;
	enum error error = database_exists(txn, id);

	if (error == ERR_ABSENT)
		return end_with(run, "the database was deleted");
	return error ? error : rating_put_many(txn, id, run->ratings, run->count);
}

static enum error finish_batch(struct run *run)
{
	enum error error = OK;

	if (run->writing)
		error = store_update(run->store, write_batch, run);
	if (!error)
		run->result->ratings += (int64_t)run->count;
	run->count = 0;
	return error;
}

static enum error take_line(struct run *run, const struct line *line)
{
	const char *wrong = parse_line(run, line);

	if (!wrong && run->records == 0)
		return OK; /* an empty line */
	if (!wrong && run->column_count == 0)
		return read_header(run);
	if (wrong && run->column_count == 0)
		return end_with(run, "line %lld: %s", (long long)line->number, wrong);
	if (!wrong)
		wrong = take_rating(run);
	if (wrong && run->writing)
		return end_with(run, "the file was changed meanwhile");
	if (wrong) {
		run->result->wrong++;
		run->options->report(run->options->arg, line->number, wrong);
		csv_fini(&run->parser, NULL, NULL, NULL); /* the next line is a record again */
	}
	return run->count == BATCH ? finish_batch(run) : OK;
}

static enum error read_lines(struct run *run, struct lines *lines, struct progress *progress)
{
	enum lines_result result = LINES_END;
	enum error error = OK;
	struct line line;

	while (!error && (result = lines_next(lines, &line)) == LINES_ONE) {
		error = take_line(run, &line);
		progress_at(progress, lines_offset(lines));
	}
	if (!error && result == LINES_FAILED)
		error = end_with(run, "%s", lines_fault(lines));
	if (!error && run->column_count == 0)
		error = end_with(run, "there is nothing in the file");
	return error ? error : finish_batch(run);
}

/* Reads the file once. */
static enum error read_all(struct run *run, int fd)
{
	struct lines *lines = lines_open(fd);
	struct progress progress;
	struct stat stat_of;
	enum error error = ERR_UNAVAILABLE;

	run->column_count = 0;
	run->count = 0;
	run->result->ratings = 0;
	progress_begin(&progress, run->writing ? "writing" : "checking",
		       fstat(fd, &stat_of) == 0 ? stat_of.st_size : 0, "B");
	if (lines && csv_init(&run->parser, CSV_STRICT) == 0) {
		csv_set_space_func(&run->parser, is_no_space);
		error = read_lines(run, lines, &progress);
		csv_free(&run->parser);
	}
	progress_end(&progress);
	lines_close(lines);
	return error;
}

static struct run *begin(struct store *store, const struct rating_csv_options *options,
			 struct rating_csv_result *result_r)
{
	struct run *run = calloc(1, sizeof(*run)); /* too large for the stack */

	memset(result_r, 0, sizeof(*result_r));
	if (!run)
		return NULL;
	run->store = store;
	run->options = options;
	run->result = result_r;
	run->started = time_now();
	if (identifier_type_parse(&run->user_type, options->database->user_id_type) &&
	    identifier_type_parse(&run->item_type, options->database->item_id_type))
		return run;
	free(run);
	return NULL;
}

enum error rating_csv_import(struct store *store, int fd, const struct rating_csv_options *options,
			     struct rating_csv_result *result_r)
{
	struct run *run = begin(store, options, result_r);
	enum error error = run ? read_all(run, fd) : ERR_UNAVAILABLE;

	if (!error && result_r->wrong == 0 && !options->dry_run) {
		run->writing = true;
		error = read_all(run, fd);
	}
	free(run);
	return error;
}

static bool note_rating(void *arg, const struct rating *rating)
{
	struct run *run = arg;
	struct rating *noted = &run->ratings[run->count];

	*noted = *rating;
	noted->user = strcpy(run->users[run->count], rating->user);
	noted->item = strcpy(run->items[run->count], rating->item);
	return ++run->count < BATCH;
}

struct reading {
	struct run *run;
	const struct rating *after; /* NULL for the beginning */
};

static enum error read_batch(struct txn *txn, void *arg)
{
	struct reading *reading = arg;

	reading->run->count = 0;
	return rating_each(txn, reading->run->options->database->id, reading->after, note_rating,
			   reading->run);
}

/* Neither identifiers nor numbers have anything in them that would need quotes. */
static bool write_out(const struct run *run, FILE *file)
{
	for (size_t i = 0; i < run->count; i++) {
		const struct rating *rating = &run->ratings[i];

		fprintf(file, "%s,%s,%.8g,%.6f\r\n", rating->user, rating->item, rating->value,
			rating->timestamp);
	}
	return !ferror(file);
}

static enum error write_all(struct run *run, FILE *file)
{
	struct reading reading = { .run = run };
	char user[IDENTIFIER_SIZE], item[IDENTIFIER_SIZE];
	struct rating last = { .user = user, .item = item };
	struct progress progress;
	enum error error;

	progress_begin(&progress, "exporting", run->options->database->counters.ratings, "ratings");
	fputs("user_id,item_id,rating,timestamp\r\n", file);
	do {
		error = store_view(run->store, read_batch, &reading);
		if (!error && !write_out(run, file))
			error = end_with(run, "cannot write: %s", strerror(errno));
		if (error || run->count == 0)
			break;
		run->result->ratings += (int64_t)run->count;
		strcpy(user, run->users[run->count - 1]);
		strcpy(item, run->items[run->count - 1]);
		reading.after = &last;
		progress_at(&progress, run->result->ratings);
	} while (run->count == BATCH);
	progress_end(&progress);
	if (!error && fflush(file) != 0)
		error = end_with(run, "cannot write: %s", strerror(errno));
	return error;
}

enum error rating_csv_export(struct store *store, FILE *file,
			     const struct rating_csv_options *options,
			     struct rating_csv_result *result_r)
{
	struct run *run = begin(store, options, result_r);
	enum error error = run ? write_all(run, file) : ERR_UNAVAILABLE;

	free(run);
	return error;
}
