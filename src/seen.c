#include "seen.h"

#include <db.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

/* Kept in memory; the rest is the file's, which the system caches as it likes. */
#define CACHE (1 << 20)

struct seen {
	DB_ENV *env; /* of this process alone: it says where the file goes */
	DB *db;
	char *key; /* room for the key being made */
	size_t room;
};

/* Without a name Berkeley DB makes a file when it needs one, and unlinks it at once. */
static int open_unnamed(struct seen *seen, const char *directory)
{
	int error = db_env_create(&seen->env, 0);

	if (error) {
		seen->env = NULL;
		return error;
	}
	if ((error = seen->env->set_tmp_dir(seen->env, directory)) ||
	    (error = seen->env->set_cachesize(seen->env, 0, CACHE, 1)) ||
	    (error = seen->env->open(seen->env, NULL, DB_CREATE | DB_INIT_MPOOL | DB_PRIVATE,
				     0600)) ||
	    (error = db_create(&seen->db, seen->env, 0)))
		return error;
	return seen->db->open(seen->db, NULL, NULL, NULL, DB_BTREE, DB_CREATE, 0600);
}

struct seen *seen_open(const char *directory)
{
	struct seen *seen = calloc(1, sizeof(*seen));
	int error = seen ? open_unnamed(seen, directory) : ENOMEM;

	if (!error)
		return seen;
	log_line(LOG_ERR, "%s: no temporary file: %s", directory, db_strerror(error));
	seen_close(seen);
	return NULL;
}

void seen_close(struct seen *seen)
{
	if (!seen)
		return;
	if (seen->db)
		seen->db->close(seen->db, DB_NOSYNC);
	if (seen->env)
		seen->env->close(seen->env, 0);
	free(seen->key);
	free(seen);
}

/* The kind, a zero byte, the key. False when out of memory. */
static bool make_key(struct seen *seen, const char *kind, struct bytes key, DBT *key_r)
{
	size_t length = strlen(kind) + 1;

	if (seen->room < length + key.size) {
		char *larger = realloc(seen->key, length + key.size);

		if (!larger)
			return false;
		seen->key = larger;
		seen->room = length + key.size;
	}
	memcpy(seen->key, kind, length);
	memcpy(seen->key + length, key.data, key.size);
	*key_r = (DBT){ .data = seen->key, .size = (uint32_t)(length + key.size) };
	return true;
}

static enum error fault(int error)
{
	log_line(LOG_ERR, "temporary file: %s", db_strerror(error));
	return ERR_UNAVAILABLE;
}

static enum error find(struct seen *seen, DBT *key, int64_t *number_r)
{
	DBT value = { .data = number_r, .ulen = sizeof(*number_r), .flags = DB_DBT_USERMEM };
	int error = seen->db->get(seen->db, NULL, key, &value, 0);

	if (error == DB_NOTFOUND)
		return ERR_ABSENT;
	return error ? fault(error) : OK;
}

enum error seen_add(struct seen *seen, const char *kind, struct bytes key, int64_t number,
		    int64_t *first_r)
{
	DBT k, v = { .data = &number, .size = sizeof(number) };
	int64_t first = 0;
	int error;

	if (!make_key(seen, kind, key, &k))
		return fault(ENOMEM);
	error = seen->db->put(seen->db, NULL, &k, &v, DB_NOOVERWRITE);
	if (error != DB_KEYEXIST)
		return error ? fault(error) : OK;
	if (find(seen, &k, &first))
		return ERR_UNAVAILABLE;
	if (first_r)
		*first_r = first;
	return ERR_EXISTS;
}

enum error seen_find(struct seen *seen, const char *kind, struct bytes key)
{
	int64_t unused;
	DBT k;

	return make_key(seen, kind, key, &k) ? find(seen, &k, &unused) : fault(ENOMEM);
}
