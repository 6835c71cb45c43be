#include "keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "encode.h"
#include "file.h"
#include "log.h"
#include "object.h"

#define FORMAT 1

/* Bytes of the file. A key has 200 to 400: room for three rotations an hour with the initial lifetimes. */
#define MOST_FILE (512 << 10)

struct keyring {
	char *directory, *path;
	struct keys keys;
	bool loaded;	       /* keys are those of the file */
	struct timespec mtime; /* of the file that was read; zero when none was */
	ino_t inode;
	time_t looked; /* when the file was last looked at, see time_steady() */
	uint64_t generation;
	bool complained;
};

static void clear(struct keys *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		key_clear(&keys->all[i]);
	free(keys->all);
	*keys = (struct keys){ NULL, 0 };
}

bool keys_add(struct keys *keys, struct key *key)
{
	/* not by realloc(3), which would leave a copy of the secrets behind */
	struct key *all = calloc(keys->count + 1, sizeof(*all));

	if (!all) {
		key_clear(key);
		return false;
	}
	if (keys->count > 0) {
		memcpy(all, keys->all, keys->count * sizeof(*all));
		explicit_bzero(keys->all, keys->count * sizeof(*all));
	}
	all[keys->count] = *key;
	explicit_bzero(key, sizeof(*key));
	free(keys->all);
	keys->all = all;
	keys->count++;
	return true;
}

static bool keys_from_json(struct keys *keys, struct json_object *root)
{
	struct json_object *list = object_member(root, "keys");
	size_t length;

	if (object_integer(root, "v", 0) != FORMAT || !json_object_is_type(list, json_type_array))
		return false;
	length = json_object_array_length(list);
	keys->all = calloc(length + 1, sizeof(struct key));
	for (size_t i = 0; keys->all && i < length; i++) {
		if (!key_from_json(&keys->all[i], json_object_array_get_idx(list, i)))
			return false;
		keys->count++;
	}
	return keys->all != NULL;
}

static void forget(struct keyring *keyring)
{
	clear(&keyring->keys);
	keyring->loaded = false;
}

/* Reads and parses the file; false leaves an empty ring. errno is 0 when it is damaged. */
static bool read_file(struct keyring *keyring)
{
	int fd = open(keyring->path, O_RDONLY | O_CLOEXEC);
	struct json_object *root = NULL;
	char *text = NULL;
	struct stat stat;
	ssize_t size = -1;

	forget(keyring);
	if (fd >= 0 && fstat(fd, &stat) == 0) {
		if (stat.st_size > MOST_FILE)
			errno = EFBIG;
		else if ((text = malloc((size_t)stat.st_size + 1)))
			size = read(fd, text, (size_t)stat.st_size);
	}
	if (size >= 0) {
		errno = 0;
		root = object_parse_own(text, (size_t)size);
		keyring->loaded = root && keys_from_json(&keyring->keys, root);
		keyring->generation++;
		keyring->mtime = stat.st_mtim;
		keyring->inode = stat.st_ino;
		explicit_bzero(text, (size_t)size);
	}
	if (!keyring->loaded)
		forget(keyring);
	json_object_put(root);
	free(text);
	if (fd >= 0)
		close(fd);
	return keyring->loaded;
}

void keyring_refresh(struct keyring *keyring)
{
	struct stat stat_now;

	keyring->looked = time_steady();

	if (stat(keyring->path, &stat_now) == 0 && keyring->loaded &&
	    stat_now.st_ino == keyring->inode && stat_now.st_mtim.tv_sec == keyring->mtime.tv_sec &&
	    stat_now.st_mtim.tv_nsec == keyring->mtime.tv_nsec)
		return;
	if (read_file(keyring)) {
		keyring->complained = false;
	} else if (!keyring->complained) {
		log_line(LOG_ERR, "key ring %s: %s", keyring->path,
			 errno ? strerror(errno) : "damaged: restore it from a backup");
		keyring->complained = true;
	}
}

/* Without the file being looked at more than once in a second; a missing one, always. */
static void refresh_sometimes(struct keyring *keyring)
{
	if (!keyring->loaded || time_steady() != keyring->looked)
		keyring_refresh(keyring);
}

uint64_t keyring_generation(const struct keyring *keyring)
{
	return keyring->generation;
}

struct keyring *keyring_open(const char *directory)
{
	struct keyring *keyring = calloc(1, sizeof(*keyring));

	if (!keyring)
		return NULL;
	keyring->directory = strdup(directory);
	keyring->path = file_path(directory, "keys.json");
	if (keyring->directory && keyring->path)
		return keyring;
	keyring_close(keyring);
	return NULL;
}

void keyring_close(struct keyring *keyring)
{
	if (!keyring)
		return;
	forget(keyring);
	free(keyring->directory);
	free(keyring->path);
	free(keyring);
}

