#include "relay/body.h"
#include "relay/report.h"
#include "wire/header.h"

/* A report as a message: what is told, and the letter that it is about. */

#define FRONT_MOST (4 * 1024 * 1024) /* texts about the recipients, and a header */
#define BODY_BLOCK (64 * 1024)

struct writing {
	const struct relay_report *report;
	struct slice header; /* the letter's */
	struct wire_dsn_message message;
};

/* --- the letter ------------------------------------------------------------------ */

static enum base_failure
open_letter(const struct relay_parcel *parcel, struct store_reader **reader)
{
	struct store_hash hash;
	memcpy(hash.bytes, parcel->record.hash, sizeof hash.bytes);
	return store_reader_open(parcel->relay->store, &hash, reader);
}

/*
 * Lines of binary content end in anything, but what goes by DATA ends them in CRLF alone
 * (RFC 5321 2.3.8).
 */
static void
blank_bare_ends(char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bool cr = bytes[i] == '\r', lf = bytes[i] == '\n';
		if (cr && i + 1 < length && bytes[i + 1] == '\n')
			i++;
		else if (cr || lf || bytes[i] == '\0')
			bytes[i] = ' ';
	}
}

/* As much of trace and blob as there is; empty when it can't be read. */
static struct slice
read_header(const struct relay_parcel *parcel)
{
	struct store_reader *reader;
	size_t length = 0, got;
	if (open_letter(parcel, &reader))
		return SLICE("");
	char *bytes = arena_take(parcel->arena, RELAY_REPORT_HEADER_MOST);
	struct base_source *body = relay_body_source(parcel->record.trace, reader);
	while (length < RELAY_REPORT_HEADER_MOST &&
		(got = body->pull(
			 body, bytes + length, RELAY_REPORT_HEADER_MOST - length)) > 0 &&
		got != BASE_SOURCE_FAILED)
		length += got;
	body->close(body);
	store_reader_close(reader);
	struct slice front = slice_of(bytes, length);
	struct slice header = slice_first(front, wire_header_length(front));
	blank_bare_ends(bytes, header.length);
	return header;
}

/*
 * RFC 3461 6.2: the whole letter only with a failure, and if the sender did not ask for the
 * headers alone.
 */
static bool
comes_back_whole(const struct relay_report *report)
{
	const struct relay_letter_record *letter = &report->parcel->record;
	uint64_t most = letter->whole ? RELAY_REPORT_ASKED_MOST : RELAY_REPORT_WHOLE_MOST;
	return report->failed && !letter->headers_only && !letter->binary &&
	       letter->size <= most;
}

/* What can't be read of it is left out. */
static enum base_failure
add_letter(const struct relay_parcel *parcel, struct post_incoming *incoming)
{
	struct store_reader *reader;
	enum base_failure failure = BASE_OK;
	size_t got;
	if (open_letter(parcel, &reader))
		return BASE_OK;
	SCOPED(scoped_free) char *block = malloc(BODY_BLOCK);
	ASSERT(block);
	struct base_source *body = relay_body_source(parcel->record.trace, reader);
	while (!failure && (got = body->pull(body, block, BODY_BLOCK)) > 0 &&
		got != BASE_SOURCE_FAILED)
		failure = post_incoming_add(incoming, slice_of(block, got));
	body->close(body);
	store_reader_close(reader);
	return failure;
}

/* --- what is told ---------------------------------------------------------------- */

static void
take_from_header(struct writing *writing)
{
	struct arena *arena = writing->report->parcel->arena;
	struct wire_dsn_message *message = &writing->message;
	struct wire_header field;
	if (wire_header_find(writing->header, SLICE("Subject"), &field))
		message->subject = wire_header_text(arena, field.raw);
	if (wire_header_find(writing->header, SLICE("Message-ID"), &field)) {
		struct slice rest = wire_unfold(arena, field.raw);
		if (!wire_message_id_next(&rest, &message->in_reply_to))
			message->in_reply_to = SLICE_NONE;
	}
}

static struct wire_date
date_of(int64_t ms)
{
	return (struct wire_date){.unix_time = ms / 1000};
}

static void
begin(struct writing *writing, const struct relay_report *report, struct slice id)
{
	const struct relay_parcel *parcel = report->parcel;
	struct arena *arena = parcel->arena;
	struct slice host = parcel->relay->settings.host_name;
	writing->report = report;
	writing->header = read_header(parcel);
	writing->message = (struct wire_dsn_message){
		.report = {.envelope_id = parcel->record.envelope_id,
			.reporting = host,
			.has_arrival = true,
			.arrival = date_of(parcel->record.arrived_ms),
			.recipients = report->recipients,
			.count = report->count},
		.texts = &wire_dsn_english,
		.from = arena_printf(
			arena, "Mail server <postmaster@%.*s>", SLICE_ARG(host)),
		.to = parcel->record.sender,
		.message_id =
			arena_printf(arena, "<%.*s@%.*s>", SLICE_ARG(id), SLICE_ARG(host)),
		.date = date_of(relay_now(parcel->relay)),
		/* Random, so not in the original. */
		.boundary = arena_printf(arena, "=_report_%016llx%016llx",
			(unsigned long long)base_random_u64(),
			(unsigned long long)base_random_u64())};
	take_from_header(writing);
}

static enum base_failure
add_all(const struct writing *writing, struct post_incoming *incoming)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(FRONT_MOST);
	if (!wire_dsn_put_front(&text, &writing->message))
		return BASE_TOO_LARGE;
	enum base_failure failure = post_incoming_add(incoming, buffer_slice(&text));
	if (!failure && writing->message.whole)
		failure = add_letter(writing->report->parcel, incoming);
	else if (!failure)
		failure = post_incoming_add(incoming, writing->header);
	buffer_cut(&text, 0);
	if (!wire_dsn_put_end(&text, &writing->message))
		return BASE_TOO_LARGE;
	if (!failure)
		failure = post_incoming_add(incoming, buffer_slice(&text));
	post_incoming_set_trace(incoming, SLICE(""));
	return failure ? failure : post_incoming_seal(incoming);
}

static enum base_failure
write_once(struct writing *writing, bool whole, struct post_incoming **incoming)
{
	const struct relay_parcel *parcel = writing->report->parcel;
	writing->message.whole = whole;
	writing->message.original = whole ? SLICE("") : writing->header;
	writing->message.eight_bit = whole && parcel->record.eight_bit;
	*incoming = post_incoming_create(parcel->relay->settings.post);
	enum base_failure failure = add_all(writing, *incoming);
	if (failure) {
		post_incoming_destroy(*incoming);
		*incoming = NULL;
	}
	return failure;
}

enum base_failure
relay_report_write(const struct relay_report *report, char id[BASE_ID_LENGTH],
	struct post_incoming **incoming)
{
	struct writing writing;
	base_id_make(relay_now(report->parcel->relay), id);
	begin(&writing, report, slice_of(id, BASE_ID_LENGTH));
	bool whole = comes_back_whole(report);
	enum base_failure failure = write_once(&writing, whole, incoming);
	/* A letter of the largest size that is taken, with our words around it. */
	if (failure == BASE_TOO_LARGE && whole)
		failure = write_once(&writing, false, incoming);
	if (failure != BASE_TOO_LARGE)
		return failure;
	/* Nearly all of it is header. */
	writing.header = SLICE("");
	return write_once(&writing, false, incoming);
}
