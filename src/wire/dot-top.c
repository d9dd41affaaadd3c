#include "base/error.h"
#include "wire/dot-source.h"

struct top_source {
	struct base_source source;
	struct base_source *inner;
	uint64_t lines_left; /* of the body */
	bool in_body;
	bool line_begun; /* the line has a byte other than CR */
	bool ended;
};

/* Counts a line that ends; true when it was the last one wanted. */
static bool
line_ends(struct top_source *top)
{
	if (top->in_body)
		top->lines_left--;
	else
		top->in_body = !top->line_begun;
	top->line_begun = false;
	return top->in_body && top->lines_left == 0;
}

static bool
is_blank_line(struct slice line)
{
	return line.length == 0 || (line.length == 1 && line.data[0] == '\r');
}

/* How much of what was pulled is wanted. */
static size_t
wanted(struct top_source *top, struct slice pulled)
{
	struct slice rest = pulled;
	while (rest.length > 0) {
		size_t end = slice_find_byte(rest, '\n');
		if (!is_blank_line(slice_first(rest, end)))
			top->line_begun = true;
		if (end == rest.length)
			break;
		rest = slice_from(rest, end + 1);
		if (line_ends(top)) {
			top->ended = true;
			return pulled.length - rest.length;
		}
	}
	return pulled.length;
}

static size_t
pull_top(struct base_source *source, char *into, size_t room)
{
	struct top_source *top = (struct top_source *)source;
	if (top->ended)
		return 0;
	size_t got = top->inner->pull(top->inner, into, room);
	if (got == BASE_SOURCE_FAILED)
		return got;
	return wanted(top, slice_of(into, got));
}

static void
close_top(struct base_source *source)
{
	struct top_source *top = (struct top_source *)source;
	top->inner->close(top->inner);
	free(top);
}

struct base_source *
wire_top_source(struct base_source *inner, uint64_t body_lines)
{
	struct top_source *top = calloc(1, sizeof *top);
	ASSERT(top);
	top->source = (struct base_source){.pull = pull_top, .close = close_top};
	top->inner = inner;
	top->lines_left = body_lines;
	return &top->source;
}
