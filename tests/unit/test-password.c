/* Passwords: rules, hashes of every kind, upgrades. */
#include "password.h"
#include "unit.h"

#define CHEAP 1

static void rules(void **state)
{
	char password[PASSWORD_MOST + 2];

	(void)state;
	assert_non_null(password_fault("1234567", "name"));
	assert_null(password_fault("8 bytes.", "name"));
	memset(password, 'x', sizeof(password) - 1);
	password[PASSWORD_MOST + 1] = '\0';
	assert_non_null(password_fault(password, "name"));
	password[PASSWORD_MOST] = '\0';
	assert_null(password_fault(password, "name"));
	assert_non_null(password_fault("John@Example.com", "john@example.COM"));
	assert_string_equal(password_fault("Password123", "name"),
			    "is one of the most common passwords: choose another");
}

static void common_ones_are_known(void **state)
{
	static const struct {
		int line;
		const char *password;
		bool is_common;
	} rows[] = {
		{ __LINE__, "password", true },
		{ __LINE__, "password1", true },
		{ __LINE__, "12345678", true },
		{ __LINE__, "Password123", true },
		{ __LINE__, "QWERTYUIOP", true },
		{ __LINE__, "!QAZ2WSX", true },
		{ __LINE__, "password1 ", false },
		{ __LINE__, " password1", false },
		{ __LINE__, "passwor", false },
		{ __LINE__, "", false },
		{ __LINE__, "correct horse battery staple", false },
		{ __LINE__, "\xff\xff\xff\xff\xff\xff\xff\xff", false },
		{ __LINE__, "\x80password", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		check_row(rows[i].line, password_is_common(rows[i].password) == rows[i].is_common);
}

/* A row out of its order would not be found, nor one that the build had changed. */
static void each_of_the_list_is_found(void **state)
{
	const char *source = getenv("srcdir");
	char *path = unit_path(source ? source : ".", "src/common-passwords.txt");
	FILE *file = fopen(path, "r");
	char line[64];
	size_t count = 0;

	(void)state;
	assert_non_null(file);
	for (; fgets(line, sizeof(line), file); count++) {
		line[strcspn(line, "\n")] = '\0';
		if (strlen(line) < PASSWORD_LEAST || !password_is_common(line))
			unit_fail("line %zu: %s\n", count + 1, line);
	}
	fclose(file);
	free(path);
	assert_int_equal(count, 10000);
}

static void hashes_are_yescrypt_with_their_own_salt(void **state)
{
	char one[PASSWORD_HASH_SIZE], other[PASSWORD_HASH_SIZE];

	(void)state;
	assert_true(password_hash(one, "password", CHEAP));
	assert_true(password_hash(other, "password", CHEAP));
	assert_memory_equal(one, "$y$", 3);
	assert_string_not_equal(one, other);
	assert_true(password_verify(one, "password", CHEAP));
	assert_true(password_verify(one, "password", 3));
	assert_false(password_verify(one, "Password", CHEAP));
	assert_false(password_verify(one, "password ", CHEAP));
	assert_false(password_verify(one, "", CHEAP));
}

/* crypt(3) ends at 511 bytes: the last byte of 512 must count all the same. */
static void long_passwords_count_to_the_last_byte(void **state)
{
	char hash[PASSWORD_HASH_SIZE], password[PASSWORD_MOST + 1];

	(void)state;
	for (size_t length = PASSWORD_MOST - 2; length <= PASSWORD_MOST; length++) {
		memset(password, 'x', length);
		password[length] = '\0';
		assert_true(password_hash(hash, password, CHEAP));
		assert_true(password_verify(hash, password, CHEAP));
		password[length - 1] = 'y';
		assert_false(password_verify(hash, password, CHEAP));
		password[length - 1] = '\0';
		assert_false(password_verify(hash, password, CHEAP));
	}
}

static void hashes_from_elsewhere_verify_and_are_outdated(void **state)
{
	static const struct {
		int line;
		const char *password, *hash;
	} rows[] = {
		/* bcrypt, sha512crypt and sha256crypt, as other systems have them */
		{ __LINE__, "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" },
		{ __LINE__, "Hello world!",
		  "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI"
		  "68u4OTLiBFdcbYEdFCoEOfaS35inz1" },
		{ __LINE__, "Hello world!",
		  "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		check_row(rows[i].line, password_verify(rows[i].hash, rows[i].password, CHEAP));
		check_row(rows[i].line, !password_verify(rows[i].hash, "something else", CHEAP));
		check_row(rows[i].line, password_is_outdated(rows[i].hash, CHEAP));
	}
}

static void no_hash_and_no_such_hash(void **state)
{
	static const char *const nonsense[] = { "", "*", "*0", "x", "$y$", "$9$abc$def", "!" };

	(void)state;
	assert_false(password_verify(NULL, "password", CHEAP));
	for (size_t i = 0; i < ROWS(nonsense); i++)
		assert_false(password_verify(nonsense[i], "password", CHEAP));
}

static void cheaper_hashes_are_outdated(void **state)
{
	char hash[PASSWORD_HASH_SIZE];

	(void)state;
	for (int cost = 1; cost <= 4; cost++) {
		assert_true(password_hash(hash, "password", cost));
		for (int wanted = 1; wanted <= 5; wanted++) {
			if (password_is_outdated(hash, wanted) != (cost < wanted))
				unit_fail("cost %d, wanted %d\n", cost, wanted);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules),
		cmocka_unit_test(common_ones_are_known),
		cmocka_unit_test(each_of_the_list_is_found),
		cmocka_unit_test(hashes_are_yescrypt_with_their_own_salt),
		cmocka_unit_test(long_passwords_count_to_the_last_byte),
		cmocka_unit_test(hashes_from_elsewhere_verify_and_are_outdated),
		cmocka_unit_test(no_hash_and_no_such_hash),
		cmocka_unit_test(cheaper_hashes_are_outdated),
	};

	return cmocka_run_group_tests_name("password", tests, NULL, NULL);
}
