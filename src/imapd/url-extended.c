/*
 * URLFETCH with BODY, BINARY and BODYPARTSTRUCTURE: RFC 5524 3. What is of one URL is in
 * memory until it is put; a part larger than IMAPD_BINARY_MOST is not given.
 */
#include "imapd/decoding.h"
#include "imapd/url.h"
#include "wire/body-structure.h"
#include "wire/mime-section.h"

enum { STRUCTURE_MOST = 8 * 1024 * 1024 };

struct extended {
	struct imapd_session *session;
	const struct wire_imap_url *url;
	struct imapd_url_message *opened;
	struct wire_imap_section section;
	struct wire_section_range range;
	bool is_decoded; /* decoded is what the part is without its encoding */
	struct buffer decoded;
};

static void
release(struct extended *extended)
{
	buffer_free(&extended->decoded);
}

/* --- BINARY ----------------------------------------------------------------------------
 */

static bool
is_part(const struct extended *extended)
{
	return extended->section.text == WIRE_IMAP_SECTION_WHOLE &&
	       extended->section.part_count;
}

/* As FETCH's BINARY[…]: what is no part of its own is as it is. */
static enum wire_encoding
encoding_of(const struct extended *extended)
{
	const struct wire_mime_part *part = extended->range.part;
	return is_part(extended) && part->kind == WIRE_MIME_LEAF
		       ? wire_encoding_of(part->encoding)
		       : WIRE_ENCODING_IDENTITY;
}

static void
decode(struct extended *extended)
{
	struct base_source *source = NULL;
	uint64_t start = extended->range.start, length = extended->range.end - start;
	enum wire_encoding encoding = encoding_of(extended);
	if (encoding == WIRE_ENCODING_UNKNOWN)
		return;
	extended->is_decoded =
		length == 0 ||
		(!post_message_source(extended->opened->view, &extended->opened->message,
			 start, length, &source) &&
			!imapd_decode(source, length, encoding, &extended->decoded));
}

static void
put_binary(const struct extended *extended)
{
	const struct wire_imap_url *url = extended->url;
	SCOPED(buffer_free) struct buffer head = buffer_with(256);
	struct slice bytes = buffer_slice(&extended->decoded);
	buffer_put_text(&head, " (BINARY ");
	if (!extended->is_decoded) {
		imapd_put_text(extended->session, " (BINARY NIL)");
		return;
	}
	if (url->partial)
		bytes = slice_part(
			bytes, url->offset, url->length ? url->length : SIZE_MAX);
	imapd_put_decoded_head(&head, bytes);
	imapd_put(extended->session, &head);
	net_put(extended->session->net, bytes);
	imapd_put_text(extended->session, ")");
}

/* --- BODYPARTSTRUCTURE -----------------------------------------------------------------
 */

/* RFC 5524 3.2: beside BINARY the structure is that of what BINARY gives. */
static struct slice
decoded_encoding(struct slice bytes)
{
	if (bytes.length && memchr(bytes.data, 0, bytes.length))
		return SLICE("binary");
	return slice_is_ascii(bytes) ? SLICE("7bit") : SLICE("8bit");
}

static struct wire_mime_part
shown_part(const struct extended *extended, const struct wire_mime_part *part)
{
	struct wire_mime_part shown = *part;
	if (!extended->is_decoded || encoding_of(extended) == WIRE_ENCODING_IDENTITY)
		return shown;
	shown.encoding = decoded_encoding(buffer_slice(&extended->decoded));
	shown.body_end = shown.body_start + extended->decoded.length;
	shown.lines = 0;
	return shown;
}

static enum base_failure
feed(void *argument, struct slice bytes)
{
	wire_mime_feed(argument, bytes);
	return BASE_OK;
}

/* The message is read again, as envelopes of parts are not kept. */
static const struct wire_mime_part *
find_part(const struct extended *extended, struct arena *arena)
{
	struct base_source *source = NULL;
	struct wire_section_range range;
	const struct post_message *message = &extended->opened->message;
	if (message->size > IMAPD_BINARY_MOST ||
		post_message_source(
			extended->opened->view, message, 0, message->size, &source))
		return NULL;
	struct wire_mime_parser *parser = wire_mime_begin(arena);
	if (imapd_url_pull(source, (struct wire_sink){feed, parser}))
		return NULL;
	const struct wire_message *whole = wire_mime_end(parser);
	return wire_section_find(whole->top, &extended->section, &range) ? range.part
									 : NULL;
}

/* Sections that are no part have no structure, and nothing is said of it. */
static void
put_structure(const struct extended *extended)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(buffer_free) struct buffer text = buffer_with(STRUCTURE_MOST);
	if (extended->section.text != WIRE_IMAP_SECTION_WHOLE)
		return;
	const struct wire_mime_part *part = find_part(extended, arena);
	if (!part)
		return;
	struct wire_mime_part shown = shown_part(extended, part);
	buffer_put_text(&text, " (BODYPARTSTRUCTURE ");
	if (wire_body_put(&text, &shown, WIRE_BODY_STRUCTURE,
		    imapd_speaks_utf8(extended->session)) &&
		buffer_put_byte(&text, ')'))
		imapd_put(extended->session, &text);
}

/* --- BODY, and all of it ---------------------------------------------------------------
 */

static void
put_body(struct extended *extended)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(buffer_free) struct buffer head = buffer_with(256);
	struct imapd_url_bytes bytes;
	if (imapd_url_bytes_of(extended->opened, extended->url, arena, &bytes)) {
		imapd_put_text(extended->session, " (BODY NIL)");
		return;
	}
	buffer_put_text(&head, " (BODY ");
	wire_imap_put_literal_head(&head, bytes.length);
	imapd_put(extended->session, &head);
	imapd_url_put_bytes(extended->session, &bytes);
	imapd_put_text(extended->session, ")");
}

static bool
find(struct extended *extended, struct arena *arena)
{
	return imapd_url_section(extended->url, arena, &extended->section) &&
	       wire_section_find(extended->opened->message.structure->top,
		       &extended->section, &extended->range);
}

bool
imapd_url_put_extended(struct imapd_session *session, const struct wire_imap_url *url,
	struct imapd_url_message *opened, unsigned wants, struct arena *arena)
{
	SCOPED(release)
	struct extended extended = {.session = session,
		.url = url,
		.opened = opened,
		.decoded = buffer_with(IMAPD_BINARY_MOST)};
	if (!find(&extended, arena))
		return false;
	if (wants & WIRE_IMAP_URL_BINARY)
		decode(&extended);
	if (wants & WIRE_IMAP_URL_STRUCTURE)
		put_structure(&extended);
	if (wants & WIRE_IMAP_URL_BODY)
		put_body(&extended);
	if (wants & WIRE_IMAP_URL_BINARY)
		put_binary(&extended);
	return true;
}

const struct imapd_extension imapd_extension_urlauth_binary = {
	.capability = "URLAUTH=BINARY",
	.rfc = "5524",
	.purpose = "URLFETCH gives parts decoded, and their structure",
	.file = __FILE__,
};
