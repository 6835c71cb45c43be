/* What is over some day: expiry notes, codes, service keys, the outbox. */
#include "account.h"
#include "code.h"
#include "config.h"
#include "expiry.h"
#include "letter.h"
#include "object.h"
#include "outbox.h"
#include "service-key.h"
#include "session.h"
#include "unit-store.h"

static char organization[ID_SIZE];
static struct config config = { .jwt_lifetime = 900,
				.refresh_lifetime = 3000,
				.session_lifetime = 9000,
				.url = (char *)"https://example.com/" };

static enum error make_organization(struct txn *txn, void *arg)
{
	(void)arg;
	return unit_make_organization(txn, organization);
}

static int open_store(void **state)
{
	if (open_empty_store(state))
		return -1;
	return store_update(store, make_organization, NULL);
}

static enum error make_account(struct txn *txn, enum account_kind kind, const char *login,
			       char id_r[ID_SIZE])
{
	struct failure failure = { .code = OK };

	return account_create(txn,
			      &(struct account_new){ .organization = organization,
						     .kind = kind,
						     .role = ROLE_BACKEND,
						     .login = login,
						     .first_name = "Ann",
						     .last_name = "Ölçü" },
			      id_r, &failure);
}

static uint64_t records(struct txn *txn, enum table table)
{
	uint64_t count = 0;

	return store_count(txn, table, &count) ? UINT64_MAX : count;
}

static int swept;

static enum error count_swept(struct txn *txn, const char *name, int64_t when)
{
	(void)txn;
	swept++;
	return when == 10 && strcmp(name, "gone") == 0 ? ERR_ABSENT : OK;
}

static enum error notes(struct txn *txn, void *arg)
{
	struct expiry_note note = { .when = 0 };
	char name[16];

	(void)arg;
	expect(expiry_next(txn, TABLE_CODE_END, 'a', &note) == ERR_ABSENT);
	expect(expiry_put(txn, TABLE_CODE_END, 'a', 300, "late") == OK);
	expect(expiry_put(txn, TABLE_CODE_END, 'a', 20, "early") == OK);
	expect(expiry_put(txn, TABLE_CODE_END, 'a', 10, "gone") == OK);
	expect(expiry_put(txn, TABLE_CODE_END, 'b', 5, "other") == OK);
	expect(expiry_next(txn, TABLE_CODE_END, 'a', &note) == OK);
	expect(note.when == 10 && strcmp(note.name, "gone") == 0);
	expect(expiry_next(txn, TABLE_CODE_END, 'a', &note) == OK);
	expect(note.when == 20 && strcmp(note.name, "early") == 0);
	note.when = 300; /* behind one that is not there */
	expect(expiry_next(txn, TABLE_CODE_END, 'a', &note) == OK);
	expect(note.when == 300 && strcmp(note.name, "late") == 0);
	expect(expiry_next(txn, TABLE_CODE_END, 'a', &note) == ERR_ABSENT);
	note = (struct expiry_note){ .when = 21 };
	expect(expiry_next(txn, TABLE_CODE_END, 'a', &note) == OK && note.when == 300);

	swept = 0;
	expect(expiry_sweep(txn, TABLE_CODE_END, 'a', 20, 8, count_swept) == OK);
	expect(swept == 1); /* what is over at 20 is not over before 20 */
	expect(expiry_sweep(txn, TABLE_CODE_END, 'a', 21, 8, count_swept) == OK);
	expect(swept == 2);
	expect(expiry_delete(txn, TABLE_CODE_END, 'a', 300, "late") == OK);
	expect(expiry_delete(txn, TABLE_CODE_END, 'a', 300, "late") == OK);
	expect(records(txn, TABLE_CODE_END) == 1);

	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		expect(expiry_put(txn, TABLE_CODE_END, 'a', i, name) == OK);
	}
	swept = 0;
	expect(expiry_sweep(txn, TABLE_CODE_END, 'a', 1000, 3, count_swept) == OK);
	expect(swept == 3);
	return OK;
}

struct search {
	const char *text;
	bool found;
};

static bool find_text(void *arg, struct bytes key, struct bytes value)
{
	struct search *search = arg;

	(void)key;
	search->found = memmem(value.data, value.size, search->text, strlen(search->text));
	return !search->found;
}

/* Whether no record of a table holds a text. */
static bool is_hidden(struct txn *txn, enum table table, const char *text)
{
	struct search search = { .text = text };

	return store_scan(txn, table, bytes_of(""), bytes_of(""), find_text, &search) == OK &&
	       !search.found;
}

static enum error codes(struct txn *txn, void *arg)
{
	char ann[ID_SIZE], bob[ID_SIZE];
	struct code first, second, other;
	int64_t now = (int64_t)time_now();

