/* Mails to an SMTP server, by libcurl. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail-transport.h"
#include "text.h"

#define REPLY_SIZE 200
#define MAILBOX_SIZE (2 * EMAIL_MOST + 8) /* every character quoted, and brackets */

struct smtp {
	CURL *curl; /* kept, so that mails go out over one connection while it lasts */
	char error[CURL_ERROR_SIZE];
	char reply[REPLY_SIZE]; /* the server's last refusal */
	const char *data;	/* what is left to send */
	size_t size;
};

static size_t read_message(char *buffer_r, size_t size, size_t count, void *arg)
{
	struct smtp *smtp = arg;
	size_t length = size * count < smtp->size ? size * count : smtp->size;

	memcpy(buffer_r, smtp->data, length);
	smtp->data += length;
	smtp->size -= length;
	return length;
}

/*
 * libcurl hands over each line of the server's as a header. Worth keeping is a refusal, which begins
 * with 4 or 5; the farewell after it is not.
 */
static size_t keep_reply(char *line, size_t size, size_t count, void *arg)
{
	struct smtp *smtp = arg;

	if (size * count > 0 && (*line == '4' || *line == '5')) {
		snprintf(smtp->reply, sizeof(smtp->reply), "%.*s", (int)(size * count), line);
		smtp->reply[strcspn(smtp->reply, "\r\n")] = '\0';
	}
	return size * count;
}

static void close_smtp(void *state)
{
	struct smtp *smtp = state;

	curl_easy_cleanup(smtp->curl);
	curl_global_cleanup();
	free(smtp);
}

static void set_texts(CURL *curl, const struct config *config)
{
	const struct {
		CURLoption option;
		const char *text;
	} texts[] = {
		{ CURLOPT_URL, config->mail_smtp_url },
		{ CURLOPT_PROTOCOLS_STR, "smtp,smtps" },
		{ CURLOPT_PROXY, "" }, /* whatever the environment says */
		{ CURLOPT_USERNAME, config->mail_smtp_user },
		{ CURLOPT_PASSWORD, config->mail_smtp_password },
		{ CURLOPT_CAINFO, config->mail_smtp_ca },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].text)
			curl_easy_setopt(curl, texts[i].option, texts[i].text);
	}
}

static void *open_smtp(const struct config *config)
{
	struct smtp *smtp = calloc(1, sizeof(*smtp));

	if (!smtp)
		return NULL;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || !(smtp->curl = curl_easy_init())) {
		free(smtp);
		return NULL;
	}
	set_texts(smtp->curl, config);
	curl_easy_setopt(smtp->curl, CURLOPT_USE_SSL,
			 (long)(config->mail_smtp_starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
	curl_easy_setopt(smtp->curl, CURLOPT_TIMEOUT, (long)config->mail_timeout);
	curl_easy_setopt(smtp->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(smtp->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(smtp->curl, CURLOPT_ERRORBUFFER, smtp->error);
	curl_easy_setopt(smtp->curl, CURLOPT_READFUNCTION, read_message);
	curl_easy_setopt(smtp->curl, CURLOPT_READDATA, smtp);
	curl_easy_setopt(smtp->curl, CURLOPT_HEADERFUNCTION, keep_reply);
	curl_easy_setopt(smtp->curl, CURLOPT_HEADERDATA, smtp);
	return smtp;
}

static bool perform(struct smtp *smtp, char why_r[MAIL_WHY_SIZE])
{
	CURLcode code;

	smtp->error[0] = smtp->reply[0] = '\0';
	code = curl_easy_perform(smtp->curl);
	if (code == CURLE_OK)
		return true;
	snprintf(why_r, MAIL_WHY_SIZE, "%s%s%s",
		 *smtp->error ? smtp->error : curl_easy_strerror(code),
		 *smtp->reply ? "; the server said: " : "", smtp->reply);
	text_clean(why_r);
	return false;
}

static bool send_smtp(void *state, const struct mail_message *message, char why_r[MAIL_WHY_SIZE])
{
	struct smtp *smtp = state;
	char from[MAILBOX_SIZE], to[MAILBOX_SIZE];
	struct curl_slist *recipients;
	bool good;

	snprintf(from, sizeof(from), "<%s>", message->from);
	snprintf(to, sizeof(to), "<%s>", message->to);
	recipients = curl_slist_append(NULL, to);
	if (!recipients) {
		snprintf(why_r, MAIL_WHY_SIZE, "out of memory");
		return false;
	}
	smtp->data = message->text;
	smtp->size = message->size;
	curl_easy_setopt(smtp->curl, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, recipients);
	curl_easy_setopt(smtp->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)message->size);
	good = perform(smtp, why_r);
	curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(recipients);
	return good;
}

const struct mail_driver mail_smtp = {
	.newline = MAIL_CRLF,
	.open = open_smtp,
	.send = send_smtp,
	.close = close_smtp,
};
