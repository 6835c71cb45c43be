#include "keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "encode.h"
#include "log.h"
#include "object.h"
#include "text.h"

#define FORMAT 1
#define MOST_FILE (64 << 10)

struct keyring {
	char *path;
	struct key *keys; /* the newest last */
	size_t count;
	struct timespec mtime; /* of the file that was read; zero when none was */
	ino_t inode;
	time_t looked; /* when the file was last looked at, on the monotonic clock */
	uint64_t generation;
	bool complained;
};

static const char *const uses[KEY_USE__MAX] = {
	[KEY_USE_JWT] = "jwt",
	[KEY_USE_REFRESH] = "refresh",
};

const char *key_use_name(enum key_use use)
{
	return uses[use];
}

void key_mac(const struct key *key, const void *data, size_t size, unsigned char mac_r[KEY_BYTES])
{
	struct hmac_sha256_ctx mac = key->mac;

	hmac_sha256_update(&mac, size, data);
	hmac_sha256_digest(&mac, KEY_BYTES, mac_r);
	explicit_bzero(&mac, sizeof(mac));
}

static void forget(struct keyring *keyring)
{
	if (keyring->keys)
		explicit_bzero(keyring->keys, keyring->count * sizeof(struct key));
	free(keyring->keys);
	keyring->keys = NULL;
	keyring->count = 0;
}

static void set_header(struct key *key)
{
	struct json_object *header = json_object_new_object();
	const char *text;
	size_t size;

	object_add_text(header, "alg", KEY_ALGORITHM);
	object_add_text(header, "kid", key->kid);
	object_add_text(header, "typ", "JWT");
	text = object_to_text(header, &size);
	if (BASE64URL_LENGTH(size) < KEY_HEADER_SIZE)
		base64url_encode(key->header, text, size);
	json_object_put(header);
}

static bool key_from_json(struct key *key_r, struct json_object *object)
{
	const char *kid = object_text(object, "kid"), *alg = object_text(object, "alg");
	const char *use = object_text(object, "use"), *secret = object_text(object, "secret");
	size_t size;

	if (!kid || strlen(kid) >= KID_SIZE || !alg || strcmp(alg, KEY_ALGORITHM) != 0 || !use ||
	    !secret || !base64url_decode(key_r->secret, KEY_BYTES, &size, secret, strlen(secret)) ||
	    size != KEY_BYTES)
		return false;
	text_copy(key_r->kid, KID_SIZE, kid);
	set_header(key_r);
	hmac_sha256_set_key(&key_r->mac, KEY_BYTES, key_r->secret);
	key_r->created = object_number(object, "created", 0);
	key_r->retires = object_number(object, "retires", 0);
	for (key_r->use = 0; key_r->use < KEY_USE__MAX; key_r->use++) {
		if (strcmp(uses[key_r->use], use) == 0)
			return true;
	}
	return false;
}

static bool keys_from_json(struct keyring *keyring, struct json_object *root)
{
	struct json_object *list;

	if (object_integer(root, "v", 0) != FORMAT ||
	    !json_object_object_get_ex(root, "keys", &list) ||
	    !json_object_is_type(list, json_type_array))
		return false;
	forget(keyring);
	keyring->keys = calloc(json_object_array_length(list) + 1, sizeof(struct key));
	if (!keyring->keys)
		return false;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		if (!key_from_json(&keyring->keys[i], json_object_array_get_idx(list, i)))
			return false;
		keyring->count++;
	}
	return true;
}

/* Reads and parses the file; false leaves an empty ring. errno is 0 when it is damaged. */
static bool read_file(struct keyring *keyring)
{
	int fd = open(keyring->path, O_RDONLY | O_CLOEXEC);
	char *text = calloc(1, MOST_FILE);
	struct json_object *root = NULL;
	struct stat stat;
	ssize_t size = -1;
	bool good = false;

	if (fd >= 0 && text && fstat(fd, &stat) == 0)
		size = read(fd, text, MOST_FILE);
	if (size >= 0) {
		errno = 0;
		root = object_parse_own(text, (size_t)size);
		good = root && keys_from_json(keyring, root);
		keyring->generation++;
		keyring->mtime = stat.st_mtim;
		keyring->inode = stat.st_ino;
	}
	if (!good)
		forget(keyring);
	json_object_put(root);
	if (text)
		explicit_bzero(text, MOST_FILE);
	free(text);
	if (fd >= 0)
		close(fd);
	return good;
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

void keyring_refresh(struct keyring *keyring)
{
	struct stat stat_now;

	keyring->looked = seconds();

	if (stat(keyring->path, &stat_now) == 0 && keyring->keys &&
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
	if (!keyring->keys || seconds() != keyring->looked)
		keyring_refresh(keyring);
}

uint64_t keyring_generation(const struct keyring *keyring)
{
	return keyring->generation;
}

struct keyring *keyring_open(const char *directory)
{
	struct keyring *keyring = calloc(1, sizeof(*keyring));

	if (keyring && asprintf(&keyring->path, "%s/keys.json", directory) < 0) {
		free(keyring);
		return NULL;
	}
	return keyring;
}

void keyring_close(struct keyring *keyring)
{
	if (!keyring)
		return;
	forget(keyring);
	free(keyring->path);
	free(keyring);
}

static struct json_object *key_to_json(const struct key *key)
{
	struct json_object *object = json_object_new_object();
	char secret[BASE64URL_LENGTH(KEY_BYTES) + 1];

	base64url_encode(secret, key->secret, KEY_BYTES);
	object_add_text(object, "kid", key->kid);
	object_add_text(object, "alg", KEY_ALGORITHM);
	object_add_text(object, "use", uses[key->use]);
	object_add_text(object, "secret", secret);
	object_add_time(object, "created", key->created);
	if (key->retires > 0)
		object_add_time(object, "retires", key->retires);
	explicit_bzero(secret, sizeof(secret));
	return object;
}

static bool write_text(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t written = write(fd, text, left);

		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0) {
			text += written;
			left -= (size_t)written;
		}
	}
	return fsync(fd) == 0;
}

