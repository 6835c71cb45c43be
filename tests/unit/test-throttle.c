/* The throttle, by a clock that is set: who waits for how long, who does not, and what is forgotten. */
#include "throttle.h"
#include "unit-store.h"

#define ATTACKER "203.0.113.1"
#define OWNER "198.51.100.1"

static double clock_now;

/* By the linker in the place of time_now(). */
double __wrap_time_now(void);
double __wrap_time_now(void)
{
	return clock_now;
}

static int open_store(void **state)
{
	clock_now = 1000000;
	return open_empty_store(state);
}

static struct throttle_login login_of(const char *name, const char *address)
{
	return (struct throttle_login){ ACCOUNT_SERVICE, name, address };
}

/* The seconds that an attempt is told to wait; 0 where its password is looked at. */
static int64_t attempt(const char *name, const char *address)
{
	struct failure failure = { .code = OK };
	struct throttle_login login = login_of(name, address);
	enum error error = throttle_login_try(store, &login, &failure);

	if (!error)
		return 0;
	assert_int_equal(error, ERR_THROTTLED);
	return failure.retry_after;
}

static void fail_at(const char *name, const char *address)
{
	struct throttle_login login = login_of(name, address);

	throttle_login_failed(store, &login);
}

static enum error succeed(struct txn *txn, void *arg)
{
	return throttle_login_succeeded(txn, arg);
}

static void test_pauses(void **state)
{
	/* after the fifth failure a second, doubled with each, to a quarter of an hour */
	static const int64_t pauses[] = { 0,  0,  0,  0,   0,	1,   2,	  4,  8,
					  16, 32, 64, 128, 256, 512, 900, 900 };

	(void)state;
	for (size_t i = 0; i < sizeof(pauses) / sizeof(*pauses); i++) {
		if (pauses[i]) {
			assert_int_equal(attempt("worker", ATTACKER), pauses[i] + 1);
			clock_now += (double)pauses[i] - 0.5;
			assert_int_equal(attempt("worker", ATTACKER), 1);
			clock_now += 0.5;
		}
		assert_int_equal(attempt("worker", ATTACKER), 0);
		fail_at("worker", ATTACKER);
	}
}

/* Once past the free ones, attempts take turns: of many at once one is looked at. */
static void test_turns(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		fail_at("worker", ATTACKER);
	clock_now += 1;
	assert_int_equal(attempt("worker", ATTACKER), 0);
	/* the first is still being hashed, and has not failed yet */
	for (int i = 0; i < 9; i++)
		assert_int_equal(attempt("worker", ATTACKER), 2);
}

static void test_refused_is_not_counted(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		fail_at("worker", ATTACKER);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(attempt("worker", ATTACKER), 2);
	clock_now += 1;
	assert_int_equal(attempt("worker", ATTACKER), 0);
}

static void test_owner_elsewhere(void **state)
{
	(void)state;
	for (int i = 0; i < 24; i++) {
		fail_at("worker", ATTACKER);
		assert_int_equal(attempt("worker", OWNER), 0);
	}
	/* 25 on one account from anywhere: a minute for everybody at worst */
	for (int i = 0; i < 100; i++)
		fail_at("worker", ATTACKER);
	assert_int_equal(attempt("worker", OWNER), 61);
}

/* An attempt that waited for the transaction of a later one looks at the store with an earlier clock. */
static void test_late(void **state)
{
	(void)state;
	clock_now += 0.25;
	fail_at("worker", ATTACKER);
	clock_now -= 0.25;
	assert_int_equal(attempt("worker", OWNER), 0);
	assert_int_equal(attempt("worker", ATTACKER), 0);
	assert_int_equal(attempt("another", ATTACKER), 0);
}

static void test_quiet_time(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		fail_at("worker", ATTACKER);
	clock_now += 2 * 60 * 60;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(attempt("worker", ATTACKER), 0);
		fail_at("worker", ATTACKER);
	}
	assert_int_equal(attempt("worker", ATTACKER), 2);
}

struct mail_attempt {
	const char *email;
	struct client client;
	struct failure failure;
};

static enum error ask_for_mail(struct txn *txn, void *arg)
{
	struct mail_attempt *attempt = arg;

	return throttle_mail(txn, attempt->email, &attempt->client, &attempt->failure);
}

/* The seconds that one who asks for a mail is told to wait; 0 where it is sent. */
static int64_t mail(const char *email, const char *address)
{
	struct mail_attempt attempt = { .email = email,
					.client = { .remote = address, .number = 1 } };
	enum error error = store_update(store, ask_for_mail, &attempt);

	if (!error)
		return 0;
	assert_int_equal(error, ERR_THROTTLED);
	return attempt.failure.retry_after;
}

static bool count_one(void *arg, const struct throttle *throttle)
{
	(void)throttle;
	++*(int *)arg;
	return true;
}

static enum error count_all(struct txn *txn, void *arg)
{
	*(int *)arg = 0;
	return throttle_each(txn, count_one, arg);
}

static int listed(void)
{
	int count;

	assert_int_equal(store_view(store, count_all, &count), OK);
	return count;
}

static bool look_for_a_wait(void *arg, const struct throttle *throttle)
{
	*(bool *)arg = *(bool *)arg || throttle->until > clock_now;
	return true;
}

static enum error look_for_waits(struct txn *txn, void *arg)
{
	return throttle_each(txn, look_for_a_wait, arg);
}

/* Whether the list has somebody who waits. */
static bool list_has_a_wait(void)
{
	bool found = false;

	assert_int_equal(store_view(store, look_for_waits, &found), OK);
	return found;
}

