#include "similar.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "encode.h"
#include "object.h"
#include "rating.h"
#include "record.h"
#include "tables.h"
#include "text.h"

#define MIDDLE ((RATING_LEAST + RATING_MOST) / 2.0)
#define KEY_SIZE (ID_LENGTH + IDENTIFIER_SIZE)

/* The items and their scores, in two lists of one order. */
static const struct record_format format = { .what = "list of neighbours", .version = 1 };

double similar_mean(double sum, int64_t count)
{
	return (sum + MIDDLE) / ((double)count + 1);
}

void similar_add(struct similar_sums *sums, double first, double second)
{
	sums->users++;
	sums->product += first * second;
	sums->first += first * first;
	sums->second += second * second;
}

int similar_score(const struct similar_sums *sums)
{
	double users = (double)sums->users, cosine;

	if (sums->users < SIMILAR_USERS_LEAST || sums->product <= 0)
		return 0;
	cosine = sums->product / sqrt(sums->first * sums->second);
	return (int)lround(SIMILAR_ALIKE * cosine * users / (users + SIMILAR_SHRINKAGE));
}

/* Where an item belongs; the number of those that are better. */
static int place_of(const struct neighbours *neighbours, const char *item, int score)
{
	int at = neighbours->count;

	while (at > 0 && (neighbours->list[at - 1].score < score ||
			  (neighbours->list[at - 1].score == score &&
			   strcmp(neighbours->list[at - 1].item, item) > 0)))
		at--;
	return at;
}

static bool holds(const struct neighbours *neighbours, const char *item)
{
	for (int i = 0; i < neighbours->count; i++) {
		if (strcmp(neighbours->list[i].item, item) == 0)
			return true;
	}
	return false;
}

bool neighbours_offer(struct neighbours *neighbours, const char *item, int score)
{
	int at = place_of(neighbours, item, score), moved;

	if (score <= 0 || at == NEIGHBOURS_MOST || holds(neighbours, item))
		return false;
	if (neighbours->count < NEIGHBOURS_MOST)
		neighbours->count++;
	moved = neighbours->count - 1 - at;
	memmove(&neighbours->list[at + 1], &neighbours->list[at],
		(size_t)moved * sizeof(neighbours->list[0]));
	text_copy(neighbours->list[at].item, IDENTIFIER_SIZE, item);
	neighbours->list[at].score = score;
	return true;
}

static void make_key(char key_r[KEY_SIZE], const char *database, const char *item)
{
	snprintf(key_r, KEY_SIZE, "%s%s", database, item);
}

static enum error from_record(struct json_object *record, struct neighbours *neighbours_r)
{
	struct json_object *items = object_member(record, "items");
	struct json_object *scores = object_member(record, "scores");
	size_t count;

	if (!json_object_is_type(items, json_type_array) ||
	    !json_object_is_type(scores, json_type_array))
		return ERR_SERVER;
	count = json_object_array_length(items);
	if (count > NEIGHBOURS_MOST || json_object_array_length(scores) != count)
		return ERR_SERVER;
	for (size_t i = 0; i < count; i++) {
		struct neighbour *neighbour = &neighbours_r->list[i];

		text_copy(neighbour->item, IDENTIFIER_SIZE,
			  json_object_get_string(json_object_array_get_idx(items, i)));
		neighbour->score = json_object_get_int(json_object_array_get_idx(scores, i));
	}
	neighbours_r->count = (int)count;
	return OK;
}

enum error similar_get(struct txn *txn, const char *database, const char *item,
		       struct neighbours *neighbours_r)
{
	struct json_object *record;
	char key[KEY_SIZE];
	enum error error;

	neighbours_r->count = 0;
	make_key(key, database, item);
	error = record_get(txn, TABLE_SIMILAR, key, &format, &record);
	if (error)
		return error == ERR_ABSENT ? OK : error;
	error = from_record(record, neighbours_r);
	json_object_put(record);
	return error;
}

enum error similar_put(struct txn *txn, const char *database, const char *item,
		       const struct neighbours *neighbours)
{
	struct json_object *record, *items, *scores;
	char key[KEY_SIZE];
	enum error error;

	make_key(key, database, item);
	if (neighbours->count == 0) {
		error = store_delete(txn, TABLE_SIMILAR, bytes_of(key));
		return error == ERR_ABSENT ? OK : error;
	}
	record = json_object_new_object();
	items = json_object_new_array();
	scores = json_object_new_array();
	for (int i = 0; i < neighbours->count; i++) {
		json_object_array_add(items, json_object_new_string(neighbours->list[i].item));
		json_object_array_add(scores, json_object_new_int(neighbours->list[i].score));
	}
	json_object_object_add(record, "items", items);
	json_object_object_add(record, "scores", scores);
	error = record_put(txn, TABLE_SIMILAR, key, &format, record);
	json_object_put(record);
	return error;
}

/* What it says of items may be out of date at any time, so it implies nothing. */
enum error similar_links(const char *key, struct bytes value, link_fn *each, void *arg)
{
	struct neighbours neighbours;
	struct json_object *record;
	enum error error = record_parse(&format, value, &record);

	(void)key;
	(void)each;
	(void)arg;
	if (error)
		return error;
	error = from_record(record, &neighbours);
	json_object_put(record);
	return error;
}
