#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK (64 << 10)
#define TREE_DESCRIPTORS 16

char *file_path(const char *folder, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

char *file_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* mkdir(2) with another umask(2); true also when the folder is there. */
static bool make_folder(const char *path, mode_t mask)
{
	mode_t before = umask(mask);
	bool good = mkdir(path, 0777) == 0 || errno == EEXIST;

	umask(before);
	return good;
}

bool file_make_folders(const char *path)
{
	char *above = strdup(path);
	bool good = above && *above;

	for (char *slash = good ? strchr(above + 1, '/') : NULL; good && slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		good = make_folder(above, 022);
		*slash = '/';
	}
	free(above);
	return good && make_folder(path, 077);
}

bool file_write(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		ssize_t written = write(fd, at, size);

		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0) {
			at += written;
			size -= (size_t)written;
		}
	}
	return true;
}

/* Closes without a word of its own: errno stays what it was. */
static void close_quietly(int fd)
{
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
}

bool file_sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;

	close_quietly(fd);
	return good;
}

/* Reads to the end; each chunk goes to a descriptor or into a hash. *size_r: NULL for not asked. */
static bool read_all(int from, int to, gnutls_hash_hd_t hash, int64_t *size_r)
{
	char chunk[CHUNK];
	ssize_t size;

	while ((size = read(from, chunk, sizeof(chunk))) != 0) {
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0 || (to >= 0 && !file_write(to, chunk, (size_t)size)))
			return false;
		if (hash)
			gnutls_hash(hash, chunk, (size_t)size);
		if (size_r)
			*size_r += size;
	}
	return true;
}

bool file_pump(int from, int to)
{
	return read_all(from, to, NULL, NULL);
}

bool file_copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1;
	bool good = false;

	if (in >= 0)
		out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out >= 0)
		good = file_pump(in, out) && fsync(out) == 0;
	close_quietly(in);
	close_quietly(out);
	return good;
}

bool file_digest(const char *path, char digest_r[DIGEST_HEX_SIZE], int64_t *size_r)
{
	unsigned char digest[DIGEST_BYTES];
	gnutls_hash_hd_t hash;
	bool good = false;
	int fd;

	*size_r = 0;
	errno = ENOMEM;
	if (gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) != 0)
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		good = read_all(fd, -1, hash, size_r);
	close_quietly(fd);
	gnutls_hash_deinit(hash, digest);
	digest_hex(digest_r, digest);
	return good;
}

static int remove_one(const char *path, const struct stat *stat_of, int kind, struct FTW *place)
{
	(void)stat_of;
	(void)kind;
	(void)place;
	return remove(path);
}

bool file_remove_tree(const char *folder)
{
	return nftw(folder, remove_one, TREE_DESCRIPTORS, FTW_DEPTH | FTW_PHYS) == 0;
}

int file_open_lock(const char *folder, const char *name)
{
	char *path = file_path(folder, name);
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1, error = errno;

	free(path);
	errno = error;
	return fd;
}

bool file_lock(int fd, int operation)
{
	int result;

	while ((result = flock(fd, operation)) != 0 && errno == EINTR)
		;
	return result == 0;
}
