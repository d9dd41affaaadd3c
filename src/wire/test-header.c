#include "base/test.h"
#include "wire/header.h"

static void
test_walks_fields(void **state)
{
	struct slice rest = SLICE("From anna Mon Jan  1 10:00:00 2001\n"
				  "Subject: one\r\n two\r\n"
				  "garbage\r\n"
				  " of garbage\r\n"
				  "X-Empty:\n"
				  "To \t: a@b\n"
				  "No Field: x\n"
				  "Last: y\r\n"
				  "\r\n"
				  "Not: in the header\r\n");
	struct wire_header header;
	(void)state;
	assert_true(wire_header_next(&rest, &header));
	assert_slice_is(header.name, "Subject");
	assert_slice_is(header.raw, " one\r\n two");
	assert_slice_is(header.all, "Subject: one\r\n two\r\n");
	assert_true(wire_header_next(&rest, &header));
	assert_slice_is(header.name, "X-Empty");
	assert_slice_is(header.raw, "");
	assert_true(wire_header_next(&rest, &header));
	assert_slice_is(header.name, "To");
	assert_slice_is(header.raw, " a@b");
	assert_true(wire_header_next(&rest, &header));
	assert_slice_is(header.name, "Last");
	assert_false(wire_header_next(&rest, &header));
	assert_false(wire_header_next(&rest, &header));
}

static void
test_measures_blocks(void **state)
{
	(void)state;
	assert_int_equal(wire_header_length(SLICE("A: b\r\n\r\nbody")), 8);
	assert_int_equal(wire_header_length(SLICE("A: b\n\nbody")), 6);
	assert_int_equal(wire_header_length(SLICE("A: b\r\n")), 6);
	assert_int_equal(wire_header_length(SLICE("\r\nbody")), 2);
	assert_int_equal(wire_header_length(SLICE("body\r\n\r\n")), 0);
	assert_int_equal(wire_header_length(SLICE("From x\nA: b\n\nbody")), 13);
	assert_int_equal(wire_header_length(SLICE("")), 0);
}

static void
test_filters(void **state)
{
	static const struct slice names[] = {SLICE_INIT("to"), SLICE_INIT("SUBJECT")};
	struct slice block = SLICE("Subject: x\r\n y\r\nFrom: a\r\nTO: b\r\n\r\n");
	SCOPED(buffer_free) struct buffer in = buffer_with(1000), out = buffer_with(1000);
	(void)state;
	assert_true(wire_header_filter(block, names, 2, false, &in));
	assert_slice_is(buffer_slice(&in), "Subject: x\r\n y\r\nTO: b\r\n");
	assert_true(wire_header_filter(block, names, 2, true, &out));
	assert_slice_is(buffer_slice(&out), "From: a\r\n");
}

static void
test_unfolds(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(65536);
	(void)state;
	assert_slice_is(wire_unfold(arena, SLICE(" a\r\n b\n\tc ")), "a b\tc");
	assert_slice_is(wire_unfold(arena, slice_of("a\0b\rc", 5)), "a b c");
	assert_false(slice_absent(wire_unfold(arena, SLICE(" "))));
	assert_true(slice_absent(wire_unfold(arena, SLICE_NONE)));
}

struct text_case {
	const char *raw, *text;
};

