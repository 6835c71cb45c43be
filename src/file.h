/*
 * Files as export, import and backup need them: written to their end and on disk when a function returns.
 */
#ifndef DOORWARD_FILE_H
#define DOORWARD_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "encode.h"

/*
 * Makes a private folder, and the folders above it where they are missing, open to all as those of an
 * installation are. True also when it is there. False: errno says why.
 */
bool file_make_folders(const char *path);

/* Writes all of data. False: errno says why. */
bool file_write(int fd, const void *data, size_t size);

/* Puts changed names in a folder on disk. False: errno says why. */
bool file_sync_folder(const char *folder);

/* Copies from one descriptor to another, to the end. False: errno says why. */
bool file_pump(int from, int to);

/* Copies a file to a new one of mode 0600, which is on disk then. False: errno says why. */
bool file_copy(const char *from, const char *to);

/* The SHA-256 of a file, in digits, and its size. False: errno says why. */
bool file_digest(const char *path, char digest_r[DIGEST_HEX_SIZE], int64_t *size_r);

/* Removes a folder with all that is in it. False: errno says why. */
bool file_remove_tree(const char *folder);

/* Opens a file of a folder to be locked, made where it is missing. -1: errno says why. */
int file_open_lock(const char *folder, const char *name);

/* flock(2), begun again where a signal interrupts it. False: errno says why. */
bool file_lock(int fd, int operation);

/* "folder/name"; the caller frees. NULL when out of memory. */
char *file_path(const char *folder, const char *name);

/* The folder that a path is in: "." for a name alone. The caller frees; NULL when out of memory. */
char *file_folder(const char *path);

#endif
