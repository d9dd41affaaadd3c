#include "base/test.h"
#include "wire/imap-cursor.h"

static struct arena *arena;

static struct wire_imap_cursor
over(struct slice text)
{
	arena_reset(arena);
	return wire_imap_cursor_over(text, arena);
}

struct string_case {
	struct slice text, value, rest;
	bool taken;
};

static const struct string_case ASTRINGS[] = {
	{SLICE_INIT("abc def"), SLICE_INIT("abc"), SLICE_INIT(" def"), true},
	{SLICE_INIT("a]b)"), SLICE_INIT("a]b"), SLICE_INIT(")"), true},
	{SLICE_INIT("\"a b\" c"), SLICE_INIT("a b"), SLICE_INIT(" c"), true},
	{SLICE_INIT("\"\""), SLICE_INIT(""), SLICE_INIT(""), true},
	{SLICE_INIT("\"a\\\"\\\\b\""), SLICE_INIT("a\"\\b"), SLICE_INIT(""), true},
	{SLICE_INIT("\"\xff\""), SLICE_INIT("\xff"), SLICE_INIT(""), true},
	{SLICE_INIT("{3}\r\na\r\nb"), SLICE_INIT("a\r\n"), SLICE_INIT("b"), true},
	{SLICE_INIT("{0+}\r\n x"), SLICE_INIT(""), SLICE_INIT(" x"), true},
	{SLICE_INIT("\"a"), SLICE_INIT(""), SLICE_INIT(""), false},
	{SLICE_INIT("\"a\\b\""), SLICE_INIT(""), SLICE_INIT(""), false},
	{SLICE_INIT("\"a\\"), SLICE_INIT(""), SLICE_INIT(""), false},
	{SLICE_INIT("\"a\r\nb\""), SLICE_INIT(""), SLICE_INIT(""), false},
	{SLICE_INIT("{4}\r\nabc"), SLICE_INIT(""), SLICE_INIT(""), false},
	{SLICE_INIT("{3}abc"), SLICE_INIT(""), SLICE_INIT(""), false},
	{SLICE_INIT("{3}\nabc"), SLICE_INIT(""), SLICE_INIT(""), false},
	{SLICE_INIT("{3}\r\na\0b"), SLICE_INIT(""), SLICE_INIT(""), false},
	{SLICE_INIT("{99999999999999999999}\r\n"), SLICE_INIT(""), SLICE_INIT(""), false},
	{SLICE_INIT("(a)"), SLICE_INIT(""), SLICE_INIT(""), false},
	{SLICE_INIT("%"), SLICE_INIT(""), SLICE_INIT(""), false},
	{SLICE_INIT(""), SLICE_INIT(""), SLICE_INIT(""), false},
	{SLICE_INIT("\x80"), SLICE_INIT(""), SLICE_INIT(""), false},
};

static void
astrings_are_atoms_quoted_or_literals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ASTRINGS / sizeof *ASTRINGS; i++) {
		struct wire_imap_cursor cursor = over(ASTRINGS[i].text);
		struct slice value;
		bool taken = wire_imap_astring(&cursor, &value);
		if (taken != ASTRINGS[i].taken || taken == (cursor.error != NULL))
			fail_msg("%.*s: %s", SLICE_ARG(ASTRINGS[i].text), cursor.error);
		if (!taken)
			continue;
		assert_true(slice_equal(value, ASTRINGS[i].value));
		assert_true(slice_equal(cursor.rest, ASTRINGS[i].rest));
	}
}

static void
nil_is_absent_where_it_may_be(void **state)
{
	(void)state;
	struct wire_imap_cursor cursor = over(SLICE("nil \"NIL\" NILS"));
	struct slice text;
	assert_true(wire_imap_nstring(&cursor, &text));
	assert_true(slice_absent(text));
	assert_true(wire_imap_space(&cursor) && wire_imap_nstring(&cursor, &text));
	assert_slice_is(text, "NIL");
	assert_true(wire_imap_space(&cursor));
	assert_false(wire_imap_nstring(&cursor, &text));
}

