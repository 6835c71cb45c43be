/* Texts: encodings, JSON from the network, identifiers, fields, errors, the log. */
#include "encode.h"
#include "error.h"
#include "field.h"
#include "identifier.h"
#include "log.h"
#include "object.h"
#include "percent.h"
#include "text.h"
#include "unit.h"

static void base64url_has_one_text_for_each_value(void **state)
{
	unsigned char data[64], back[64];
	char text[BASE64URL_LENGTH(64) + 1];
	size_t size;

	(void)state;
	for (size_t length = 0; length <= sizeof(data); length++) {
		random_bytes(data, length);
		base64url_encode(text, data, length);
		assert_int_equal(strlen(text), BASE64URL_LENGTH(length));
		assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					      "0123456789-_"),
				 strlen(text));
		assert_true(base64url_decode(back, sizeof(back), &size, text, strlen(text)));
		assert_int_equal(size, length);
		assert_memory_equal(back, data, length);
		if (length > 0)
			assert_false(base64url_decode(back, length - 1, &size, text, strlen(text)));
	}
}

static void base64url_refuses_what_is_not_canonical(void **state)
{
	static const char *const refused[] = { "A",    "AAAAA", "AQ==", "AQ=",	"AB",	 "AAB",
					       "A+/A", "A A=",	" AAA", "AAA ", "A\nAA", "é" };
	unsigned char data[16];
	size_t size;

	(void)state;
	for (size_t i = 0; i < ROWS(refused); i++) {
		if (base64url_decode(data, sizeof(data), &size, refused[i], strlen(refused[i])))
			unit_fail("accepted: %s\n", refused[i]);
	}
	assert_true(base64url_decode(data, sizeof(data), &size, "AQ", 2));
	assert_false(base64url_decode(data, sizeof(data), &size, "A\0AA", 4));
}

static void identifiers_are_random_and_well_formed(void **state)
{
	char one[ID_SIZE], other[ID_SIZE];

	(void)state;
	id_new(one);
	id_new(other);
	assert_string_not_equal(one, other);
	assert_true(id_is_well_formed(one));
	assert_false(id_is_well_formed(""));
	assert_false(id_is_well_formed("AAAAAAAAAAAAAAAAAAAAA"));
	assert_false(id_is_well_formed("AAAAAAAAAAAAAAAAAAAAAB"));
}

static void percent_decoding(void **state)
{
	static const struct {
		int line;
		const char *text, *decoded; /* NULL: refused */
		bool plus;
	} rows[] = {
		{ __LINE__, "", "", false },	   { __LINE__, "a%41%7e", "aA~", false },
		{ __LINE__, "a+b", "a+b", false }, { __LINE__, "a+b", "a b", true },
		{ __LINE__, "%2B", "+", true },	   { __LINE__, "%c3%A9", "é", false },
		{ __LINE__, "%", NULL, false },	   { __LINE__, "%4", NULL, false },
		{ __LINE__, "%zz", NULL, false },  { __LINE__, "%4z", NULL, false },
		{ __LINE__, "x%00", NULL, false }, { __LINE__, "% 1", NULL, false },
		{ __LINE__, "%+1", NULL, false },
	};
	char out[32];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		bool good = percent_decode(out, rows[i].text, strlen(rows[i].text), rows[i].plus);

		check_row(rows[i].line, good == (rows[i].decoded != NULL));
		check_row(rows[i].line, !good || strcmp(out, rows[i].decoded) == 0);
	}
	/* no further than it was told */
	assert_true(percent_decode(out, "ab%41", 2, false));
	assert_string_equal(out, "ab");
	assert_false(percent_decode(out, "ab%41", 4, false));
}

