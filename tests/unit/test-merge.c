/* JSON Merge Patch, its limits, and what it makes of databases and organizations in the store. */
#include "account.h"
#include "merge.h"
#include "object.h"
#include "unit-store.h"

static struct json_object *parse(const char *text)
{
	return object_parse_own(text, strlen(text));
}

static bool is_text(struct json_object *value, const char *text)
{
	size_t length;

	return strcmp(value ? object_to_text(value, &length) : "null", text) == 0;
}

static void patches(void **state)
{
	static const struct {
		int line;
		const char *target, *patch, *merged;
		bool preserve;
	} rows[] = {
		/* RFC 7396 appendix A, all of it, in its order */
		{ __LINE__, "{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}", false },
		{ __LINE__, "{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}", false },
		{ __LINE__, "{\"a\":\"b\"}", "{\"a\":null}", "{}", false },
		{ __LINE__, "{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}", false },
		{ __LINE__, "{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}", false },
		{ __LINE__, "{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}", false },
		{ __LINE__, "{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}",
		  "{\"a\":{\"b\":\"d\"}}", false },
		{ __LINE__, "{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}", false },
		{ __LINE__, "[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]", false },
		{ __LINE__, "{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]", false },
		{ __LINE__, "{\"a\":\"foo\"}", "null", "null", false },
		{ __LINE__, "{\"a\":\"foo\"}", "\"bar\"", "\"bar\"", false },
		{ __LINE__, "{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}", false },
		{ __LINE__, "[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}", false },
		{ __LINE__, "{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}", false },
		/* and its example of section 3 */
		{ __LINE__,
		  "{\"title\":\"Goodbye!\",\"author\":{\"givenName\":\"John\","
		  "\"familyName\":\"Doe\"},\"tags\":[\"example\",\"sample\"],"
		  "\"content\":\"This will be unchanged\"}",
		  "{\"title\":\"Hello!\",\"phoneNumber\":\"+01-123-456-7890\","
		  "\"author\":{\"familyName\":null},\"tags\":[\"example\"]}",
		  "{\"title\":\"Hello!\",\"author\":{\"givenName\":\"John\"},"
		  "\"tags\":[\"example\"],\"content\":\"This will be unchanged\","
		  "\"phoneNumber\":\"+01-123-456-7890\"}",
		  false },
		/* what a list holds is no patch */
		{ __LINE__, "{\"a\":[1]}", "{\"a\":[null,{\"b\":null}]}",
		  "{\"a\":[null,{\"b\":null}]}", false },
		{ __LINE__, "{\"a\":{\"b\":1}}", "{\"a\":{}}", "{\"a\":{\"b\":1}}", false },
		{ __LINE__, "{\"a\":1}", "{}", "{\"a\":1}", false },
		{ __LINE__, "null", "{\"a\":1,\"b\":null}", "{\"a\":1}", false },
		{ __LINE__, "{\"a\":18446744073709551615}", "{\"b\":0.10}",
		  "{\"a\":18446744073709551615,\"b\":0.10}", false },
		/* preserve */
		{ __LINE__, "{\"a\":[1,2]}", "{\"a\":[2,3]}", "{\"a\":[1,2,2,3]}", true },
		{ __LINE__, "{\"a\":{\"b\":{\"c\":[1]}}}", "{\"a\":{\"b\":{\"c\":[2],\"d\":[3]}}}",
		  "{\"a\":{\"b\":{\"c\":[1,2],\"d\":[3]}}}", true },
		{ __LINE__, "{\"a\":[[1]]}", "{\"a\":[[2]]}", "{\"a\":[[1],[2]]}", true },
		{ __LINE__, "{\"a\":[null]}", "{\"a\":[null,{\"b\":null}]}",
		  "{\"a\":[null,null,{\"b\":null}]}", true },
		{ __LINE__, "{\"a\":[1]}", "{\"a\":[]}", "{\"a\":[1]}", true },
		{ __LINE__, "{\"a\":[1]}", "{\"a\":2}", "{\"a\":2}", true },
		{ __LINE__, "{\"a\":[1]}", "{\"a\":{\"b\":2}}", "{\"a\":{\"b\":2}}", true },
		{ __LINE__, "{\"a\":1}", "{\"a\":[2]}", "{\"a\":[2]}", true },
		{ __LINE__, "{\"a\":[1],\"b\":2}", "{\"a\":null}", "{\"b\":2}", true },
		{ __LINE__, "[1]", "[2]", "[1,2]", true },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct json_object *target = parse(rows[i].target), *patch = parse(rows[i].patch);
		struct json_object *merged = merge_patch(target, patch, rows[i].preserve);

		check_row(rows[i].line, is_text(merged, rows[i].merged));
		/* and neither of the two has changed */
		check_row(rows[i].line, is_text(target, rows[i].target));
		check_row(rows[i].line, is_text(patch, rows[i].patch));
		json_object_put(target);
		json_object_put(patch);
		check_row(rows[i].line, is_text(merged, rows[i].merged));
		json_object_put(merged);
	}
}