static void
the_first_error_stays(void **state)
{
	(void)state;
	struct wire_imap_cursor cursor = over(SLICE("x y"));
	uint32_t number;
	struct slice text;
	assert_false(wire_imap_number(&cursor, &number));
	assert_string_equal(cursor.error, "A number was expected");
	assert_false(wire_imap_atom(&cursor, &text));
	assert_false(wire_imap_astring(&cursor, &text));
	assert_false(wire_imap_byte(&cursor, 'x'));
	assert_false(wire_imap_maybe(&cursor, 'x'));
	assert_false(wire_imap_end(&cursor));
	assert_string_equal(cursor.error, "A number was expected");
}

static void
numbers_have_their_bounds(void **state)
{
	(void)state;
	struct wire_imap_cursor cursor = over(SLICE("4294967295 9223372036854775807"));
	uint32_t number = 0;
	uint64_t wide = 0;
	assert_true(wire_imap_number(&cursor, &number));
	assert_int_equal(number, UINT32_MAX);
	assert_true(wire_imap_space(&cursor) && wire_imap_number64(&cursor, &wide));
	assert_true(wide == INT64_MAX); /* RFC 9051 9: 63 bits */
	cursor = over(SLICE("4294967296"));
	assert_false(wire_imap_number(&cursor, &number));
	cursor = over(SLICE("9223372036854775808"));
	assert_false(wire_imap_number64(&cursor, &wide));
	cursor = over(SLICE("0"));
	assert_false(wire_imap_nz_number(&cursor, &number));
}

static void
words_end_where_atoms_end(void **state)
{
	(void)state;
	struct wire_imap_cursor cursor = over(SLICE("flags.silent)"));
	assert_false(wire_imap_maybe_word(&cursor, SLICE("FLAGS")));
	assert_true(wire_imap_maybe_word(&cursor, SLICE("FLAGS.SILENT")));
	assert_slice_is(cursor.rest, ")");
}

struct mailbox_case {
	struct slice text, name;
	bool taken;
};

static const struct mailbox_case MAILBOXES[] = {
	{SLICE_INIT("inBox"), SLICE_INIT("INBOX"), true},
	{SLICE_INIT("\"a&AOk-\""), SLICE_INIT("a\u00e9"), true},
	{SLICE_INIT("{5}\r\na&-b "), SLICE_INIT("a&b "), true},
	{SLICE_INIT("\"\u00e9&\""), SLICE_INIT("\u00e9&"), true},
	{SLICE_INIT("\"\""), SLICE_INIT(""), true},
	{SLICE_INIT("a&b"), SLICE_INIT(""), false},
	{SLICE_INIT("\"\xff\""), SLICE_INIT(""), false},
};

static void
mailbox_names_become_utf8(void **state)
{
	(void)state;
	struct slice name;
	for (size_t i = 0; i < sizeof MAILBOXES / sizeof *MAILBOXES; i++) {
		struct wire_imap_cursor cursor = over(MAILBOXES[i].text);
		assert_int_equal(wire_imap_mailbox(&cursor, &name), MAILBOXES[i].taken);
		if (MAILBOXES[i].taken)
			assert_true(slice_equal(name, MAILBOXES[i].name));
	}
	struct wire_imap_cursor cursor = over(SLICE("a&b"));
	cursor.utf8 = true;
	assert_true(wire_imap_mailbox(&cursor, &name));
	assert_slice_is(name, "a&b");
}

static void
patterns_may_hold_wildcards(void **state)
{
	(void)state;
	struct slice pattern;
	struct wire_imap_cursor cursor = over(SLICE("&AOk-/%*"));
	assert_true(wire_imap_list_mailbox(&cursor, &pattern));
	assert_slice_is(pattern, "\u00e9/%*");
	cursor = over(SLICE("\"% x\""));
	assert_true(wire_imap_list_mailbox(&cursor, &pattern));
	assert_slice_is(pattern, "% x");
}

struct day_case {
	const char *text;
	int64_t day; /* -1: wrong */
};

