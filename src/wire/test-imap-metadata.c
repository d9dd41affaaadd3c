#include "base/test.h"
#include "wire/imap-metadata.h"

static struct wire_imap_cursor
over(struct arena *arena, const char *text)
{
	arena_reset(arena);
	return wire_imap_cursor_over(slice_of_text(text), arena);
}

static bool
asks(struct arena *arena, const char *text, struct wire_imap_getmetadata *wanted)
{
	struct wire_imap_cursor cursor = over(arena, text);
	bool parsed = wire_imap_getmetadata_parse(&cursor, wanted);
	assert_true(parsed == !cursor.error);
	return parsed;
}

static bool
writes(struct arena *arena, const char *text, struct wire_imap_setmetadata *wanted)
{
	struct wire_imap_cursor cursor = over(arena, text);
	bool parsed = wire_imap_setmetadata_parse(&cursor, wanted);
	assert_true(parsed == !cursor.error);
	return parsed;
}

static void
options_stand_before_the_mailbox_or_behind(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	struct wire_imap_getmetadata wanted;
	assert_true(asks(arena,
		" (MAXSIZE 1024 depth INFINITY) INBOX (/shared/a \"/private\")", &wanted));
	assert_true(wanted.has_most);
	assert_int_equal(wanted.most, 1024);
	assert_int_equal(wanted.depth, WIRE_IMAP_DEPTH_INFINITY);
	assert_int_equal(wanted.count, 2);
	assert_slice_is(wanted.entries[1], "/private");
	assert_true(asks(arena, " inbox (DEPTH 1) /private/filters/values", &wanted));
	assert_slice_is(wanted.mailbox, "INBOX");
	assert_int_equal(wanted.depth, WIRE_IMAP_DEPTH_1);
	assert_true(asks(arena, " \"\" /shared/comment /shared/admin", &wanted));
	assert_slice_is(wanted.mailbox, "");
	assert_int_equal(wanted.count, 2);
	assert_false(wanted.has_most);
}

static void
what_is_no_getmetadata(void **state)
{
	(void)state;
	static const char *const wrong[] = {"", " INBOX", " INBOX ()", " INBOX comment",
		" INBOX /comment", " INBOX /shared//a", " INBOX /shared/a/",
		" INBOX /sharedx/a", " INBOX \"/shared/a*\"", " INBOX \"/shared/%\"",
		" INBOX \"/shared/\xc3\xa4\"", " INBOX (/shared/a",
		" (DEPTH 2) INBOX /shared/a", " (MAXSIZE) INBOX /shared/a",
		" (MAXSIZE -1) INBOX /shared/a", " (COLOUR) INBOX /shared/a",
		" INBOX (/shared/a) x", " () INBOX /shared/a"};
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	struct wire_imap_getmetadata wanted;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (asks(arena, wrong[i], &wanted))
			fail_msg("%s", wrong[i]);
}

static void
values_are_strings_nothing_or_octets(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	struct wire_imap_setmetadata wanted;
	assert_true(writes(arena,
		" a (/private/comment {3}\r\na b /shared/comment NIL /shared/c \"\" "
		"/shared/vendor/v/x ~{2+}\r\nyz)",
		&wanted));
	assert_int_equal(wanted.count, 4);
	assert_slice_is(wanted.entries[0].value, "a b");
	assert_true(slice_absent(wanted.entries[1].value));
	assert_false(slice_absent(wanted.entries[2].value));
	assert_slice_is(wanted.entries[3].value, "yz");
}

static void
what_is_no_setmetadata(void **state)
{
	(void)state;
	static const char *const wrong[] = {"", " a", " a /shared/a x", " a ()",
		" a (/shared/a)", " a (/shared/a x)", " a (/shared x)",
		" a (/private \"x\")", " a (/shared/vendor \"x\")",
		" a (/shared/vendor/v \"x\")", " a (/shared/a \"x\" /SHARED/A \"y\")",
		" a (/shared/a ~\"x\")", " a (/shared/a \"x\"", " a (/shared/a \"x\" )",
		" a (/shared/a ~{3}\r\nab)"};
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	struct wire_imap_setmetadata wanted;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (writes(arena, wrong[i], &wanted))
			fail_msg("%s", wrong[i]);
}

static void
depth_says_what_is_meant(void **state)
{
	(void)state;
	struct slice above = SLICE("/private/a");
	assert_true(wire_imap_entry_matches(SLICE("/PRIVATE/A"), above, WIRE_IMAP_DEPTH_0));
	assert_false(
		wire_imap_entry_matches(SLICE("/private/a/b"), above, WIRE_IMAP_DEPTH_0));
	assert_true(
		wire_imap_entry_matches(SLICE("/private/a/b"), above, WIRE_IMAP_DEPTH_1));
	assert_false(
		wire_imap_entry_matches(SLICE("/private/a/b/c"), above, WIRE_IMAP_DEPTH_1));
	assert_true(wire_imap_entry_matches(
		SLICE("/private/a/b/c"), above, WIRE_IMAP_DEPTH_INFINITY));
	assert_false(wire_imap_entry_matches(
		SLICE("/private/ab"), above, WIRE_IMAP_DEPTH_INFINITY));
}

static void
octets_go_out_as_a_literal8(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer out = buffer_with(100);
	wire_imap_put_value(&out, slice_of("a\0b", 3), false);
	assert_int_equal(out.length, 9);
	assert_memory_equal(out.data, "~{3}\r\na\0b", 9);
	assert_true(wire_imap_setmetadata_reached(
		SLICE("t setmetadata INBOX (/shared/a ~{3}")));
	assert_false(wire_imap_setmetadata_reached(SLICE("t SETMETADATAX ~{3}")));
	assert_false(wire_imap_setmetadata_reached(SLICE("t")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_before_the_mailbox_or_behind),
		cmocka_unit_test(what_is_no_getmetadata),
		cmocka_unit_test(values_are_strings_nothing_or_octets),
		cmocka_unit_test(what_is_no_setmetadata),
		cmocka_unit_test(depth_says_what_is_meant),
		cmocka_unit_test(octets_go_out_as_a_literal8),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
