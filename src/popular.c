#include "popular.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "object.h"
#include "record.h"
#include "tables.h"
#include "text.h"

/* Items that are read in one transaction, and so many of them by a request where there is no list. */
#define CHUNK 512
#define CHUNKS_OF_REQUEST 2

/* The list is made anew when one item in so many has changed: each change costs as many looks at most. */
#define CHANGED_PART 50

/* "items": the list; "changed": items whose ratings changed since it was made. */
static const struct record_format format = { .what = "list of popular items", .version = 1 };

double popular_score(const struct rating_stats *stats, double mean)
{
	return (stats->sum + POPULAR_DAMPING * mean) / ((double)stats->count + POPULAR_DAMPING);
}

struct place {
	char item[IDENTIFIER_SIZE];
	double score;
};

/* A list being made, by two looks at the same items: at their mean, then at their places. */
struct ranking {
	struct place places[POPULAR_MOST];
	int count;
	struct rating_stats all;
	double mean;
};

/* Some of a database's items, from one on. */
struct chunk {
	const char *database;
	char from[IDENTIFIER_SIZE]; /* "" for the first */
	struct {
		char item[IDENTIFIER_SIZE];
		struct rating_stats stats;
	} rows[CHUNK];
	int count;
};

typedef void look_fn(struct ranking *ranking, const char *item, const struct rating_stats *stats);

static void add_up(struct ranking *ranking, const char *item, const struct rating_stats *stats)
{
	(void)item;
	ranking->all.count += stats->count;
	ranking->all.sum += stats->sum;
}

/* The items come in the order of their texts: of equal ones the lesser text is there first and stays. */
static void place(struct ranking *ranking, const char *item, const struct rating_stats *stats)
{
	double score = popular_score(stats, ranking->mean);
	int at = ranking->count;

	while (at > 0 && ranking->places[at - 1].score < score)
		at--;
	if (at == POPULAR_MOST)
		return;
	if (ranking->count < POPULAR_MOST)
		ranking->count++;
	memmove(&ranking->places[at + 1], &ranking->places[at],
		(size_t)(ranking->count - 1 - at) * sizeof(ranking->places[0]));
	text_copy(ranking->places[at].item, IDENTIFIER_SIZE, item);
	ranking->places[at].score = score;
}

static bool take_row(void *arg, const char *item, const struct rating_stats *stats)
{
	struct chunk *chunk = arg;

	if (strcmp(item, chunk->from) != 0) {
		text_copy(chunk->rows[chunk->count].item, IDENTIFIER_SIZE, item);
		chunk->rows[chunk->count++].stats = *stats;
	}
	return chunk->count < CHUNK;
}

static enum error read_chunk(struct txn *txn, void *arg)
{
	struct chunk *chunk = arg;

	chunk->count = 0;
	return rating_each_item(txn, chunk->database, *chunk->from ? chunk->from : NULL, take_row,
				chunk);
}

/* In the transaction of a request at its beginning only; where txn is NULL, in many, at all. */
static enum error look_at_items(struct store *store, struct txn *txn, struct chunk *chunk,
				look_fn *look, struct ranking *ranking)
{
	int left = txn ? CHUNKS_OF_REQUEST : -1;
	enum error error;

	*chunk->from = '\0';
	do {
		error = txn ? read_chunk(txn, chunk) : store_view(store, read_chunk, chunk);
		for (int i = 0; !error && i < chunk->count; i++)
			look(ranking, chunk->rows[i].item, &chunk->rows[i].stats);
		if (chunk->count > 0)
			strcpy(chunk->from, chunk->rows[chunk->count - 1].item);
	} while (!error && chunk->count == CHUNK && --left != 0);
	return error;
}

static enum error rank(struct store *store, struct txn *txn, const char *database,
		       struct ranking *ranking_r)
{
	struct chunk *chunk = calloc(1, sizeof(*chunk));
	enum error error;

