/* Addresses of clients behind proxies, and the shapes of texts. */
#include "address.h"
#include "percent.h"
#include "text.h"
#include "unit.h"

static void lists(void **state)
{
	static const struct {
		int line;
		const char *text;
		bool good, empty;
	} rows[] = {
		{ __LINE__, "", true, true },
		{ __LINE__, " , ", true, true },
		{ __LINE__, "10.0.0.1", true, false },
		{ __LINE__, "10.0.0.0/8,192.168.0.0/16 ::1", true, false },
		{ __LINE__, "0.0.0.0/0", true, false },
		{ __LINE__, "2001:db8::/32", true, false },
		{ __LINE__, "::/0", true, false },
		{ __LINE__, "10.0.0.0/33", false, false },
		{ __LINE__, "2001:db8::/129", false, false },
		{ __LINE__, "10.0.0.0/", false, false },
		{ __LINE__, "10.0.0.0/-1", false, false },
		{ __LINE__, "10.0.0.0/+8", false, false },
		{ __LINE__, "10.0.0.0/8x", false, false },
		{ __LINE__, "10.0.0", false, false },
		{ __LINE__, "localhost", false, false },
		{ __LINE__, "10.0.0.1 nonsense", false, false },
		{ __LINE__, "10.0.0.0/99999999999999999999", false, false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct address_list *list;

		check_row(rows[i].line, address_list_parse(&list, rows[i].text) == rows[i].good);
		check_row(rows[i].line, !list == (rows[i].empty || !rows[i].good));
		address_list_free(list);
	}
}

static void clients(void **state)
{
	static const struct {
		int line;
		const char *trusted, *remote, *forwarded, *client;
	} rows[] = {
		{ __LINE__, "", "192.0.2.1", NULL, "192.0.2.1" },
		{ __LINE__, "", "192.0.2.1", "203.0.113.1", "192.0.2.1" },
		{ __LINE__, "10.0.0.0/8", "10.1.2.3", NULL, "10.1.2.3" },
		{ __LINE__, "10.0.0.0/8", "10.1.2.3", "", "10.1.2.3" },
		{ __LINE__, "10.0.0.0/8", "10.1.2.3", "203.0.113.1", "203.0.113.1" },
		{ __LINE__, "10.0.0.0/8", "11.1.2.3", "203.0.113.1", "11.1.2.3" },
		{ __LINE__, "10.0.0.0/8", "10.1.2.3", "1.1.1.1, 203.0.113.1", "203.0.113.1" },
		{ __LINE__, "10.0.0.0/8", "10.1.2.3", "1.1.1.1,203.0.113.1,10.9.9.9 , 10.8.8.8",
		  "203.0.113.1" },
		{ __LINE__, "10.0.0.0/8", "10.1.2.3", "10.4.4.4, 10.5.5.5", "10.4.4.4" },
		{ __LINE__, "10.0.0.0/8", "10.1.2.3", "203.0.113.1, unknown", "10.1.2.3" },
		{ __LINE__, "10.0.0.0/8", "10.1.2.3", "unknown, 203.0.113.1", "203.0.113.1" },
		{ __LINE__, "10.0.0.0/8", "10.1.2.3", "203.0.113.1:80", "10.1.2.3" },
		{ __LINE__, "10.0.0.0/9", "10.128.0.1", "203.0.113.1", "10.128.0.1" },
		{ __LINE__, "10.0.0.0/9", "10.127.0.1", "203.0.113.1", "203.0.113.1" },
		{ __LINE__, "10.0.0.7", "10.0.0.7", "2001:DB8::0001", "2001:db8::1" },
		{ __LINE__, "10.0.0.7", "::ffff:10.0.0.7", "::ffff:1.2.3.4", "1.2.3.4" },
		{ __LINE__, "::1", "::1", "203.0.113.1", "203.0.113.1" },
		{ __LINE__, "0.0.0.0/0", "2001:db8::1", "203.0.113.1", "2001:db8::1" },
		{ __LINE__, "2001:db8:8000::/33", "2001:db8:8000::1", "1.1.1.1", "1.1.1.1" },
		{ __LINE__, "2001:db8:8000::/33", "2001:db8::1", "1.1.1.1", "2001:db8::1" },
		{ __LINE__, "", NULL, NULL, "unknown" },
		{ __LINE__, "", "/run/socket", NULL, "unknown" },
		{ __LINE__, "10.0.0.7", "10.0.0.7",
		  "11111111111111111111111111111111111111111111111111111111", "10.0.0.7" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct address_list *list;
		char client[ADDRESS_SIZE];

		check_row(rows[i].line, address_list_parse(&list, rows[i].trusted));
		address_of_client(client, list, rows[i].remote, rows[i].forwarded);
		check_row(rows[i].line, strcmp(client, rows[i].client) == 0);
		address_list_free(list);
	}
}

static void places(void **state)
{
	static const struct {
		int line;
		const char *address, *place;
	} rows[] = {
		{ __LINE__, "192.0.2.1", "192.0.2.1" },
		{ __LINE__, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::" },
		{ __LINE__, "2001:db8:1:2::", "2001:db8:1:2::" },
		{ __LINE__, "::ffff:192.0.2.1", "192.0.2.1" },
		{ __LINE__, "local", "local" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char place[ADDRESS_SIZE];

		address_place(place, rows[i].address);
		check_row(rows[i].line, strcmp(place, rows[i].place) == 0);
	}
}

static void urls(void **state)
{
	static const struct {
		int line;
		const char *text;
		bool good;
	} rows[] = {
		{ __LINE__, "https://example.com", true },
		{ __LINE__, "HTTP://example.com:8080/a/b?c=d&e", true },
		{ __LINE__, "http://[::1]/", true },
		{ __LINE__, "", false },
		{ __LINE__, "example.com", false },
		{ __LINE__, "//example.com/", false },
		{ __LINE__, "ftp://example.com/", false },
		{ __LINE__, "javascript:alert(1)", false },
		{ __LINE__, "https://", false },
		{ __LINE__, "https:///path", false },
		{ __LINE__, "https://?q", false },
		{ __LINE__, "https://@evil.example/", false },
		{ __LINE__, "https://example.com/#fragment", false },
		{ __LINE__, "https://example.com/a b", false },
		{ __LINE__, "https://example.com/\r\nBcc: x", false },
		{ __LINE__, "https://example.com/\"><script>", false },
		{ __LINE__, "https://exämple.com/", false },
	};
	char *text;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		check_row(rows[i].line, url_is_valid(rows[i].text) == rows[i].good);
	assert_int_not_equal(asprintf(&text, "https://a/%02041d", 0), -1);
	assert_false(url_is_valid(text));
	free(text);
}

static void texts(void **state)
{
	char four[4], folded[EMAIL_MOST + 1], encoded[64], decoded[64];

	(void)state;
	text_copy(four, sizeof(four), "abc");
	assert_string_equal(four, "abc");
	text_copy(four, sizeof(four), "abcdef");
	assert_string_equal(four, "abc");
	text_copy(four, sizeof(four), "");
	assert_string_equal(four, "");

	email_fold(folded, "Ann.ÄÖ@Example.COM");
	assert_string_equal(folded, "ann.ÄÖ@example.com");

	percent_encode(encoded, "a+b@ü.example/~_-.&=%");
	assert_string_equal(encoded, "a%2Bb%40%C3%BC.example%2F~_-.%26%3D%25");
	assert_true(percent_decode(decoded, encoded, strlen(encoded), true));
	assert_string_equal(decoded, "a+b@ü.example/~_-.&=%");
}

static void origins(void **state)
{
	static const struct {
		int line;
		const char *text;
		bool good;
	} rows[] = {
		{ __LINE__, "https://www.example.com", true },
		{ __LINE__, "http://localhost:3000", true },
		{ __LINE__, "http://a_b.xn--bcher-kva.example", true },
		{ __LINE__, "https://example.com.", true },
		{ __LINE__, "http://192.0.2.1:65535", true },
		{ __LINE__, "http://[2001:db8::1]", true },
		{ __LINE__, "http://[::1]:8080", true },
		{ __LINE__, "capacitor://localhost", true },
		{ __LINE__, "moz-extension://1f8a7c4e-3a0f-4b52-9d6e-000000000000", true },
		{ __LINE__, "http://example.com:443", true },
		{ __LINE__, "", false },
		{ __LINE__, "*", false },
		{ __LINE__, "null", false },
		{ __LINE__, "example.com", false },
		{ __LINE__, "//example.com", false },
		{ __LINE__, "://example.com", false },
		{ __LINE__, "https:/example.com", false },
		{ __LINE__, "https://", false },
		{ __LINE__, "https://*.example.com", false },
		{ __LINE__, "https://example.com/", false },
		{ __LINE__, "https://example.com?", false },
		{ __LINE__, "https://example.com#x", false },
		{ __LINE__, "https://me@example.com", false },
		{ __LINE__, "https://Example.com", false },
		{ __LINE__, "HTTPS://example.com", false },
		{ __LINE__, "https://bücher.example", false },
		{ __LINE__, "https://a..example", false },
		{ __LINE__, "https://.example", false },
		{ __LINE__, "https://example.com:443", false },
		{ __LINE__, "http://example.com:80", false },
		{ __LINE__, "http://[::1]:80", false },
		{ __LINE__, "http://example.com:", false },
		{ __LINE__, "http://example.com:0", false },
		{ __LINE__, "http://example.com:0443", false },
		{ __LINE__, "http://example.com:65536", false },
		{ __LINE__, "http://example.com:1e3", false },
		{ __LINE__, "http://example.com:80:80", false },
		{ __LINE__, "http://127.1", false },
		{ __LINE__, "http://192.0.2.256", false },
		{ __LINE__, "http://example.1", false },
		{ __LINE__, "http://[::1", false },
		{ __LINE__, "http://::1", false },
		{ __LINE__, "http://[]", false },
		{ __LINE__, "http://[::1]x", false },
		{ __LINE__, "http://[0::1]", false },
		{ __LINE__, "http://[2001:DB8::1]", false },
		{ __LINE__, "http://[::ffff:192.0.2.1]", false },
		{ __LINE__, "file://", false },
		{ __LINE__, "1http://example.com", false },
		{ __LINE__, "https://a.example\r\nX: y", false },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		check_row(rows[i].line, origin_is_valid(rows[i].text) == rows[i].good);
	snprintf(text, sizeof(text), "https://%0*d.example", HOST_MOST - 8, 0);
	assert_true(origin_is_valid(text));
	snprintf(text, sizeof(text), "https://%0*d.example", HOST_MOST - 7, 0);
	assert_false(origin_is_valid(text));
	snprintf(text, sizeof(text), "x%0*d://example", SCHEME_MOST - 1, 0);
	assert_true(origin_is_valid(text));
	snprintf(text, sizeof(text), "x%0*d://example", SCHEME_MOST, 0);
	assert_false(origin_is_valid(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists), cmocka_unit_test(clients), cmocka_unit_test(places),
		cmocka_unit_test(urls),	 cmocka_unit_test(origins), cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
