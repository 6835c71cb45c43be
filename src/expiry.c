#include "expiry.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The lane, the time in 16 hexadecimal digits, the name. */
#define TIME_DIGITS 16
#define NAME_AT (1 + TIME_DIGITS)
_Static_assert(EXPIRY_KEY_SIZE == NAME_AT + EXPIRY_NAME_MOST + 1, "expiry.h says the same");
#define SWEEP_MOST 8

void expiry_key(char key_r[EXPIRY_KEY_SIZE], char lane, int64_t when, const char *name)
{
	snprintf(key_r, EXPIRY_KEY_SIZE, "%c%016llx%s", lane, (unsigned long long)when, name);
}

bool expiry_name(struct bytes key, struct bytes *name_r)
{
	if (key.size <= NAME_AT || key.size >= EXPIRY_KEY_SIZE)
		return false;
	*name_r = (struct bytes){ (const char *)key.data + NAME_AT, key.size - NAME_AT };
	return true;
}

enum error expiry_put(struct txn *txn, unsigned table, char lane, int64_t when, const char *name)
{
	char key[EXPIRY_KEY_SIZE];

	expiry_key(key, lane, when, name);
	return store_put(txn, table, bytes_of(key), bytes_of(""));
}

enum error expiry_delete(struct txn *txn, unsigned table, char lane, int64_t when, const char *name)
{
	char key[EXPIRY_KEY_SIZE];
	enum error error;

	expiry_key(key, lane, when, name);
	error = store_delete(txn, table, bytes_of(key));
	return error == ERR_ABSENT ? OK : error;
}

/* The first keys of a lane. */
struct heads {
	char keys[SWEEP_MOST][EXPIRY_KEY_SIZE];
	int count, most;
};

static bool collect(void *arg, struct bytes key, struct bytes value)
{
	struct heads *heads = arg;
	struct bytes name;

	(void)value;
	if (!expiry_name(key, &name))
		return true; /* nobody's */
	memcpy(heads->keys[heads->count], key.data, key.size);
	heads->keys[heads->count][key.size] = '\0';
	return ++heads->count < heads->most;
}

static enum error read_heads(struct txn *txn, unsigned table, char lane, struct bytes from,
			     struct heads *heads_r)
{
	return store_scan(txn, table, (struct bytes){ &lane, 1 }, from, collect, heads_r);
}

static int64_t time_of(const char *key)
{
	char digits[TIME_DIGITS + 1];

	memcpy(digits, key + 1, TIME_DIGITS);
	digits[TIME_DIGITS] = '\0';
	return (int64_t)strtoull(digits, NULL, 16);
}

enum error expiry_sweep(struct txn *txn, unsigned table, char lane, int64_t now, int most,
			expiry_fn *remove)
{
	struct heads heads = { .most = most < SWEEP_MOST ? most : SWEEP_MOST };
	enum error error = read_heads(txn, table, lane, bytes_of(""), &heads);

	for (int i = 0; !error && i < heads.count && time_of(heads.keys[i]) < now; i++) {
		error = store_delete(txn, table, bytes_of(heads.keys[i]));
		if (!error)
			error = remove(txn, heads.keys[i] + NAME_AT, time_of(heads.keys[i]));
		if (error == ERR_ABSENT)
			error = OK; /* it was gone already */
	}
	return error;
}

enum error expiry_next(struct txn *txn, unsigned table, char lane, struct expiry_note *note)
{
	struct heads heads = { .most = 1 };
	char key[EXPIRY_KEY_SIZE];
	enum error error;

	expiry_key(key, lane, note->when, note->name);
	/* with its end, a zero byte, it is the least that is behind it */
	error = read_heads(txn, table, lane, (struct bytes){ key, strlen(key) + 1 }, &heads);
	if (error)
		return error;
	if (heads.count == 0)
		return ERR_ABSENT;
	note->when = time_of(heads.keys[0]);
	text_copy(note->name, sizeof(note->name), heads.keys[0] + NAME_AT);
	return OK;
}
