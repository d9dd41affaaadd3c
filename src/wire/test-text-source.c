#include "wire/test-text-source.h"
#include "base/test.h"

struct text_source {
	struct base_source source;
	struct slice rest;
	size_t piece;
	bool fails;
	int *closed;
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
	++*((struct text_source *)source)->closed;
	free(source);
}

struct base_source *
test_text_source(struct slice text, size_t piece, bool fails, int *closed)
{
	struct text_source *source = malloc(sizeof *source);
	assert_non_null(source);
	*source = (struct text_source){{pull_text, close_text}, text, piece, fails, closed};
	return &source->source;
}
