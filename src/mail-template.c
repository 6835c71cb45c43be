#include "mail-template.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text.h"

static const char *const part_names[MAIL_PART__MAX] = {
	[MAIL_SUBJECT] = "subject",
	[MAIL_TXT] = "txt",
	[MAIL_HTML] = "html",
};

/* Made from etc/mail when this is built. */
static const char *const defaults[MAIL_KIND__MAX][MAIL_PART__MAX] = {
#include "mail-defaults.h"
};

void mail_template_name(char name_r[MAIL_TEMPLATE_NAME_SIZE], enum mail_kind kind,
			enum mail_part part)
{
	snprintf(name_r, MAIL_TEMPLATE_NAME_SIZE, "%s.%s", mail_kind_name(kind), part_names[part]);
}

const char *mail_template_default(enum mail_kind kind, enum mail_part part)
{
	return defaults[kind][part];
}

/* Text with what a placeholder stands for; each returns what g_free() frees. */

static char *value_name(const struct mail *mail)
{
	return g_strdup(mail->name);
}

static char *value_email(const struct mail *mail)
{
	return g_strdup(mail->to);
}

static char *value_organization(const struct mail *mail)
{
	return g_strdup(mail->organization);
}

static char *value_link(const struct mail *mail)
{
	return g_strdup(mail->link);
}

static char *value_code(const struct mail *mail)
{
	return g_strdup(mail->code);
}

/* In UTC, and saying so: nobody knows where the reader is. */
static char *value_expires(const struct mail *mail)
{
	time_t seconds = (time_t)mail->expires;
	struct tm parts;
	char text[80];

	gmtime_r(&seconds, &parts);
	strftime(text, sizeof(text), "%A, %d %B %Y, %H:%M UTC", &parts);
	return g_strdup(text);
}

static char *value_greeting(const struct mail *mail)
{
	return *mail->name ? g_strdup_printf("Hello %s,", mail->name) : g_strdup("Hello,");
}

static const struct {
	const char *name;
	char *(*value)(const struct mail *mail);
} placeholders[] = {
	{ "name", value_name },
	{ "email", value_email },
	{ "organization", value_organization },
	{ "link", value_link },
	{ "code", value_code },
	{ "expires", value_expires },
	{ "greeting", value_greeting },
};

#define PLACEHOLDERS (sizeof(placeholders) / sizeof(placeholders[0]))

/* A run of plain text, or a placeholder. */
struct piece {
	enum { PIECE_PLAIN, PIECE_VALUE, PIECE_UNKNOWN, PIECE_UNCLOSED, PIECE_END } kind;
	const char *text; /* of the template: the run, or what is between the braces */
	size_t length;
	size_t placeholder;
};

static void read_placeholder(const char **at, struct piece *piece)
{
	const char *name = *at + 1;
	size_t length = strcspn(name, "{}\n");

	piece->text = name;
	piece->length = length;
	piece->kind = name[length] == '}' ? PIECE_UNKNOWN : PIECE_UNCLOSED;
	for (size_t i = 0; piece->kind == PIECE_UNKNOWN && i < PLACEHOLDERS; i++) {
		if (strlen(placeholders[i].name) == length &&
		    strncmp(placeholders[i].name, name, length) == 0) {
			piece->kind = PIECE_VALUE;
			piece->placeholder = i;
		}
	}
	*at = name + length + (name[length] == '}');
}

/* Takes the next piece off a template. Two opening braces stand for one that is no placeholder's. */
static struct piece next_piece(const char **at)
{
	struct piece piece = { .kind = PIECE_PLAIN, .text = *at };

	if (**at == '\0') {
		piece.kind = PIECE_END;
	} else if (**at != '{') {
		piece.length = strcspn(*at, "{");
		*at += piece.length;
	} else if ((*at)[1] == '{') {
		piece.length = 1;
		*at += 2;
	} else {
		read_placeholder(at, &piece);
	}
	return piece;
}

struct loading {
	const char *name; /* of the file, for messages */
	char *why;
	size_t size;
};

__attribute__((format(printf, 4, 5))) static bool
refuse(const struct loading *loading, const char *text, const char *at, const char *format, ...)
{
	char what[256];
	va_list args;
	int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	snprintf(loading->why, loading->size, "%s:%d: %s", loading->name, line, what);
	return false;
}

