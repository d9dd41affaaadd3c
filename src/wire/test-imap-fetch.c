#include "base/test.h"
#include "wire/imap-fetch.h"

struct fetch_case {
	const char *text;
	const char *items; /* as answered, parted by spaces; NULL: wrong */
	bool seen;         /* one of them marks \Seen */
};

static const struct fetch_case CASES[] = {
	{" 1 FLAGS", "FLAGS", false},
	{" 1:5 (flags uid)", "FLAGS UID", false},
	{" 1 ALL", "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE", false},
	{" 1 FAST", "FLAGS INTERNALDATE RFC822.SIZE", false},
	{" 1 FULL", "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY", false},
	{" 1 RFC822", "RFC822", true},
	{" 1 RFC822.TEXT", "RFC822.TEXT", true},
	{" 1 RFC822.HEADER", "RFC822.HEADER", false},
	{" 1 (BODY BODYSTRUCTURE)", "BODY BODYSTRUCTURE", false},
	{" 1 BODY[]", "BODY[]", true},
	{" 1 body.peek[]", "BODY[]", false},
	{" 1 BODY.PEEK[]<10.20>", "BODY[]<10>", false},
	{" 1 BODY.PEEK[1]<15>", "BODY[1]<15>", false},
	{" 1 BODY[1.2.3]", "BODY[1.2.3]", true},
	{" 1 BODY[TEXT]<0.1>", "BODY[TEXT]<0>", true},
	{" 1 BODY[1.mime]", "BODY[1.MIME]", true},
	{" 1 BODY[4.2.HEADER]", "BODY[4.2.HEADER]", true},
	{" 1 BODY.PEEK[HEADER.FIELDS (Date \"From\")]", "BODY[HEADER.FIELDS (Date From)]",
		false},
	{" 1 BODY.PEEK[2.HEADER.FIELDS.NOT ({1}\r\nX \"a b\")]",
		"BODY[2.HEADER.FIELDS.NOT (X \"a b\")]", false},
	{" 1 (MODSEQ EMAILID THREADID SAVEDATE)", "MODSEQ EMAILID THREADID SAVEDATE",
		false},
	{" 1 (PREVIEW (LAZY) PREVIEW UID)", "PREVIEW PREVIEW UID", false},
	{" 1 BINARY[1.2]<3.4>", "BINARY[1.2]<3>", true},
	{" 1 (BINARY.PEEK[] BINARY.SIZE[2])", "BINARY[] BINARY.SIZE[2]", false},
	{" 1 FLAGS (CHANGEDSINCE 0 VANISHED)", "FLAGS", false},
	{" 1 FLAGS (PARTIAL -1:-5)", "FLAGS", false},
	{" 1 FLAGS (VANISHED)", NULL, false},
	{" 1 FLAGS ()", NULL, false},
	{" 1 FLAGS (CHANGEDSINCE 1 CHANGEDSINCE 1)", NULL, false},
	{" 1 PREVIEW (FOO)", NULL, false},
	{" 1 BINARY.SIZE[1]<0.1>", NULL, false},
	{" 1 BINARY", NULL, false},
	{" 1 (FLAGS", NULL, false},
	{" 1 ()", NULL, false},
	{" 1 FLAGS UID", NULL, false},
	{" 1 (ALL)", NULL, false},
	{" 1 FLAGSX", NULL, false},
	{" 1 BODY[MIME]", NULL, false},
	{" 1 BODY[0]", NULL, false},
	{" 1 BODY[1.]", NULL, false},
	{" 1 BODY[1.FOO]", NULL, false},
	{" 1 BODY[HEADER.FIELDS ()]", NULL, false},
	{" 1 BODY[HEADER.FIELDS]", NULL, false},
	{" 1 BODY[]<1.0>", NULL, false},
	{" 1 BODY[]<1.>", NULL, false},
	{" 1 BODY[]<>", NULL, false},
	{" 1 BODY[]<1", NULL, false},
	{" 1 BODY[", NULL, false},
	{" 1", NULL, false},
	{"", NULL, false},
};

static void
check_items(const struct wire_imap_fetch *fetch, const struct fetch_case *c)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(1000);
	bool seen = false;
	for (size_t i = 0; i < fetch->count; i++) {
		if (i > 0)
			buffer_put_byte(&text, ' ');
		assert_true(wire_imap_fetch_item_put(&text, &fetch->items[i]));
		seen |= wire_imap_fetch_item_marks_seen(&fetch->items[i]);
	}
	assert_slice_equals(
		buffer_slice(&text), slice_of_text(c->items), __FILE__, __LINE__);
	assert_int_equal(seen, c->seen);
}

static void
items_are_read_and_named(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(100000);
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct wire_imap_cursor cursor =
			wire_imap_cursor_over(slice_of_text(CASES[i].text), arena);
		struct wire_imap_fetch fetch;
		if (wire_imap_fetch_parse(&cursor, &fetch) != (CASES[i].items != NULL))
			fail_msg("%s: %s", CASES[i].text, cursor.error);
		if (CASES[i].items)
			check_items(&fetch, &CASES[i]);
	}
}

static void
partials_and_parts_are_numbers(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(100000);
	struct wire_imap_cursor cursor =
		wire_imap_cursor_over(SLICE(" 1 BODY[3.1.TEXT]<5.4294967295>"), arena);
	struct wire_imap_fetch fetch;
	assert_true(wire_imap_fetch_parse(&cursor, &fetch));
	const struct wire_imap_fetch_item *item = &fetch.items[0];
	assert_int_equal(item->kind, WIRE_IMAP_FETCH_SECTION);
	assert_int_equal(item->section.part_count, 2);
	assert_int_equal(item->section.part[0], 3);
	assert_int_equal(item->section.part[1], 1);
	assert_int_equal(item->section.text, WIRE_IMAP_SECTION_TEXT);
	assert_true(item->partial);
	assert_int_equal(item->offset, 5);
	assert_int_equal(item->length, UINT32_MAX);
}

static void
too_much_is_refused(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(1000000);
	SCOPED(buffer_free) struct buffer text = buffer_with(100000);
	buffer_put_text(&text, " 1 (UID");
	for (int i = 0; i < WIRE_IMAP_FETCH_ITEMS_MOST; i++)
		buffer_put_text(&text, " UID");
	buffer_put_text(&text, ")");
	struct wire_imap_cursor cursor = wire_imap_cursor_over(buffer_slice(&text), arena);
	struct wire_imap_fetch fetch;
	assert_false(wire_imap_fetch_parse(&cursor, &fetch));
	assert_string_equal(cursor.error, "There are too many items to fetch");

	buffer_clear(&text);
	buffer_put_text(&text, " 1 BODY[1");
	for (int i = 0; i < WIRE_IMAP_PART_DEPTH_MOST; i++)
		buffer_put_text(&text, ".1");
	buffer_put_text(&text, "]");
	cursor = wire_imap_cursor_over(buffer_slice(&text), arena);
	assert_false(wire_imap_fetch_parse(&cursor, &fetch));
	assert_string_equal(cursor.error, "The part number is too deep");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_read_and_named),
		cmocka_unit_test(partials_and_parts_are_numbers),
		cmocka_unit_test(too_much_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