	(void)arg;
	id_new(ann);
	id_new(bob);
	expect(code_create(txn, CODE_VERIFY, ann, 100, &first) == OK);
	expect(strlen(first.text) == 43 && first.expires >= now + 100 &&
	       first.expires <= now + 101);
	expect(code_create(txn, CODE_PASSWORD, ann, 100, &other) == OK);
	expect(is_hidden(txn, TABLE_CODE, first.text));
	expect(code_check(txn, CODE_VERIFY, ann, first.text, now) == OK);
	expect(code_check(txn, CODE_VERIFY, ann, first.text, first.expires - 1) == OK);
	expect(code_check(txn, CODE_VERIFY, ann, first.text, first.expires) == ERR_ABSENT);
	expect(code_check(txn, CODE_VERIFY, ann, other.text, now) == ERR_ABSENT);
	expect(code_check(txn, CODE_PASSWORD, ann, first.text, now) == ERR_ABSENT);
	expect(code_check(txn, CODE_VERIFY, bob, first.text, now) == ERR_ABSENT);
	expect(code_check(txn, CODE_VERIFY, ann, "", now) == ERR_ABSENT);

	/* a newer one replaces it */
	expect(code_create(txn, CODE_VERIFY, ann, 200, &second) == OK);
	expect(code_check(txn, CODE_VERIFY, ann, first.text, now) == ERR_ABSENT);
	expect(code_check(txn, CODE_VERIFY, ann, second.text, now) == OK);
	expect(records(txn, TABLE_CODE) == 2 && records(txn, TABLE_CODE_END) == 2);

	expect(code_delete(txn, CODE_VERIFY, ann) == OK);
	expect(code_delete(txn, CODE_VERIFY, ann) == OK);
	expect(code_check(txn, CODE_VERIFY, ann, second.text, now) == ERR_ABSENT);
	expect(code_check(txn, CODE_PASSWORD, ann, other.text, now) == OK);

	/* those whose time is over go with the next */
	expect(code_create(txn, CODE_VERIFY, bob, -10, &first) == OK);
	expect(code_create(txn, CODE_VERIFY, ann, 100, &second) == OK);
	expect(records(txn, TABLE_CODE) == 2 && records(txn, TABLE_CODE_END) == 2);
	return OK;
}

static bool count_key(void *arg, const struct service_key *key)
{
	(void)key;
	++*(int *)arg;
	return true;
}

static enum error service_keys(struct txn *txn, void *arg)
{
	char worker[ID_SIZE], other[ID_SIZE], text[SERVICE_KEY_SIZE], bent[SERVICE_KEY_SIZE];
	struct json_object *metadata = json_object_new_object();
	struct service_key key, found;
	double now = time_now();
	int count = 0;

	(void)arg;
	object_add_text(metadata, "host", "a");
	expect(make_account(txn, ACCOUNT_SERVICE, "worker", worker) == OK);
	expect(make_account(txn, ACCOUNT_SERVICE, "other", other) == OK);
	expect(service_key_create(txn, worker, now + 50, metadata, text, &key) == OK);
	expect(strlen(text) == SERVICE_KEY_SIZE - 1 && service_key_is_one(text));
	expect(!is_hidden(txn, TABLE_SERVICE_KEY, worker));
	expect(is_hidden(txn, TABLE_SERVICE_KEY, text + strlen(text) - 43));

	expect(service_key_find(txn, worker, text, now, &found) == OK);
	expect(strcmp(found.id, key.id) == 0 && found.expires > now + 49);
	expect(strcmp(object_text(found.metadata, "host"), "a") == 0);
	service_key_free(&found);
	expect(service_key_find(txn, other, text, now, &found) == ERR_ABSENT);
	expect(service_key_find(txn, worker, text, now + 51, &found) == ERR_ABSENT);
	strcpy(bent, text);
	bent[SERVICE_KEY_SIZE - 2] = bent[SERVICE_KEY_SIZE - 2] == 'A' ? 'Q' : 'A';
	expect(service_key_is_one(bent));
	expect(service_key_find(txn, worker, bent, now, &found) == ERR_ABSENT);
	bent[SERVICE_KEY_SIZE - 2] = '\0';
	expect(!service_key_is_one(bent) && !service_key_is_one("") &&
	       !service_key_is_one(SERVICE_KEY_PREFIX));
	expect(service_key_find(txn, worker, bent, now, &found) == ERR_ABSENT);

	expect(service_key_delete(txn, &key) == OK);
	expect(service_key_delete(txn, &key) == ERR_ABSENT);
	service_key_free(&key);
	for (int i = 0; i < 40; i++) {
		expect(service_key_create(txn, worker, 0, NULL, text, &key) == OK);
		expect(key.expires == 0);
		service_key_free(&key);
	}
	expect(service_key_each(txn, worker, count_key, &count) == OK && count == 40);
	expect(service_key_delete_all(txn, worker) == OK);
	expect(records(txn, TABLE_SERVICE_KEY) == 0 &&
	       records(txn, TABLE_SERVICE_KEY_ACCOUNT) == 0);
	json_object_put(metadata);
	return OK;
}

