#include "base/test.h"
#include "wire/imap-select.h"

static bool
parses(struct arena *arena, const char *text, struct wire_imap_select *select)
{
	struct wire_imap_cursor cursor = wire_imap_cursor_over(slice_of_text(text), arena);
	bool parsed = wire_imap_select_parse(&cursor, select);
	assert_true(parsed == !cursor.error);
	return parsed;
}

static void
the_parameters_of_qresync_are_read(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	struct wire_imap_select select;
	assert_true(parses(
		arena, " INBOX (QRESYNC (7 9 1:3,5 (1:2,9 4,6:7)) CONDSTORE)", &select));
	assert_true(select.qresync && select.condstore && select.has_known);
	assert_int_equal(select.uid_validity, 7);
	assert_int_equal(select.modseq, 9);
	assert_int_equal(select.known.count, 2);
	assert_int_equal(select.match_count, 3);
	assert_int_equal(select.match_numbers[2], 9);
	assert_int_equal(select.match_uids[2], 7);
	assert_true(parses(arena, " INBOX (QRESYNC (7 9 (1 1)))", &select));
	assert_false(select.has_known);
	assert_true(parses(arena, " INBOX", &select));
	assert_false(select.qresync || select.condstore);
}

static void
what_qresync_can_not_be(void **state)
{
	(void)state;
	static const char *const wrong[] = {" INBOX (QRESYNC (7 9 *))",
		" INBOX (QRESYNC (7 9 1:*))", " INBOX (QRESYNC (7 9 $))",
		" INBOX (QRESYNC (0 9))", " INBOX (QRESYNC (7))", " INBOX (QRESYNC (7 9 ))",
		" INBOX (QRESYNC (7 9223372036854775808))",
		" INBOX (QRESYNC (7 9 1 (1:2 1:3)))",
		" INBOX (QRESYNC (7 9 1 (1:70000 1:70000)))", " INBOX ()",
		" INBOX (CONDSTORE CONDSTORE)", " INBOX CONDSTORE", " INBOX (CONDSTORE) x"};
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	struct wire_imap_select select;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (parses(arena, wrong[i], &select))
			fail_msg("%s", wrong[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parameters_of_qresync_are_read),
		cmocka_unit_test(what_qresync_can_not_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