	memset(ranking_r, 0, sizeof(*ranking_r));
	if (!chunk)
		return ERR_SERVER;
	chunk->database = database;
	error = look_at_items(store, txn, chunk, add_up, ranking_r);
	if (!error && ranking_r->all.count > 0) {
		ranking_r->mean = ranking_r->all.sum / (double)ranking_r->all.count;
		error = look_at_items(store, txn, chunk, place, ranking_r);
	}
	free(chunk);
	return error;
}

static enum error each_of_first(struct txn *txn, const char *database, popular_fn *each, void *arg)
{
	struct ranking *ranking = calloc(1, sizeof(*ranking));
	enum error error;

	if (!ranking)
		return ERR_SERVER;
	error = rank(NULL, txn, database, ranking);
	for (int i = 0; !error && i < ranking->count; i++) {
		if (!each(arg, ranking->places[i].item))
			break;
	}
	free(ranking);
	return error;
}

enum error popular_each(struct txn *txn, const char *database, popular_fn *each, void *arg)
{
	struct json_object *record, *items;
	enum error error = record_get(txn, TABLE_POPULAR, database, &format, &record);

	if (error)
		return error == ERR_ABSENT ? each_of_first(txn, database, each, arg) : error;
	items = object_member(record, "items");
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		if (!each(arg, json_object_get_string(json_object_array_get_idx(items, i))))
			break;
	}
	json_object_put(record);
	return OK;
}

struct learning {
	const char *database;
	int64_t changed;
	bool due;
	struct ranking *ranking;
};

static enum error note(struct txn *txn, void *arg)
{
	struct learning *learning = arg;
	struct database_counters counters;
	struct json_object *record;
	int64_t changed;
	enum error error =
		record_get_to_change(txn, TABLE_POPULAR, learning->database, &format, &record);

	learning->due = error == ERR_ABSENT;
	if (error)
		return error == ERR_ABSENT ? OK : error;
	changed = object_integer(record, "changed", 0) + learning->changed;
	object_add_integer(record, "changed", changed);
	error = rating_counters(txn, learning->database, &counters);
	learning->due = changed * CHANGED_PART >= counters.items;
	if (!error && !learning->due)
		error = record_put(txn, TABLE_POPULAR, learning->database, &format, record);
	json_object_put(record);
	return error;
}

/* A database that was deleted meanwhile gets no list: nobody would remove it. */
static enum error write(struct txn *txn, void *arg)
{
	struct learning *learning = arg;
	struct json_object *record, *items;
	enum error error = database_exists(txn, learning->database);

	if (error)
		return error == ERR_ABSENT ? OK : error;
	record = json_object_new_object();
	items = json_object_new_array();
	for (int i = 0; i < learning->ranking->count; i++)
		json_object_array_add(items,
				      json_object_new_string(learning->ranking->places[i].item));
	json_object_object_add(record, "items", items);
	error = record_put(txn, TABLE_POPULAR, learning->database, &format, record);
	json_object_put(record);
	return error;
}

enum error popular_learn(struct store *store, const char *database, int64_t changed)
{
	struct learning learning = { .database = database, .changed = changed };
	enum error error = store_update(store, note, &learning);

	if (error || !learning.due)
		return error;
	learning.ranking = calloc(1, sizeof(*learning.ranking));
	if (!learning.ranking)
		return ERR_SERVER;
	error = rank(store, NULL, database, learning.ranking);
	if (!error)
		error = store_update(store, write, &learning);
	free(learning.ranking);
	return error;
}

/* As with the neighbours, what it says may be out of date. */
enum error popular_links(const char *key, struct bytes value, link_fn *each, void *arg)
{
	struct json_object *record;
	enum error error = record_parse(&format, value, &record);

	(void)key;
	(void)each;
	(void)arg;
	if (error)
		return error;
	if (!json_object_is_type(object_member(record, "items"), json_type_array))
		error = ERR_SERVER;
	json_object_put(record);
	return error;
}