/* What a token with a key needs to stand. */
static enum error key_sessions(struct txn *txn, void *arg)
{
	char worker[ID_SIZE], text[SERVICE_KEY_SIZE];
	struct session session = { .role = ROLE_BACKEND };
	struct claims claims = { .role = ROLE_BACKEND };
	struct service_key key;
	int64_t now = (int64_t)time_now();

	(void)arg;
	expect(make_account(txn, ACCOUNT_SERVICE, "worker", worker) == OK);
	expect(service_key_create(txn, worker, 0, NULL, text, &key) == OK);
	strcpy(session.account, worker);
	strcpy(session.key, key.id);
	session.ends = now + 60;
	expect(session_create(txn, &config, true, &session) == OK);
	expect(session.ends == now + 60 && session.expires == now + 60);
	strcpy(claims.session, session.id);
	strcpy(claims.account, worker);
	strcpy(claims.key, key.id);
	expect(session_stands(txn, &claims) == OK);
	expect(service_key_delete(txn, &key) == OK);
	expect(session_stands(txn, &claims) == ERR_ABSENT);
	service_key_free(&key);
	return OK;
}

static bool last_mail(void *arg, const struct mail *mail)
{
	char *id = arg;

	strcpy(id, mail->id);
	return true;
}

static enum error letters(struct txn *txn, void *arg)
{
	char ann[ID_SIZE], id[ID_SIZE] = "", first[ID_SIZE];
	struct mail mail, again;
	int64_t now = (int64_t)time_now();

	(void)arg;
	expect(make_account(txn, ACCOUNT_INDIVIDUAL, "ann+x@example.com", ann) == OK);
	expect(outbox_first_due(txn, now, &mail) == ERR_ABSENT);
	expect(letter_send(txn, &config, MAIL_VERIFY, ann, NULL) == OK);
	expect(outbox_first_due(txn, now + 1, &mail) == OK);
	expect(mail.kind == MAIL_VERIFY && strcmp(mail.to, "ann+x@example.com") == 0);
	expect(strcmp(mail.name, "Ann Ölçü") == 0 && strcmp(mail.organization, "Example") == 0);
	expect(strncmp(mail.link, "https://example.com/pages/verify.html?code=", 43) == 0);
	expect(strstr(mail.link, "&email=ann%2Bx%40example.com&code_expiration_timestamp="));
	expect(strstr(mail.link, mail.code) && mail.attempts == 0 && !*mail.error);
	expect(outbox_check(txn, &mail, now) == OK);
	expect(outbox_check(txn, &mail, now + 86401) == ERR_ABSENT);
	strcpy(first, mail.id);

	/* a pause that grows, up to a bound */
	expect(outbox_postpone(txn, first, "down", now) == OK);
	expect(outbox_first_due(txn, now + 59, &again) == ERR_ABSENT);
	expect(outbox_first_due(txn, now + 60, &again) == OK);
	expect(again.attempts == 1 && strcmp(again.error, "down") == 0);
	mail_free(&again);
	for (int i = 0; i < 20; i++)
		expect(outbox_postpone(txn, first, "down", now) == OK);
	expect(outbox_get(txn, first, &again) == OK);
	expect(again.attempts == 21 && again.due == now + 7200);
	mail_free(&again);
	expect(outbox_hasten(txn, first, now) == OK);
	expect(outbox_first_due(txn, now, &again) == OK);
	mail_free(&again);
	expect(records(txn, TABLE_MAIL_DUE) == 1);

	/* another letter makes the first one useless */
	expect(letter_send(txn, &config, MAIL_VERIFY, ann, "https://app.example/x?a=b") == OK);
	expect(outbox_check(txn, &mail, now) == ERR_ABSENT);
	expect(outbox_delete(txn, first) == OK && outbox_delete(txn, first) == ERR_ABSENT);
	expect(outbox_each(txn, last_mail, id) == OK && *id && strcmp(id, first) != 0);
	mail_free(&mail);
	expect(outbox_get(txn, id, &mail) == OK);
	expect(strncmp(mail.link, "https://app.example/x?a=b&code=", 31) == 0);
	mail_free(&mail);

	/* a pretended one leaves nothing */
	expect(letter_pretend(txn, MAIL_RESET, "stranger@example.com") == OK);
	expect(records(txn, TABLE_MAIL) == 1 && records(txn, TABLE_MAIL_DUE) == 1);
	expect(records(txn, TABLE_CODE) == 1 && records(txn, TABLE_CODE_END) == 1);
	return OK;
}

