#include "learn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "database.h"
#include "file.h"
#include "popular.h"
#include "rating.h"
#include "sample.h"
#include "similar.h"
#include "stale.h"
#include "taste.h"
#include "text.h"

#define LOCK "learn.lock"

/* Seconds between two processes that responders start: what a rating changes is to be seen in a while. */
#define PAUSE 5

/* Notes that are taken up together: what is read of users is good for all of them. */
#define ROUND_MOST 2048

/* Items written in one transaction, so that others who write wait for milliseconds. */
#define BATCH 8

/* Items noted in one transaction. */
#define MARK_BATCH 256

/* An item that was learned. */
struct finding {
	struct stale stale;
	struct neighbours neighbours;
};

struct learner {
	struct store *store;
	const struct learn_options *options;
	struct learn_result *result;

	struct stale round[ROUND_MOST];
	int round_count;
	struct stale last; /* of the round before */
	bool begun;

	char database[ID_SIZE]; /* whose tastes these are */
	struct tastes *tastes;
	int64_t changed; /* items of that database that were learned */

	const char *item; /* being learned */
	char raters[LEARN_RATERS_MOST][IDENTIFIER_SIZE];
	int rater_count;
	struct sample sample;
	struct similar_sums *sums; /* of that item and each other, by their numbers */
	uint32_t *touched;	   /* the numbers of those with sums */
	uint32_t room, touched_count;

	struct finding batch[BATCH];
	int batch_count;
};

static bool take_rater(void *arg, const char *user)
{
	struct learner *learner = arg;

	if (sample_takes(&learner->sample))
		text_copy(learner->raters[learner->rater_count++], IDENTIFIER_SIZE, user);
	return sample_goes_on(&learner->sample);
}

static enum error find_raters(struct txn *txn, void *arg)
{
	struct learner *learner = arg;
	struct rating_stats stats;
	enum error error = rating_item_stats(txn, learner->database, learner->item, &stats);

	learner->rater_count = 0;
	sample_begin(&learner->sample, stats.count, LEARN_RATERS_MOST, LEARN_SCANNED_MOST);
	return error ? error
		     : rating_each_of_item(txn, learner->database, learner->item, NULL, take_rater,
					   learner);
}

static void forget_sums(struct learner *learner)
{
	for (uint32_t i = 0; i < learner->touched_count; i++)
		memset(&learner->sums[learner->touched[i]], 0, sizeof(learner->sums[0]));
	learner->touched_count = 0;
}

/* Room for every item that has a number. */
static enum error make_room(struct learner *learner)
{
	uint32_t room = learner->room ? learner->room : 1024;
	struct similar_sums *sums;
	uint32_t *touched;

	while (room < tastes_items(learner->tastes))
		room *= 2;
	if (room == learner->room)
		return OK;
	sums = realloc(learner->sums, room * sizeof(*sums));
	if (sums)
		learner->sums = sums;
	touched = realloc(learner->touched, room * sizeof(*touched));
	if (touched)
		learner->touched = touched;
	if (!sums || !touched)
		return ERR_SERVER;
	memset(sums + learner->room, 0, (room - learner->room) * sizeof(*sums));
	learner->room = room;
	return OK;
}

/* Adds one rater's ratings of all items to the sums of each with the item being learned. */
static void add_taste(struct learner *learner, const struct taste *taste, uint32_t number)
{
	const struct taste_rating *own = NULL;

	for (int i = 0; i < taste->count && !own; i++) {
		if (taste->ratings[i].item == number)
			own = &taste->ratings[i];
	}
	for (int i = 0; own && i < taste->count; i++) {
		const struct taste_rating *other = &taste->ratings[i];

		if (other == own)
			continue;
		if (learner->sums[other->item].users == 0)
			learner->touched[learner->touched_count++] = other->item;
		similar_add(&learner->sums[other->item], own->above, other->above);
	}
}

static enum error add_up(struct learner *learner)
{
	uint32_t number;
	enum error error = store_view(learner->store, find_raters, learner);

	forget_sums(learner);
	if (!error)
		error = tastes_number(learner->tastes, learner->item, &number);
	for (int i = 0; !error && i < learner->rater_count; i++) {
		const struct taste *taste;

		error = tastes_get(learner->tastes, learner->raters[i], &taste);
		if (!error)
			error = make_room(learner);
		if (!error)
			add_taste(learner, taste, number);
	}
	return error;
}