/*
 * Writes the keys to a new file and gives it its name with give: link(2), where one creator must win,
 * or rename(2), where the old file is replaced.
 */
static enum error write_file(const struct keyring *keyring, const struct key *keys, size_t count,
			     int (*give)(const char *, const char *))
{
	struct json_object *root = json_object_new_object(), *list = json_object_new_array();
	enum error result = ERR_SERVER;
	char *path = NULL;
	int fd = -1;

	object_add_integer(root, "v", FORMAT);
	for (size_t i = 0; i < count; i++)
		json_object_array_add(list, key_to_json(&keys[i]));
	json_object_object_add(root, "keys", list);

	if (asprintf(&path, "%s.XXXXXX", keyring->path) < 0) {
		path = NULL;
		goto err;
	}
	fd = mkstemp(path); /* mode 0600 */
	if (fd < 0 ||
	    !write_text(fd, json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY)))
		goto err;
	if (give(path, keyring->path) == 0)
		result = OK;
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

static void key_new(struct key *key_r, enum key_use use)
{
	unsigned char raw[6];

	memset(key_r, 0, sizeof(*key_r));
	random_bytes(raw, sizeof(raw));
	base64url_encode(key_r->kid, raw, sizeof(raw));
	random_bytes(key_r->secret, KEY_BYTES);
	key_r->use = use;
	key_r->created = time_now();
}

enum error keyring_create(struct keyring *keyring)
{
	struct key keys[KEY_USE__MAX];
	enum error result;

	for (enum key_use use = 0; use < KEY_USE__MAX; use++)
		key_new(&keys[use], use);
	result = write_file(keyring, keys, KEY_USE__MAX, link);
	explicit_bzero(keys, sizeof(keys));
	return result;
}

/* The ring after a rotation, in keys_r, which has room for all of it. */
static size_t rotated(const struct keyring *keyring, struct key *keys_r,
		      const int64_t keep[KEY_USE__MAX])
{
	double now = time_now();
	size_t count = 0;

	for (size_t i = 0; i < keyring->count; i++) {
		struct key key = keyring->keys[i];

		if (key.retires == 0)
			key.retires = now + (double)keep[key.use];
		if (key.retires > now)
			keys_r[count++] = key;
	}
	for (enum key_use use = 0; use < KEY_USE__MAX; use++)
		key_new(&keys_r[count++], use);
	return count;
}

enum error keyring_rotate(struct keyring *keyring, const int64_t keep[KEY_USE__MAX])
{
	enum error result = ERR_SERVER;
	struct key *keys = NULL;
	char *lock_path = NULL;
	size_t count = 0;
	int lock = -1;

	/* two rotations at once would lose one's keys: the second waits for the first */
	if (asprintf(&lock_path, "%s.lock", keyring->path) < 0)
		return ERR_SERVER;
	lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0 || flock(lock, LOCK_EX) != 0 || !read_file(keyring)) {
		log_line(LOG_ERR, "key ring %s: cannot be read", keyring->path);
		goto err;
	}
	keys = calloc(keyring->count + KEY_USE__MAX, sizeof(*keys));
	if (!keys)
		goto err;
	count = rotated(keyring, keys, keep);
	result = write_file(keyring, keys, count, rename);
	keyring_refresh(keyring);
err:
	if (keys)
		explicit_bzero(keys, count * sizeof(*keys));
	free(keys);
	if (lock >= 0)
		close(lock);
	free(lock_path);
	return result;
}

size_t keyring_count(struct keyring *keyring)
{
	refresh_sometimes(keyring);
	return keyring->count;
}

const struct key *keyring_at(const struct keyring *keyring, size_t index)
{
	return &keyring->keys[index];
}

const struct key *keyring_signer(struct keyring *keyring, enum key_use use)
{
	refresh_sometimes(keyring);
	for (size_t i = keyring->count; i > 0; i--) {
		const struct key *key = &keyring->keys[i - 1];

		if (key->use == use && key->retires == 0)
			return key;
	}
	return NULL;
}
