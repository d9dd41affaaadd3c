#include "base/slice.h"
#include "base/test.h"

static void
equality_minds_case_only_when_asked(void **state)
{
	(void)state;
	assert_true(slice_equal(SLICE("Inbox"), SLICE("Inbox")));
	assert_false(slice_equal(SLICE("Inbox"), SLICE("INBOX")));
	assert_false(slice_equal(SLICE("Inbox"), SLICE("Inbo")));
	assert_true(slice_equal(SLICE_NONE, SLICE("")));
	assert_true(slice_equal_nocase(SLICE("Inbox"), SLICE("iNBOX")));
	assert_false(slice_equal_nocase(SLICE("Inbox"), SLICE("Inboy")));
	assert_false(slice_equal_nocase(SLICE("\xC4"), SLICE("\xE4")));
	assert_false(slice_equal_nocase(SLICE("["), SLICE("{")));
	assert_true(slice_equal_secret(SLICE("troika"), SLICE("troika")));
	assert_false(slice_equal_secret(SLICE("troika"), SLICE("troikb")));
	assert_false(slice_equal_secret(SLICE("troika"), SLICE("troik")));
}

static void
order_is_by_bytes_then_length(void **state)
{
	(void)state;
	assert_true(slice_compare(SLICE("a"), SLICE("b")) < 0);
	assert_true(slice_compare(SLICE("b"), SLICE("a")) > 0);
	assert_true(slice_compare(SLICE("a"), SLICE("ab")) < 0);
	assert_true(slice_compare(SLICE("\xFF"), SLICE("a")) > 0);
	assert_int_equal(slice_compare(SLICE_NONE, SLICE("")), 0);
}

static void
prefixes_and_suffixes(void **state)
{
	(void)state;
	assert_true(slice_starts(SLICE("MAIL FROM"), SLICE("MAIL")));
	assert_false(slice_starts(SLICE("MAI"), SLICE("MAIL")));
	assert_true(slice_starts_nocase(SLICE("mail from"), SLICE("MAIL")));
	assert_true(slice_starts(SLICE_NONE, SLICE("")));
	assert_true(slice_ends(SLICE("line\r\n"), SLICE("\r\n")));
	assert_false(slice_ends(SLICE("\n"), SLICE("\r\n")));
	assert_true(slice_ends_nocase(SLICE("x.EML"), SLICE(".eml")));
	assert_true(slice_ends(SLICE("x"), SLICE("")));
}

static void
parts_stay_inside(void **state)
{
	(void)state;
	struct slice s = SLICE("envelope");
	assert_slice_is(slice_from(s, 2), "velope");
	assert_slice_is(slice_from(s, 99), "");
	assert_slice_is(slice_first(s, 3), "env");
	assert_slice_is(slice_first(s, 99), "envelope");
	assert_slice_is(slice_part(s, 2, 3), "vel");
	assert_slice_is(slice_part(s, 7, 99), "e");
	assert_slice_is(slice_part(s, SIZE_MAX, SIZE_MAX), "");
	assert_slice_is(slice_trim(SLICE(" \t a b\r\n")), "a b");
	assert_slice_is(slice_trim(SLICE(" \r\n")), "");
	assert_true(slice_absent(slice_from(SLICE_NONE, 1)));
}

static void
finding_says_length_when_absent(void **state)
{
	(void)state;
	struct slice s = SLICE("a@b@c");
	assert_int_equal(slice_find_byte(s, '@'), 1);
	assert_int_equal(slice_find_last_byte(s, '@'), 3);
	assert_int_equal(slice_find_byte(s, 'x'), 5);
	assert_int_equal(slice_find_last_byte(s, 'x'), 5);
	assert_int_equal(slice_find(s, SLICE("b@")), 2);
	assert_int_equal(slice_find(s, SLICE("b@d")), 5);
	assert_int_equal(slice_find(s, SLICE("a@b@c@")), 5);
	assert_int_equal(slice_find(s, SLICE("")), 0);
	assert_int_equal(slice_find_nocase(SLICE("x-HTML"), SLICE("html")), 2);
	assert_int_equal(slice_find_nocase(SLICE("html"), SLICE("html5")), 4);
	assert_int_equal(slice_find(SLICE_NONE, SLICE("a")), 0);
	assert_int_equal(slice_find_byte(SLICE_NONE, 'a'), 0);
}

static void
cutting_walks_all_parts(void **state)
{
	(void)state;
	struct slice rest = SLICE("a,,b");
	assert_slice_is(slice_cut(&rest, ','), "a");
	assert_slice_is(slice_cut(&rest, ','), "");
	assert_slice_is(slice_cut(&rest, ','), "b");
	assert_true(slice_absent(rest));
	rest = SLICE("a,");
	assert_slice_is(slice_cut(&rest, ','), "a");
	assert_false(slice_absent(rest));
	assert_slice_is(slice_cut(&rest, ','), "");
	assert_true(slice_absent(rest));
}

