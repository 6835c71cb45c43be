#include "throttle.h"

#include <stdio.h>
#include <string.h>

#include "encode.h"
#include "expiry.h"
#include "log.h"
#include "object.h"
#include "record.h"
#include "tables.h"
#include "text.h"

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define LANE 'a'
#define SWEEP_MOST 4
#define CLEAR_MOST 64

/* A letter, an address, a space, the key of an account. */
#define SUBJECT_SIZE (1 + ADDRESS_SIZE + 1 + ACCOUNT_KEY_SIZE)
_Static_assert(SUBJECT_SIZE <= EXPIRY_NAME_MOST, "a subject is a name in expiry.h");

static const struct record_format format = { .what = "throttle", .version = 1 };

enum kind { AT_ADDRESS, ACCOUNT, ADDRESS, RECIPIENT, SENDER, KIND__MAX };

/*
 * A person mistypes a password a few times; a program with an old one tries every second. The first
 * two rows keep guessing at one account from one place to some hundred a day, and leave its owner, who
 * is elsewhere, a minute's wait at worst. Behind one address may be a whole school. The quiet time is
 * longer than the longest pause, else waiting would be forgiveness.
 */
static const struct policy {
	char letter;
	const char *name;
	int64_t free;  /* so many are not slowed down */
	int64_t pause; /* seconds after the next, doubled with each */
	int64_t most;
	int64_t quiet; /* seconds after the last of them until they are forgotten */
} policies[KIND__MAX] = {
	[AT_ADDRESS] = { 'l', "login", 5, 1, 15 * MINUTE, 2 * HOUR },
	[ACCOUNT] = { 'a', "account", 25, 1, MINUTE, HOUR },
	[ADDRESS] = { 'i', "address", 100, 1, 5 * MINUTE, HOUR },
	[RECIPIENT] = { 'r', "recipient", 3, MINUTE, 6 * HOUR, 24 * HOUR },
	[SENDER] = { 's', "sender", 20, MINUTE, HOUR, 6 * HOUR },
};

/* What is known of a subject. */
struct state {
	int64_t count;
	double until, forgets;
};

struct subjects {
	char texts[KIND__MAX][SUBJECT_SIZE]; /* empty where there is none of the kind */
};

static void login_subjects(struct subjects *subjects_r, const struct throttle_login *login)
{
	char place[ADDRESS_SIZE], key[ACCOUNT_KEY_SIZE];

	memset(subjects_r, 0, sizeof(*subjects_r));
	address_place(place, login->address);
	account_key(key, login->kind, login->login);
	snprintf(subjects_r->texts[AT_ADDRESS], SUBJECT_SIZE, "%c%s %s",
		 policies[AT_ADDRESS].letter, place, key);
	snprintf(subjects_r->texts[ACCOUNT], SUBJECT_SIZE, "%c%s", policies[ACCOUNT].letter, key);
	snprintf(subjects_r->texts[ADDRESS], SUBJECT_SIZE, "%c%s", policies[ADDRESS].letter, place);
}

static void mail_subjects(struct subjects *subjects_r, const char *email, const char *address)
{
	char place[ADDRESS_SIZE], key[ACCOUNT_KEY_SIZE];

	memset(subjects_r, 0, sizeof(*subjects_r));
	address_place(place, address);
	account_key(key, ACCOUNT_INDIVIDUAL, email);
	snprintf(subjects_r->texts[RECIPIENT], SUBJECT_SIZE, "%c%s", policies[RECIPIENT].letter,
		 key);
	snprintf(subjects_r->texts[SENDER], SUBJECT_SIZE, "%c%s", policies[SENDER].letter, place);
}

static void state_of(struct state *state_r, struct json_object *record)
{
	state_r->count = object_integer(record, "count", 0);
	state_r->until = object_number(record, "until", 0);
	state_r->forgets = object_number(record, "forgets", 0);
}

/* All zero where nothing is known. What is over and not swept yet still has its note: see write(). */
static enum error read(struct txn *txn, const char *subject, struct state *state_r)
{
	struct json_object *record;
	enum error error = record_get(txn, TABLE_THROTTLE, subject, &format, &record);

	memset(state_r, 0, sizeof(*state_r));
	if (error)
		return error == ERR_ABSENT ? OK : error;
	state_of(state_r, record);
	json_object_put(record);
	return OK;
}

static enum error forget(struct txn *txn, const char *subject, const struct state *state)
{
	enum error error =
		expiry_delete(txn, TABLE_THROTTLE_END, LANE, (int64_t)state->forgets, subject);

	if (!error)
		error = store_delete(txn, TABLE_THROTTLE, bytes_of(subject));
	return error == ERR_ABSENT ? OK : error;
}

static enum error remove_record(struct txn *txn, const char *subject, int64_t when)
{
	(void)when;
	return store_delete(txn, TABLE_THROTTLE, bytes_of(subject));
}

