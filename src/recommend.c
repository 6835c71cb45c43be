#include "recommend.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <json-c/linkhash.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "popular.h"
#include "rating.h"
#include "similar.h"
#include "text.h"

/*
 * What a rating counts: that the user chose the item at all is worth 1, and each point above or below
 * the user's mean half of that more or less. (What people rate, however they rate it, says as much of
 * them as how: Koren 2008, on implicit feedback.) So two points below the mean say nothing.
 */
#define WORTH_OF_POINT 0.5

/* Places in the tables to begin with: for what most users rated, for all that there can be. */
#define TABLE_RATED 128
#define TABLE_CANDIDATES (2 * RECOMMEND_PROFILE_MOST * NEIGHBOURS_MOST)

struct rated {
	char item[IDENTIFIER_SIZE];
	double value, timestamp;
};

/* An item that has to do with one that the user rated. */
struct candidate {
	const char *item;
	double score;
};

/* One search. */
struct search {
	struct txn *txn;
	const struct recommend_query *query;
	struct recommendation *result;

	struct rated rated[RECOMMEND_RATED_MOST];
	int rated_count;
	bool rated_more; /* than could be looked through */
	double mean;
	struct lh_table *rated_items; /* their texts */

	struct neighbours neighbours[RECOMMEND_PROFILE_MOST];
	struct candidate candidates[RECOMMEND_PROFILE_MOST * NEIGHBOURS_MOST];
	int candidate_count;
	struct lh_table *candidate_items; /* their texts, in neighbours → struct candidate */
	struct candidate best[RECOMMEND_AMOUNT_MOST + 1]; /* of this page, and one more */
	int best_count;
	enum error error;
};

recommend_mark recommend_mark_of(const char *item)
{
	unsigned char digest[DIGEST_BYTES];
	recommend_mark mark = 0;

	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, item, strlen(item), digest) == 0)
		memcpy(&mark, digest, sizeof(mark));
	return mark;
}

static bool was_shown(const struct recommend_query *query, const char *item)
{
	recommend_mark mark;

	if (query->shown_count == 0)
		return false;
	mark = recommend_mark_of(item);
	for (int i = 0; i < query->shown_count; i++) {
		if (query->shown[i] == mark)
			return true;
	}
	return false;
}

static bool take_rating(void *arg, const struct rating *rating)
{
	struct search *search = arg;
	struct rated *rated = &search->rated[search->rated_count];

	if (search->rated_count == RECOMMEND_RATED_MOST) {
		search->rated_more = true;
		return false;
	}
	text_copy(rated->item, IDENTIFIER_SIZE, rating->item);
	rated->value = rating->value;
	rated->timestamp = rating->timestamp;
	search->rated_count++;
	return true;
}

static int by_value(const void *left, const void *right)
{
	const struct rated *a = left, *b = right;

	if (a->value != b->value)
		return a->value < b->value ? 1 : -1;
	if (a->timestamp != b->timestamp)
		return a->timestamp < b->timestamp ? 1 : -1;
	return strcmp(a->item, b->item);
}

static enum error read_rated(struct search *search)
{
	const struct recommend_query *query = search->query;
	double sum = 0;
	enum error error = rating_each_of_user(search->txn, query->database, query->user, NULL,
					       take_rating, search);

	qsort(search->rated, (size_t)search->rated_count, sizeof(search->rated[0]), by_value);
	for (int i = 0; !error && i < search->rated_count; i++) {
		sum += search->rated[i].value;
		if (lh_table_insert(search->rated_items, search->rated[i].item, NULL) != 0)
			error = ERR_SERVER;
	}
	search->mean = similar_mean(sum, search->rated_count);
	search->result->unknown = search->rated_count == 0;
	return error;
}

static enum error add_candidate(struct search *search, const char *item, double score)
{
	struct candidate *candidate;
	void *found;

	if (lh_table_lookup_ex(search->candidate_items, item, &found)) {
		candidate = found;
		candidate->score += score;
		return OK;
	}
	candidate = &search->candidates[search->candidate_count++];
	*candidate = (struct candidate){ item, score };
	return lh_table_insert(search->candidate_items, item, candidate) == 0 ? OK : ERR_SERVER;
}

static enum error find_candidates(struct search *search)
{
	int count = search->rated_count < RECOMMEND_PROFILE_MOST ? search->rated_count
								 : RECOMMEND_PROFILE_MOST;
	enum error error = OK;