static void log_lines_cannot_be_forged(void **state)
{
	char out[64];

	(void)state;
	log_escape(out, sizeof(out), "a\nb\r\x1b[0m\x7f\\ é");
	assert_string_equal(out, "a\\x0ab\\x0d\\x1b[0m\\x7f\\x5c é");
	log_escape(out, 10, "\n\n\n\n\n");
	assert_string_equal(out, "\\x0a\\x0a");
	log_escape(out, 1, "abc");
	assert_string_equal(out, "");
}

#define DEEP8 "[[[[[[[["
#define CLOSE8 "]]]]]]]]"

static void json_from_the_network(void **state)
{
	static const struct {
		int line;
		const char *text, *fault; /* NULL: accepted; else part of what is said */
	} rows[] = {
		{ __LINE__, "{}", NULL },
		{ __LINE__, " {\"a\": [1, 2.5e3, true, null, \"\\u00e9\\n\"]} ", NULL },
		{ __LINE__, "1", NULL },
		{ __LINE__, "\"x\"", NULL },
		{ __LINE__, "", "not JSON" },
		{ __LINE__, "{", "not JSON" },
		{ __LINE__, "{}{}", "not JSON" },
		{ __LINE__, "{} x", "not JSON" },
		{ __LINE__, "{'a':1}", "not JSON" },
		{ __LINE__, "{\"a\":1,}", "not JSON" },
		{ __LINE__, "{a:1}", "not JSON" },
		{ __LINE__, "NaN", "not JSON" },
		{ __LINE__, "{\"a\":Infinity}", "not JSON" },
		{ __LINE__, "{\"a\":01}", "not JSON" },
		{ __LINE__, "{\"a\":1.}", "not JSON" },
		{ __LINE__, "{\"a\":+1}", "not JSON" },
		{ __LINE__, "{\"a\":\"\n\"}", "not JSON" },
		{ __LINE__, "/**/{}", "not JSON" },
		{ __LINE__, "{\"a\":1,\"a\":1}", "twice" },
		{ __LINE__, "{\"a\":{\"b\":1,\"b\":2}}", "twice" },
		{ __LINE__, "{\"a\":\"\\u0000\"}", "U+0000" },
		{ __LINE__, "{\"a\\u0000b\":1}", "U+0000" },
		{ __LINE__, "{\"a\":\"\\\\u0000\"}", NULL },
		{ __LINE__, "{\"a\":\"\xff\"}", "UTF-8" },
		{ __LINE__, "{\"a\":\"\xc0\x80\"}", "UTF-8" },
		{ __LINE__, "{\"a\":\"\xed\xa0\x80\"}", "UTF-8" },
		{ __LINE__, "{\"a\":\"\xf5\x80\x80\x80\"}", "UTF-8" },
		{ __LINE__, "{\"a\":\"\\ud800\"}", "not JSON" },
		{ __LINE__, "{\"a\":\"\\ud83d\\ude00\"}", NULL },
		{ __LINE__, "18446744073709551615", NULL },
		{ __LINE__, "18446744073709551616", "range" },
		{ __LINE__, "-9223372036854775808", NULL },
		{ __LINE__, "-9223372036854775809", "range" },
		{ __LINE__, "[1, 99999999999999999999, 1]", "range" },
		{ __LINE__, "\"99999999999999999999\"", NULL },
		{ __LINE__, "\"\\\" 99999999999999999999\"", NULL },
		{ __LINE__, "99999999999999999999.5", NULL },
		{ __LINE__, "99999999999999999999e2", NULL },
		{ __LINE__, "1e308", NULL },
		{ __LINE__, "1e309", "range" },
		{ __LINE__, "-1e309", "range" },
		{ __LINE__, DEEP8 DEEP8 DEEP8 "[[[[[[[1" CLOSE8 CLOSE8 CLOSE8 "]]]]]]]", NULL },
		{ __LINE__, DEEP8 DEEP8 DEEP8 DEEP8 "1" CLOSE8 CLOSE8 CLOSE8 CLOSE8, "deeply" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *why;
		struct json_object *value =
			object_parse_strict(rows[i].text, strlen(rows[i].text), &why);

		if (rows[i].fault)
			check_row(rows[i].line, !value && why && strstr(why, rows[i].fault));
		else
			check_row(rows[i].line, !why);
		json_object_put(value);
	}
}

static void json_depth_beyond_everything(void **state)
{
	char *text = malloc(200001);
	const char *why;

	(void)state;
	memset(text, '[', 100000);
	memset(text + 100000, ']', 100000);
	assert_null(object_parse_strict(text, 200000, &why));
	assert_string_equal(why, "the body is nested too deeply");
	free(text);
	assert_null(object_parse_strict("{\"a\":\"\0\"}", 9, &why));
	assert_non_null(why);
}

static void integers_keep_their_value(void **state)
{
	const char *why;
	struct json_object *value = object_parse_strict("[18446744073709551615]", 22, &why);

	(void)state;
	assert_string_equal(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN),
			    "[18446744073709551615]");
	json_object_put(value);
}

