#include "backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "object.h"
#include "progress.h"
#include "store-backup.h"

#define FORMAT 1
#define MARK "doorward"
#define MARK_VALUE "backup"
#define MANIFEST "manifest.json"
#define KEYS "keys.json"
#define CONFIG "doorward.conf"
#define STORE "store"
#define MANIFEST_MOST (1 << 20)

static enum error fault(struct backup_result *result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static enum error fault(struct backup_result *result, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(result->fault, sizeof(result->fault), format, args);
	va_end(args);
	return ERR_DATA;
}

/* Copies a file into a folder. */
static enum error copy(const char *from, const char *folder, const char *name,
		       struct backup_result *result)
{
	char *to = file_path(folder, name);
	enum error error = OK;

	if (!to || !file_copy(from, to))
		error = fault(result, "cannot copy %s: %s", from, strerror(errno));
	free(to);
	return error;
}

/* The same from a folder, where it has another name. */
static enum error copy_between(const char *from_folder, const char *from, const char *folder,
			       const char *name, struct backup_result *result)
{
	char *path = file_path(from_folder, from);
	enum error error = path ? copy(path, folder, name, result) : ERR_UNAVAILABLE;

	free(path);
	return error;
}

static enum error add_file(const char *folder, const char *name, struct json_object *files,
			   struct backup_result *result)
{
	char digest[DIGEST_HEX_SIZE], *path = file_path(folder, name);
	struct json_object *file;
	enum error error = OK;
	int64_t size;

	if (!path || !file_digest(path, digest, &size))
		error = fault(result, "cannot read %s: %s", name, strerror(errno));
	free(path);
	if (error)
		return error;
	file = json_object_new_object();
	object_add_text(file, "name", name);
	object_add_integer(file, "size", size);
	object_add_text(file, "sha256", digest);
	json_object_array_add(files, file);
	result->files++;
	result->bytes += size;
	return OK;
}

static enum error add_store(const char *folder, struct json_object *files,
			    struct backup_result *result)
{
	char *path = file_path(folder, STORE);
	DIR *dir = path ? opendir(path) : NULL;
	const struct dirent *entry;
	enum error error = dir ? OK : fault(result, "cannot read the copy: %s", strerror(errno));

	while (!error && (entry = readdir(dir))) {
		char *name;

		if (*entry->d_name == '.')
			continue;
		name = file_path(STORE, entry->d_name);
		error = name ? add_file(folder, name, files, result) : ERR_UNAVAILABLE;
		free(name);
	}
	if (dir)
		closedir(dir);
	free(path);
	return error;
}

static enum error write_manifest(const char *folder, struct json_object *manifest,
				 struct backup_result *result)
{
	const char *text = json_object_to_json_string_ext(
		manifest, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	char *path = file_path(folder, MANIFEST);
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
	bool good = fd >= 0 && file_write(fd, text, strlen(text)) && file_write(fd, "\n", 1) &&
		    fsync(fd) == 0;
	enum error error =
		good ? OK : fault(result, "cannot write the manifest: %s", strerror(errno));

	if (fd >= 0)
		close(fd);
	free(path);
	return error;
}

static enum error make_manifest(const char *folder, double began, struct backup_result *result)
{
	struct json_object *manifest = json_object_new_object(), *files = json_object_new_array();
	enum error error;

	object_add_text(manifest, MARK, MARK_VALUE);
	object_add_integer(manifest, "version", FORMAT);
	object_add_text(manifest, "made_by", VERSION);
	object_add_time(manifest, "created", began);
	json_object_object_add(manifest, "files", files);
	if (!(error = add_file(folder, CONFIG, files, result)) &&
	    !(error = add_file(folder, KEYS, files, result)) &&
	    !(error = add_store(folder, files, result)))
		error = write_manifest(folder, manifest, result);
	json_object_put(manifest);
	return error;
}

static enum error copy_store(struct context *context, const char *folder)
{
	char *path = file_path(folder, STORE);
	struct progress progress;
	enum error error = ERR_UNAVAILABLE;

	progress_begin(&progress, "copying", 0, "B");
	if (path)
		error = store_backup(context->store, path, &progress);
	progress_end(&progress);
	if (!error)
		error = store_recover(path);
	free(path);
	return error;
}

/* The key ring comes last: it has every key that signed for a session in the store. */
static enum error fill(struct context *context, const char *folder, struct backup_result *result)
{
	const struct config *config = &context->config;
	double began = time_now();
	enum error error = copy_store(context, folder);

	if (!error)
		error = copy(config->file, folder, CONFIG, result);
	if (!error)
		error = copy_between(config->directory, KEYS, folder, KEYS, result);
	return error ? error : make_manifest(folder, began, result);
}

static enum error give_name(const char *partial, const char *folder, struct backup_result *result)
{
	char *parent = file_folder(folder), *store = file_path(partial, STORE);
	bool good = parent && store && file_sync_folder(store) && file_sync_folder(partial) &&
		    rename(partial, folder) == 0 && file_sync_folder(parent);
	enum error error = good ? OK : fault(result, "%s: %s", folder, strerror(errno));

	free(parent);
	free(store);
	return error;
}

enum error backup_make(struct context *context, const char *folder, struct backup_result *result_r)
{
	struct stat unused;
	char *partial;
	enum error error;

	memset(result_r, 0, sizeof(*result_r));
	if (stat(folder, &unused) == 0)
		return fault(result_r, "%s is there already", folder);
	if (asprintf(&partial, "%s.partial", folder) < 0)
		return ERR_UNAVAILABLE;
	if (mkdir(partial, 0700) != 0) {
		error = fault(result_r, "%s: %s", partial, strerror(errno));
		free(partial);
		return error;
	}
	error = fill(context, partial, result_r);
	if (!error)
		error = give_name(partial, folder, result_r);
	if (error)
		file_remove_tree(partial);
	free(partial);
	return error;
}

/* The caller puts it; NULL and a fault. */
static struct json_object *read_manifest(const char *folder, struct backup_result *result)
{
	char *path = file_path(folder, MANIFEST), *text = calloc(1, MANIFEST_MOST);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t size = fd >= 0 && text ? read(fd, text, MANIFEST_MOST) : -1;
	struct json_object *manifest = NULL;
	const char *mark;

	if (size < 0)
		fault(result, "%s: %s", path ? path : folder, strerror(errno));
	else
		manifest = object_parse_own(text, (size_t)size);
	mark = object_text(manifest, MARK);
	if (size >= 0 &&
	    (!mark || strcmp(mark, MARK_VALUE) != 0 ||
	     object_integer(manifest, "version", 0) != FORMAT ||
	     !json_object_is_type(object_member(manifest, "files"), json_type_array))) {
		fault(result, "%s is no manifest that this version of doorward knows", path);
		json_object_put(manifest);
		manifest = NULL;
	}
	if (fd >= 0)
		close(fd);
	free(text);
	free(path);
	return manifest;
}

/* Only what a backup has: no name leads elsewhere. */
static bool name_is_ours(const char *name)
{
	const char *in_store = name + strlen(STORE "/");

	if (strcmp(name, CONFIG) == 0 || strcmp(name, KEYS) == 0)
		return true;
	return strncmp(name, STORE "/", strlen(STORE "/")) == 0 && *in_store && *in_store != '.' &&
	       !strchr(in_store, '/');
}

static enum error check_file(const char *folder, struct json_object *file,
			     struct backup_result *result)
{
	const char *name = object_text(file, "name"), *stated = object_text(file, "sha256");
	char digest[DIGEST_HEX_SIZE], *path;
	enum error error = OK;
	int64_t size = 0;

	if (!name || !stated || !name_is_ours(name))
		return fault(result, "the manifest is damaged");
	path = file_path(folder, name);
	if (!path || !file_digest(path, digest, &size))
		error = fault(result, "%s: %s", path ? path : name, strerror(errno));
	else if (size != object_integer(file, "size", -1) || strcmp(digest, stated) != 0)
		error = fault(result, "%s is not what was backed up", path);
	free(path);
	result->files++;
	result->bytes += size;
	return error;
}

enum error backup_check(const char *folder, struct backup_result *result_r)
{
	struct json_object *manifest, *files;
	enum error error = OK;

	memset(result_r, 0, sizeof(*result_r));
	manifest = read_manifest(folder, result_r);
	if (!manifest)
		return ERR_DATA;
	files = object_member(manifest, "files");
	for (size_t i = 0; !error && i < json_object_array_length(files); i++)
		error = check_file(folder, json_object_array_get_idx(files, i), result_r);
	json_object_put(manifest);
	return error;
}

enum error backup_restore_config(const char *folder, const char *file,
				 struct backup_result *result_r)
{
	char *from = file_path(folder, CONFIG);
	enum error error = OK;

	if (!from || (!file_copy(from, file) && errno != EEXIST))
		error = fault(result_r, "cannot write %s: %s", file, strerror(errno));
	free(from);
	return error;
}

/* Only what the manifest lists is copied. */
static enum error copy_listed_store(const char *folder, const char *target,
				    struct backup_result *result)
{
	struct json_object *manifest = read_manifest(folder, result), *files;
	enum error error = manifest ? OK : ERR_DATA;

	files = object_member(manifest, "files");
	for (size_t i = 0; !error && i < json_object_array_length(files); i++) {
		const char *name = object_text(json_object_array_get_idx(files, i), "name");

		if (strncmp(name, STORE "/", strlen(STORE "/")) == 0)
			error = copy_between(folder, name, target, name + strlen(STORE "/"),
					     result);
	}
	json_object_put(manifest);
	return error;
}

/* The store gets its name last; rename(2) takes the place of nothing but an empty folder. */
static enum error place(const char *partial, const char *folder, const char *directory,
			struct backup_result *result)
{
	char *store = file_path(directory, STORE), *keys = file_path(directory, KEYS);
	enum error error = store && keys ? copy_between(folder, KEYS, directory, KEYS, result)
					 : ERR_UNAVAILABLE;

	if (!error && (!file_sync_folder(partial) || rename(partial, store) != 0 ||
		       !file_sync_folder(directory))) {
		error = fault(result, "%s: %s", store, strerror(errno));
		unlink(keys);
	}
	free(store);
	free(keys);
	return error;
}

/* Whether there is something already that a restored store would stand in the way of. */
static enum error refuse_others(const char *directory, struct backup_result *result)
{
	char *keys = file_path(directory, KEYS), *store = file_path(directory, STORE);
	enum error error = keys && store ? OK : ERR_UNAVAILABLE;
	struct stat unused;

	if (!error && (stat(keys, &unused) == 0 || (rmdir(store) != 0 && errno != ENOENT)))
		error = fault(result, "%s holds a store or a key ring already: move it away first",
			      directory);
	free(keys);
	free(store);
	return error;
}

enum error backup_restore(const char *folder, const char *directory, struct backup_result *result_r)
{
	char *partial;
	enum error error = refuse_others(directory, result_r);

	if (error)
		return error;
	partial = file_path(directory, STORE ".partial");
	if (!partial)
		return ERR_UNAVAILABLE;
	file_remove_tree(partial); /* of a restore that was interrupted */
	if (mkdir(partial, 0700) != 0)
		error = fault(result_r, "%s: %s", partial, strerror(errno));
	if (!error)
		error = copy_listed_store(folder, partial, result_r);
	if (!error)
		error = store_recover(partial);
	if (!error)
		error = place(partial, folder, directory, result_r);
	if (error)
		file_remove_tree(partial);
	free(partial);
	return error;
}
