#include "taste.h"

#include <json-c/linkhash.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "learn.h"
#include "rating.h"
#include "sample.h"
#include "similar.h"
#include "text.h"

/*
 * Ratings that are held, each user counting as some more: about 50 MB. What is forgotten is read again
 * when it is needed.
 */
#define HELD_MOST 4000000
#define HELD_PER_USER 16

#define TABLE_START 1024

struct tastes {
	struct store *store;
	char database[ID_SIZE];
	struct lh_table *users;	  /* their texts → struct taste */
	struct lh_table *numbers; /* the items' texts → their numbers */
	const char **items;	  /* the same the other way; the texts are the table's */
	uint32_t count, room;
	int64_t held;
};

static void free_user(struct lh_entry *entry)
{
	free(lh_entry_k(entry));
	free(lh_entry_v(entry));
}

static void free_item(struct lh_entry *entry)
{
	free(lh_entry_k(entry));
}

struct tastes *tastes_new(struct store *store, const char *database)
{
	struct tastes *tastes = calloc(1, sizeof(*tastes));

	if (!tastes)
		return NULL;
	tastes->store = store;
	text_copy(tastes->database, ID_SIZE, database);
	tastes->users = lh_kchar_table_new(TABLE_START, free_user);
	tastes->numbers = lh_kchar_table_new(TABLE_START, free_item);
	if (!tastes->users || !tastes->numbers) {
		tastes_free(tastes);
		return NULL;
	}
	return tastes;
}

void tastes_free(struct tastes *tastes)
{
	if (!tastes)
		return;
	if (tastes->users)
		lh_table_free(tastes->users);
	if (tastes->numbers)
		lh_table_free(tastes->numbers);
	free(tastes->items);
	free(tastes);
}

void tastes_trim(struct tastes *tastes)
{
	struct lh_entry *entry, *next;

	if (tastes->held <= HELD_MOST)
		return;
	lh_foreach_safe(tastes->users, entry, next) lh_table_delete_entry(tastes->users, entry);
	tastes->held = 0;
}

enum error tastes_number(struct tastes *tastes, const char *item, uint32_t *number_r)
{
	void *found;
	char *copy;

	if (lh_table_lookup_ex(tastes->numbers, item, &found)) {
		*number_r = (uint32_t)(uintptr_t)found;
		return OK;
	}
	if (tastes->count == tastes->room) {
		uint32_t room = tastes->room ? 2 * tastes->room : TABLE_START;
		const char **items = realloc(tastes->items, room * sizeof(*items));

		if (!items)
			return ERR_SERVER;
		tastes->items = items;
		tastes->room = room;
	}
	copy = strdup(item);
	if (!copy ||
	    lh_table_insert(tastes->numbers, copy, (void *)(uintptr_t)tastes->count) != 0) {
		free(copy);
		return ERR_SERVER;
	}
	tastes->items[tastes->count] = copy;
	*number_r = tastes->count++;
	return OK;
}

uint32_t tastes_items(const struct tastes *tastes)
{
	return tastes->count;
}

const char *tastes_item(const struct tastes *tastes, uint32_t number)
{
	return tastes->items[number];
}

/* A user's ratings being read: as they are given, until their mean is known. */
struct reading {
	struct tastes *tastes;
	const char *user;
	struct sample sample;
	struct taste *taste;
	double sum;
	enum error error;
};

static bool take(void *arg, const struct rating *rating)
{
	struct reading *reading = arg;
	struct taste *taste = reading->taste;

	if (sample_takes(&reading->sample)) {
		struct taste_rating *place = &taste->ratings[taste->count++];

		place->above = (float)rating->value;
		reading->sum += rating->value;
		reading->error = tastes_number(reading->tastes, rating->item, &place->item);
	}
	return !reading->error && sample_goes_on(&reading->sample);
}

static enum error read_taste(struct txn *txn, void *arg)
{
	struct reading *reading = arg;
	struct taste *taste = reading->taste;
	const char *database = reading->tastes->database;
	int64_t count;
	enum error error = rating_user_count(txn, database, reading->user, &count);
	double mean;

	taste->count = 0;
	reading->sum = 0;
	sample_begin(&reading->sample, count, LEARN_RATINGS_MOST, LEARN_SCANNED_MOST);
	if (!error)
		error = rating_each_of_user(txn, database, reading->user, NULL, take, reading);
	mean = similar_mean(reading->sum, taste->count);
	for (int i = 0; i < taste->count; i++)
		taste->ratings[i].above -= (float)mean;
	return error ? error : reading->error;
}

enum error tastes_get(struct tastes *tastes, const char *user, const struct taste **taste_r)
{
	struct reading reading = { .tastes = tastes, .user = user };
	const size_t size = sizeof(struct taste), each = sizeof(struct taste_rating);
	struct taste *taste, *shrunk;
	void *found;
	char *key;
	enum error error;

	if (lh_table_lookup_ex(tastes->users, user, &found)) {
		*taste_r = found;
		return OK;
	}
	taste = calloc(1, size + LEARN_RATINGS_MOST * each);
	key = strdup(user);
	reading.taste = taste;
	error = taste && key ? store_view(tastes->store, read_taste, &reading) : ERR_SERVER;
	if (!error) {
		shrunk = realloc(taste, size + (size_t)taste->count * each);
		taste = shrunk ? shrunk : taste;
		if (lh_table_insert(tastes->users, key, taste) != 0)
			error = ERR_SERVER;
	}
	if (error) {
		free(taste);
		free(key);
		return error;
	}
	tastes->held += taste->count + HELD_PER_USER;
	*taste_r = taste;
	return OK;
}
