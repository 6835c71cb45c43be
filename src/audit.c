#include "audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "encode.h"
#include "file.h"
#include "log.h"
#include "object.h"
#include "strict.h"
#include "text.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define TEXT_MOST 256 /* bytes of a member: every email and name, and most of any detail */
#define TEXT_SIZE (TEXT_MOST * (sizeof(REPLACEMENT) - 1) + 1)
#define ESCAPE_MOST 6 /* "\u007f" for a byte */
#define TEXTS 8	      /* members that hold text */
#define LINE_SIZE (TEXTS * TEXT_MOST * ESCAPE_MOST + 512)
#define TRIES 100 /* at a file that others rename: each time one of them got on */

struct audit {
	const struct config *config;
	char *older;	  /* what a full file is renamed to */
	bool is_failing;  /* the last line could not be written, and that was said */
	bool is_overlong; /* the file could not be renamed, and that was said */
};

struct audit *audit_open(const struct config *config)
{
	struct audit *audit = calloc(1, sizeof(*audit));

	if (!audit)
		return NULL;
	audit->config = config;
	if (asprintf(&audit->older, "%s.1", config->audit_file) >= 0)
		return audit;
	free(audit);
	return NULL;
}

void audit_close(struct audit *audit)
{
	if (!audit)
		return;
	free(audit->older);
	free(audit);
}

/*
 * Nothing that is too long or no UTF-8 may spoil the line. What is too long is cut between two
 * characters; of what is no UTF-8 every byte beyond ASCII is replaced.
 */
static void add_text(struct json_object *object, const char *name, const char *text)
{
	char cut[TEXT_MOST + 1], clean[TEXT_SIZE];
	size_t length, used = 0;
	bool is_valid;

	if (!text || !*text)
		return;
	length = strnlen(text, TEXT_MOST);
	for (int back = 3; back > 0 && ((unsigned char)text[length] & 0xc0) == 0x80; back--)
		length--;
	memcpy(cut, text, length);
	cut[length] = '\0';
	is_valid = strict_utf8(cut);
	for (const char *at = cut; *at; at++) {
		if (is_valid || !((unsigned char)*at & 0x80)) {
			clean[used++] = *at;
			continue;
		}
		memcpy(clean + used, REPLACEMENT, sizeof(REPLACEMENT) - 1);
		used += sizeof(REPLACEMENT) - 1;
	}
	clean[used] = '\0';
	object_add_text(object, name, clean);
}

/* json-c escapes the control characters of C0. DEL and C1 can move a terminal's cursor as well. */
static size_t escape_rest(char line_r[LINE_SIZE], const char *json, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length && used + ESCAPE_MOST + 1 < LINE_SIZE; i++) {
		size_t control = text_control_length(json + i);

		if (control == 0) {
			line_r[used++] = json[i];
			continue;
		}
		i += control - 1;
		used += (size_t)snprintf(line_r + used, LINE_SIZE - used, "\\u%04x",
					 (unsigned char)json[i]);
	}
	line_r[used] = '\0';
	return used;
}

/* The line without its end. Its length, or 0 when out of memory. */
static size_t make_line(char line_r[LINE_SIZE], const struct client *client,
			const struct audit_event *event)
{
	struct json_object *object = json_object_new_object();
	char address[ADDRESS_SIZE], request[REQUEST_ID_SIZE];
	const char *json;
	size_t length = 0;

	if (!object)
		return 0;
	client_address(client, address);
	client_request_id(client, request);
	/* in the header's order: what stands before the address is ours */
	object_add_time(object, "time", time_now());
	add_text(object, "event", event->event);
	add_text(object, "outcome", event->outcome);
	object_add_integer(object, "process", getpid());
	add_text(object, "address", address);
	add_text(object, "by", event->by);
	add_text(object, "session", event->session);
	add_text(object, "request", request);
	add_text(object, "account", event->account);
	add_text(object, "detail", event->detail);
	json = object_to_text(object, &length);
	if (json)
		length = escape_rest(line_r, json, length);
	json_object_put(object);
	return length;
}

static bool is_full(const struct audit *audit, const struct stat *status, size_t length)
{
	return status->st_size > 0 && status->st_size + (int64_t)length > audit->config->audit_size;
}

/* The full file makes room. False, and said once, when it cannot: a long file is better than none. */
static bool put_aside(struct audit *audit)
{
	bool done = rename(audit->config->audit_file, audit->older) == 0;

	if (!done && !audit->is_overlong)
		log_line(LOG_ERR, "audit: cannot rename %s to %s: %s; it grows beyond its size",
			 audit->config->audit_file, audit->older, strerror(errno));
	audit->is_overlong = !done;
	return done;
}

/*
 * The file with room for a line, locked. Who waited for the lock may have waited for one that is
 * FILE.1 now, or not there any more, so the name must still lead to what is locked; and only who has
 * locked what the name leads to may rename it. -1 with errno when there is none.
 */
static int open_file(struct audit *audit, size_t length)
{
	const char *path = audit->config->audit_file;
	int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, file, error;

	for (int i = 0; i < TRIES; i++) {
		struct stat opened, named;

		file = open(path, flags, 0600);
		if (file < 0)
			return -1;
		if (!file_lock(file, LOCK_EX) || fstat(file, &opened) != 0) {
			error = errno;
			close(file);
			errno = error;
			return -1;
		}
		if (stat(path, &named) == 0 && named.st_ino == opened.st_ino &&
		    named.st_dev == opened.st_dev &&
		    (!is_full(audit, &opened, length) || !put_aside(audit)))
			return file;
		close(file);
	}
	errno = EBUSY;
	return -1;
}

/* All of the line or nothing of it: on a full disk, the next one must not begin within this one. */
static bool append(int file, const char *line, size_t length)
{
	off_t end = lseek(file, 0, SEEK_END);
	ssize_t written = write(file, line, length);

	if (written == (ssize_t)length)
		return true;
	if (written >= 0 && ftruncate(file, end) == 0)
		errno = ENOSPC;
	return false;
}

static bool write_to_file(struct audit *audit, const char *line, size_t length)
{
	int file = open_file(audit, length), error;
	bool done;

	if (file < 0)
		return false;
	done = append(file, line, length);
	error = errno;
	close(file);
	errno = error;
	return done;
}

/* A file that cannot be written is said once, not with each event. */
static void note(struct audit *audit, bool done)
{
	if (!done && !audit->is_failing)
		log_line(LOG_ERR,
			 "audit: cannot write %s: %s; events go unrecorded until it can be",
			 audit->config->audit_file, strerror(errno));
	audit->is_failing = !done;
}

void audit_write(struct audit *audit, const struct client *client, const struct audit_event *event)
{
	char line[LINE_SIZE];
	size_t length;

	if (audit->config->audit_target == AUDIT_OFF)
		return;
	length = make_line(line, client, event);
	if (length == 0)
		return;
	if (audit->config->audit_target == AUDIT_TO_SYSLOG) {
		syslog(LOG_AUTHPRIV | LOG_INFO, "%s", line);
		return;
	}
	line[length++] = '\n';
	note(audit, write_to_file(audit, line, length));
}