/* The file's text, borrowed from the object, which the caller puts. */
static const char *text_of(const struct keys *keys, struct json_object **root_r)
{
	struct json_object *root = json_object_new_object(), *list = json_object_new_array();

	object_add_integer(root, "v", FORMAT);
	for (size_t i = 0; i < keys->count; i++)
		json_object_array_add(list, key_to_json(&keys->all[i]));
	json_object_object_add(root, "keys", list);
	*root_r = root;
	return json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY);
}

/*
 * Writes the keys to a new file and gives it its name with give: link(2), where one creator must win,
 * or rename(2), where the old file is replaced.
 */
static enum error write_file(const struct keyring *keyring, const struct keys *keys,
			     int (*give)(const char *, const char *))
{
	struct json_object *root;
	const char *text = text_of(keys, &root);
	enum error result = ERR_SERVER;
	char *path = NULL;
	int fd = -1;

	if (strlen(text) >= MOST_FILE) {
		errno = EFBIG; /* which would be read as damaged */
		goto err;
	}
	if (asprintf(&path, "%s.XXXXXX", keyring->path) < 0) {
		path = NULL;
		goto err;
	}
	fd = mkstemp(path); /* mode 0600 */
	if (fd < 0 || !file_write(fd, text, strlen(text)) || fsync(fd) != 0)
		goto err;
	if (give(path, keyring->path) == 0)
		result = file_sync_folder(keyring->directory) ? OK : ERR_SERVER;
	else if (errno == EEXIST)
		result = ERR_EXISTS;
err:
	if (result == ERR_SERVER)
		log_line(LOG_ERR, "key ring %s: %s", keyring->path, strerror(errno));
	if (fd >= 0) {
		close(fd);
		unlink(path); /* after rename(2) there is nothing left to remove */
	}
	free(path);
	json_object_put(root);
	return result;
}

enum error keyring_create(struct keyring *keyring, enum key_algorithm algorithm)
{
	const enum key_algorithm algorithms[KEY_USE__MAX] = {
		[KEY_USE_JWT] = algorithm,
		[KEY_USE_REFRESH] = KEY_HS256,
	};
	struct keys keys = { NULL, 0 };
	enum error result = OK;

	for (enum key_use use = 0; !result && use < KEY_USE__MAX; use++) {
		struct key key;

		if (!key_new(&key, use, algorithms[use]) || !keys_add(&keys, &key))
			result = ERR_SERVER;
	}
	if (!result)
		result = write_file(keyring, &keys, link);
	clear(&keys);
	return result;
}

enum error keyring_change(struct keyring *keyring, keys_change_fn *change, void *arg)
{
	/* two changes at once would lose one's keys: the second waits for the first */
	int lock = file_open_lock(keyring->directory, "keys.json.lock");
	enum error result = ERR_SERVER;

	if (lock < 0 || !file_lock(lock, LOCK_EX) || !read_file(keyring)) {
		log_line(LOG_ERR, "key ring %s: cannot be read", keyring->path);
	} else {
		result = change(&keyring->keys, arg);
		if (!result)
			result = write_file(keyring, &keyring->keys, rename);
	}
	forget(keyring); /* what was changed may not be what the file says */
	if (lock >= 0)
		close(lock);
	return result;
}

size_t keyring_count(struct keyring *keyring)
{
	refresh_sometimes(keyring);
	return keyring->keys.count;
}

const struct keys *keyring_keys(struct keyring *keyring)
{
	refresh_sometimes(keyring);
	return &keyring->keys;
}

const struct key *keyring_at(const struct keyring *keyring, size_t index)
{
	return &keyring->keys.all[index];
}

/* Whether a key goes before another as the one that signs. */
static bool is_before(const struct key *key, const struct key *other, double now)
{
	if (key->starts <= now && other->starts <= now)
		return key->starts >= other->starts;
	/* a clock that is far behind must not leave us without: then the first to come */
	return key->starts < other->starts;
}

const struct key *keys_signer(const struct keys *keys, enum key_use use, double now)
{
	const struct key *signer = NULL;

	for (size_t i = 0; i < keys->count; i++) {
		const struct key *key = &keys->all[i];

		if (key->use == use && key_is_good(key, now) &&
		    (!signer || is_before(key, signer, now)))
			signer = key;
	}
	return signer;
}

double keyring_next_retirement(const struct keyring *keyring, double now)
{
	double next = INFINITY;

	for (size_t i = 0; i < keyring->keys.count; i++) {
		double retires = keyring->keys.all[i].retires;

		if (retires > now && retires < next)
			next = retires;
	}
	return next;
}

const struct key *keyring_signer(struct keyring *keyring, enum key_use use)
{
	refresh_sometimes(keyring);
	return keys_signer(&keyring->keys, use, time_now());
}