static const struct day_case DAYS[] = {
	{"1-Jan-1970", 0},
	{"\"1-Feb-1994\"", 8797},
	{"01-FEB-1994", 8797},
	{"29-Feb-2000", 11016},
	{"29-Feb-1900", -1},
	{"31-Apr-2026", -1},
	{"0-Jan-2026", -1},
	{"1-Foo-2026", -1},
	{"1-Jan-26", -1},
	{"\"1-Jan-2026", -1},
	{"1 Jan 2026", -1},
};

static void
days_are_counted_from_1970(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof DAYS / sizeof *DAYS; i++) {
		struct wire_imap_cursor cursor = over(slice_of_text(DAYS[i].text));
		int64_t day;
		assert_int_equal(wire_imap_date(&cursor, &day), DAYS[i].day >= 0);
		if (DAYS[i].day >= 0)
			assert_int_equal(day, DAYS[i].day);
	}
}

struct moment_case {
	const char *text;
	int64_t unix_time; /* -1: wrong */
	int zone;
};

static const struct moment_case MOMENTS[] = {
	{"\" 1-Jan-1970 00:00:00 +0000\"", 0, 0},
	{"\"17-Jul-1996 02:44:25 -0700\"", 837596665, -420},
	{"\"24-Nov-2026 12:00:60 +0530\"", 1795501859, 330},
	{"\"1-Jan-1970 00:00:00 +0000\"", 0, 0},
	{"\" 1-Jan-1970 24:00:00 +0000\"", -1, 0},
	{"\" 1-Jan-1970 00:60:00 +0000\"", -1, 0},
	{"\" 1-Jan-1970 00:00:00 +0060\"", -1, 0},
	{"\" 1-Jan-1970 00:00:00 0000\"", -1, 0},
	{"\" 1-Jan-1970 00:00:00\"", -1, 0},
	{" 1-Jan-1970 00:00:00 +0000", -1, 0},
};

static void
moments_have_a_zone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof MOMENTS / sizeof *MOMENTS; i++) {
		struct wire_imap_cursor cursor = over(slice_of_text(MOMENTS[i].text));
		struct wire_date moment;
		bool right = MOMENTS[i].unix_time >= 0;
		assert_int_equal(wire_imap_date_time(&cursor, &moment), right);
		if (!right)
			continue;
		assert_int_equal(moment.unix_time, MOMENTS[i].unix_time);
		assert_int_equal(moment.zone, MOMENTS[i].zone);
	}
}

static void
arrays_grow_and_keep_what_they_have(void **state)
{
	(void)state;
	struct wire_imap_cursor cursor = over(SLICE(""));
	uint32_t *numbers = NULL;
	for (uint32_t count = 0; count < 1000; count++) {
		numbers = wire_imap_room(&cursor, numbers, count, sizeof *numbers);
		assert_non_null(numbers);
		numbers[count] = count;
	}
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(numbers[i], i);
}

static void
a_full_arena_is_an_error(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *little = arena_create(64);
	struct wire_imap_cursor cursor = wire_imap_cursor_over(SLICE(""), little);
	assert_null(wire_imap_take(&cursor, SIZE_MAX / 2, 4));
	assert_string_equal(cursor.error, "The command is too large");
}

static int
begin(void **state)
{
	(void)state;
	arena = arena_create(100000);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_destroy(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(astrings_are_atoms_quoted_or_literals),
		cmocka_unit_test(nil_is_absent_where_it_may_be),
		cmocka_unit_test(the_first_error_stays),
		cmocka_unit_test(numbers_have_their_bounds),
		cmocka_unit_test(words_end_where_atoms_end),
		cmocka_unit_test(mailbox_names_become_utf8),
		cmocka_unit_test(patterns_may_hold_wildcards),
		cmocka_unit_test(days_are_counted_from_1970),
		cmocka_unit_test(moments_have_a_zone),
		cmocka_unit_test(arrays_grow_and_keep_what_they_have),
		cmocka_unit_test(a_full_arena_is_an_error),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
