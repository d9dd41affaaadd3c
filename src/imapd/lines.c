#include "imapd/lines.h"

struct lines_source {
	struct base_source source;
	struct imapd_lines *lines;
	struct buffer made;
	size_t gone; /* of made */
	bool more;
};

static void
make_more(struct lines_source *source)
{
	buffer_clear(&source->made);
	source->gone = 0;
	while (source->more && source->made.length == 0)
		source->more = source->lines->fill(source->lines, &source->made);
	ASSERT(!buffer_failed(&source->made));
}

static size_t
pull(struct base_source *base, char *into, size_t room)
{
	struct lines_source *source = (struct lines_source *)base;
	if (source->gone == source->made.length)
		make_more(source);
	struct slice part = slice_part(buffer_slice(&source->made), source->gone, room);
	if (part.length)
		memcpy(into, part.data, part.length);
	source->gone += part.length;
	return part.length;
}

static void
close_source(struct base_source *base)
{
	struct lines_source *source = (struct lines_source *)base;
	source->lines->release(source->lines);
	buffer_free(&source->made);
	free(source);
}

bool
imapd_lines_fill_tail(struct slice tail, size_t *put, struct buffer *into)
{
	struct slice rest = slice_from(tail, *put);
	struct slice some = slice_first(rest, IMAPD_LINES_FILL);
	buffer_put(into, some);
	*put += some.length;
	if (some.length < rest.length)
		return true;
	buffer_put_text(into, "\r\n");
	return false;
}

void
imapd_put_lines(struct imapd_session *session, struct imapd_lines *owned)
{
	struct lines_source *source = malloc(sizeof *source);
	ASSERT(source);
	*source = (struct lines_source){.source = {.pull = pull, .close = close_source},
		.lines = owned,
		.made = buffer_with(IMAPD_LINES_MOST),
		.more = true};
	make_more(source);
	if (source->more) {
		net_put_source(session->net, &source->source);
		return;
	}
	imapd_put(session, &source->made);
	close_source(&source->source);
}