static const struct text_case TEXTS[] = {
	{"plain", "plain"},
	{"=?iso-8859-1?Q?Andr=E9?= Pirard", "Andr\u00e9 Pirard"},
	{"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n"
	 "    =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
		"If you can read this you understand the example."},
	/* RFC 2047, section 8. */
	{"(=?ISO-8859-1?Q?a?=)", "(a)"},
	{"(=?ISO-8859-1?Q?a?= b)", "(a b)"},
	{"(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)"},
	{"(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)"},
	{"(=?ISO-8859-1?Q?a?=\r\n       =?ISO-8859-1?Q?b?=)", "(ab)"},
	{"(=?ISO-8859-1?Q?a_b?=)", "(a b)"},
	{"(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)"},
	/* A character cut between words; a language; blanks in a word. */
	{"=?utf-8?B?4oI=?= =?utf-8?B?rA==?=", "\u20ac"},
	{"=?utf-8*en?q?a=62?=", "ab"},
	{"=?utf-8?Q?a b?=", "a b"},
	{"=?utf-8?q?a=?utf-8?q?b?=", "=?utf-8?q?ab"},
	{"=?utf-8?x?abc?= =?utf-8?q?abc", "=?utf-8?x?abc?= =?utf-8?q?abc"},
	{"=?utf-8?q?"
	 "?=",
		""},
	{"=?nonsense?q?=e9?=", "\u00e9"},
	{"caf\xe9", "caf\u00e9"},
	{"caf\u00e9", "caf\u00e9"},
	{"=?utf-8?q?a=00=0Ab?=", "a  b"},
	{"=?utf-8?B?YWJj?==?utf-8?B?ZGVm?=", "abcdef"},
	{"=?utf-8?q?a=zz?=", "a=zz"},
};

static void
test_decodes_words(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(65536);
	(void)state;
	for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
		print_message("%s\n", TEXTS[i].raw);
		assert_slice_equals(wire_header_text(arena, slice_of_text(TEXTS[i].raw)),
			slice_of_text(TEXTS[i].text), __FILE__, __LINE__);
	}
}

static const struct text_case WRITTEN[] = {
	{"plain", "plain"},
	{"caf\u00e9 au lait", "=?utf-8?q?caf=C3=A9_au_lait?="},
	{"\u041f\u0440\u0438\u0432\u0435\u0442", "=?utf-8?b?0J/RgNC40LLQtdGC?="},
	{"=?x", "=?utf-8?b?PT94?="},
	{"a\r\nBcc: b@c", "a  Bcc: b@c"},
};

static void
test_encodes_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof WRITTEN / sizeof *WRITTEN; i++) {
		SCOPED(buffer_free) struct buffer text = buffer_with(1000);
		assert_true(wire_header_text_put(&text, slice_of_text(WRITTEN[i].raw), 9));
		assert_slice_equals(buffer_slice(&text), slice_of_text(WRITTEN[i].text),
			__FILE__, __LINE__);
	}
}

/* Long texts come back as they were, and no line is longer than RFC 2047 allows. */
static void
test_folds_what_it_encodes(void **state)
{
	static const char *const pieces[] = {
		"word ", "\u0441\u043b\u043e\u0432\u043e ", "caf\u00e9 ", "\U0001f4e7"};
	(void)state;
	for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
		SCOPED(arena_release) struct arena *arena = arena_create(65536);
		SCOPED(buffer_free) struct buffer text = buffer_with(1000);
		SCOPED(buffer_free) struct buffer folded = buffer_with(4000);
		for (int i = 0; i < 30; i++)
			buffer_put_text(&text, pieces[p]);
		buffer_put_text(&text, "end");
		assert_true(wire_header_text_put(&folded, buffer_slice(&text), 9));
		assert_true(slice_equal(wire_header_text(arena, buffer_slice(&folded)),
			buffer_slice(&text)));
		struct slice rest = buffer_slice(&folded);
		while (!slice_absent(rest))
			assert_true(slice_cut(&rest, '\n').length <= 77);
	}
}

static void
test_walks_message_ids(void **state)
{
	struct slice rest = SLICE("junk <a@b> (c) <broken <d@e>\r\n <f@g");
	struct slice id;
	(void)state;
	assert_true(wire_message_id_next(&rest, &id));
	assert_slice_is(id, "<a@b>");
	assert_true(wire_message_id_next(&rest, &id));
	assert_slice_is(id, "<d@e>");
	assert_false(wire_message_id_next(&rest, &id));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walks_fields),
		cmocka_unit_test(test_measures_blocks),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_unfolds),
		cmocka_unit_test(test_decodes_words),
		cmocka_unit_test(test_encodes_words),
		cmocka_unit_test(test_folds_what_it_encodes),
		cmocka_unit_test(test_walks_message_ids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
