/*
 * ENVELOPE, BODY and BODYSTRUCTURE (RFC 3501 7.4.2) as this client can take them: kept
 * renderings are what an IMAP4rev1 client is told of a message in ASCII.
 */
#include "imapd/fetch.h"
#include "wire/body-structure.h"
#include "wire/envelope.h"

enum { PIECE = 16 * 1024, RENDERED_MOST = 8 * 1024 * 1024 };

static bool
put_named(struct imapd_fetching *fetching, const char *name, struct slice rendered)
{
	buffer_put_text(&fetching->lines, name);
	buffer_put_byte(&fetching->lines, ' ');
	if (!imapd_fetch_may_hold(fetching, rendered.length))
		return false;
	imapd_fetch_put(fetching, rendered);
	return true;
}

/* Only what holds a literal holds 8-bit texts, and nothing else has lines. */
bool
imapd_fetch_envelope(struct imapd_fetching *fetching, const struct post_message *message)
{
	bool has_literals =
		slice_find_byte(message->envelope, '\n') < message->envelope.length;
	SCOPED(buffer_free) struct buffer adapted = buffer_with(RENDERED_MOST);
	if (!has_literals || !wire_envelope_adapt(message->envelope,
				     imapd_speaks_utf8(fetching->session), &adapted))
		return put_named(fetching, "ENVELOPE", message->envelope);
	return put_named(fetching, "ENVELOPE", buffer_slice(&adapted));
}

/* --- message/global: RFC 9051 7.5.2 ----------------------------------------------------
 */

/* As it was rendered: that the structure needn't be unpacked for it. */
static bool
seems_global(struct slice kept)
{
	static const struct slice types = SLICE_INIT("\"message\" \"global\"");
	return slice_find(kept, types) < kept.length;
}

static enum base_failure
feed(struct base_source *source, struct wire_mime_parser *parser)
{
	char piece[PIECE];
	for (size_t got; (got = source->pull(source, piece, sizeof piece));) {
		if (got == BASE_SOURCE_FAILED)
			return BASE_DAMAGED;
		wire_mime_feed(parser, slice_of(piece, got));
	}
	return BASE_OK;
}

/* The message is read again, as envelopes of parts are not kept. */
static bool
render(struct imapd_fetching *fetching, const struct post_message *message,
	enum wire_body_form form, struct buffer *into)
{
	struct base_source *source = NULL;
	struct post_message read; /* with its head */
	enum base_failure failure =
		post_message_read(fetching->view, message->uid, fetching->message, &read);
	if (!failure)
		failure = post_message_source(fetching->view, &read, 0, read.size, &source);
	if (!imapd_fetch_succeeds(fetching, failure))
		return false;
	ASSERT(source);
	struct wire_mime_parser *parser = wire_mime_begin(fetching->message);
	failure = feed(source, parser);
	source->close(source);
	const struct wire_message *whole = wire_mime_end(parser);
	return imapd_fetch_succeeds(fetching, failure) &&
	       wire_body_put(into, whole->top, form, true);
}

static bool
put_structure(struct imapd_fetching *fetching, const struct post_message *message,
	enum wire_body_form form, const char *name, struct slice kept)
{
	if (!imapd_speaks_utf8(fetching->session) || message->size > IMAPD_BINARY_MOST ||
		!seems_global(kept))
		return put_named(fetching, name, kept);
	SCOPED(buffer_free) struct buffer rendered = buffer_with(RENDERED_MOST);
	if (!render(fetching, message, form, &rendered))
		return put_named(fetching, name, kept);
	return put_named(fetching, name, buffer_slice(&rendered));
}

bool
imapd_fetch_body_structure(
	struct imapd_fetching *fetching, const struct post_message *message)
{
	return put_structure(fetching, message, WIRE_BODY_STRUCTURE, "BODYSTRUCTURE",
		message->body_structure);
}

bool
imapd_fetch_body(struct imapd_fetching *fetching, const struct post_message *message)
{
	return put_structure(fetching, message, WIRE_BODY, "BODY", message->body);
}