/* What was counted while the clock was ahead makes nobody wait once it was set right. */
static void test_clock_that_was_ahead(void **state)
{
	static const double ahead[] = { 30 * 86400.0, 86400, 120 };

	(void)state;
	for (size_t i = 0; i < ROWS(ahead); i++) {
		struct throttle_login worker = login_of("worker", ATTACKER);

		clock_now += ahead[i];
		for (int k = 0; k < 200; k++)
			fail_at("worker", ATTACKER);
		while (mail("ann@example.com", ATTACKER) == 0)
			;
		assert_in_range(attempt("worker", ATTACKER), 900, 901);
		assert_true(list_has_a_wait());
		clock_now -= ahead[i];
		assert_false(list_has_a_wait());
		assert_int_equal(attempt("worker", ATTACKER), 0);
		assert_int_equal(attempt("worker", OWNER), 0);
		assert_int_equal(mail("ann@example.com", ATTACKER), 0);

		/* and counts no more with what comes after */
		for (int k = 0; k < 5; k++) {
			assert_int_equal(attempt("worker", ATTACKER), 0);
			fail_at("worker", ATTACKER);
		}
		assert_int_equal(attempt("worker", ATTACKER), 2);
		assert_int_equal(store_update(store, succeed, &worker), OK);
		clock_now += 86400;
	}
}

/* A clock that is set back by less is one that waits a little longer, and no more than that. */
static void test_clock_that_is_set_back(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		fail_at("worker", ATTACKER);
	clock_now -= 59;
	assert_int_equal(attempt("worker", ATTACKER), 900 + 59 + 1);
}

static void test_success(void **state)
{
	struct throttle_login worker = login_of("worker", ATTACKER);

	(void)state;
	for (int i = 0; i < 5; i++)
		fail_at("worker", ATTACKER);
	assert_int_equal(attempt("worker", ATTACKER), 2);
	assert_int_equal(store_update(store, succeed, &worker), OK);
	assert_int_equal(attempt("worker", ATTACKER), 0);

	/* the address's own failures stay: one account does not buy guesses at others */
	for (int i = 0; i < 96; i++) {
		char name[32];

		snprintf(name, sizeof(name), "guess %d", i);
		fail_at(name, ATTACKER);
	}
	assert_int_equal(store_update(store, succeed, &worker), OK);
	assert_int_equal(attempt("another", ATTACKER), 0);
	assert_int_equal(attempt("third", ATTACKER), 3);
	assert_int_equal(attempt("third", OWNER), 0);
}

static void test_who_is_slowed_down(void **state)
{
	struct throttle_login owner = login_of("worker", "192.0.2.2");

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(attempt("worker", "192.0.2.1"), 0);
		fail_at("worker", "192.0.2.1");
	}
	assert_true(attempt("worker", "192.0.2.1") > 0);
	assert_int_equal(attempt("worker", "192.0.2.2"), 0);
	assert_int_equal(attempt("other", "192.0.2.1"), 0);
	assert_int_equal(listed(), 3);

	/* the owner's success forgives the account, not the address that guessed */
	assert_int_equal(store_update(store, succeed, &owner), OK);
	assert_true(attempt("worker", "192.0.2.1") > 0);
	assert_int_equal(listed(), 2);

	/* an account under attack from everywhere: its owner waits a while, too */
	for (int i = 0; i < 25; i++) {
		char address[32];

		snprintf(address, sizeof(address), "198.51.100.%d", i);
		assert_int_equal(attempt("popular", address), 0);
		fail_at("popular", address);
	}
	assert_true(attempt("popular", "192.0.2.9") > 0);
}

struct clearing {
	const char *subject;
	int count;
};

static enum error clear_some(struct txn *txn, void *arg)
{
	struct clearing *clearing = arg;

	return throttle_clear(txn, clearing->subject, &clearing->count);
}

static int clear(const char *subject)
{
	struct clearing clearing = { .subject = subject };

	assert_int_equal(store_update(store, clear_some, &clearing), OK);
	return clearing.count;
}

static enum error has_no_records(struct txn *txn, void *arg)
{
	uint64_t subjects, notes;

	(void)arg;
	expect(store_count(txn, TABLE_THROTTLE, &subjects) == OK && subjects == 0);
	expect(store_count(txn, TABLE_THROTTLE_END, &notes) == OK && notes == 0);
	return OK;
}

static void test_mails(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(mail("Ann@example.com", "192.0.2.1"), 0);
	assert_int_equal(mail("ann@EXAMPLE.com", "192.0.2.2"), 61);
	for (int i = 3; i < 20; i++) {
		char email[32];

		snprintf(email, sizeof(email), "person%d@example.com", i);
		assert_int_equal(mail(email, "192.0.2.1"), 0);
	}
	assert_true(mail("another@example.com", "192.0.2.1") > 0);
	assert_int_equal(clear("192.0.2.1"), 1);
	assert_int_equal(mail("another@example.com", "192.0.2.1"), 0);
	assert_int_equal(clear("ann@example.com"), 1);
	assert_int_equal(clear("nobody@example.com"), 0);
	while (clear(NULL) > 0)
		;
	assert_int_equal(store_view(store, has_no_records, NULL), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pauses, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_turns, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_refused_is_not_counted, open_store,
						close_store),
		cmocka_unit_test_setup_teardown(test_owner_elsewhere, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_late, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_quiet_time, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_clock_that_was_ahead, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_clock_that_is_set_back, open_store,
						close_store),
		cmocka_unit_test_setup_teardown(test_success, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_who_is_slowed_down, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_mails, open_store, close_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
