#include "base/buffer.h"
#include "base/test.h"
#include "wire/header-end-source.h"

struct text_source {
	struct base_source source;
	struct slice rest;
	size_t piece;
	bool fails;
};

static size_t
pull_text(struct base_source *source, char *into, size_t room)
{
	struct text_source *text = (struct text_source *)source;
	if (text->rest.length == 0)
		return text->fails ? BASE_SOURCE_FAILED : 0;
	struct slice part =
		slice_first(text->rest, text->piece < room ? text->piece : room);
	memcpy(into, part.data, part.length);
	text->rest = slice_from(text->rest, part.length);
	return part.length;
}

static void
close_text(struct base_source *source)
{
	free(source);
}

static struct base_source *
source_of(struct slice text, size_t piece, bool fails)
{
	struct text_source *source = malloc(sizeof *source);
	assert_non_null(source);
	*source = (struct text_source){{pull_text, close_text}, text, piece, fails};
	return wire_header_end_source(&source->source);
}

static void
check(struct slice text, struct slice expected, size_t piece, size_t room)
{
	SCOPED(buffer_free) struct buffer all = buffer_with(1024);
	struct base_source *source = source_of(text, piece, false);
	char bytes[64];
	size_t got;
	while ((got = source->pull(source, bytes, room)) != 0)
		assert_true(buffer_put(&all, slice_of(bytes, got)));
	assert_true(slice_equal(buffer_slice(&all), expected));
	source->close(source);
}

static void
a_header_without_an_end_gets_one(void **state)
{
	static const struct {
		struct slice text, expected;
	} cases[] = {
		{SLICE_INIT("a: b\r\n"), SLICE_INIT("a: b\r\n\r\n")},
		{SLICE_INIT("a: b"), SLICE_INIT("a: b\r\n\r\n")},
		{SLICE_INIT("a: b\r\n\r\n"), SLICE_INIT("a: b\r\n\r\n")},
		{SLICE_INIT("a: b\n\nc"), SLICE_INIT("a: b\n\nc")},
		{SLICE_INIT("a: b\r\nc: d\r\n\r\ne"), SLICE_INIT("a: b\r\nc: d\r\n\r\ne")},
		{SLICE_INIT("\r\nbody"), SLICE_INIT("\r\nbody")},
		{SLICE_INIT(""), SLICE_INIT("\r\n")},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece <= 7; piece++)
			for (size_t room = 1; room <= 7; room++)
				check(cases[i].text, cases[i].expected, piece, room);
}

static void
a_failure_is_one(void **state)
{
	char bytes[64];
	struct base_source *source = source_of(SLICE("a: b\r\n"), 64, true);
	(void)state;
	assert_int_equal(source->pull(source, bytes, sizeof bytes), 6);
	assert_true(source->pull(source, bytes, sizeof bytes) == BASE_SOURCE_FAILED);
	source->close(source);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_without_an_end_gets_one),
		cmocka_unit_test(a_failure_is_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
