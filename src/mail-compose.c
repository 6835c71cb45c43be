#include "mail-compose.h"

#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define CHARSET "utf-8"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* What RFC 5322 has in an atom, besides UTF-8 (RFC 6532), and in a domain or its literal form. */
#define ATEXT LETTERS DIGITS "!#$%&'*+-/=?^_`{|}~"
#define DOMAIN_TEXT LETTERS DIGITS "-._[]:"

static bool consists_of(const char *text, size_t length, const char *accepted)
{
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)text[i] < 0x80 && !strchr(accepted, text[i]))
			return false;
	}
	return length > 0;
}

static bool is_dot_atom(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '.' && (i == 0 || i + 1 == length || text[i + 1] == '.'))
			return false;
	}
	return consists_of(text, length, ATEXT ".");
}

/* Whether a library that reads messages takes text for this one address and nothing else. */
static bool reads_as_itself(const char *text)
{
	InternetAddressList *list = internet_address_list_parse(NULL, text);
	InternetAddress *only = list && internet_address_list_length(list) == 1
					? internet_address_list_get_address(list, 0)
					: NULL;
	const char *address = only && INTERNET_ADDRESS_IS_MAILBOX(only)
				      ? INTERNET_ADDRESS_MAILBOX(only)->addr
				      : NULL;
	bool same = address && strcmp(address, text) == 0;

	if (list)
		g_object_unref(list);
	return same;
}

/*
 * An address as headers and servers have it: what is no dot-atom before the @ is quoted, else "a,b@c"
 * would be two addresses. The caller frees; NULL when there is no such form.
 */
static char *write_address(const char *email)
{
	const char *at = strrchr(email, '@');
	char *text = NULL;
	size_t size;
	FILE *out;

	if (!at || text_has_control(email) || !consists_of(at + 1, strlen(at + 1), DOMAIN_TEXT))
		return NULL;
	out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	if (is_dot_atom(email, (size_t)(at - email))) {
		fputs(email, out);
	} else {
		fputc('"', out);
		for (; email < at; email++)
			fprintf(out, "%s%c", *email == '"' || *email == '\\' ? "\\" : "", *email);
		fprintf(out, "\"%s", at);
	}
	if (fclose(out) == 0 && reads_as_itself(text))
		return text;
	free(text);
	return NULL;
}

/*
 * Text of others as a header may have it: no control characters, and nothing that looks encoded, which
 * a reader would decode. The caller frees with g_free().
 */
static char *header_text(const char *text)
{
	char **parts = g_strsplit(text, "=?", -1), *clean = g_strjoinv("= ?", parts);

	text_clean(clean);
	g_strfreev(parts);
	return g_strstrip(clean);
}

/* Adds an address with a name; an empty name is none. */
static void add_mailbox(InternetAddressList *list, const char *name, const char *address)
{
	char *clean = header_text(name);
	InternetAddress *mailbox = internet_address_mailbox_new(*clean ? clean : NULL, address);

	internet_address_set_charset(mailbox, CHARSET);
	internet_address_list_add(list, mailbox);
	g_object_unref(mailbox);
	g_free(clean);
}

static void add_headers(GMimeMessage *message, const struct config *config, const struct mail *mail,
			const struct mail_message *envelope, const char *subject)
{
	char *clean = header_text(subject);
	GDateTime *created = g_date_time_new_from_unix_utc(mail->created);
	char *id = g_strdup_printf("%s%s", mail->id, strrchr(envelope->from, '@'));

	add_mailbox(g_mime_message_get_from(message), config->mail_from_name, envelope->from);
	add_mailbox(g_mime_message_get_to(message), mail->name, envelope->to);
	g_mime_message_set_subject(message, clean, CHARSET);
	g_mime_message_set_date(message, created);
	g_mime_message_set_message_id(message, id);
	/* no holiday notes to us, please (RFC 3834) */
	g_mime_object_append_header(GMIME_OBJECT(message), "Auto-Submitted", "auto-generated",
				    CHARSET);
	g_free(clean);
	g_free(id);
	g_date_time_unref(created);
}

static void add_part(GMimeMultipart *alternatives, const char *subtype, const char *text)
{
	GMimePart *part = g_mime_part_new_with_type("text", subtype);
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text, strlen(text));
	GMimeDataWrapper *content =
		g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);

	g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", CHARSET);
	g_mime_part_set_content(part, content);
	g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	g_mime_multipart_add(alternatives, GMIME_OBJECT(part));
	g_object_unref(content);
	g_object_unref(stream);
	g_object_unref(part);
}

/* The message as text, in memory that free() frees. */
static bool write_message(GMimeMessage *message, enum mail_newline newline,
			  struct mail_message *message_r)
{
	GMimeFormatOptions *options = g_mime_format_options_new();
	GMimeStream *stream = g_mime_stream_mem_new();
	GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));

	g_mime_format_options_set_newline_format(options, newline == MAIL_CRLF
								  ? GMIME_NEWLINE_FORMAT_DOS
								  : GMIME_NEWLINE_FORMAT_UNIX);
	if (g_mime_object_write_to_stream(GMIME_OBJECT(message), options, stream) > 0)
		message_r->text = strndup((const char *)bytes->data, bytes->len);
	message_r->size = message_r->text ? strlen(message_r->text) : 0;
	explicit_bzero(bytes->data, bytes->len);
	g_object_unref(stream);
	g_mime_format_options_free(options);
	return message_r->text != NULL;
}

static bool write_parts(const struct config *config, const struct mail *mail,
			char *const texts[MAIL_PART__MAX], enum mail_newline newline,
			struct mail_message *message_r)
{
	GMimeMessage *message = g_mime_message_new(TRUE);
	GMimeMultipart *alternatives = g_mime_multipart_new_with_subtype("alternative");
	bool good;

	add_headers(message, config, mail, message_r, texts[MAIL_SUBJECT]);
	add_part(alternatives, "plain", texts[MAIL_TXT]);
	add_part(alternatives, "html", texts[MAIL_HTML]);
	g_mime_message_set_mime_part(message, GMIME_OBJECT(alternatives));
	good = write_message(message, newline, message_r);
	g_object_unref(alternatives);
	g_object_unref(message);
	return good;
}

static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

bool mail_compose(const struct config *config, const struct mail_templates *templates,
		  const struct mail *mail, enum mail_newline newline,
		  struct mail_message *message_r, char *why_r, size_t size)
{
	char *texts[MAIL_PART__MAX];
	bool good = true;

	g_mime_init();
	memset(message_r, 0, sizeof(*message_r));
	message_r->from = write_address(config->mail_from);
	message_r->to = write_address(mail->to);
	if (!message_r->from || !message_r->to) {
		snprintf(why_r, size, "the %s's address cannot be written in a message",
			 message_r->from ? "recipient" : "sender");
		mail_message_free(message_r);
		return false;
	}
	for (enum mail_part part = 0; part < MAIL_PART__MAX; part++) {
		texts[part] = mail_template_fill(templates, part, mail);
		good = good && texts[part];
	}
	good = good && write_parts(config, mail, texts, newline, message_r);
	for (enum mail_part part = 0; part < MAIL_PART__MAX; part++)
		wipe(texts[part]);
	if (good)
		return true;
	snprintf(why_r, size, "out of memory");
	mail_message_free(message_r);
	return false;
}

void mail_message_free(struct mail_message *message)
{
	free(message->from);
	free(message->to);
	wipe(message->text);
	memset(message, 0, sizeof(*message));
}