static void json_text_is_sent_as_it_is(void **state)
{
	struct json_object *list = json_object_new_array();
	size_t length;

	(void)state;
	json_object_array_add(list, object_from_text("{\"a\":1}xyz", 7));
	assert_string_equal(object_to_text(list, &length), "[{\"a\":1}]");
	assert_int_equal(length, 9);
	json_object_put(list);
}

static void identifier_types(void **state)
{
	static const char *const good[] = { "int8",	 "int16",  "int32",  "int64", "uint8",
					    "uint64",	 "uuid",   "hex1",   "hex64", "urlsafe1",
					    "urlsafe64", "bytes1", "bytes64" };
	static const char *const bad[] = { "",	    "int",  "int7",    "int08", "int128", "uuid1",
					   "hex",   "hex0", "hex65",   "hex01", "Hex1",	  "hex1 ",
					   "bytes", "x8",   "urlsafe", "int-8", "hex100" };
	struct identifier_type type;

	(void)state;
	for (size_t i = 0; i < ROWS(good); i++) {
		if (!identifier_type_parse(&type, good[i]))
			unit_fail("refused: %s\n", good[i]);
	}
	for (size_t i = 0; i < ROWS(bad); i++) {
		if (identifier_type_parse(&type, bad[i]))
			unit_fail("accepted: %s\n", bad[i]);
	}
}

