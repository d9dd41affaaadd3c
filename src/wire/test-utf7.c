#include "base/test.h"
#include "wire/utf7.h"

struct name {
	struct slice utf8, encoded;
};

static const struct name NAMES[] = {
	{SLICE_INIT(""), SLICE_INIT("")},
	{SLICE_INIT("INBOX"), SLICE_INIT("INBOX")},
	{SLICE_INIT("a&b"), SLICE_INIT("a&-b")},
	{SLICE_INIT("&"), SLICE_INIT("&-")},
	{SLICE_INIT("a*b%c"), SLICE_INIT("a*b%c")},
	{SLICE_INIT("~peter/mail/\u53f0\u5317/\u65e5\u672c\u8a9e"),
		SLICE_INIT("~peter/mail/&U,BTFw-/&ZeVnLIqe-")},
	{SLICE_INIT("Entw\u00fcrfe"), SLICE_INIT("Entw&APw-rfe")},
	{SLICE_INIT("\u0422\u0440\u043e\u0439\u043a\u0430"),
		SLICE_INIT("&BCIEQAQ+BDkEOgQw-")},
	{SLICE_INIT("\U0001F600"), SLICE_INIT("&2D3eAA-")},
	{SLICE_INIT("a\U0001F4E7b"), SLICE_INIT("a&2D3c5w-b")},
	{SLICE_INIT("\u00e9&\u00e9"), SLICE_INIT("&AOk-&-&AOk-")},
	{SLICE_INIT("tab\there"), SLICE_INIT("tab&AAk-here")},
};

static void
names_go_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
		SCOPED(buffer_free) struct buffer utf8 = buffer_with(100);
		SCOPED(buffer_free) struct buffer encoded = buffer_with(100);
		assert_true(wire_utf7_encode(NAMES[i].utf8, &encoded));
		assert_slice_equals(
			buffer_slice(&encoded), NAMES[i].encoded, __FILE__, __LINE__);
		assert_true(wire_utf7_decode(NAMES[i].encoded, &utf8));
		assert_slice_equals(buffer_slice(&utf8), NAMES[i].utf8, __FILE__, __LINE__);
	}
}

static const struct slice WRONG[] = {
	SLICE_INIT("&"),               /* no end */
	SLICE_INIT("a&AOk"),           /* no end */
	SLICE_INIT("&A-"),             /* no whole unit */
	SLICE_INIT("&AOl-"),           /* bits left over */
	SLICE_INIT("&AOkA-"),          /* a sextet too many */
	SLICE_INIT("&AGE-"),           /* "a", which is printable */
	SLICE_INIT("&ACY-"),           /* "&" */
	SLICE_INIT("&AAA-"),           /* NUL */
	SLICE_INIT("&2D0-"),           /* half a pair */
	SLICE_INIT("&3gA-"),           /* the other half */
	SLICE_INIT("&2D3YPQ-"),        /* twice the first half */
	SLICE_INIT("&AOk-&AOk-"),      /* runs that touch */
	SLICE_INIT("&AO/-"),           /* "/" is "," here */
	SLICE_INIT("&AOk=-"),          /* padding */
	SLICE_INIT("Entw\xc3\xbcrfe"), /* 8 bits */
	SLICE_INIT("a\tb"),
	SLICE_INIT("a\0b"),
};

static void
other_spellings_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
		SCOPED(buffer_free) struct buffer utf8 = buffer_with(100);
		if (wire_utf7_decode(WRONG[i], &utf8))
			fail_msg("%.*s", SLICE_ARG(WRONG[i]));
	}
}

static void
what_is_not_utf8_is_not_encoded(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer encoded = buffer_with(100);
	assert_false(wire_utf7_encode(SLICE("a\xff"), &encoded));
	assert_false(wire_utf7_encode(SLICE("\xed\xa0\x80"), &encoded));
	assert_false(wire_utf7_encode(SLICE("a\0"), &encoded));
}

static void
a_full_buffer_is_a_failure(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer little = buffer_with(3);
	assert_false(wire_utf7_encode(SLICE("\u00e9"), &little));
	buffer_clear(&little);
	assert_false(wire_utf7_decode(SLICE("abcd"), &little));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_go_both_ways),
		cmocka_unit_test(other_spellings_are_refused),
		cmocka_unit_test(what_is_not_utf8_is_not_encoded),
		cmocka_unit_test(a_full_buffer_is_a_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