/* Writes what is known now in the place of old. */
static enum error write(struct txn *txn, const char *subject, const struct policy *policy,
			const struct state *old, struct state new, double now)
{
	struct json_object *record = json_object_new_object();
	enum error error;

	new.forgets = now + (double)policy->quiet;
	object_add_integer(record, "count", new.count);
	object_add_time(record, "until", new.until);
	object_add_time(record, "forgets", new.forgets);
	error = expiry_sweep(txn, TABLE_THROTTLE_END, LANE, (int64_t)now, SWEEP_MOST,
			     remove_record);
	if (!error && old->forgets > 0)
		error = expiry_delete(txn, TABLE_THROTTLE_END, LANE, (int64_t)old->forgets,
				      subject);
	if (!error)
		error = record_put(txn, TABLE_THROTTLE, subject, &format, record);
	if (!error)
		error = expiry_put(txn, TABLE_THROTTLE_END, LANE, (int64_t) new.forgets, subject);
	json_object_put(record);
	return error;
}

/*
 * Until when the next has to wait: 0 while they are free. Not now, which is already later than the now
 * of another process that waited for this one's transaction.
 */
static double wait_until(const struct policy *policy, int64_t count, double now)
{
	int64_t pause = policy->pause;

	if (count < policy->free)
		return 0;
	for (; count > policy->free && pause < policy->most; count--)
		pause *= 2;
	return now + (double)(pause < policy->most ? pause : policy->most);
}

/*
 * What counts of it now: not what is to be forgotten, nor what a clock that was ahead wrote, for nobody
 * shall wait for that one's time. The minute is for a now that is earlier than the writer's, see
 * wait_until().
 */
static struct state state_now(struct state state, const struct policy *policy, double now)
{
	double latest = now + (double)(policy->quiet + MINUTE);

	if (state.forgets <= now || state.forgets > latest)
		state.count = 0, state.until = 0;
	return state;
}

static enum error read_now(struct txn *txn, const char *subject, const struct policy *policy,
			   double now, struct state *stored_r, struct state *state_r)
{
	enum error error = read(txn, subject, stored_r);

	*state_r = state_now(*stored_r, policy, now);
	return error;
}

/* What is to be done with subjects, in one transaction. */
struct deed {
	const struct subjects *subjects;
	double now;
	bool may_write;	  /* false in the first look, which most attempts need no more than */
	bool needs_write; /* somebody has to take turns */
	struct failure *failure;
};

static enum error refuse(struct failure *failure, double seconds)
{
	failure->retry_after = (int64_t)seconds + 1;
	return fail(failure, ERR_THROTTLED, NULL);
}

/* Whether nobody has to wait, and if so, takes the turn of those that are past the free ones. */
static enum error take_turn(struct txn *txn, void *arg)
{
	struct deed *deed = arg;
	double wait = 0;
	enum error error = OK;

	deed->needs_write = false;
	for (int i = 0; !error && i < KIND__MAX; i++) {
		const char *subject = deed->subjects->texts[i];
		struct state stored, state;

		if (!*subject)
			continue;
		error = read_now(txn, subject, &policies[i], deed->now, &stored, &state);
		if (state.until - deed->now > wait)
			wait = state.until - deed->now;
		if (state.count < policies[i].free)
			continue;
		deed->needs_write = true;
		state.until = wait_until(&policies[i], state.count, deed->now);
		if (!error && deed->may_write)
			error = write(txn, subject, &policies[i], &stored, state, deed->now);
	}
	if (!error && wait > 0)
		error = refuse(deed->failure, wait);
	return error;
}

enum error throttle_login_try(struct store *store, const struct throttle_login *login,
			      struct failure *failure)
{
	struct subjects subjects;
	struct deed deed = { .subjects = &subjects, .now = time_now(), .failure = failure };
	enum error error;

	login_subjects(&subjects, login);
	error = store_view(store, take_turn, &deed);
	if (error || !deed.needs_write)
		return error;
	deed.may_write = true;
	return store_update_lazily(store, take_turn, &deed);
}

/* One more of each subject. */
static enum error count(struct txn *txn, const struct deed *deed)
{
	enum error error = OK;

	for (int i = 0; !error && i < KIND__MAX; i++) {
		const char *subject = deed->subjects->texts[i];
		struct state stored, state;

		if (!*subject)
			continue;
		error = read_now(txn, subject, &policies[i], deed->now, &stored, &state);
		state.count++;
		state.until = wait_until(&policies[i], state.count, deed->now);
		if (!error)
			error = write(txn, subject, &policies[i], &stored, state, deed->now);
	}
	return error;
}

static enum error count_failure(struct txn *txn, void *arg)
{
	return count(txn, arg);
}

void throttle_login_failed(struct store *store, const struct throttle_login *login)
{
	struct subjects subjects;
	struct deed deed = { .subjects = &subjects, .now = time_now() };

	login_subjects(&subjects, login);
	if (store_update_lazily(store, count_failure, &deed))
		log_line(LOG_WARNING, "a failed login could not be counted");
}

