#include "base/test.h"
#include "wire/imap-pattern.h"
#include <time.h>

struct pattern_case {
	const char *pattern, *name;
	bool matches, below;
};

static const struct pattern_case CASES[] = {
	{"*", "INBOX", true, true},
	{"*", "a/b/c", true, true},
	{"%", "a", true, false},
	{"%", "a/b", false, false},
	{"%/%", "a", false, true},
	{"%/%", "a/b", true, false},
	{"a/%", "a", false, true},
	{"a/%", "a/b", true, false},
	{"a/%", "a/b/c", false, false},
	{"a/*", "a/b/c", true, true},
	{"a*", "a", true, true},
	{"a*", "abc/d", true, true},
	{"a*", "ba", false, false},
	{"*c", "a/b/c", true, true},
	{"*c", "a/b/d", false, true},
	{"%c", "abc", true, false},
	{"a%c*e", "abc/de", true, true},
	{"a", "A", false, false},
	{"inbox", "INBOX", true, false},
	{"InBo%", "INBOX", true, false},
	{"inbox/%", "INBOX/a", true, false},
	{"inbox/A", "INBOX/a", false, false},
	{"inboxes", "INBOXES", false, false},
	{"%%**%%", "a/b", true, true},
	{"a**b", "ab", true, true},
	{"", "", true, false},
	{"", "a", false, false},
	{"a", "", false, false},
	{"*", "", true, true},
	{"a/", "a/b", false, false},
	{"\u0422%", "\u0422\u0440", true, false},
};

static void
wildcards_match_as_list_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct slice pattern = slice_of_text(CASES[i].pattern);
		struct slice name = slice_of_text(CASES[i].name);
		if (wire_imap_pattern_matches(pattern, name, '/') != CASES[i].matches ||
			wire_imap_pattern_matches_below(pattern, name, '/') !=
				CASES[i].below)
			fail_msg("%s %s", CASES[i].pattern, CASES[i].name);
	}
}

/* With back-tracking this would take longer than the universe is old. */
static void
many_wildcards_take_few_steps(void **state)
{
	(void)state;
	char pattern[400], name[300];
	for (size_t i = 0; i < sizeof pattern; i++)
		pattern[i] = i % 2 ? 'a' : '*';
	memset(name, 'a', sizeof name);
	pattern[sizeof pattern - 1] = 'b';
	assert_false(wire_imap_pattern_matches(
		slice_of(pattern, sizeof pattern), slice_of(name, sizeof name), '/'));
	pattern[sizeof pattern - 1] = 'a';
	assert_true(wire_imap_pattern_matches(
		slice_of(pattern, sizeof pattern), slice_of(name, sizeof name), '/'));
}

/* Places beyond a word's 64, at its borders, and wildcards there. */
static void
long_patterns_match_as_short_ones(void **state)
{
	(void)state;
	char text[WIRE_IMAP_PATTERN_MOST];
	memset(text, 'a', sizeof text);
	for (size_t length = 60; length < 70; length++) {
		struct slice name = slice_of(text, length);
		struct slice longer = slice_of(text, length + 1);
		char pattern[WIRE_IMAP_PATTERN_MOST];
		memset(pattern, 'a', sizeof pattern);
		pattern[length - 1] = '%';
		struct slice wild = slice_of(pattern, length);
		assert_true(wire_imap_pattern_matches(name, name, '/'));
		assert_false(wire_imap_pattern_matches(name, longer, '/'));
		assert_false(wire_imap_pattern_matches(longer, name, '/'));
		assert_true(wire_imap_pattern_matches(wild, name, '/'));
		assert_true(wire_imap_pattern_matches(
			wild, slice_first(name, length - 1), '/'));
		assert_false(wire_imap_pattern_matches_below(wild, name, '/'));
		pattern[length] = '/';
		pattern[length + 1] = '*';
		assert_true(wire_imap_pattern_matches_below(
			slice_of(pattern, length + 2), name, '/'));
		assert_false(wire_imap_pattern_matches_below(
			slice_of(pattern, length + 1), name, '/'));
	}
}

/* Of a name in each of thousands of mailboxes: as many turns as a small pattern takes. */
static void
a_pattern_of_stars_is_one_star(void **state)
{
	(void)state;
	char pattern[WIRE_IMAP_PATTERN_MOST], name[1000];
	memset(pattern, '*', sizeof pattern);
	memset(name, 'a', sizeof name);
	clock_t start = clock();
	for (int i = 0; i < 1000; i++)
		assert_true(wire_imap_pattern_matches(slice_of(pattern, sizeof pattern),
			slice_of(name, sizeof name), '/'));
	/* Place by place these were 2,000 million steps. */
	assert_true(clock() - start < CLOCKS_PER_SEC / 2);
}

static void
an_overlong_pattern_matches_nothing(void **state)
{
	(void)state;
	static char pattern[WIRE_IMAP_PATTERN_MOST + 1];
	memset(pattern, '*', sizeof pattern);
	struct slice name = SLICE("a");
	assert_true(wire_imap_pattern_matches(
		slice_of(pattern, WIRE_IMAP_PATTERN_MOST), name, '/'));
	assert_false(wire_imap_pattern_matches(
		slice_of(pattern, WIRE_IMAP_PATTERN_MOST + 1), name, '/'));
	assert_false(wire_imap_pattern_matches_below(
		slice_of(pattern, WIRE_IMAP_PATTERN_MOST + 1), name, '/'));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wildcards_match_as_list_says),
		cmocka_unit_test(many_wildcards_take_few_steps),
		cmocka_unit_test(long_patterns_match_as_short_ones),
		cmocka_unit_test(a_pattern_of_stars_is_one_star),
		cmocka_unit_test(an_overlong_pattern_matches_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
