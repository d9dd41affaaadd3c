/* BINARY: RFC 3516 4.2, 4.3. A part with its Content-Transfer-Encoding undone. */
#include "imapd/decoding.h"
#include "imapd/fetch.h"
#include "wire/mime-section.h"

/* Where the part is, and how it is encoded. False where it can't be given. */
static bool
find_part(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item, struct wire_section_range *range,
	enum wire_encoding *encoding)
{
	*encoding = WIRE_ENCODING_IDENTITY;
	if (!wire_section_find(message->structure->top, &item->section, range))
		return false;
	/* The whole message, and what holds other parts, is as it is. */
	if (item->section.part_count && range->part->kind == WIRE_MIME_LEAF)
		*encoding = wire_encoding_of(range->part->encoding);
	fetching->unknown_encoding |= *encoding == WIRE_ENCODING_UNKNOWN;
	return *encoding != WIRE_ENCODING_UNKNOWN;
}

/* All of the part in memory: what is larger than IMAPD_BINARY_MOST is refused. */
static bool
decode(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_section_range *range, enum wire_encoding encoding,
	struct buffer *decoded)
{
	struct base_source *source = NULL;
	uint64_t length = range->end - range->start;
	if (!length)
		return true;
	enum base_failure failure =
		post_message_source(fetching->view, message, range->start, length, &source);
	if (!failure)
		failure = imapd_decode(source, length, encoding, decoded);
	return imapd_fetch_succeeds(fetching, failure);
}

static struct slice
window(const struct wire_imap_fetch_item *item, struct slice bytes)
{
	return item->partial ? slice_part(bytes, item->offset, item->length) : bytes;
}

static bool
put_decoded(struct imapd_fetching *fetching, struct slice bytes)
{
	if (!imapd_fetch_may_hold(fetching, bytes.length))
		return false;
	imapd_put_decoded_head(&fetching->lines, bytes);
	imapd_fetch_put(fetching, bytes);
	return true;
}

bool
imapd_fetch_binary(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item)
{
	struct wire_section_range range;
	enum wire_encoding encoding;
	SCOPED(buffer_free) struct buffer decoded = buffer_with(IMAPD_BINARY_MOST);
	if (item->section.text != WIRE_IMAP_SECTION_WHOLE)
		return imapd_fetch_section(fetching, message, item);
	wire_imap_fetch_item_put(&fetching->lines, item);
	buffer_put_byte(&fetching->lines, ' ');
	if (!find_part(fetching, message, item, &range, &encoding) ||
		!decode(fetching, message, &range, encoding, &decoded))
		return false;
	return put_decoded(fetching, window(item, buffer_slice(&decoded)));
}

bool
imapd_fetch_binary_size(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item)
{
	struct wire_section_range range = {0};
	enum wire_encoding encoding;
	SCOPED(buffer_free) struct buffer decoded = buffer_with(IMAPD_BINARY_MOST);
	uint64_t size = 0;
	wire_imap_fetch_item_put(&fetching->lines, item);
	if (item->section.text != WIRE_IMAP_SECTION_WHOLE) {
		size = imapd_fetch_section_size(fetching, message, item);
	} else if (find_part(fetching, message, item, &range, &encoding)) {
		size = range.end - range.start;
		if (encoding != WIRE_ENCODING_IDENTITY &&
			decode(fetching, message, &range, encoding, &decoded))
			size = decoded.length;
	}
	return buffer_printf(&fetching->lines, " %llu", (unsigned long long)size);
}

const struct imapd_extension imapd_extension_binary = {
	.capability = "BINARY",
	.rfc = "3516",
	.purpose = "FETCH gives parts decoded",
	.file = __FILE__,
};