#define X64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define U64 "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"
#define A86 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void identifiers(void **state)
{
	static const struct {
		int line;
		const char *type, *json, *text; /* the canonical text; NULL: refused */
	} rows[] = {
		{ __LINE__, "int8", "-128", "-128" },
		{ __LINE__, "int8", "127", "127" },
		{ __LINE__, "int8", "128", NULL },
		{ __LINE__, "int8", "-129", NULL },
		{ __LINE__, "int16", "-32769", NULL },
		{ __LINE__, "int64", "-9223372036854775808", "-9223372036854775808" },
		{ __LINE__, "int64", "9223372036854775808", NULL },
		{ __LINE__, "int64", "\"-007\"", "-7" },
		{ __LINE__, "int64", "\"--7\"", NULL },
		{ __LINE__, "int64", "\"-\"", NULL },
		{ __LINE__, "uint8", "255", "255" },
		{ __LINE__, "uint8", "256", NULL },
		{ __LINE__, "uint8", "-1", NULL },
		{ __LINE__, "uint64", "18446744073709551615", "18446744073709551615" },
		{ __LINE__, "uint64", "\"18446744073709551616\"", NULL },
		{ __LINE__, "uint32", "\"0042\"", "42" },
		{ __LINE__, "uint32", "\" 42\"", NULL },
		{ __LINE__, "uint32", "\"42 \"", NULL },
		{ __LINE__, "uint32", "\"+42\"", NULL },
		{ __LINE__, "uint32", "\"0x2a\"", NULL },
		{ __LINE__, "uint32", "\"\"", NULL },
		{ __LINE__, "uint32", "42.0", NULL },
		{ __LINE__, "uint32", "true", NULL },
		{ __LINE__, "uint32", "null", NULL },
		{ __LINE__, "uuid", "\"AABBCCDD-0011-2233-4455-66778899eeff\"",
		  "aabbccdd-0011-2233-4455-66778899eeff" },
		{ __LINE__, "uuid", "\"AABBCCDD00112233445566778899eeff\"", NULL },
		{ __LINE__, "uuid", "\"AABBCCDD-0011-2233-4455-66778899eefg\"", NULL },
		{ __LINE__, "uuid", "\"AABBCCDD-0011-2233-4455-66778899eeff0\"", NULL },
		{ __LINE__, "uuid", "1", NULL },
		{ __LINE__, "hex1", "\"f\"", "F" },
		{ __LINE__, "hex1", "\"ff\"", NULL },
		{ __LINE__, "hex8", "\"00aB\"", "00AB" },
		{ __LINE__, "hex8", "\"g\"", NULL },
		{ __LINE__, "hex8", "\"\"", NULL },
		{ __LINE__, "hex64", "\"" X64 "\"", U64 },
		{ __LINE__, "hex64", "\"" X64 "0\"", NULL },
		{ __LINE__, "urlsafe4", "\"aZ._\"", "aZ._" },
		{ __LINE__, "urlsafe4", "\"a/b\"", NULL },
		{ __LINE__, "urlsafe4", "\"abcde\"", NULL },
		{ __LINE__, "urlsafe64", "\"" X64 "\"", X64 },
		{ __LINE__, "bytes1", "\"AQ\"", "AQ" },
		{ __LINE__, "bytes1", "\"AQ==\"", "AQ" },
		{ __LINE__, "bytes1", "\"AQ=\"", NULL },
		{ __LINE__, "bytes1", "\"AQ===\"", NULL },
		{ __LINE__, "bytes1", "\"AR\"", NULL },
		{ __LINE__, "bytes1", "\"AQI\"", NULL },
		{ __LINE__, "bytes3", "\"AQID\"", "AQID" },
		{ __LINE__, "bytes3", "\"AQ==AQ\"", NULL },
		{ __LINE__, "bytes3", "\"==\"", NULL },
		{ __LINE__, "bytes64", "\"" A86 "\"", A86 },
		{ __LINE__, "bytes64", "\"" A86 "A\"", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct json_object *value = json_tokener_parse(rows[i].json), *back;
		struct identifier_type type;
		char text[IDENTIFIER_SIZE];
		bool good;

		check_row(rows[i].line, identifier_type_parse(&type, rows[i].type));
		good = identifier_from_json(&type, text, value);
		check_row(rows[i].line, good == (rows[i].text != NULL));
		if (good) {
			check_row(rows[i].line, strcmp(text, rows[i].text) == 0);
			back = identifier_to_json(&type, text);
			check_row(rows[i].line,
				  strcmp(json_object_get_string(back), rows[i].text) == 0);
			check_row(rows[i].line, json_object_is_type(back, json_type_int) ==
							(strstr(rows[i].type, "int") != NULL));
			json_object_put(back);
		}
		json_object_put(value);
	}
}

static const struct field fields[] = {
	{ "email", FIELD_EMAIL, REQUIRED },
	{ "name", FIELD_NAME, OPTIONAL },
	{ "line", FIELD_LINE, OPTIONAL },
	{ "text", FIELD_TEXT, OPTIONAL },
	{ "secret", FIELD_SECRET, OPTIONAL },
	{ "role", FIELD_ROLE, OPTIONAL },
	{ "object", FIELD_OBJECT, OPTIONAL },
	{ "truth", FIELD_TRUTH, OPTIONAL },
	{ "id", FIELD_IDENTIFIER, OPTIONAL },
	{ "type", FIELD_IDENTIFIER_TYPE, OPTIONAL },
	{ "page", FIELD_PAGE, OPTIONAL },
	{ "amt", FIELD_AMOUNT, OPTIONAL },
	FIELDS_END,
};

static void fields_of_bodies(void **state)
{
	static const struct {
		int line;
		const char *body, *type;
		enum error error;
		const char *wrong; /* a field that is named as wrong, or part of the detail */
		int warnings;
	} rows[] = {
		{ __LINE__, "{\"email\":\"a@b\"}", "application/json", OK, NULL, 0 },
		{ __LINE__, "{\"email\":\"a@b\"}", "APPLICATION/JSON ; charset=x", OK, NULL, 0 },
		{ __LINE__, "{\"email\":\"a@b\",\"x\":1,\"y\":null}", "application/json", OK, NULL,
		  2 },
		{ __LINE__, "{\"email\":\"a@b\",\"name\":null}", "application/json", OK, NULL, 0 },
		{ __LINE__, "{\"email\":\"a@b\"}", NULL, ERR_DATA, "content type", 0 },
		{ __LINE__, "{\"email\":\"a@b\"}", "text/json", ERR_DATA, "content type", 0 },
		{ __LINE__, "{\"email\":\"a@b\"}", "application/jsonx", ERR_DATA, "content type",
		  0 },
		{ __LINE__, "", NULL, ERR_FIELDS, "email", 0 },
		{ __LINE__, "{\"email\":null}", "application/json", ERR_FIELDS, "email", 0 },
		{ __LINE__, "[]", "application/json", ERR_DATA, "object", 0 },
		{ __LINE__, "null", "application/json", ERR_DATA, "object", 0 },
		{ __LINE__, "{", "application/json", ERR_DATA, "JSON", 0 },
		{ __LINE__, "{\"email\":\"a@b\",\"name\":\"\"}", "application/json", ERR_FIELDS,
		  "name", 0 },
		{ __LINE__, "{\"email\":\"a@b\",\"line\":\"\\t\"}", "application/json", ERR_FIELDS,
		  "line", 0 },
		{ __LINE__, "{\"email\":\"a@b\",\"line\":\"\"}", "application/json", OK, NULL, 0 },
		{ __LINE__, "{\"email\":\"a@b\",\"text\":\"\\t\"}", "application/json", OK, NULL,
		  0 },
		{ __LINE__, "{\"email\":\"a@b\",\"secret\":1}", "application/json", ERR_FIELDS,
		  "secret", 0 },
		{ __LINE__, "{\"email\":\"a@b\",\"role\":\"root\"}", "application/json", ERR_FIELDS,
		  "role", 0 },
		{ __LINE__, "{\"email\":\"a@b\",\"role\":\"manager\"}", "application/json", OK,
		  NULL, 0 },
		{ __LINE__, "{\"email\":\"a@b\",\"object\":[]}", "application/json", ERR_FIELDS,
		  "object", 0 },
		{ __LINE__, "{\"email\":\"a@b\",\"truth\":true}", "application/json", OK, NULL, 0 },
		{ __LINE__, "{\"email\":\"a@b\",\"truth\":\"true\"}", "application/json",
		  ERR_FIELDS, "truth", 0 },
		{ __LINE__, "{\"email\":\"a@b\",\"truth\":1}", "application/json", ERR_FIELDS,
		  "truth", 0 },
		{ __LINE__, "{\"email\":\"a@b\",\"id\":1.5}", "application/json", ERR_FIELDS, "id",
		  0 },
		{ __LINE__, "{\"email\":\"a@b\",\"type\":\"hex\"}", "application/json", ERR_FIELDS,
		  "type", 0 },
		{ __LINE__, "{\"email\":\"a@b\",\"page\":0}", "application/json", ERR_FIELDS,
		  "page", 0 },
		{ __LINE__, "{\"email\":\"a@b\",\"amt\":65}", "application/json", ERR_FIELDS, "amt",
		  0 },
		{ __LINE__, "{\"email\":\"a@b\",\"amt\":\"5\"}", "application/json", ERR_FIELDS,
		  "amt", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct json_object *values, *warnings;
		struct failure failure = { .code = OK };
		enum error error = fields_from_body(fields, rows[i].body, strlen(rows[i].body),
						    rows[i].type, &values, &warnings, &failure);

		check_row(rows[i].line, error == rows[i].error);
		if (error == ERR_FIELDS)
			check_row(rows[i].line,
				  object_member(failure.fields, rows[i].wrong) &&
					  json_object_object_length(failure.fields) == 1);
		if (error == ERR_DATA)
			check_row(rows[i].line, strstr(failure.detail, rows[i].wrong));
		check_row(rows[i].line, (warnings ? (int)json_object_array_length(warnings) : 0) ==
						rows[i].warnings);
		check_row(rows[i].line, !object_member(values, "x"));
		json_object_put(values);
		json_object_put(warnings);
		failure_clear(&failure);
	}
}

static void fields_of_queries(void **state)
{
	static const struct field query_fields[] = {
		{ "page", FIELD_PAGE, OPTIONAL },
		{ "name", FIELD_NAME, OPTIONAL },
		FIELDS_END,
	};
	static const struct {
		int line;
		const char *query;
		enum error error;
		int page;
		const char *name;
	} rows[] = {
		{ __LINE__, NULL, OK, 0, NULL },
		{ __LINE__, "", OK, 0, NULL },
		{ __LINE__, "&&", OK, 0, NULL },
		{ __LINE__, "page=12&name=a+b%21", OK, 12, "a b!" },
		{ __LINE__, "%70age=3", OK, 3, NULL },
		{ __LINE__, "x=1&y", OK, 0, NULL },
		{ __LINE__, "name=a=b", OK, 0, "a=b" },
		{ __LINE__, "page=1&page=1", ERR_FIELDS, 0, NULL },
		{ __LINE__, "page", ERR_FIELDS, 0, NULL },
		{ __LINE__, "page=0", ERR_FIELDS, 0, NULL },
		{ __LINE__, "page=1x", ERR_FIELDS, 0, NULL },
		{ __LINE__, "page=99999999999999999999999", ERR_FIELDS, 0, NULL },
		{ __LINE__, "name=%", ERR_DATA, 0, NULL },
		{ __LINE__, "name=%00", ERR_DATA, 0, NULL },
		{ __LINE__, "name=%ff", ERR_DATA, 0, NULL },
		{ __LINE__, "%zz=1", ERR_DATA, 0, NULL },
		{ __LINE__, "name=%0a", ERR_FIELDS, 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct json_object *values;
		struct failure failure = { .code = OK };
		const char *name;

		check_row(rows[i].line, fields_from_query(query_fields, rows[i].query, &values,
							  &failure) == rows[i].error);
		if (!rows[i].error) {
			name = object_text(values, "name");
			check_row(rows[i].line, object_integer(values, "page", 0) == rows[i].page);
			check_row(rows[i].line, !name == !rows[i].name);
			check_row(rows[i].line, !name || strcmp(name, rows[i].name) == 0);
		}
		json_object_put(values);
		failure_clear(&failure);
	}
}

static void truths_of_queries(void **state)
{
	static const struct field query_fields[] = {
		{ "truth", FIELD_TRUTH, OPTIONAL },
		FIELDS_END,
	};
	static const struct {
		int line;
		const char *query;
		enum error error;
		bool value;
	} rows[] = {
		{ __LINE__, "truth=true", OK, true },
		{ __LINE__, "truth=True", OK, true },
		{ __LINE__, "truth=1", OK, true },
		{ __LINE__, "truth=false", OK, false },
		{ __LINE__, "truth=False", OK, false },
		{ __LINE__, "truth=0", OK, false },
		{ __LINE__, "truth", ERR_FIELDS, false },
		{ __LINE__, "truth=yes", ERR_FIELDS, false },
		{ __LINE__, "truth=2", ERR_FIELDS, false },
		{ __LINE__, "truth=true%20", ERR_FIELDS, false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct json_object *values;
		struct failure failure = { .code = OK };

		check_row(rows[i].line, fields_from_query(query_fields, rows[i].query, &values,
							  &failure) == rows[i].error);
		if (!rows[i].error) {
			check_row(rows[i].line, json_object_is_type(object_member(values, "truth"),
								    json_type_boolean));
			check_row(rows[i].line, object_truth(values, "truth") == rows[i].value);
		}
		json_object_put(values);
		failure_clear(&failure);
	}
}

static void emails(void **state)
{
	char longest[256];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	strcpy(longest + 250, "@b.c");
	assert_int_equal(strlen(longest), 254);
	assert_true(email_is_valid(longest));
	memmove(longest + 1, longest, 255);
	assert_false(email_is_valid(longest));
	assert_true(email_is_valid("é@ü.x"));
	assert_false(email_is_valid("a@b\xc2\x85"));
}

static void errors_are_the_contracts(void **state)
{
	static const struct {
		int line;
		enum error code;
		const char *detail, *json;
	} rows[] = {
		{ __LINE__, ERR_SERVER, NULL,
		  "{\"error_code\":0,\"error_name\":\"ServerError\",\"message\":\"Unknown error "
		  "from "
		  "server\",\"error_data\":{}}" },
		{ __LINE__, ERR_PASSWORD, NULL,
		  "{\"error_code\":21,\"error_name\":\"AuthError\",\"message\":\"Cannot perform "
		  "authentication: account password is "
		  "incorrect\",\"error_data\":{\"error\":\"account "
		  "password is incorrect\",\"name\":\"INCORRECT_PASSWORD\"}}" },
		{ __LINE__, ERR_JWT_EXPIRED, NULL,
		  "{\"error_code\":22,\"error_name\":\"JwtTokenExpired\",\"message\":\"The JWT "
		  "token has "
		  "expired\",\"error_data\":{\"error\":\"the JWT token has "
		  "expired\",\"name\":\"INCORRECT_JWT_TOKEN\"}}" },
		{ __LINE__, ERR_REFRESH_TOKEN_EXPIRED, NULL,
		  "{\"error_code\":28,\"error_name\":\"RefreshTokenExpired\",\"message\":\"The "
		  "refresh "
		  "token has expired\",\"error_data\":{\"error\":\"the refresh token has "
		  "expired\",\"name\":\"REFRESH_TOKEN_EXPIRED\"}}" },
		{ __LINE__, ERR_DUPLICATED_ACCOUNT, "john@example.com",
		  "{\"error_code\":42,\"error_name\":\"DuplicatedError\",\"message\":\"The account "
		  "john@example.com is duplicated\",\"error_data\":{\"type\":\"account\",\"key\":"
		  "\"john@example.com\",\"name\":\"DUPLICATED_ACCOUNT\"}}" },
		{ __LINE__, ERR_ROLE, "frontend",
		  "{\"error_code\":50,\"error_name\":\"ForbiddenError\",\"message\":\"Do not have "
		  "enough "
		  "permissions to access this resource: the role frontend may not do "
		  "this\",\"error_data\":{\"error\":\"the role frontend may not do "
		  "this\",\"name\":\"ROLE_NOT_ALLOWED\"}}" },
		{ __LINE__, ERR_NO_DATABASE, "x",
		  "{\"error_code\":60,\"error_name\":\"NotFoundError\",\"message\":\"The database "
		  "x does "
		  "not "
		  "exist\",\"error_data\":{\"type\":\"database\",\"key\":\"x\",\"name\":\"DATABASE_"
		  "NOT_FOUND\"}}" },
		{ __LINE__, ERR_METHOD, "PUT",
		  "{\"error_code\":70,\"error_name\":\"MethodNotAllowed\",\"message\":\"Method "
		  "\\\"PUT\\\" "
		  "not allowed\",\"error_data\":{\"method\":\"PUT\"}}" },
		{ __LINE__, ERR_ALREADY_VERIFIED, "a@b",
		  "{\"error_code\":21,\"error_name\":\"AuthError\",\"message\":\"Cannot perform "
		  "authentication: the account a@b is already "
		  "verified\",\"error_data\":{\"error\":\"the "
		  "account a@b is already verified\",\"name\":\"ACCOUNT_ALREADY_VERIFIED\"}}" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct failure failure = { .code = OK };
		struct json_object *json;
		size_t length;

		check_row(rows[i].line, fail(&failure, rows[i].code, rows[i].detail ? "%s" : NULL,
					     rows[i].detail) == rows[i].code);
		json = failure_to_json(&failure);
		check_row(rows[i].line, strcmp(object_to_text(json, &length), rows[i].json) == 0);
		json_object_put(json);
		failure_clear(&failure);
	}
}

static void field_errors_and_explanations(void **state)
{
	struct failure failure = { .code = OK };
	struct json_object *json;
	char *text;
	size_t length;

	(void)state;
	assert_int_equal(fail_field(&failure, "a", "must be %d", 1), ERR_FIELDS);
	fail_field(&failure, "a", "and two");
	fail_field(&failure, "b", "is required");
	json = failure_to_json(&failure);
	assert_string_equal(
		object_to_text(json, &length),
		"{\"error_code\":40,\"error_name\":\"WrongData\",\"message\":\"There is an error "
		"in the "
		"submitted data\",\"error_data\":{\"query\":{\"a\":[\"must be 1\",\"and "
		"two\"],\"b\":[\"is required\"]}}}");
	json_object_put(json);
	text = failure_explain(&failure);
	assert_string_equal(text,
			    "There is an error in the submitted data: a must be 1; a and two; "
			    "b is required");
	free(text);
	failure_clear(&failure);
	fail(&failure, ERR_UNAVAILABLE, NULL);
	text = failure_explain(&failure);
	assert_non_null(strstr(text, "try again later: the store"));
	free(text);
}

static void details_are_cut_between_characters(void **state)
{
	struct failure failure = { .code = OK };
	char name[700];

	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		memset(name, 'x', shift);
		for (size_t i = shift; i + 2 < sizeof(name); i += 2)
			memcpy(name + i, "é", 3);
		fail(&failure, ERR_NO_DATABASE, "%s", name);
		assert_true(strlen(failure.detail) >= sizeof(failure.detail) - 4);
		assert_memory_equal(failure.detail + strlen(failure.detail) - 2, "é", 2);
	}
	fail(&failure, ERR_NO_DATABASE, "%s", "é");
	assert_string_equal(failure.detail, "é");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64url_has_one_text_for_each_value),
		cmocka_unit_test(base64url_refuses_what_is_not_canonical),
		cmocka_unit_test(identifiers_are_random_and_well_formed),
		cmocka_unit_test(percent_decoding),
		cmocka_unit_test(log_lines_cannot_be_forged),
		cmocka_unit_test(json_from_the_network),
		cmocka_unit_test(json_depth_beyond_everything),
		cmocka_unit_test(integers_keep_their_value),
		cmocka_unit_test(json_text_is_sent_as_it_is),
		cmocka_unit_test(identifier_types),
		cmocka_unit_test(identifiers),
		cmocka_unit_test(fields_of_bodies),
		cmocka_unit_test(fields_of_queries),
		cmocka_unit_test(truths_of_queries),
		cmocka_unit_test(emails),
		cmocka_unit_test(errors_are_the_contracts),
		cmocka_unit_test(field_errors_and_explanations),
		cmocka_unit_test(details_are_cut_between_characters),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