static void find_neighbours(const struct learner *learner, struct neighbours *neighbours_r)
{
	neighbours_r->count = 0;
	for (uint32_t i = 0; i < learner->touched_count; i++) {
		uint32_t number = learner->touched[i];

		neighbours_offer(neighbours_r, tastes_item(learner->tastes, number),
				 similar_score(&learner->sums[number]));
	}
}

/*
 * Likeness goes both ways, so an item enters the lists of its neighbours, too, where it belongs there:
 * else one that is rated by few would be in nobody's list until those are rated again. A neighbour that
 * is noted itself finds it by itself.
 */
static enum error offer_to_neighbours(struct txn *txn, const struct finding *finding)
{
	const char *database = finding->stale.database;
	struct neighbours theirs;
	enum error error = OK;

	for (int i = 0; !error && i < finding->neighbours.count; i++) {
		const struct neighbour *neighbour = &finding->neighbours.list[i];

		error = stale_exists(txn, database, neighbour->item);
		if (error != ERR_ABSENT)
			continue;
		error = similar_get(txn, database, neighbour->item, &theirs);
		if (!error && neighbours_offer(&theirs, finding->stale.item, neighbour->score))
			error = similar_put(txn, database, neighbour->item, &theirs);
	}
	return error;
}

static enum error write_finding(struct txn *txn, const struct finding *finding)
{
	const struct stale *stale = &finding->stale;
	enum error error = database_exists(txn, stale->database);

	/* what is written for a database that was deleted meanwhile, nobody would remove */
	if (!error) {
		error = similar_put(txn, stale->database, stale->item, &finding->neighbours);
		if (!error)
			error = offer_to_neighbours(txn, finding);
	}
	return error && error != ERR_ABSENT ? error : stale_clear(txn, stale);
}

static enum error write_batch(struct txn *txn, void *arg)
{
	struct learner *learner = arg;
	enum error error = OK;

	for (int i = 0; !error && i < learner->batch_count; i++)
		error = write_finding(txn, &learner->batch[i]);
	return error;
}

static enum error end_batch(struct learner *learner)
{
	enum error error = OK;

	if (learner->batch_count > 0)
		error = store_update(learner->store, write_batch, learner);
	learner->result->items += learner->batch_count;
	learner->batch_count = 0;
	if (learner->options->progress)
		progress_at(learner->options->progress, learner->result->items);
	return error;
}

static enum error end_database(struct learner *learner)
{
	enum error error = end_batch(learner);

	if (!error && learner->changed > 0)
		error = popular_learn(learner->store, learner->database, learner->changed);
	forget_sums(learner);
	tastes_free(learner->tastes);
	learner->tastes = NULL;
	learner->changed = 0;
	*learner->database = '\0';
	return error;
}

static enum error begin_database(struct learner *learner, const char *database)
{
	enum error error = end_database(learner);

	if (error)
		return error;
	text_copy(learner->database, ID_SIZE, database);
	learner->tastes = tastes_new(learner->store, database);
	return learner->tastes ? OK : ERR_SERVER;
}

static enum error learn_item(struct learner *learner, const struct stale *stale)
{
	struct finding *finding;
	enum error error = OK;

	if (strcmp(stale->database, learner->database) != 0)
		error = begin_database(learner, stale->database);
	if (error)
		return error;
	learner->item = stale->item;
	error = add_up(learner);
	if (error)
		return error;
	finding = &learner->batch[learner->batch_count++];
	finding->stale = *stale;
	find_neighbours(learner, &finding->neighbours);
	tastes_trim(learner->tastes);
	learner->changed++;
	return learner->batch_count == BATCH ? end_batch(learner) : OK;
}

static bool take_note(void *arg, const struct stale *stale)
{
	struct learner *learner = arg;

	learner->round[learner->round_count++] = *stale;
	return learner->round_count < ROUND_MOST;
}

static enum error take_notes(struct txn *txn, void *arg)
{
	struct learner *learner = arg;

	learner->round_count = 0;
	return stale_each(txn, learner->options->database, learner->begun ? &learner->last : NULL,
			  take_note, learner);
}

/*
 * Notes are taken first, then tastes are read: so each note stands for no rating that is younger than
 * what was read, and one that was made since has another time and stays.
 */
static enum error learn_round(struct learner *learner)
{
	enum error error = store_view(learner->store, take_notes, learner);

	for (int i = 0; !error && i < learner->round_count; i++)
		error = learn_item(learner, &learner->round[i]);
	if (!error)
		error = end_database(learner);
	if (learner->round_count > 0)
		learner->last = learner->round[learner->round_count - 1];
	learner->begun = true;
	return error;
}

