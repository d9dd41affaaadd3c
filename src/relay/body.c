#include "relay/body.h"

struct body {
	struct base_source source;
	struct slice trace; /* what is left of it */
	struct store_reader *reader;
	uint64_t offset;
};

static size_t
pull(struct base_source *source, char *into, size_t room)
{
	struct body *body = (struct body *)source;
	struct slice first = slice_first(body->trace, room);
	size_t got;
	if (first.length > 0)
		memcpy(into, first.data, first.length);
	body->trace = slice_from(body->trace, first.length);
	if (store_reader_read(body->reader, body->offset, into + first.length,
		    room - first.length, &got))
		return BASE_SOURCE_FAILED;
	body->offset += got;
	return first.length + got;
}

static void
close_body(struct base_source *source)
{
	free(source);
}

struct base_source *
relay_body_source(struct slice trace, struct store_reader *reader)
{
	struct body *body = malloc(sizeof *body);
	ASSERT(body);
	*body = (struct body){.source = {.pull = pull, .close = close_body},
		.trace = trace,
		.reader = reader};
	return &body->source;
}
