/* BODY[…], RFC822, RFC822.HEADER, RFC822.TEXT: RFC 3501 6.4.5. */
#include "imapd/fetch.h"
#include "wire/mime-section.h"
#include "wire/nul-free.h"

/* The old names as sections. */
static struct wire_imap_section
section_of(const struct wire_imap_fetch_item *item)
{
	switch (item->kind) {
	case WIRE_IMAP_FETCH_RFC822_HEADER:
		return (struct wire_imap_section){.text = WIRE_IMAP_SECTION_HEADER};
	case WIRE_IMAP_FETCH_RFC822_TEXT:
		return (struct wire_imap_section){.text = WIRE_IMAP_SECTION_TEXT};
	case WIRE_IMAP_FETCH_RFC822:
		return (struct wire_imap_section){.text = WIRE_IMAP_SECTION_WHOLE};
	default:
		return item->section;
	}
}

/* A partial's window on a run of bytes (RFC 3501 6.4.5): past the end is the end. */
static void
clip(const struct wire_imap_fetch_item *item, uint64_t *start, uint64_t *end)
{
	if (!item->partial)
		return;
	uint64_t size = *end - *start;
	uint64_t offset = item->offset < size ? item->offset : size;
	*start += offset;
	if (item->length < *end - *start)
		*end = *start + item->length;
}

static void
put_bytes(struct imapd_fetching *fetching, const struct wire_imap_fetch_item *item,
	struct slice bytes)
{
	uint64_t start = 0, end = bytes.length;
	clip(item, &start, &end);
	bytes = slice_part(bytes, (size_t)start, (size_t)(end - start));
	bytes = wire_nul_free(fetching->message, bytes);
	wire_imap_put_literal_head(&fetching->lines, bytes.length);
	imapd_fetch_put(fetching, bytes);
}

/* What is read before it is announced: of damaged bytes the answer is NO. */
static bool
put_read(struct imapd_fetching *fetching, const struct post_message *message,
	uint64_t start, uint64_t length)
{
	struct slice bytes = SLICE("");
	if (length && !imapd_fetch_succeeds(fetching,
			      post_message_bytes(fetching->view, message, start, length,
				      fetching->message, IMAPD_READ_MOST, &bytes)))
		return false;
	bytes = wire_nul_free(fetching->message, bytes);
	wire_imap_put_literal_head(&fetching->lines, bytes.length);
	imapd_fetch_put(fetching, bytes);
	return true;
}

/* What is read while it drains: damaged bytes end the session. */
static bool
put_streamed(struct imapd_fetching *fetching, const struct post_message *message,
	uint64_t start, uint64_t length)
{
	struct base_source *source = NULL;
	if (!imapd_fetch_succeeds(fetching,
		    post_message_source(fetching->view, message, start, length, &source)))
		return false;
	wire_imap_put_literal_head(&fetching->lines, length);
	imapd_fetch_flush(fetching);
	net_put_source(fetching->session->net, wire_nul_free_source(source));
	return true;
}

static bool
put_range(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item, const struct wire_section_range *range)
{
	uint64_t start = range->start, end = range->end;
	clip(item, &start, &end);
	bool put = end - start <= IMAPD_READ_MOST
			   ? put_read(fetching, message, start, end - start)
			   : put_streamed(fetching, message, start, end - start);
	if (put)
		base_metric_add(fetching->session->context->metrics.fetched_bytes,
			(int64_t)(end - start));
	return put;
}

/* The message's own header comes from its record, so that the message isn't touched. */
static bool
is_kept_header(const struct post_message *message, const struct wire_section_range *range)
{
	return !slice_absent(message->header) && range->start == 0 &&
	       range->end == message->head.length + message->header.length;
}

static bool
header_bytes(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_section_range *range, struct slice *bytes)
{
	if (is_kept_header(message, range)) {
		struct slice parts[] = {message->head, message->header};
		*bytes = arena_join(fetching->message, parts, 2);
		return true;
	}
	return imapd_fetch_succeeds(
		fetching, post_message_bytes(fetching->view, message, range->start,
				  range->end - range->start, fetching->message,
				  IMAPD_SECTION_MOST, bytes));
}

static bool
filter_fields(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_section *section, const struct wire_section_range *range,
	struct buffer *filtered)
{
	struct slice block;
	if (!header_bytes(fetching, message, range, &block))
		return false;
	wire_header_filter(block, section->fields, section->field_count,
		section->text == WIRE_IMAP_SECTION_FIELDS_NOT, filtered);
	return buffer_put_text(filtered, "\r\n");
}

static bool
put_fields(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item, const struct wire_section_range *range)
{
	SCOPED(buffer_free) struct buffer filtered = buffer_with(IMAPD_SECTION_MOST + 2);
	if (!filter_fields(fetching, message, &item->section, range, &filtered))
		return false;
	put_bytes(fetching, item, buffer_slice(&filtered));
	return true;
}

static bool
put_header(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item, const struct wire_section_range *range)
{
	struct slice block;
	if (!is_kept_header(message, range))
		return put_range(fetching, message, item, range);
	if (!header_bytes(fetching, message, range, &block))
		return false;
	put_bytes(fetching, item, block);
	return true;
}

bool
imapd_fetch_section(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item)
{
	struct wire_imap_section section = section_of(item);
	struct wire_section_range range;
	wire_imap_fetch_item_put(&fetching->lines, item);
	buffer_put_byte(&fetching->lines, ' ');
	if (!wire_section_find(message->structure->top, &section, &range)) {
		buffer_put_text(&fetching->lines, "NIL");
		return true;
	}
	switch (section.text) {
	case WIRE_IMAP_SECTION_FIELDS:
	case WIRE_IMAP_SECTION_FIELDS_NOT:
		return put_fields(fetching, message, item, &range);
	case WIRE_IMAP_SECTION_HEADER:
		return put_header(fetching, message, item, &range);
	default:
		return put_range(fetching, message, item, &range);
	}
}

uint64_t
imapd_fetch_section_size(struct imapd_fetching *fetching,
	const struct post_message *message, const struct wire_imap_fetch_item *item)
{
	struct wire_section_range range;
	SCOPED(buffer_free) struct buffer filtered = buffer_with(IMAPD_SECTION_MOST + 2);
	if (!wire_section_find(message->structure->top, &item->section, &range))
		return 0;
	if (item->section.text != WIRE_IMAP_SECTION_FIELDS &&
		item->section.text != WIRE_IMAP_SECTION_FIELDS_NOT)
		return range.end - range.start;
	bool read = filter_fields(fetching, message, &item->section, &range, &filtered);
	return read ? filtered.length : 0;
}