static void
numbers_are_digits_only(void **state)
{
	(void)state;
	static const struct {
		struct slice text;
		bool valid;
		uint64_t value;
	} cases[] = {
		{SLICE_INIT("0"), true, 0},
		{SLICE_INIT("007"), true, 7},
		{SLICE_INIT("18446744073709551615"), true, UINT64_MAX},
		{SLICE_INIT("18446744073709551616"), false, 0},
		{SLICE_INIT("99999999999999999999999"), false, 0},
		{SLICE_INIT(""), false, 0},
		{SLICE_INIT("-1"), false, 0},
		{SLICE_INIT("+1"), false, 0},
		{SLICE_INIT("1 "), false, 0},
		{SLICE_INIT("0x10"), false, 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t value = 1;
		assert_int_equal(slice_to_u64(cases[i].text, &value), cases[i].valid);
		assert_true(value == cases[i].value);
	}
	uint32_t narrow;
	assert_true(slice_to_u32(SLICE("4294967295"), &narrow));
	assert_true(narrow == UINT32_MAX);
	assert_false(slice_to_u32(SLICE("4294967296"), &narrow));
}

static void
utf8_is_rfc_3629(void **state)
{
	(void)state;
	static const struct {
		struct slice text;
		bool valid;
	} cases[] = {
		{SLICE_INIT("plain"), true},
		{SLICE_INIT("\xD0\xB9"), true},
		{SLICE_INIT("\xED\x9F\xBF"), true},
		{SLICE_INIT("\xF4\x8F\xBF\xBF"), true},
		{SLICE_INIT("\xF0\x90\x80\x80"), true},
		{SLICE_INIT("\xE0\xA0\x80"), true},
		{SLICE_INIT("\xC0\x80"), false},         /* overlong NUL */
		{SLICE_INIT("\xC1\xBF"), false},         /* overlong */
		{SLICE_INIT("\xE0\x9F\xBF"), false},     /* overlong */
		{SLICE_INIT("\xF0\x8F\xBF\xBF"), false}, /* overlong */
		{SLICE_INIT("\xED\xA0\x80"), false},     /* surrogate */
		{SLICE_INIT("\xF4\x90\x80\x80"), false}, /* past U+10FFFF */
		{SLICE_INIT("\xF5\x80\x80\x80"), false},
		{SLICE_INIT("\x80"), false},
		{SLICE_INIT("\xD0"), false},
		{SLICE_INIT("\xD0x"), false},
		{SLICE_INIT("\xE2\x82"), false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(slice_is_utf8(cases[i].text), cases[i].valid);
	assert_int_equal(slice_utf8_first(SLICE("\xE2\x82\xAC!")), 3);
	assert_int_equal(slice_utf8_first(SLICE("")), 0);
	char text[40];
	for (size_t at = 0; at < sizeof text; at++) {
		memset(text, 'a', sizeof text);
		text[at] = '\x80';
		assert_false(slice_is_ascii(slice_of(text, sizeof text)));
		assert_false(slice_is_utf8(slice_of(text, sizeof text)));
		assert_true(slice_is_utf8(slice_of(text, at)));
		assert_true(slice_is_ascii(slice_of(text, at)));
		text[at] = '\xc3';
		if (at + 1 < sizeof text)
			text[at + 1] = '\xa4';
		assert_int_equal(
			slice_is_utf8(slice_of(text, sizeof text)), at + 1 < sizeof text);
	}
	assert_true(slice_is_ascii(SLICE("\x7F")));
	assert_false(slice_is_ascii(SLICE("a\x80")));
}

static void
hex_digits_have_values(void **state)
{
	(void)state;
	assert_int_equal(byte_hex_value('0'), 0);
	assert_int_equal(byte_hex_value('a'), 10);
	assert_int_equal(byte_hex_value('F'), 15);
	assert_int_equal(byte_hex_value('g'), -1);
	assert_int_equal(byte_hex_value('\xE4'), -1);
	assert_int_equal(byte_upper('z'), 'Z');
	assert_false(byte_is_alpha('@'));
}

static void
distance_counts_edits(void **state)
{
	(void)state;
	assert_int_equal(slice_distance(SLICE("account"), SLICE("account")), 0);
	assert_int_equal(slice_distance(SLICE("acount"), SLICE("account")), 1);
	assert_int_equal(slice_distance(SLICE("lsit"), SLICE("list")), 2);
	assert_int_equal(slice_distance(SLICE_NONE, SLICE("abc")), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality_minds_case_only_when_asked),
		cmocka_unit_test(order_is_by_bytes_then_length),
		cmocka_unit_test(prefixes_and_suffixes),
		cmocka_unit_test(parts_stay_inside),
		cmocka_unit_test(finding_says_length_when_absent),
		cmocka_unit_test(cutting_walks_all_parts),
		cmocka_unit_test(numbers_are_digits_only),
		cmocka_unit_test(utf8_is_rfc_3629),
		cmocka_unit_test(hex_digits_have_values),
		cmocka_unit_test(distance_counts_edits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
