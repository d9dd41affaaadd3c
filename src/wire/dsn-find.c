#include "wire/dsn.h"
#include "wire/mime-decode.h"

static bool
is_status(const struct wire_mime_part *part)
{
	return wire_mime_part_is(part, "message", "delivery-status") ||
	       wire_mime_part_is(part, "message", "global-delivery-status");
}

static const struct wire_mime_part *
find_status(const struct wire_mime_part *top)
{
	if (!wire_mime_part_is(top, "multipart", "report"))
		return NULL;
	for (const struct wire_mime_part *part = top->child; part; part = part->next)
		if (is_status(part))
			return part;
	return NULL;
}

/* The body without its transfer encoding, which few servers put on it. */
static bool
decode(struct slice body, struct slice encoding, struct buffer *into)
{
	struct wire_decoder decoder = wire_decoder_of(wire_encoding_of(encoding));
	return wire_decode(&decoder, body, into) && wire_decode_end(&decoder, into);
}

enum base_failure
wire_dsn_parse(struct slice message, struct arena *arena, struct wire_dsn *report)
{
	*report = (struct wire_dsn){0};
	const struct wire_mime_part *part =
		find_status(wire_mime_parse(arena, message)->top);
	if (!part)
		return BASE_NOT_FOUND;
	struct slice body =
		slice_part(message, part->body_start, part->body_end - part->body_start);
	SCOPED(buffer_free)
	struct buffer decoded = buffer_with(body.length + WIRE_DECODER_HELD);
	if (!decode(body, part->encoding, &decoded))
		return BASE_INVALID;
	/* What is found is copied into the arena. */
	return wire_dsn_status_parse(buffer_slice(&decoded), arena, report);
}
