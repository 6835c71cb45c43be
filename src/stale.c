#include "stale.h"

#include <stdio.h>
#include <string.h>

#include "tables.h"

#define KEY_SIZE (ID_LENGTH + IDENTIFIER_SIZE)

static struct bytes make_key(char key_r[KEY_SIZE], const char *database, const char *item)
{
	snprintf(key_r, KEY_SIZE, "%s%s", database, item);
	return bytes_of(key_r);
}

enum error stale_mark(struct txn *txn, const char *database, const char *item)
{
	char key[KEY_SIZE], when[STALE_WHEN_SIZE];

	snprintf(when, sizeof(when), "%.0f", time_now() * 1e6);
	return store_put(txn, TABLE_STALE, make_key(key, database, item), bytes_of(when));
}

enum error stale_clear(struct txn *txn, const struct stale *stale)
{
	char key[KEY_SIZE], when[STALE_WHEN_SIZE];
	struct bytes value;
	enum error error;

	make_key(key, stale->database, stale->item);
	error = store_get_to_change(txn, TABLE_STALE, bytes_of(key), &value);
	if (error)
		return error == ERR_ABSENT ? OK : error;
	bytes_to_text(when, sizeof(when), value);
	return strcmp(when, stale->when) == 0 ? store_delete(txn, TABLE_STALE, bytes_of(key)) : OK;
}

enum error stale_exists(struct txn *txn, const char *database, const char *item)
{
	char key[KEY_SIZE];

	return store_exists(txn, TABLE_STALE, make_key(key, database, item));
}

static bool note_any(void *arg, struct bytes key, struct bytes value)
{
	(void)key;
	(void)value;
	*(bool *)arg = true;
	return false;
}

enum error stale_any(struct txn *txn)
{
	bool any = false;
	enum error error = store_scan(txn, TABLE_STALE, bytes_of(""), bytes_of(""), note_any, &any);

	return error || any ? error : ERR_ABSENT;
}

struct visit {
	const char *behind; /* the key of the note behind which it begins */
	stale_fn *each;
	void *arg;
};

static bool visit_note(void *arg, struct bytes key, struct bytes value)
{
	struct visit *visit = arg;
	struct stale stale;
	char text[KEY_SIZE];

	bytes_to_text(text, sizeof(text), key);
	if (key.size <= ID_LENGTH || strcmp(text, visit->behind) == 0)
		return true;
	bytes_to_text(stale.database, ID_SIZE, key);
	strcpy(stale.item, text + ID_LENGTH);
	bytes_to_text(stale.when, STALE_WHEN_SIZE, value);
	return visit->each(visit->arg, &stale);
}

enum error stale_each(struct txn *txn, const char *database, const struct stale *after,
		      stale_fn *each, void *arg)
{
	char behind[KEY_SIZE] = "";
	struct visit visit = { .behind = behind, .each = each, .arg = arg };

	if (after)
		make_key(behind, after->database, after->item);
	return store_scan(txn, TABLE_STALE, bytes_of(database ? database : ""), bytes_of(behind),
			  visit_note, &visit);
}

enum error stale_links(const char *key, struct bytes value, link_fn *each, void *arg)
{
	(void)value;
	(void)each;
	(void)arg;
	return strlen(key) > ID_LENGTH ? OK : ERR_SERVER;
}
