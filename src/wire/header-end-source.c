#include "wire/header-end-source.h"
#include "base/error.h"

struct header_end {
	struct base_source source;
	struct base_source *inner;
	bool in_line; /* something stands in the line under way, a CR apart */
	bool ended;   /* the blank line was there, or is owed */
	struct slice owed;
};

static void
look_at(struct header_end *header, struct slice bytes)
{
	for (size_t i = 0; i < bytes.length && !header->ended; i++) {
		if (bytes.data[i] == '\n') {
			header->ended = !header->in_line;
			header->in_line = false;
		} else if (bytes.data[i] != '\r') {
			header->in_line = true;
		}
	}
}

static size_t
give_owed(struct header_end *header, char *into, size_t room)
{
	size_t count = header->owed.length < room ? header->owed.length : room;
	memcpy(into, header->owed.data, count);
	header->owed = slice_from(header->owed, count);
	return count;
}

static size_t
pull(struct base_source *source, char *into, size_t room)
{
	struct header_end *header = (struct header_end *)source;
	if (header->owed.length)
		return give_owed(header, into, room);
	size_t got = header->inner->pull(header->inner, into, room);
	if (got == BASE_SOURCE_FAILED || header->ended)
		return got;
	if (got) {
		look_at(header, slice_of(into, got));
		return got;
	}
	header->owed = header->in_line ? SLICE("\r\n\r\n") : SLICE("\r\n");
	header->ended = true;
	return give_owed(header, into, room);
}

static void
close_header_end(struct base_source *source)
{
	struct header_end *header = (struct header_end *)source;
	header->inner->close(header->inner);
	free(header);
}

struct base_source *
wire_header_end_source(struct base_source *inner)
{
	struct header_end *header = calloc(1, sizeof *header);
	ASSERT(header);
	header->source = (struct base_source){.pull = pull, .close = close_header_end};
	header->inner = inner;
	return &header->source;
}
