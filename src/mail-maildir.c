/* Mails as files: a Maildir, which mail programs read, under the state directory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "mail-transport.h"

#define NAME_SIZE 384
#define HOST_SIZE 256

struct maildir {
	char *path;
	char host[HOST_SIZE]; /* as names of files have it */
	unsigned count;	      /* of the files made by this process */
};

/* What cannot be in a name is written as Maildir readers expect it. */
static void read_host(char host_r[HOST_SIZE])
{
	char raw[64] = "localhost";
	size_t used = 0;

	if (gethostname(raw, sizeof(raw) - 1) != 0)
		raw[0] = '\0';
	for (const char *at = raw; *at; at++) {
		if (*at == '/' || *at == ':')
			used += (size_t)snprintf(host_r + used, HOST_SIZE - used, "\\%03o", *at);
		else
			host_r[used++] = *at;
	}
	host_r[used] = '\0';
}

static void close_maildir(void *state)
{
	struct maildir *maildir = state;

	free(maildir->path);
	free(maildir);
}

static void *open_maildir(const struct config *config)
{
	struct maildir *maildir = calloc(1, sizeof(*maildir));

	if (!maildir)
		return NULL;
	read_host(maildir->host);
	if (asprintf(&maildir->path, "%s/mail", config->directory) < 0) {
		free(maildir);
		return NULL;
	}
	return maildir;
}

static bool fail_with(const char *name, char why_r[MAIL_WHY_SIZE])
{
	snprintf(why_r, MAIL_WHY_SIZE, "Maildir: %s: %s", name, strerror(errno));
	return false;
}

/* Opens the Maildir, which is made where it is missing; -1, and why. */
static int open_folder(const struct maildir *maildir, char why_r[MAIL_WHY_SIZE])
{
	static const char *const folders[] = { "tmp", "new", "cur" };
	int fd = -1;

	if (mkdir(maildir->path, 0700) == 0 || errno == EEXIST)
		fd = open(maildir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		fail_with(maildir->path, why_r);
	for (size_t i = 0; fd >= 0 && i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (mkdirat(fd, folders[i], 0700) == 0 || errno == EEXIST)
			continue;
		fail_with(folders[i], why_r);
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Time, process and count make a name that is used once on this host. */
static void make_name(struct maildir *maildir, char name_r[NAME_SIZE])
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(name_r, NAME_SIZE, "%lld.M%06ldP%ldQ%u.%s", (long long)now.tv_sec,
		 now.tv_nsec / 1000, (long)getpid(), ++maildir->count, maildir->host);
}

static bool write_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t written = write(fd, data, size);

		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0) {
			data += written;
			size -= (size_t)written;
		}
	}
	return fsync(fd) == 0;
}

static bool write_file(int folder, const char *name, const struct mail_message *message,
		       char why_r[MAIL_WHY_SIZE])
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good;

	if (fd < 0)
		return fail_with(name, why_r);
	good = write_all(fd, message->text, message->size) || fail_with(name, why_r);
	if (close(fd) != 0 && good)
		good = fail_with(name, why_r);
	if (!good)
		unlinkat(folder, name, 0);
	return good;
}

/* So that a new name is there also after the machine went down. */
static bool sync_new(int folder, char why_r[MAIL_WHY_SIZE])
{
	int fd = openat(folder, "new", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = (fd >= 0 && fsync(fd) == 0) || fail_with("new", why_r);

	if (fd >= 0)
		close(fd);
	return good;
}

static bool send_maildir(void *state, const struct mail_message *message, char why_r[MAIL_WHY_SIZE])
{
	struct maildir *maildir = state;
	char name[NAME_SIZE], written[NAME_SIZE + 4], final[NAME_SIZE + 4];
	int folder = open_folder(maildir, why_r);
	bool good;

	if (folder < 0)
		return false;
	make_name(maildir, name);
	snprintf(written, sizeof(written), "tmp/%s", name);
	snprintf(final, sizeof(final), "new/%s", name);
	good = write_file(folder, written, message, why_r);
	if (good) {
		good = linkat(folder, written, folder, final, 0) == 0 || fail_with(final, why_r);
		unlinkat(folder, written, 0);
	}
	good = good && sync_new(folder, why_r);
	close(folder);
	return good;
}

const struct mail_driver mail_maildir = {
	.newline = MAIL_LF,
	.open = open_maildir,
	.send = send_maildir,
	.close = close_maildir,
};
