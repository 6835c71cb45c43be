/* The store, records and their upgrade, and the models on a store of their own. */
#include <unistd.h>

#include "account.h"
#include "config.h"
#include "database.h"
#include "log.h"
#include "object.h"
#include "organization.h"
#include "record.h"
#include "session.h"
#include "tables.h"
#include "unit.h"

static char *folder;
static struct store *store;
static struct config config = { .jwt_lifetime = 900,
				.refresh_lifetime = 3000,
				.session_lifetime = 9000 };

static void open_again(void)
{
	const struct store_options options = { .directory = folder,
					       .tables = table_names,
					       .table_count = TABLE__MAX,
					       .cache = 1 << 20 };

	store_close(store);
	store = store_open(&options);
	assert_non_null(store);
}

static int open_store(void **state)
{
	(void)state;
	folder = unit_make_folder();
	store = NULL;
	open_again();
	return 0;
}

static int close_store(void **state)
{
	(void)state;
	store_close(store);
	unit_remove_folder(folder);
	return 0;
}

static bool is_bytes(struct bytes bytes, const char *text)
{
	return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

static enum error write_some(struct txn *txn, void *arg)
{
	struct bytes value;

	(void)arg;
	expect(store_get(txn, TABLE_ACCOUNT, bytes_of("a"), &value) == ERR_ABSENT);
	expect(store_exists(txn, TABLE_ACCOUNT, bytes_of("a")) == ERR_ABSENT);
	expect(store_delete(txn, TABLE_ACCOUNT, bytes_of("a")) == ERR_ABSENT);
	expect(store_add(txn, TABLE_ACCOUNT, bytes_of("a"), bytes_of("1")) == OK);
	expect(store_add(txn, TABLE_ACCOUNT, bytes_of("a"), bytes_of("2")) == ERR_EXISTS);
	expect(store_put(txn, TABLE_ACCOUNT, bytes_of("a"), bytes_of("3")) == OK);
	expect(store_get(txn, TABLE_ACCOUNT, bytes_of("a"), &value) == OK);
	expect(is_bytes(value, "3"));
	expect(store_put(txn, TABLE_ACCOUNT, bytes_of("b"), bytes_of("")) == OK);
	expect(store_put(txn, TABLE_ACCOUNT, bytes_of("c"), bytes_of("x")) == OK);
	expect(store_delete(txn, TABLE_ACCOUNT, bytes_of("c")) == OK);
	return OK;
}

static enum error read_some(struct txn *txn, void *arg)
{
	struct bytes value;
	uint64_t count;

	(void)arg;
	expect(store_get(txn, TABLE_ACCOUNT, bytes_of("a"), &value) == OK);
	expect(is_bytes(value, "3"));
	expect(store_get_to_change(txn, TABLE_ACCOUNT, bytes_of("b"), &value) == OK);
	expect(is_bytes(value, ""));
	expect(store_exists(txn, TABLE_ACCOUNT, bytes_of("b")) == OK);
	expect(store_get(txn, TABLE_ACCOUNT, bytes_of("c"), &value) == ERR_ABSENT);
	expect(store_get(txn, TABLE_SESSION, bytes_of("a"), &value) == ERR_ABSENT);
	expect(store_count(txn, TABLE_ACCOUNT, &count) == OK && count == 2);
	return OK;
}

static void what_is_committed_stays(void **state)
{
	(void)state;
	assert_int_equal(store_update(store, write_some, NULL), OK);
	assert_int_equal(store_view(store, read_some, NULL), OK);
	open_again();
	assert_int_equal(store_view(store, read_some, NULL), OK);
}

static enum error write_and_fail(struct txn *txn, void *arg)
{
	expect(store_put(txn, TABLE_ACCOUNT, bytes_of("a"), bytes_of("lost")) == OK);
	expect(store_put(txn, TABLE_ACCOUNT_ORG, bytes_of("z"), bytes_of("lost")) == OK);
	return *(enum error *)arg;
}

static enum error nothing_there(struct txn *txn, void *arg)
{
	struct bytes value;

	(void)arg;
	expect(store_get(txn, TABLE_ACCOUNT, bytes_of("a"), &value) == ERR_ABSENT);
	expect(store_get(txn, TABLE_ACCOUNT_ORG, bytes_of("z"), &value) == ERR_ABSENT);
	return OK;
}

static void what_fails_leaves_nothing(void **state)
{
	enum error error = ERR_DUPLICATED_ACCOUNT;

	(void)state;
	assert_int_equal(store_update(store, write_and_fail, &error), ERR_DUPLICATED_ACCOUNT);
	assert_int_equal(store_view(store, nothing_there, NULL), OK);
}

struct scanned {
	char keys[64];
	int most;
};

static bool note_key(void *arg, struct bytes key, struct bytes value)
{
	struct scanned *scanned = arg;

	(void)value;
	snprintf(scanned->keys + strlen(scanned->keys),
		 sizeof(scanned->keys) - strlen(scanned->keys), "%.*s ", (int)key.size,
		 (const char *)key.data);
	return --scanned->most != 0;
}

static enum error scan_some(struct txn *txn, void *arg)
{
	static const char *const keys[] = { "b2", "a", "b", "c", "b10", "B" };
	static const struct {
		int line;
		const char *prefix, *from;
		int most;
		const char *keys;
	} rows[] = {
		{ __LINE__, "", "", 0, "B a b b10 b2 c " }, { __LINE__, "b", "", 0, "b b10 b2 " },
		{ __LINE__, "b", "b10", 0, "b10 b2 " },	    { __LINE__, "b", "b11", 0, "b2 " },
		{ __LINE__, "b", "a", 0, "b b10 b2 " },	    { __LINE__, "b", "c", 0, "" },
		{ __LINE__, "", "b2", 0, "b2 c " },	    { __LINE__, "d", "", 0, "" },
		{ __LINE__, "b", "", 2, "b b10 " },
	};

	(void)arg;
	for (size_t i = 0; i < ROWS(keys); i++)
		expect(store_put(txn, TABLE_ACCOUNT, bytes_of(keys[i]), bytes_of("")) == OK);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct scanned scanned = { .most = rows[i].most };

		expect(store_scan(txn, TABLE_ACCOUNT, bytes_of(rows[i].prefix),
				  bytes_of(rows[i].from), note_key, &scanned) == OK);
		if (strcmp(scanned.keys, rows[i].keys) != 0)
			print_error("row in line %d: %s\n", rows[i].line, scanned.keys);
		expect(strcmp(scanned.keys, rows[i].keys) == 0);
	}
	return OK;
}