	for (int i = 0; !error && i < count; i++) {
		const struct rated *rated = &search->rated[i];
		struct neighbours *neighbours = &search->neighbours[i];
		double worth = 1 + (rated->value - search->mean) * WORTH_OF_POINT;

		if (worth <= 0)
			break; /* those that follow are rated lower */
		error = similar_get(search->txn, search->query->database, rated->item, neighbours);
		for (int j = 0; !error && j < neighbours->count; j++)
			error = add_candidate(search, neighbours->list[j].item,
					      worth * neighbours->list[j].score);
	}
	return error;
}

/* Which of two comes first; of equal ones the lesser text. */
static bool is_better(const struct candidate *a, const struct candidate *b)
{
	return a->score != b->score ? a->score > b->score : strcmp(a->item, b->item) < 0;
}

/* Whether the user rated an item: of those that could not all be looked through, by another look. */
static bool is_rated(struct search *search, const char *item)
{
	const struct recommend_query *query = search->query;
	struct rating rating;
	void *unused;
	enum error error;

	if (lh_table_lookup_ex(search->rated_items, item, &unused))
		return true;
	if (!search->rated_more)
		return false;
	error = rating_get(search->txn, query->database, query->user, item, &rating);
	if (error && error != ERR_ABSENT)
		search->error = error;
	return !error;
}

static bool may_be_shown(struct search *search, const char *item)
{
	const struct recommend_query *query = search->query;

	return !was_shown(query, item) && !(query->exclude_rated && is_rated(search, item));
}

/* Adds the next item; false when the page is full and there is one more. */
static bool add_item(struct search *search, const char *item, bool popular)
{
	const struct recommend_query *query = search->query;
	struct recommendation *result = search->result;

	if (result->count == query->amount) {
		result->more = query->shown_count + result->count < RECOMMEND_LISTED_MOST;
		return false;
	}
	text_copy(result->items[result->count++], IDENTIFIER_SIZE, item);
	result->popular = result->popular || popular;
	return query->shown_count + result->count < RECOMMEND_LISTED_MOST;
}

/* Puts a candidate in its place among the best that may be shown, if it has one there. */
static void place(struct search *search, const struct candidate *candidate)
{
	int most = search->query->amount + 1, at = search->best_count;

	if (at == most && !is_better(candidate, &search->best[at - 1]))
		return;
	if (!may_be_shown(search, candidate->item))
		return;
	if (at == most)
		at--;
	else
		search->best_count++;
	for (; at > 0 && is_better(candidate, &search->best[at - 1]); at--)
		search->best[at] = search->best[at - 1];
	search->best[at] = *candidate;
}

static bool add_popular(void *arg, const char *item)
{
	struct search *search = arg;
	void *unused;

	if (lh_table_lookup_ex(search->candidate_items, item, &unused))
		return true; /* it had its turn */
	if (!may_be_shown(search, item))
		return !search->error;
	return add_item(search, item, true);
}

static enum error fill_page(struct search *search)
{
	bool goes_on = true;
	enum error error = OK;

	for (int i = 0; i < search->candidate_count; i++)
		place(search, &search->candidates[i]);
	for (int i = 0; i < search->best_count && goes_on; i++)
		goes_on = add_item(search, search->best[i].item, false);
	if (goes_on)
		error = popular_each(search->txn, search->query->database, add_popular, search);
	return error ? error : search->error;
}

static enum error run(struct search *search)
{
	enum error error = read_rated(search);

	if (!error)
		error = find_candidates(search);
	return error ? error : fill_page(search);
}

static enum error is_ready(struct txn *txn, const char *database)
{
	struct database_counters counters;
	enum error error = rating_counters(txn, database, &counters);

	return !error && counters.ratings == 0 ? ERR_NOT_READY : error;
}

enum error recommend(struct txn *txn, const struct recommend_query *query,
		     struct recommendation *recommendation_r)
{
	struct search *search;
	enum error error = is_ready(txn, query->database);

	memset(recommendation_r, 0, sizeof(*recommendation_r));
	if (error)
		return error;
	search = calloc(1, sizeof(*search)); /* pages that are not used are not touched */
	if (!search)
		return ERR_SERVER;
	search->txn = txn;
	search->query = query;
	search->result = recommendation_r;
	search->rated_items = lh_kchar_table_new(TABLE_RATED, NULL);
	search->candidate_items = lh_kchar_table_new(TABLE_CANDIDATES, NULL);
	error = search->rated_items && search->candidate_items ? run(search) : ERR_SERVER;
	if (search->rated_items)
		lh_table_free(search->rated_items);
	if (search->candidate_items)
		lh_table_free(search->candidate_items);
	free(search);
	return error;
}
