/*
 * Backups: a folder with a copy of the store, of the key ring and of the configuration, and a manifest
 * with the SHA-256 of each file, so that a damaged backup is noticed before it replaces anything.
 */
#ifndef DOORWARD_BACKUP_H
#define DOORWARD_BACKUP_H

#include <stdint.h>

#include "context.h"
#include "error.h"

#define BACKUP_FAULT_SIZE 512

struct backup_result {
	int64_t files, bytes;
	char fault[BACKUP_FAULT_SIZE]; /* why it failed, for people; empty where the log says it */
};

/*
 * Makes a backup in a new folder. It is written under another name, so that a folder with this one is
 * complete; what was written is removed when it fails.
 */
enum error backup_make(struct context *context, const char *folder, struct backup_result *result_r);

/* Whether all of a backup's files are there and are what the manifest says. */
enum error backup_check(const char *folder, struct backup_result *result_r);

/* Copies the configuration of a checked backup to a new file. */
enum error backup_restore_config(const char *folder, const char *file,
				 struct backup_result *result_r);

/*
 * Copies the store and the key ring of a checked backup to a state directory, where neither may be yet,
 * and recovers the store. Nothing is left there when it fails.
 */
enum error backup_restore(const char *folder, const char *directory,
			  struct backup_result *result_r);

#endif