static void scans_go_by_prefix_and_order(void **state)
{
	(void)state;
	assert_int_equal(store_update(store, scan_some, NULL), OK);
}

/* Version 2 renamed "old" to "new", version 3 added "three". */
static void to_two(struct json_object *record)
{
	object_add_text(record, "new", object_text(record, "old"));
	json_object_object_del(record, "old");
}

static void to_three(struct json_object *record)
{
	object_add_integer(record, "three", 3);
}

static void records_are_upgraded_as_they_are_read(void **state)
{
	static record_upgrade_fn *const upgrades[] = { to_two, to_three };
	static const struct record_format format = { "test", 3, upgrades };
	static const struct {
		int line;
		const char *text;
		enum error error;
		const char *value;
		int three;
	} rows[] = {
		{ __LINE__, "{\"v\":1,\"old\":\"x\"}", OK, "x", 3 },
		{ __LINE__, "{\"v\":2,\"new\":\"y\"}", OK, "y", 3 },
		{ __LINE__, "{\"v\":3,\"new\":\"z\",\"three\":33}", OK, "z", 33 },
		{ __LINE__, "{\"v\":4}", ERR_SERVER, NULL, 0 },
		{ __LINE__, "{\"v\":0}", ERR_SERVER, NULL, 0 },
		{ __LINE__, "{\"new\":\"x\"}", ERR_SERVER, NULL, 0 },
		{ __LINE__, "{\"v\":\"1\"}", ERR_SERVER, NULL, 0 },
		{ __LINE__, "{\"v\":1", ERR_SERVER, NULL, 0 },
		{ __LINE__, "", ERR_SERVER, NULL, 0 },
		{ __LINE__, "[1]", ERR_SERVER, NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct json_object *record = NULL;

		check_row(rows[i].line,
			  record_parse(&format, bytes_of(rows[i].text), &record) == rows[i].error);
		if (rows[i].error)
			continue;
		check_row(rows[i].line, strcmp(object_text(record, "new"), rows[i].value) == 0);
		check_row(rows[i].line, !object_member(record, "old"));
		check_row(rows[i].line, object_integer(record, "three", 0) == rows[i].three);
		json_object_put(record);
	}
}

static struct account_new some_account(enum account_kind kind, const char *login)
{
	return (struct account_new){ .organization = "org",
				     .kind = kind,
				     .role = ROLE_BACKEND,
				     .login = login,
				     .password = "hash" };
}

static enum error accounts_live(struct txn *txn, void *arg)
{
	struct account_new ann = some_account(ACCOUNT_INDIVIDUAL, "Ann@Example.com");
	struct account_new same = some_account(ACCOUNT_INDIVIDUAL, "aNN@eXAMPLE.cOM");
	struct account_new service = some_account(ACCOUNT_SERVICE, "Ann@Example.com");
	struct account_new other = some_account(ACCOUNT_SERVICE, "ann@example.com");
	const enum role backend = ROLE_BACKEND, manager = ROLE_MANAGER;
	struct failure failure = { .code = OK };
	struct account account;
	char id[ID_SIZE], unused[ID_SIZE];
	int64_t epoch;

	(void)arg;
	expect(account_create(txn, &ann, id, &failure) == OK);
	expect(account_create(txn, &same, unused, &failure) == ERR_DUPLICATED_ACCOUNT);
	expect(strcmp(failure.detail, "aNN@eXAMPLE.cOM") == 0);
	expect(account_create(txn, &service, unused, &failure) == OK);
	expect(account_create(txn, &other, unused, &failure) == OK);

	expect(account_find(txn, ACCOUNT_INDIVIDUAL, "ANN@example.com", &account, &epoch) == OK);
	expect(epoch == 0 && strcmp(account.login, "Ann@Example.com") == 0);
	expect(strcmp(account.id, id) == 0 && !account.verified && account.role == ROLE_BACKEND);
	account_free(&account);
	expect(account_find(txn, ACCOUNT_SERVICE, "ANN@example.com", &account, NULL) == ERR_ABSENT);
	expect(account_find_to_change(txn, "another", ACCOUNT_INDIVIDUAL, "ann@example.com",
				      &account, &failure) == ERR_NO_ACCOUNT);

	/* only what must end sessions moves the epoch */
	expect(account_find_to_change(txn, "org", ACCOUNT_INDIVIDUAL, "ann@example.com", &account,
				      &failure) == OK);
	expect(account_change(txn, &account,
			      &(struct account_changes){ .first_name = "A", .role = &backend }) ==
	       OK);
	expect(account_rehash(txn, &account, "better") == OK);
	expect(account_epoch(txn, id, &epoch) == OK && epoch == 0);
	expect(account_change(txn, &account, &(struct account_changes){ .role = &manager }) == OK);
	expect(account_epoch(txn, id, &epoch) == OK && epoch == 1);
	expect(account_change(txn, &account, &(struct account_changes){ .password = "new" }) == OK);
	expect(account_epoch(txn, id, &epoch) == OK && epoch == 2);
	expect(account_change(txn, &account, &(struct account_changes){ .end_sessions = true }) ==
	       OK);
	expect(account_epoch(txn, id, &epoch) == OK && epoch == 3);
	account_free(&account);

	expect(account_get(txn, id, &account) == OK);
	expect(strcmp(account.first_name, "A") == 0 && strcmp(account.password, "new") == 0);
	expect(account.role == ROLE_MANAGER);
	expect(account_delete(txn, &account) == OK);
	account_free(&account);
	expect(account_get(txn, id, &account) == ERR_ABSENT);
	expect(account_epoch(txn, id, &epoch) == ERR_ABSENT);
	expect(account_create(txn, &same, id, &failure) == OK);
	return OK;
}

static void accounts(void **state)
{
	(void)state;
	assert_int_equal(store_update(store, accounts_live, NULL), OK);
}

static bool note_name(void *arg, struct bytes entry)
{
	struct json_object *object = object_parse_own(entry.data, entry.size);

	strcat(arg, object_text(object, "name"));
	json_object_put(object);
	return true;
}

static enum error databases_live(struct txn *txn, void *arg)
{
	static const char *const names[] = { "b", "a", "c", "Ä" };
	struct failure failure = { .code = OK };
	struct database database;
	char id[ID_SIZE], first[ID_SIZE], listed[32] = "";

	(void)arg;
	for (size_t i = 0; i < ROWS(names); i++) {
		struct database_new new = { .organization = "AAAAAAAAAAAAAAAAAAAAAA",
					    .name = names[i],
					    .item_id_type = "uuid",
					    .user_id_type = "uint8" };

		expect(database_create(txn, &new, i ? id : first, &failure) == OK);
		expect(database_create(txn, &new, id, &failure) == ERR_DUPLICATED_DATABASE);
		new.organization = "BAAAAAAAAAAAAAAAAAAAAA";
		expect(database_create(txn, &new, id, &failure) == OK);
	}
	expect(database_each(txn, "AAAAAAAAAAAAAAAAAAAAAA", 1, note_name, listed) == OK);
	expect(strcmp(listed, "bcÄ") == 0);
	expect(database_find(txn, "AAAAAAAAAAAAAAAAAAAAAA", first, NULL, &database, &failure) ==
	       OK);
	expect(strcmp(database.name, "b") == 0 && !database.session_id_type);
	expect(strcmp(database_status(&database), "pending") == 0);
	database_free(&database);
	expect(database_find(txn, "BAAAAAAAAAAAAAAAAAAAAA", first, NULL, &database, &failure) ==
	       ERR_NO_DATABASE);
	expect(database_find(txn, "AAAAAAAAAAAAAAAAAAAAAA", first, "a", &database, &failure) ==
	       ERR_NO_DATABASE);
	expect(database_delete(txn, "BAAAAAAAAAAAAAAAAAAAAA", first, &failure) == ERR_NO_DATABASE);
	expect(database_delete(txn, "AAAAAAAAAAAAAAAAAAAAAA", first, &failure) == OK);
	expect(database_find(txn, "AAAAAAAAAAAAAAAAAAAAAA", NULL, "b", &database, &failure) ==
	       ERR_NO_DATABASE);
	return OK;
}

static void databases(void **state)
{
	(void)state;
	assert_int_equal(store_update(store, databases_live, NULL), OK);
}

static struct session some_session(const char *account)
{
	struct session session = { .role = ROLE_FRONTEND, .epoch = 0 };

	snprintf(session.account, ID_SIZE, "%s", account);
	strcpy(session.organization, "org");
	strcpy(session.login, "ann@example.com");
	strcpy(session.user, "42");
	return session;
}

/* session_stands() for a token with these claims. */
static enum error stands(struct txn *txn, const char *id, const char *account, int64_t epoch)
{
	struct claims claims = { .epoch = epoch };

	strcpy(claims.session, id);
	strcpy(claims.account, account);
	return session_stands(txn, &claims);
}

static enum error sessions_live(struct txn *txn, void *arg)
{
	struct account_new ann = some_account(ACCOUNT_INDIVIDUAL, "ann@example.com");
	struct failure failure = { .code = OK };
	struct session session, got;
	struct account account;
	char id[ID_SIZE];

	(void)arg;
	expect(account_create(txn, &ann, id, &failure) == OK);
	session = some_session(id);
	expect(session_create(txn, &config, true, &session) == OK);
	expect(session_get(txn, session.id, &got) == OK);
	expect(memcmp(&got, &session, sizeof(got)) == 0);
	expect(got.expires == got.created + 3000 && got.ends == got.created + 9000);
	expect(stands(txn, session.id, id, 0) == OK);
	expect(stands(txn, session.id, id, 1) == ERR_ABSENT);
	expect(stands(txn, id, id, 0) == ERR_ABSENT);

	/* a change is written, and the index with it */
	session_rotate(&config, &session, session.created + 100);
	expect(session.counter == 1 && session.expires == got.expires + 100);
	expect(session_put(txn, &session, got.expires) == OK);
	expect(session_get(txn, session.id, &got) == OK);
	expect(memcmp(&got, &session, sizeof(got)) == 0);
	expect(session_end(txn, session.id) == OK);
	expect(session_end(txn, session.id) == ERR_ABSENT);

	expect(session_create(txn, &config, false, &session) == OK);
	expect(session.ends == session.created && session.expires == session.created);
	expect(account_get(txn, id, &account) == OK);
	expect(account_delete(txn, &account) == OK);
	account_free(&account);
	expect(stands(txn, session.id, id, 0) == ERR_ABSENT);
	return OK;
}

static void sessions(void **state)
{
	(void)state;
	assert_int_equal(store_update(store, sessions_live, NULL), OK);
}

static enum error create_sessions(struct txn *txn, void *arg)
{
	const struct config *with = arg;

	for (int i = 0; i < 200; i++) {
		struct session session = some_session("account");

		expect(session_create(txn, with, true, &session) == OK);
	}
	return OK;
}

static enum error count_sessions(struct txn *txn, void *arg)
{
	uint64_t *counts = arg;

	expect(store_count(txn, TABLE_SESSION, &counts[0]) == OK);
	expect(store_count(txn, TABLE_SESSION_END, &counts[1]) == OK);
	return OK;
}

static void expired_sessions_are_swept_by_new_ones(void **state)
{
	struct config brief = { .jwt_lifetime = 900, .refresh_lifetime = 1, .session_lifetime = 1 };
	struct config later = config;
	uint64_t counts[2];

	(void)state;
	/* their refresh tokens are over in a second, but their JWTs live on */
	assert_int_equal(store_update(store, create_sessions, &brief), OK);
	assert_int_equal(store_view(store, count_sessions, counts), OK);
	assert_int_equal(counts[0], 200);
	/* as if those too had been over for ten seconds: up to four go for each that comes */
	later.jwt_lifetime = -10;
	for (int i = 0; i < 3; i++)
		assert_int_equal(store_update(store, create_sessions, &later), OK);
	assert_int_equal(store_view(store, count_sessions, counts), OK);
	assert_int_equal(counts[0], 600);
	assert_int_equal(counts[1], 600);
}

static void renewals_are_judged(void **state)
{
	static const struct {
		int line;
		enum rotation rotation;
		uint32_t shown;
		bool retiring;
		int64_t now;
		enum renewal verdict;
	} rows[] = {
		/* the session: counter 5, given out at 10000, good until 13000, ends at 19000 */
		{ __LINE__, ROTATE_WHEN_DUE, 5, false, 10000, RENEWAL_KEEPS },
		{ __LINE__, ROTATE_WHEN_DUE, 5, false, 11999, RENEWAL_KEEPS },
		{ __LINE__, ROTATE_WHEN_DUE, 5, false, 12000, RENEWAL_ROTATES },
		{ __LINE__, ROTATE_WHEN_DUE, 4, false, 10000, RENEWAL_KEEPS },
		{ __LINE__, ROTATE_WHEN_DUE, 4, false, 12000, RENEWAL_ROTATES },
		{ __LINE__, ROTATE_WHEN_DUE, 5, true, 10000, RENEWAL_ROTATES },
		{ __LINE__, ROTATE_WHEN_DUE, 4, true, 10000, RENEWAL_KEEPS },
		{ __LINE__, ROTATE_WHEN_DUE, 6, false, 10000, RENEWAL_UNKNOWN },
		{ __LINE__, ROTATE_ALWAYS, 5, false, 10000, RENEWAL_ROTATES },
		{ __LINE__, ROTATE_ALWAYS, 4, false, 10000, RENEWAL_KEEPS },
		{ __LINE__, ROTATE_ALWAYS, 4, false, 10030, RENEWAL_KEEPS },
		{ __LINE__, ROTATE_ALWAYS, 4, false, 10031, RENEWAL_REUSED },
		{ __LINE__, ROTATE_ALWAYS, 3, false, 10000, RENEWAL_REUSED },
		{ __LINE__, ROTATE_ALWAYS, 0, false, 10000, RENEWAL_REUSED },
		{ __LINE__, ROTATE_ALWAYS, 6, false, 10000, RENEWAL_UNKNOWN },
	};
	const struct session session = {
		.counter = 5, .rotated = 10000, .expires = 13000, .ends = 19000
	};
	struct session last = session;
	struct config with = config;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct refresh_claims shown = { .counter = rows[i].shown };

		with.rotation = rows[i].rotation;
		check_row(rows[i].line, session_judge(&with, &session, &shown, rows[i].retiring,
						      rows[i].now) == rows[i].verdict);
	}
	/* at the session's end there is nothing to gain from another token */
	last.expires = last.ends = 13000;
	with.rotation = ROTATE_WHEN_DUE;
	assert_int_equal(
		session_judge(&with, &last, &(struct refresh_claims){ .counter = 5 }, false, 12500),
		RENEWAL_KEEPS);
	session_rotate(&with, &last, 12500);
	assert_int_equal(last.expires, 13000);
}

int main(void)
{
#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, open_store, close_store)
	const struct CMUnitTest tests[] = {
		STORE_TEST(what_is_committed_stays),
		STORE_TEST(what_fails_leaves_nothing),
		STORE_TEST(scans_go_by_prefix_and_order),
		cmocka_unit_test(records_are_upgraded_as_they_are_read),
		STORE_TEST(accounts),
		STORE_TEST(databases),
		STORE_TEST(sessions),
		STORE_TEST(expired_sessions_are_swept_by_new_ones),
		cmocka_unit_test(renewals_are_judged),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
