#include "imapd/url.h"
#include "imapd/rights.h"
#include "wire/mime-section.h"
#include "wire/nul-free.h"

enum { READ_MOST = 64 * 1024, SCRATCH_MOST = 16 * 1024 * 1024 };

struct reading {
	struct arena *arena;
	const struct imapd_url_message *opened;
	struct imapd_url_bytes *bytes;
};

void
imapd_url_close(struct imapd_url_message *opened)
{
	post_view_drop(opened->view);
	post_mailbox_close(opened->mailbox);
}

enum base_failure
imapd_url_open(struct post_account *account, const struct wire_imap_url *url,
	struct arena *arena, struct imapd_url_message *opened)
{
	struct post_place place;
	*opened = (struct imapd_url_message){0};
	enum base_failure failure = imapd_open_place(
		account, url->mailbox, IMAPD_READS, arena, &place, &opened->mailbox);
	if (failure)
		return failure;
	if (url->uid_validity &&
		url->uid_validity != post_mailbox_uid_validity(opened->mailbox))
		return BASE_NOT_FOUND;
	opened->view = post_view_newest(opened->mailbox);
	return post_message_read(opened->view, url->uid, arena, &opened->message);
}

bool
imapd_url_section(const struct wire_imap_url *url, struct arena *arena,
	struct wire_imap_section *section)
{
	*section = (struct wire_imap_section){0};
	if (slice_absent(url->section))
		return true;
	struct wire_imap_cursor cursor = wire_imap_cursor_over(url->section, arena);
	return wire_imap_section_parse(&cursor, section) && !cursor.rest.length;
}

/* RFC 5092 6, RFC 5550 4.3: past the end is the end. */
static void
clip(const struct wire_imap_url *url, uint64_t *start, uint64_t *end)
{
	if (!url->partial)
		return;
	uint64_t size = *end - *start;
	*start += url->offset < size ? url->offset : size;
	if (url->length && url->length < *end - *start)
		*end = *start + url->length;
}

static enum base_failure
find_range(struct reading *reading, const struct wire_imap_url *url, uint64_t start,
	uint64_t end)
{
	clip(url, &start, &end);
	reading->bytes->length = end - start;
	return start == end ? BASE_OK
			    : post_message_source(reading->opened->view,
				      &reading->opened->message, start, end - start,
				      &reading->bytes->source);
}

static enum base_failure
find_fields(struct reading *reading, const struct wire_imap_url *url,
	const struct wire_imap_section *section, const struct wire_section_range *range)
{
	struct slice block;
	enum base_failure failure = post_message_bytes(reading->opened->view,
		&reading->opened->message, range->start, range->end - range->start,
		reading->arena, IMAPD_SECTION_MOST, &block);
	if (failure)
		return failure;
	SCOPED(buffer_free) struct buffer filtered = buffer_with(IMAPD_SECTION_MOST + 2);
	wire_header_filter(block, section->fields, section->field_count,
		section->text == WIRE_IMAP_SECTION_FIELDS_NOT, &filtered);
	buffer_put_text(&filtered, "\r\n");
	uint64_t start = 0, end = filtered.length;
	clip(url, &start, &end);
	reading->bytes->length = end - start;
	reading->bytes->text = arena_copy(reading->arena,
		slice_part(buffer_slice(&filtered), (size_t)start, (size_t)(end - start)));
	return BASE_OK;
}

static enum base_failure
find_section(struct reading *reading, const struct wire_imap_url *url)
{
	struct wire_imap_section section;
	struct wire_section_range range;
	if (slice_absent(url->section))
		return find_range(reading, url, 0, reading->opened->message.size);
	if (!imapd_url_section(url, reading->arena, &section))
		return BASE_INVALID;
	if (!wire_section_find(reading->opened->message.structure->top, &section, &range))
		return BASE_NOT_FOUND;
	if (section.text == WIRE_IMAP_SECTION_FIELDS ||
		section.text == WIRE_IMAP_SECTION_FIELDS_NOT)
		return find_fields(reading, url, &section, &range);
	return find_range(reading, url, range.start, range.end);
}

enum base_failure
imapd_url_bytes_of(const struct imapd_url_message *opened, const struct wire_imap_url *url,
	struct arena *arena, struct imapd_url_bytes *bytes)
{
	struct reading reading = {.arena = arena, .opened = opened, .bytes = bytes};
	*bytes = (struct imapd_url_bytes){0};
	return find_section(&reading, url);
}

void
imapd_url_put_bytes(struct imapd_session *session, const struct imapd_url_bytes *bytes)
{
	if (bytes->source)
		net_put_source(session->net, wire_nul_free_source(bytes->source));
	else
		net_put(session->net, wire_nul_free(session->call->arena, bytes->text));
}

/* --- all of it at once -----------------------------------------------------------------
 */

enum base_failure
imapd_url_pull(struct base_source *source, struct wire_sink sink)
{
	char *block = malloc(READ_MOST);
	ASSERT(block);
	enum base_failure failure = BASE_OK;
	size_t got;
	while (!failure && (got = source->pull(source, block, READ_MOST)) > 0)
		failure = got == BASE_SOURCE_FAILED
				  ? BASE_DAMAGED
				  : sink.write(sink.argument, slice_of(block, got));
	free(block);
	source->close(source);
	return failure;
}

/* An address is one's own under any name of the server; a URL without one is not. */
static bool
is_own(const struct imapd_session *session, const struct wire_imap_url *url)
{
	if (!slice_absent(url->user))
		return slice_equal_nocase(url->user, slice_of_text(session->address));
	struct slice host = slice_first(url->host, slice_find_byte(url->host, ':'));
	return !url->absolute || slice_equal_nocase(host, session->context->host_name);
}

enum base_failure
imapd_url_read(struct imapd_session *session, struct slice text, struct wire_sink sink)
{
	SCOPED(arena_release) struct arena *arena = arena_create(SCRATCH_MOST);
	struct wire_imap_url url;
	struct imapd_url_bytes bytes;
	if (!wire_imap_url_parse(text, arena, &url) || slice_absent(url.mailbox) ||
		url.access != WIRE_IMAP_ACCESS_NONE)
		return BASE_INVALID;
	if (!is_own(session, &url))
		return BASE_NOT_FOUND;
	SCOPED(imapd_url_close) struct imapd_url_message opened;
	enum base_failure failure = imapd_url_open(session->account, &url, arena, &opened);
	if (!failure)
		failure = imapd_url_bytes_of(&opened, &url, arena, &bytes);
	if (failure)
		return failure;
	return bytes.source ? imapd_url_pull(bytes.source, sink)
			    : sink.write(sink.argument, bytes.text);
}