/* A mail that is dropped between a look at its note and one at itself keeps no other from going. */
static enum error dropped_meanwhile(struct txn *txn, void *arg)
{
	char ann[ID_SIZE], id[ID_SIZE];
	struct mail mail;
	int64_t now = (int64_t)time_now();

	(void)arg;
	expect(make_account(txn, ACCOUNT_INDIVIDUAL, "ann@example.com", ann) == OK);
	for (int i = 0; i < 3; i++) {
		id_new(id);
		expect(expiry_put(txn, TABLE_MAIL_DUE, 'a', now - 1 - i % 2, id) == OK);
	}
	expect(outbox_first_due(txn, now, &mail) == ERR_ABSENT);
	expect(letter_send(txn, &config, MAIL_VERIFY, ann, NULL) == OK);
	expect(outbox_each(txn, last_mail, id) == OK);
	expect(outbox_first_due(txn, now - 1, &mail) == ERR_ABSENT);
	expect(outbox_first_due(txn, now + 1, &mail) == OK && strcmp(mail.id, id) == 0);
	mail_free(&mail);
	return OK;
}

/* A mail that was queued while the clock was ahead does not wait until then, also not behind one that waits. */
static enum error queued_ahead(struct txn *txn, void *arg)
{
	char ann[ID_SIZE], id[ID_SIZE];
	struct mail mail;
	int64_t now = (int64_t)time_now();

	(void)arg;
	expect(make_account(txn, ACCOUNT_INDIVIDUAL, "ann@example.com", ann) == OK);
	expect(letter_send(txn, &config, MAIL_VERIFY, ann, NULL) == OK);
	expect(outbox_each(txn, last_mail, id) == OK);
	for (int i = 0; i < 2; i++) {
		expect(outbox_hasten(txn, id, now + 30 * 86400) == OK);
		expect(outbox_first_due(txn, now, &mail) == OK && strcmp(mail.id, id) == 0);
		mail_free(&mail);
		expect(expiry_put(txn, TABLE_MAIL_DUE, 'a', now + 7200, "waits") == OK);
	}
	expect(outbox_postpone(txn, id, "down", now) == OK);
	expect(outbox_first_due(txn, now + 59, &mail) == ERR_ABSENT);
	expect(outbox_first_due(txn, now + 60, &mail) == OK);
	mail_free(&mail);
	/* the longest pause is an honest one */
	expect(outbox_hasten(txn, id, now + 7200) == OK);
	expect(outbox_first_due(txn, now, &mail) == ERR_ABSENT);
	return OK;
}

static void redirects(void **state)
{
	static char *const urls[] = { (char *)"https://a.example/x", (char *)"http://b.example",
				      (char *)"http://c.example/?y=z", NULL };
	static const struct {
		int line;
		const char *url;
		bool good;
	} rows[] = {
		{ __LINE__, NULL, true },
		{ __LINE__, "https://a.example/x", true },
		{ __LINE__, "https://a.example/x?y=z", false },
		{ __LINE__, "http://b.example", true },
		{ __LINE__, "http://b.example?", false },
		{ __LINE__, "http://c.example/?y=z", true },
		{ __LINE__, "http://c.example/?y=z&code=1", false },
		{ __LINE__, "http://c.example/", false },
		{ __LINE__, "http://b.example/", false },
		{ __LINE__, "https://a.example/", false },
		{ __LINE__, "https://a.example/xy", false },
		{ __LINE__, "https://A.example/x", false },
		{ __LINE__, "", false },
	};
	const struct config none = { .url = NULL };
	const struct config some = { .mail_redirect_urls = (char **)urls };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct failure failure = { .code = OK };

		check_row(rows[i].line, letter_check_url(&some, rows[i].url, &failure) ==
						(rows[i].good ? OK : ERR_FIELDS));
		failure_clear(&failure);
		check_row(rows[i].line, letter_check_url(&none, rows[i].url, &failure) ==
						(rows[i].url ? ERR_FIELDS : OK));
		failure_clear(&failure);
	}
}

#define IN_TRANSACTION(steps)                                           \
	static void test_##steps(void **state)                          \
	{                                                               \
		(void)state;                                            \
		assert_int_equal(store_update(store, steps, NULL), OK); \
	}

IN_TRANSACTION(notes)
IN_TRANSACTION(codes)
IN_TRANSACTION(service_keys)
IN_TRANSACTION(key_sessions)
IN_TRANSACTION(letters)
IN_TRANSACTION(queued_ahead)
IN_TRANSACTION(dropped_meanwhile)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_notes, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_codes, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_service_keys, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_key_sessions, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_letters, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_queued_ahead, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_dropped_meanwhile, open_store, close_store),
		cmocka_unit_test(redirects),
	};

	return cmocka_run_group_tests_name("codes", tests, NULL, NULL);
}
