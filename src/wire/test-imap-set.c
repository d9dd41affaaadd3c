#include "base/test.h"
#include "wire/imap-response.h"
#include "wire/imap-set.h"

struct set_case {
	const char *text;
	const char *normal;   /* NULL: wrong */
	uint32_t largest;     /* in use */
	const char *resolved; /* with that */
};

static const struct set_case CASES[] = {
	{"1", "1", 10, "1"},
	{"5,3,4", "3:5", 10, "3:5"},
	{"2:4,4:6,8", "2:6,8", 10, "2:6,8"},
	{"7:5", "5:7", 10, "5:7"},
	{"1,1,1", "1", 10, "1"},
	{"*", "*", 10, "10"},
	{"*:5", "5:*", 10, "5:10"},
	{"5:*", "5:*", 3, "3:5"},
	{"4,*:2", "2:*", 10, "2:10"},
	{"*,3", "3,*", 3, "3"},
	{"9,*", "9,*", 10, "9:10"},
	{"*:*", "*", 1, "1"},
	{"1:4294967295", "1:4294967294", 10, "1:4294967294"},
	{"4294967294,*", "4294967294:*", 7, "7:4294967294"},
	{"1:*", "1:*", 0, ""},
	{"0", NULL, 0, NULL},
	{"1:", NULL, 0, NULL},
	{",1", NULL, 0, NULL},
	{"1,", NULL, 0, NULL},
	{"4294967296", NULL, 0, NULL},
	{"", NULL, 0, NULL},
	{"a", NULL, 0, NULL},
};

static void
check_text(const struct wire_imap_set *set, const char *wanted)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(1000);
	assert_true(wire_imap_put_set(&text, set->ranges, set->count));
	assert_slice_equals(buffer_slice(&text), slice_of_text(wanted), __FILE__, __LINE__);
}

static void
sets_are_normalised_and_resolved(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(100000);
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct wire_imap_cursor cursor =
			wire_imap_cursor_over(slice_of_text(CASES[i].text), arena);
		struct wire_imap_set set;
		bool parsed = wire_imap_set_parse(&cursor, &set) && wire_imap_end(&cursor);
		if (parsed != (CASES[i].normal != NULL))
			fail_msg("%s", CASES[i].text);
		if (!parsed)
			continue;
		check_text(&set, CASES[i].normal);
		wire_imap_set_resolve(&set, CASES[i].largest);
		check_text(&set, CASES[i].resolved);
	}
}

static void
the_largest_number_written_is_known(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(100000);
	struct wire_imap_cursor cursor = wire_imap_cursor_over(SLICE("3:*,17,4"), arena);
	struct wire_imap_set set;
	assert_true(wire_imap_set_parse(&cursor, &set));
	assert_int_equal(set.largest, 17);
	cursor = wire_imap_cursor_over(SLICE("*"), arena);
	assert_true(wire_imap_set_parse(&cursor, &set));
	assert_int_equal(set.largest, 0);
	cursor = wire_imap_cursor_over(SLICE("$"), arena);
	assert_true(wire_imap_set_parse(&cursor, &set));
	assert_true(set.saved);
	assert_int_equal(set.count, 0);
}

static void
membership_is_looked_up(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(100000);
	struct wire_imap_cursor cursor = wire_imap_cursor_over(SLICE("2:4,7,9:11"), arena);
	struct wire_imap_set set;
	assert_true(wire_imap_set_parse(&cursor, &set));
	static const bool IN[] = {false, false, true, true, true, false, false, true, false,
		true, true, true, false};
	for (uint32_t i = 0; i < sizeof IN / sizeof *IN; i++)
		assert_int_equal(wire_imap_set_contains(&set, i), IN[i]);
}

static void
a_writer_keeps_the_order_given(void **state)
{
	(void)state;
	static const uint32_t NUMBERS[] = {5, 6, 7, 3, 9, 10, 9};
	SCOPED(buffer_free) struct buffer text = buffer_with(100);
	struct wire_imap_set_writer writer = {.into = &text};
	assert_true(wire_imap_set_writer_end(&writer));
	assert_int_equal(text.length, 0);
	for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++)
		assert_true(wire_imap_set_writer_add(&writer, NUMBERS[i]));
	assert_true(wire_imap_set_writer_end(&writer));
	assert_slice_is(buffer_slice(&text), "5:7,3,9:10,9");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_are_normalised_and_resolved),
		cmocka_unit_test(the_largest_number_written_is_known),
		cmocka_unit_test(membership_is_looked_up),
		cmocka_unit_test(a_writer_keeps_the_order_given),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