struct marking {
	const char *database;
	char items[MARK_BATCH][IDENTIFIER_SIZE];
	int count;
	char from[IDENTIFIER_SIZE]; /* the last item noted; "" before the first */
};

static bool take_item(void *arg, const char *item, const struct rating_stats *stats)
{
	struct marking *marking = arg;

	(void)stats;
	if (strcmp(item, marking->from) != 0)
		text_copy(marking->items[marking->count++], IDENTIFIER_SIZE, item);
	return marking->count < MARK_BATCH;
}

/* The next items. */
static enum error mark_some(struct txn *txn, void *arg)
{
	struct marking *marking = arg;
	enum error error;

	marking->count = 0;
	error = rating_each_item(txn, marking->database, *marking->from ? marking->from : NULL,
				 take_item, marking);
	for (int i = 0; !error && i < marking->count; i++)
		error = stale_mark(txn, marking->database, marking->items[i]);
	return error;
}

/* Notes every item of a database as stale. */
static enum error mark_all(struct store *store, const char *database)
{
	struct marking *marking = calloc(1, sizeof(*marking));
	enum error error = marking ? OK : ERR_SERVER;
	bool more = true;

	if (marking)
		marking->database = database;
	while (!error && more) {
		error = store_update(store, mark_some, marking);
		more = !error && marking->count == MARK_BATCH;
		if (more)
			strcpy(marking->from, marking->items[MARK_BATCH - 1]);
	}
	free(marking);
	return error;
}

struct counting {
	const char *database;
	int64_t count;
};

static bool count_note(void *arg, const struct stale *stale)
{
	(void)stale;
	((struct counting *)arg)->count++;
	return true;
}

static enum error count_notes(struct txn *txn, void *arg)
{
	struct counting *counting = arg;

	counting->count = 0;
	return stale_each(txn, counting->database, NULL, count_note, counting);
}

static enum error begin_progress(struct store *store, const struct learn_options *options)
{
	struct counting counting = { .database = options->database };
	enum error error = OK;

	if (options->progress) {
		error = store_view(store, count_notes, &counting);
		progress_begin(options->progress, "learning", counting.count, "items");
	}
	return error;
}

static enum error learn_all(struct store *store, const struct learn_options *options,
			    struct learn_result *result)
{
	struct learner *learner = calloc(1, sizeof(*learner));
	enum error error = learner ? OK : ERR_SERVER;

	if (!error && options->anew)
		error = mark_all(store, options->database);
	if (!error)
		error = begin_progress(store, options);
	if (error) {
		free(learner);
		return error;
	}
	learner->store = store;
	learner->options = options;
	learner->result = result;
	do
		error = learn_round(learner);
	while (!error && learner->round_count == ROUND_MOST);
	tastes_free(learner->tastes);
	free(learner->sums);
	free(learner->touched);
	free(learner);
	return error;
}

enum error learn(struct context *context, const struct learn_options *options,
		 struct learn_result *result_r)
{
	int lock = file_open_lock(context->config.directory, LOCK);
	enum error error = ERR_DATA;

	memset(result_r, 0, sizeof(*result_r));
	if (lock >= 0 && file_lock(lock, LOCK_EX | (options->wait ? 0 : LOCK_NB))) {
		error = learn_all(context->store, options, result_r);
	} else if (lock >= 0 && errno == EWOULDBLOCK) {
		result_r->left = true;
		error = OK;
	} else {
		snprintf(result_r->why, sizeof(result_r->why), LOCK ": %s", strerror(errno));
	}
	if (lock >= 0)
		close(lock);
	return error;
}

static enum error look_for_notes(struct txn *txn, void *arg)
{
	(void)arg;
	return stale_any(txn);
}

/*
 * The lock's file says by its time of change when a process was started last, by whichever responder.
 * A time to come is that of a clock which was wrong.
 */
bool learn_is_due(struct context *context, time_t now)
{
	int lock = file_open_lock(context->config.directory, LOCK);
	struct stat stat_of;
	bool due;

	if (lock < 0)
		return false;
	due = fstat(lock, &stat_of) == 0 && llabs((long long)now - stat_of.st_mtime) >= PAUSE &&
	      store_view(context->store, look_for_notes, NULL) == OK;
	if (due)
		due = futimens(lock, NULL) == 0;
	close(lock);
	return due;
}