enum error throttle_login_succeeded(struct txn *txn, const struct throttle_login *login)
{
	struct subjects subjects;
	double now = time_now();
	enum error error = OK;

	login_subjects(&subjects, login);
	for (int i = 0; !error && i < KIND__MAX; i++) {
		const char *subject = subjects.texts[i];
		struct state stored, state;

		if (!*subject)
			continue;
		error = read_now(txn, subject, &policies[i], now, &stored, &state);
		if (error || stored.forgets <= 0)
			continue;
		if (i != ADDRESS) {
			error = forget(txn, subject, &stored);
		} else if (state.until > now) { /* the turn it took is given back */
			state.until = 0;
			error = write(txn, subject, &policies[i], &stored, state, now);
		}
	}
	return error;
}

enum error throttle_mail(struct txn *txn, const char *email, const struct client *client,
			 struct failure *failure)
{
	char address[ADDRESS_SIZE];
	struct subjects subjects;
	struct deed deed = { .subjects = &subjects, .now = time_now(), .failure = failure };
	enum error error;

	client_address(client, address);
	mail_subjects(&subjects, email, address);
	error = take_turn(txn, &deed);
	return error ? error : count(txn, &deed);
}

struct visit {
	throttle_fn *each;
	void *arg;
	double now;
	enum error error;
};

/* That of the kind that a subject starts with, or NULL. */
static const struct policy *policy_of(const char *subject)
{
	for (int i = 0; i < KIND__MAX; i++) {
		if (policies[i].letter == *subject)
			return &policies[i];
	}
	return NULL;
}

static bool visit_record(void *arg, struct bytes key, struct bytes value)
{
	struct visit *visit = arg;
	char subject[SUBJECT_SIZE];
	const struct policy *policy;
	struct throttle throttle;
	struct state state;
	struct json_object *record;

	bytes_to_text(subject, sizeof(subject), key);
	policy = policy_of(subject);
	if (!policy)
		return true;
	visit->error = record_parse(&format, value, &record);
	if (visit->error)
		return false;
	state_of(&state, record);
	json_object_put(record);
	state = state_now(state, policy, visit->now);
	throttle.what = policy->name;
	throttle.subject = subject + 1;
	throttle.count = state.count;
	throttle.until = state.until;
	throttle.forgets = state.forgets;
	return visit->each(visit->arg, &throttle);
}

enum error throttle_each(struct txn *txn, throttle_fn *each, void *arg)
{
	struct visit visit = { .each = each, .arg = arg, .now = time_now() };
	enum error error =
		store_scan(txn, TABLE_THROTTLE, bytes_of(""), bytes_of(""), visit_record, &visit);

	return error ? error : visit.error;
}

struct search {
	const char *wanted; /* NULL: all */
	char subjects[CLEAR_MOST][SUBJECT_SIZE];
	int count;
};

/* Whether a subject is of an address, an email or a name; one of both kinds is of either. */
static bool is_of(const char *subject, const char *wanted)
{
	const char *text = subject + 1, *space = strchr(text, ' ');
	bool places = *subject == policies[ADDRESS].letter || *subject == policies[SENDER].letter;

	if (places)
		return strcmp(text, wanted) == 0;
	if (*subject == policies[AT_ADDRESS].letter && space) {
		if (strncmp(text, wanted, (size_t)(space - text)) == 0 &&
		    wanted[space - text] == '\0')
			return true;
		text = space + 1;
	}
	return strlen(text) > 2 && strcmp(text + 2, wanted) == 0; /* behind "i:" or "s:" */
}

static bool search_subject(void *arg, struct bytes key, struct bytes value)
{
	struct search *search = arg;
	char *subject = search->subjects[search->count];

	(void)value;
	bytes_to_text(subject, SUBJECT_SIZE, key);
	if (!search->wanted || is_of(subject, search->wanted))
		search->count++;
	return search->count < CLEAR_MOST;
}

enum error throttle_clear(struct txn *txn, const char *subject, int *count_r)
{
	struct search search = { .wanted = subject };
	enum error error = store_scan(txn, TABLE_THROTTLE, bytes_of(""), bytes_of(""),
				      search_subject, &search);

	*count_r = search.count;
	for (int i = 0; !error && i < search.count; i++) {
		struct state state;

		error = read(txn, search.subjects[i], &state);
		if (!error)
			error = forget(txn, search.subjects[i], &state);
	}
	return error;
}

enum error throttle_links(const char *subject, struct bytes value, link_fn *each, void *arg)
{
	char note[EXPIRY_KEY_SIZE];
	struct json_object *record;
	struct state state;
	enum error error = policy_of(subject) ? record_parse(&format, value, &record) : ERR_SERVER;

	if (error)
		return error;
	state_of(&state, record);
	json_object_put(record);
	expiry_key(note, LANE, (int64_t)state.forgets, subject);
	return link_each(
		(const struct link[]){
			{ LINK_INDEX, TABLE_THROTTLE_END, bytes_of(note), bytes_of("") },
		},
		1, each, arg);
}