static bool check_pieces(const struct loading *loading, const char *text)
{
	const char *at = text;

	for (;;) {
		struct piece piece = next_piece(&at);

		switch (piece.kind) {
		case PIECE_END:
			return true;
		case PIECE_UNKNOWN:
			return refuse(loading, text, piece.text, "unknown placeholder {%.*s}",
				      (int)piece.length, piece.text);
		case PIECE_UNCLOSED:
			return refuse(loading, text, piece.text, "no } after {%.*s",
				      (int)piece.length, piece.text);
		case PIECE_PLAIN:
		case PIECE_VALUE:
			break;
		}
	}
}

static bool check(const struct loading *loading, const char *text, size_t length,
		  enum mail_part part)
{
	const char *bad, *end = text + strcspn(text, "\n");

	if (!g_utf8_validate(text, (gssize)length, &bad))
		return refuse(loading, text, bad, "this is not UTF-8");
	if (!check_pieces(loading, text))
		return false;
	if (part != MAIL_SUBJECT)
		return true;
	if (end == text)
		return refuse(loading, text, text, "a subject is missing");
	return !*end || !end[1] ||
	       refuse(loading, text, end + 1, "a subject is one line, and this is a second");
}

/* The lines of a file that was edited elsewhere, as ours end. */
static void remove_returns(char *text, size_t *length)
{
	char *to = text;

	for (const char *from = text; from < text + *length; from++) {
		if (from[0] != '\r' || from[1] != '\n')
			*to++ = *from;
	}
	*to = '\0';
	*length = (size_t)(to - text);
}

static bool load_file(const char *path, enum mail_part part, char **text_r, char *why_r,
		      size_t size)
{
	const struct loading loading = { .name = path, .why = why_r, .size = size };
	GError *error = NULL;
	gsize length;

	*text_r = NULL;
	if (!g_file_get_contents(path, text_r, &length, &error)) {
		bool absent = g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);

		if (!absent)
			snprintf(why_r, size, "%s", error->message);
		g_error_free(error);
		return absent;
	}
	remove_returns(*text_r, &length);
	if (check(&loading, *text_r, length, part))
		return true;
	g_free(*text_r);
	*text_r = NULL;
	return false;
}

static bool load_one(struct mail_templates *templates, const char *folder, enum mail_kind kind,
		     enum mail_part part, char *why_r, size_t size)
{
	char name[MAIL_TEMPLATE_NAME_SIZE], **text = &templates->texts[kind][part];
	bool good = true;

	mail_template_name(name, kind, part);
	if (folder) {
		char *path = g_build_filename(folder, name, NULL);

		good = load_file(path, part, text, why_r, size);
		g_free(path);
	}
	if (good && !*text)
		*text = g_strdup(defaults[kind][part]);
	return good;
}

bool mail_templates_load(struct mail_templates *templates_r, const char *folder, char *why_r,
			 size_t size)
{
	memset(templates_r, 0, sizeof(*templates_r));
	if (folder && !g_file_test(folder, G_FILE_TEST_IS_DIR)) {
		snprintf(why_r, size, "%s: there is no such folder", folder);
		return false;
	}
	for (enum mail_kind kind = 0; kind < MAIL_KIND__MAX; kind++) {
		for (enum mail_part part = 0; part < MAIL_PART__MAX; part++) {
			if (!load_one(templates_r, folder, kind, part, why_r, size)) {
				mail_templates_free(templates_r);
				return false;
			}
		}
	}
	return true;
}

void mail_templates_free(struct mail_templates *templates)
{
	for (enum mail_kind kind = 0; kind < MAIL_KIND__MAX; kind++) {
		for (enum mail_part part = 0; part < MAIL_PART__MAX; part++)
			g_free(templates->texts[kind][part]);
	}
	memset(templates, 0, sizeof(*templates));
}

static void put_value(FILE *out, size_t placeholder, const struct mail *mail, enum mail_part part)
{
	char *plain = placeholders[placeholder].value(mail), *value;

	text_clean(plain);
	value = part == MAIL_HTML ? g_markup_escape_text(plain, -1) : plain;
	fputs(value, out);
	explicit_bzero(value, strlen(value));
	if (value != plain) {
		explicit_bzero(plain, strlen(plain));
		g_free(plain);
	}
	g_free(value);
}

char *mail_template_fill(const struct mail_templates *templates, enum mail_part part,
			 const struct mail *mail)
{
	const char *at = templates->texts[mail->kind][part];
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct piece piece;

	if (!out)
		return NULL;
	while ((piece = next_piece(&at)).kind != PIECE_END) {
		if (piece.kind == PIECE_VALUE)
			put_value(out, piece.placeholder, mail, part);
		else
			fwrite(piece.text, 1, piece.length, out);
	}
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	if (part == MAIL_SUBJECT)
		text[strcspn(text, "\n")] = '\0';
	return text;
}
