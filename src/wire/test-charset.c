#include "base/test.h"
#include "wire/charset.h"

struct charset_case {
	const char *charset, *bytes, *utf8;
};

static const struct charset_case CASES[] = {
	{"utf-8", "caf\u00e9", "caf\u00e9"},
	{"UTF8", "a\xff\xe2\x82z", "a\ufffd\ufffdz"},
	{"utf-8", "\xf0\x80\x80\x41\xed\xa0\x80", "\ufffd\ufffd\ufffdA\ufffd\ufffd\ufffd"},
	{"iso-8859-1", "\x80 \xe9", "\u20ac \u00e9"},
	{"ISO-8859-15", "\xa4", "\u20ac"},
	{"windows-1251", "\xcf\xf0\xe8", "\u041f\u0440\u0438"},
	{"koi8-r", "\xf0\xd2\xc9", "\u041f\u0440\u0438"},
	{"win-1251", "\xcf\xf0\xe8", "\u041f\u0440\u0438"},
	{"x-cp1251", "\xcf\xf0\xe8", "\u041f\u0440\u0438"},
	{"koi8_r", "\xf0\xd2\xc9", "\u041f\u0440\u0438"},
	{"iso-2022-jp", "\x1b$B$3$s\x1b(B!", "\u3053\u3093!"},
	{"cp50220", "\x1b$B$3$s\x1b(B!", "\u3053\u3093!"},
	{"csShiftJIS", "\x87\x40", "\u2460"},
	{"ms949", "\x8c\x63", "\ub620"},
	{"csgb2312", "\x9d\x68", "\u6f22"},
	{"logical", "\xf9", "\u05e9"},
	{"unicodefffe", "\x20\xac", "\u20ac"},
	{"shift_jis", "\x82\xb1\x82\xf1", "\u3053\u3093"},
	{"euc-jp", "\xa4\xb3\xa4\xf3", "\u3053\u3093"},
	{"gb2312", "\xc4\xe3", "\u4f60"},
	{"\"big5\"", "\xa7\x41", "\u4f60"},
	{"ks_c_5601-1987", "\xb0\xa1", "\uac00"},
	{"utf-7", "+AGE-b", "ab"},
	{"utf-16le", "a\x20\xac\x20", "\u2061\u20ac"},
	{"us-ascii", "a\xe9", "a\u00e9"},
	{"us-ascii", "caf\u00e9", "caf\u00e9"},
	{"x-unknown", "a\xe9", "a\u00e9"},
	{"", "caf\u00e9", "caf\u00e9"},
	{"utf-8//TRANSLIT", "a\xe9", "a\u00e9"},
	{"internal", "a\xe9", "a\u00e9"},
	{"../../tmp/evil", "a\xe9", "a\u00e9"},
	{"shift_jis", "\x82", "\ufffd"},
	{"euc-kr", "a\xffz", "a\ufffdz"},
};

static void
test_converts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		SCOPED(buffer_free) struct buffer text = buffer_with(1000);
		print_message("%s\n", CASES[i].charset);
		assert_true(wire_to_utf8(slice_of_text(CASES[i].charset),
			slice_of_text(CASES[i].bytes), &text));
		assert_slice_equals(buffer_slice(&text), slice_of_text(CASES[i].utf8),
			__FILE__, __LINE__);
	}
}

/* What WHATWG lists and iconv does not know, and what mail says besides. */
static const char *const LABELS[] = {"x-unicode20utf8", "unicode11utf8", "csiso88596e",
	"csiso88596i", "sun_eu_greek", "csiso88598e", "visual", "csiso88598i",
	"csisolatin9", "l9", "koi", "x-cp1250", "x-cp1253", "x-cp1254", "x-cp1255",
	"x-cp1256", "x-cp1257", "x-cp1258", "x-mac-ukrainian", "chinese", "csiso58gb231280",
	"gb_2312", "iso-ir-58", "csbig5", "csksc56011987", "iso-ir-149", "ks_c_5601-1989",
	"unicodefeff", "cp51932", "iso-2022-jp-ms", "x-windows-874", "x-windows-949",
	"x-windows-950", "windows1252", "iso8859_1", "cp-866", "x-koi8-r"};

static void
test_knows_names(void **state)
{
	(void)state;
	assert_true(wire_charset_known(SLICE("UTF-8")));
	assert_true(wire_charset_known(SLICE("us-ascii")));
	assert_true(wire_charset_known(SLICE("iso-8859-2")));
	for (size_t i = 0; i < sizeof LABELS / sizeof *LABELS; i++) {
		print_message("%s\n", LABELS[i]);
		assert_true(wire_charset_known(slice_of_text(LABELS[i])));
	}
	assert_false(wire_charset_known(SLICE("x-unknown")));
	assert_false(wire_charset_known(SLICE("")));
}

/* At the ceiling whole characters are kept, and the answer is false. */
static void
test_stops_at_the_ceiling(void **state)
{
	static const char *const charsets[] = {"utf-8", "iso-8859-1", "windows-1251"};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		SCOPED(buffer_free) struct buffer text = buffer_with(5);
		assert_false(wire_to_utf8(
			slice_of_text(charsets[i]), SLICE("\xe0\xe1\xe2\xe3"), &text));
		assert_true(text.length >= 3 && text.length <= 5);
		assert_true(slice_is_utf8(buffer_slice(&text)));
	}
}

static void
test_cuts_between_characters(void **state)
{
	(void)state;
	assert_slice_is(wire_utf8_first(SLICE("a\u20ac"), 3), "a");
	assert_slice_is(wire_utf8_first(SLICE("a\u20ac"), 4), "a\u20ac");
	assert_slice_is(wire_utf8_first(SLICE("a\u20ac"), 1), "a");
	assert_slice_is(wire_utf8_first(SLICE("\U0001f600"), 3), "");
	assert_slice_is(wire_utf8_first(SLICE("abc"), 9), "abc");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_converts),
		cmocka_unit_test(test_knows_names),
		cmocka_unit_test(test_stops_at_the_ceiling),
		cmocka_unit_test(test_cuts_between_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