/* An object of so many bytes as text. The caller puts it. */
static struct json_object *object_of_size(size_t size)
{
	struct json_object *object = json_object_new_object();
	char *text = malloc(size);

	memset(text, 'x', size);
	json_object_object_add(
		object, "t",
		json_object_new_string_len(text, (int)(size - strlen("{\"t\":\"\"}"))));
	free(text);
	return object;
}

static void size_is_limited(void **state)
{
	static const struct {
		int line;
		size_t size;
		enum error error;
	} rows[] = {
		{ __LINE__, MERGE_TEXT_MOST - 1, OK },
		{ __LINE__, MERGE_TEXT_MOST, OK },
		{ __LINE__, MERGE_TEXT_MOST + 1, ERR_FIELDS },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct json_object *value = object_of_size(rows[i].size);
		struct failure failure = { .code = OK };
		size_t size;

		object_to_text(value, &size);
		check_row(rows[i].line, size == rows[i].size);
		check_row(rows[i].line, merge_check("f", value, &failure) == rows[i].error);
		check_row(rows[i].line, failure.code == rows[i].error);
		check_row(rows[i].line, !rows[i].error || object_member(failure.fields, "f"));
		json_object_put(value);
		failure_clear(&failure);
	}
}

/* A text of levels lists, the innermost with what is inside. The caller frees. */
static char *nested(const char *before, int levels, const char *inside, const char *behind)
{
	char *text =
		malloc((size_t)levels * 2 + strlen(before) + strlen(inside) + strlen(behind) + 1);

	strcpy(text, before);
	for (int i = 0; i < levels; i++)
		strcat(text, "[");
	strcat(text, inside);
	for (int i = 0; i < levels; i++)
		strcat(text, "]");
	strcat(text, behind);
	return text;
}

/* As deep as a body's field may be, and no deeper: the body's parser is the judge. */
static void depth_is_limited(void **state)
{
	static const char *const insides[] = { "", "1", "null" };
	int refused = 0;

	(void)state;
	for (int levels = OBJECT_DEPTH - 4; levels < OBJECT_DEPTH + 2; levels++) {
		for (size_t i = 0; i < ROWS(insides); i++) {
			char *body = nested("{\"f\":{\"a\":", levels, insides[i], "}}");
			char *field = nested("{\"a\":", levels, insides[i], "}");
			struct json_object *value = parse(field), *merged;
			struct json_object *patch = parse("{\"b\":1}");
			struct failure failure = { .code = OK };
			enum error error;
			const char *why;

			json_object_put(object_parse_strict(body, strlen(body), &why));
			error = merge_field("f", value, patch, false, &merged, &failure);
			if (error != (why ? ERR_FIELDS : OK))
				unit_fail("%d levels of \"%s\": %d\n", levels, insides[i], error);
			refused += error != OK;
			assert_true(!error == (merged != NULL));
			json_object_put(merged);
			json_object_put(value);
			json_object_put(patch);
			free(body);
			free(field);
			failure_clear(&failure);
		}
	}
	assert_int_equal(refused, 2 + 3 * 3); /* an empty list may be where a value may not */
}

/* What two patches make that are each within the limit. */
static void what_was_merged_is_limited(void **state)
{
	struct json_object *target = object_of_size(MERGE_TEXT_MOST - 10), *merged;
	struct json_object *patch = parse("{\"long\":\"member\"}");
	struct failure failure = { .code = OK };

	(void)state;
	assert_int_equal(merge_check("f", target, &failure), OK);
	assert_int_equal(merge_field("f", target, patch, false, &merged, &failure), ERR_FIELDS);
	assert_null(merged);
	assert_non_null(object_member(failure.fields, "f"));
	failure_clear(&failure);
	json_object_put(patch);
	/* but what makes it smaller is taken */
	patch = parse("{\"t\":null}");
	assert_int_equal(merge_field("f", target, patch, false, &merged, &failure), OK);
	assert_true(is_text(merged, "{}"));
	json_object_put(merged);
	json_object_put(patch);
	json_object_put(target);
}

static char organization[ID_SIZE], id[ID_SIZE];

static enum error make_database(struct txn *txn, void *arg)
{
	struct failure failure = { .code = OK };
	struct json_object *metadata = parse("{\"a\":1,\"list\":[1]}"), *large;
	enum error error;

