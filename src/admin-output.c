/* What the admin command prints, and how it asks for passwords. */
#include <ctype.h>
#include <readpassphrase.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "admin.h"
#include "log.h"
#include "object.h"
#include "password.h"
#include "text.h"

#define CELL_MOST 512

/* Room for the longest password, its newline, its end, and one byte that shows it is too long. */
#define LINE_SIZE (PASSWORD_MOST + 3)

/* One value for people: times readable, nothing that could steer a terminal. */
static void cell_text(char out_r[CELL_MOST], struct json_object *value)
{
	char when[32];
	time_t seconds;

	if (json_object_is_type(value, json_type_double)) {
		seconds = (time_t)json_object_get_double(value);
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", localtime(&seconds));
		log_escape(out_r, CELL_MOST, when);
	} else if (json_object_is_type(value, json_type_boolean)) {
		log_escape(out_r, CELL_MOST, json_object_get_boolean(value) ? "yes" : "no");
	} else {
		log_escape(out_r, CELL_MOST, value ? json_object_get_string(value) : "");
	}
}

/* Columns that a text takes: its characters, not its bytes. */
static int width_of(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static int column_width(struct json_object *rows, const char *column)
{
	int widest = width_of(column);
	char cell[CELL_MOST];

	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);

		cell_text(cell, object_member(row, column));
		if (width_of(cell) > widest)
			widest = width_of(cell);
	}
	return widest;
}

static void print_cell(const char *text, int width, bool last)
{
	printf("%s", text);
	if (last)
		putchar('\n');
	else
		printf("%*s", width - width_of(text) + 2, "");
}

static void print_table(struct json_object *rows, const char *const *columns)
{
	int widths[16];
	char cell[CELL_MOST];

	for (int i = 0; columns[i]; i++) {
		widths[i] = column_width(rows, columns[i]);
		text_copy(cell, sizeof(cell), columns[i]);
		for (char *at = cell; *at; at++)
			*at = *at == '_' ? ' ' : (char)toupper((unsigned char)*at);
		print_cell(cell, widths[i], !columns[i + 1]);
	}
	for (size_t row = 0; row < json_object_array_length(rows); row++) {
		for (int i = 0; columns[i]; i++) {
			cell_text(cell,
				  object_member(json_object_array_get_idx(rows, row), columns[i]));
			print_cell(cell, widths[i], !columns[i + 1]);
		}
	}
}

/* Of what json-c leaves, DEL and C1 could steer a terminal; a line's end is between values. */
static void print_json(struct json_object *value)
{
	const char *at = json_object_to_json_string_ext(
		value,
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);

	for (; *at; at++) {
		size_t control = *at == '\n' ? 0 : text_control_length(at);

		if (control == 0) {
			putchar(*at);
			continue;
		}
		at += control - 1;
		printf("\\u%04x", (unsigned char)*at);
	}
	putchar('\n');
}

void admin_print_rows(const struct admin *admin, struct json_object *rows,
		      const char *const *columns)
{
	if (admin->json)
		print_json(rows);
	else
		print_table(rows, columns);
	json_object_put(rows);
}

struct filling {
	admin_fill_fn *fill;
	void *arg;
	struct json_object *rows;
};

static enum error fill(struct txn *txn, void *arg)
{
	struct filling *filling = arg;

	json_object_put(filling->rows);
	filling->rows = json_object_new_array();
	return filling->fill(txn, filling->rows, filling->arg);
}

enum error admin_list(struct admin *admin, admin_fill_fn *fill_rows, void *arg,
		      const char *const *columns)
{
	struct filling filling = { .fill = fill_rows, .arg = arg };
	enum error error = store_view(admin->context.store, fill, &filling);

	if (error)
		json_object_put(filling.rows);
	else
		admin_print_rows(admin, filling.rows, columns);
	return error;
}

void admin_print_object(const struct admin *admin, struct json_object *object)
{
	char cell[CELL_MOST];
	int widest = 0;

	if (admin->json) {
		print_json(object);
		json_object_put(object);
		return;
	}
	json_object_object_foreach(object, name, unused) {
		(void)unused;
		if (width_of(name) > widest)
			widest = width_of(name);
	}
	json_object_object_foreach(object, label, value) {
		cell_text(cell, value);
		printf("%-*s  %s\n", widest, label, cell);
	}
	json_object_put(object);
}

/* A line from standard input without its newline; false when there is none, or none of a password. */
static bool read_line(char line_r[LINE_SIZE])
{
	size_t length = 0;
	int byte;

	while ((byte = getchar()) != EOF && byte != '\n') {
		if (byte == '\0' || length == PASSWORD_MOST)
			return false;
		line_r[length++] = (char)byte;
	}
	line_r[length] = '\0';
	return length > 0 || byte != EOF;
}

static enum error ask(struct admin *admin, char password_r[LINE_SIZE])
{
	char again[LINE_SIZE];
	bool same;

	if (!isatty(STDIN_FILENO))
		return read_line(password_r)
			       ? OK
			       : admin_fail(admin, "no password on standard input, or one "
						   "that is too long or has a NUL byte");
	if (!readpassphrase("New password: ", password_r, LINE_SIZE, RPP_REQUIRE_TTY) ||
	    !readpassphrase("Again: ", again, LINE_SIZE, RPP_REQUIRE_TTY))
		return admin_fail(admin, "no password");
	same = strcmp(password_r, again) == 0;
	explicit_bzero(again, sizeof(again));
	return same ? OK : admin_fail(admin, "the two passwords differ");
}

enum error admin_new_password(struct admin *admin, const char *login, char *hash_r)
{
	char password[LINE_SIZE] = "";
	enum error error = ask(admin, password);
	const char *fault = error ? NULL : password_fault(password, login);

	if (fault)
		error = admin_fail(admin, "the password %s", fault);
	if (!error && !password_hash(hash_r, password, (int)admin->context.config.password_cost))
		error = admin_fail(admin, "the password cannot be hashed");
	explicit_bzero(password, sizeof(password));
	return error;
}

const char *admin_output_file(const char *operand)
{
	return operand && strcmp(operand, "-") != 0 ? operand : NULL;
}
