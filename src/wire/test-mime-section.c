#include "base/test.h"
#include "wire/mime-section.h"

/* RFC 3501 6.4.5's example of part numbers, with bodies that say where they are. */
#define MESSAGE                                                               \
	"Subject: top\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"   \
	"--a\r\nContent-Type: text/plain\r\n\r\none\r\n"                      \
	"--a\r\n\r\ntwo\r\n"                                                  \
	"--a\r\nContent-Type: message/rfc822\r\nX: 3\r\n\r\n"                 \
	"Subject: three\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" \
	"--b\r\n\r\nthree one\r\n--b\r\n\r\nthree two\r\n--b--\r\n\r\n"       \
	"--a\r\nContent-Type: multipart/mixed; boundary=c\r\nX: 4\r\n\r\n"    \
	"--c\r\n\r\nfour one\r\n"                                             \
	"--c\r\nContent-Type: message/rfc822\r\n\r\n"                         \
	"Subject: four two\r\n\r\nfour two one\r\n--c--\r\n--a--\r\n"

struct section_case {
	uint32_t path[4];
	size_t length;
	enum wire_imap_section_text text;
	const char *starts, *ends;
};

#define WHOLE  WIRE_IMAP_SECTION_WHOLE
#define HEADER WIRE_IMAP_SECTION_HEADER
#define TEXT   WIRE_IMAP_SECTION_TEXT
#define MIME   WIRE_IMAP_SECTION_MIME

static const struct section_case CASES[] = {
	{{0}, 0, WHOLE, "Subject: top", "--a--\r\n"},
	{{0}, 0, HEADER, "Subject: top", "boundary=a\r\n\r\n"},
	{{0}, 0, TEXT, "--a\r\n", "--a--\r\n"},
	{{0}, 0, WIRE_IMAP_SECTION_FIELDS, "Subject: top", "boundary=a\r\n\r\n"},
	{{1}, 1, WHOLE, "one", "one"},
	{{1}, 1, MIME, "Content-Type: text/plain", "\r\n\r\n"},
	{{2}, 1, WHOLE, "two", "two"},
	{{2}, 1, MIME, "\r\n", "\r\n"},
	{{3}, 1, WHOLE, "Subject: three", "--b--\r\n"},
	{{3}, 1, MIME, "Content-Type: message/rfc822\r\nX: 3", "\r\n\r\n"},
	{{3}, 1, HEADER, "Subject: three", "boundary=b\r\n\r\n"},
	{{3}, 1, WIRE_IMAP_SECTION_FIELDS_NOT, "Subject: three", "boundary=b\r\n\r\n"},
	{{3}, 1, TEXT, "--b\r\n", "--b--\r\n"},
	{{3, 1}, 2, WHOLE, "three one", "three one"},
	{{3, 2}, 2, WHOLE, "three two", "three two"},
	{{3, 2}, 2, MIME, "\r\n", "\r\n"},
	{{4}, 1, WHOLE, "--c\r\n", "--c--"},
	{{4}, 1, MIME, "Content-Type: multipart", "X: 4\r\n\r\n"},
	{{4, 1}, 2, WHOLE, "four one", "four one"},
	{{4, 2}, 2, HEADER, "Subject: four two", "\r\n\r\n"},
	{{4, 2}, 2, TEXT, "four two one", "four two one"},
	{{4, 2, 1}, 3, WHOLE, "four two one", "four two one"},
	{{4, 2, 1}, 3, MIME, "Subject: four two", "\r\n\r\n"},
};

static const struct section_case MISSING[] = {
	{{5}, 1, WHOLE, NULL, NULL},
	{{1, 1}, 2, WHOLE, NULL, NULL},
	{{1}, 1, HEADER, NULL, NULL},
	{{1}, 1, TEXT, NULL, NULL},
	{{4}, 1, HEADER, NULL, NULL},
	{{3, 3}, 2, WHOLE, NULL, NULL},
	{{3, 3}, 2, MIME, NULL, NULL},
	{{4, 2, 2}, 3, WHOLE, NULL, NULL},
	{{4, 2, 1, 1}, 4, WHOLE, NULL, NULL},
	{{0}, 1, WHOLE, NULL, NULL},
};

static bool
find(const struct wire_mime_part *top, const struct section_case *wanted,
	struct wire_section_range *range)
{
	uint32_t path[4];
	memcpy(path, wanted->path, sizeof path);
	struct wire_imap_section section = {
		.part = path, .part_count = wanted->length, .text = wanted->text};
	return wire_section_find(top, &section, range);
}

static void
test_finds_sections(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	struct slice text = SLICE(MESSAGE);
	const struct wire_message *message = wire_mime_parse(arena, text);
	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct wire_section_range range;
		print_message("%zu\n", i);
		assert_true(find(message->top, &CASES[i], &range));
		struct slice found = slice_part(text, range.start, range.end - range.start);
		assert_true(slice_starts(found, slice_of_text(CASES[i].starts)));
		assert_true(slice_ends(found, slice_of_text(CASES[i].ends)));
		assert_non_null(range.part);
	}
}

static void
test_knows_what_is_missing(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	const struct wire_message *message = wire_mime_parse(arena, SLICE(MESSAGE));
	(void)state;
	for (size_t i = 0; i < sizeof MISSING / sizeof *MISSING; i++) {
		struct wire_section_range range;
		assert_false(find(message->top, &MISSING[i], &range));
	}
}

/* A message that is no multipart has one part, its body. */
static void
test_single_parts(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	struct slice text = SLICE("Subject: x\r\n\r\nbody");
	const struct wire_message *message = wire_mime_parse(arena, text);
	const struct section_case one = {{1}, 1, WHOLE, NULL, NULL};
	const struct section_case mime = {{1}, 1, MIME, NULL, NULL};
	struct wire_section_range range;
	(void)state;
	assert_true(find(message->top, &one, &range));
	assert_int_equal(range.start, 14);
	assert_int_equal(range.end, 18);
	assert_true(find(message->top, &mime, &range));
	assert_int_equal(range.start, 0);
	assert_int_equal(range.end, 14);
}

static void
test_messages_at_the_top(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	struct slice text = SLICE("Content-Type: message/rfc822\r\n\r\nA: b\r\n\r\nbody");
	const struct wire_message *message = wire_mime_parse(arena, text);
	const struct section_case header = {{1}, 1, HEADER, NULL, NULL};
	const struct section_case inner = {{1, 1}, 2, WHOLE, NULL, NULL};
	struct wire_section_range range;
	(void)state;
	assert_true(find(message->top, &header, &range));
	assert_slice_is(
		slice_part(text, range.start, range.end - range.start), "A: b\r\n\r\n");
	assert_true(find(message->top, &inner, &range));
	assert_slice_is(slice_part(text, range.start, range.end - range.start), "body");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_sections),
		cmocka_unit_test(test_knows_what_is_missing),
		cmocka_unit_test(test_single_parts),
		cmocka_unit_test(test_messages_at_the_top),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