	(void)arg;
	error = unit_make_organization(txn, organization);
	large = object_of_size(MERGE_TEXT_MOST + 1);
	expect(database_create(txn,
			       &(struct database_new){ .organization = organization,
						       .name = "large",
						       .item_id_type = "uuid",
						       .user_id_type = "uuid",
						       .core_config = large },
			       id, &failure) == ERR_FIELDS);
	expect(object_member(failure.fields, "core_config"));
	json_object_put(large);
	failure_clear(&failure);
	if (!error)
		error = database_create(txn,
					&(struct database_new){ .organization = organization,
								.name = "shop",
								.description = "old",
								.item_id_type = "uuid",
								.user_id_type = "uuid",
								.metadata = metadata },
					id, &failure);
	json_object_put(metadata);
	return error;
}

static int open_store(void **state)
{
	if (open_empty_store(state))
		return -1;
	return store_update(store, make_database, NULL);
}

static bool is_entry(void *arg, struct bytes entry)
{
	struct json_object *object = object_parse_own(entry.data, entry.size);

	*(bool *)arg = strcmp(object_text(object, "description"), "new") == 0;
	json_object_put(object);
	return true;
}

static enum error change_database(struct txn *txn, void *arg)
{
	struct failure failure = { .code = OK };
	struct json_object *patch = parse("{\"a\":null,\"list\":[2]}");
	struct json_object *large = object_of_size(MERGE_TEXT_MOST + 1);
	struct database_changes changes = { .description = "new",
					    .metadata = patch,
					    .preserve = true };
	struct database database;
	struct json_object *old;
	bool listed = false;

	(void)arg;
	expect(database_find_to_change(txn, "another organization", id, &database, &failure) ==
	       ERR_NO_DATABASE);
	expect(!database_find_to_change(txn, organization, id, &database, &failure));
	old = json_object_get(database.metadata);
	expect(!database_change(txn, &database, &changes, &failure));
	expect(strcmp(database.description, "new") == 0);
	expect(is_text(database.metadata, "{\"list\":[1,2]}"));
	expect(is_text(old, "{\"a\":1,\"list\":[1]}"));
	json_object_put(old);
	database_free(&database);

	expect(!database_find(txn, organization, NULL, "shop", &database, &failure));
	expect(strcmp(database.description, "new") == 0);
	expect(is_text(database.metadata, "{\"list\":[1,2]}"));
	expect(is_text(database.core_config, "{}"));
	expect(!database_each(txn, organization, 0, is_entry, &listed) && listed);

	/* both faults are named, and nothing was written */
	changes = (struct database_changes){ .description = "newer",
					     .metadata = large,
					     .core_config = large };
	failure_clear(&failure);
	expect(database_change(txn, &database, &changes, &failure) == ERR_FIELDS);
	expect(json_object_object_length(failure.fields) == 2);
	failure_clear(&failure);
	database_free(&database);
	expect(!database_find(txn, organization, id, NULL, &database, &failure));
	expect(strcmp(database.description, "new") == 0);
	expect(is_text(database.metadata, "{\"list\":[1,2]}"));
	database_free(&database);
	json_object_put(patch);
	json_object_put(large);
	return OK;
}

static void databases_change(void **state)
{
	(void)state;
	assert_int_equal(store_update(store, change_database, NULL), OK);
}

static enum error change_organization(struct txn *txn, void *arg)
{
	struct failure failure = { .code = OK };
	struct json_object *patch = parse("{\"a\":{\"b\":1},\"c\":null}"), *metadata;
	struct json_object *large = object_of_size(MERGE_TEXT_MOST + 1);

	(void)arg;
	expect(organization_change(txn, "AAAAAAAAAAAAAAAAAAAAAA", patch, false, &failure) ==
	       ERR_ABSENT);
	expect(!organization_change(txn, organization, patch, false, &failure));
	expect(organization_change(txn, organization, large, false, &failure) == ERR_FIELDS);
	expect(object_member(failure.fields, "metadata"));
	failure_clear(&failure);
	expect(!organization_metadata(txn, organization, &metadata));
	expect(is_text(metadata, "{\"a\":{\"b\":1}}"));
	json_object_put(metadata);
	json_object_put(patch);
	json_object_put(large);
	return OK;
}

static void organizations_change(void **state)
{
	(void)state;
	assert_int_equal(store_update(store, change_organization, NULL), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patches),
		cmocka_unit_test(size_is_limited),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(what_was_merged_is_limited),
		cmocka_unit_test_setup_teardown(databases_change, open_store, close_store),
		cmocka_unit_test_setup_teardown(organizations_change, open_store, close_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
