#include "relay/report.h"
#include "relay/body.h"
#include "relay/forward.h"
#include "relay/settle.h"
#include "wire/header.h"

#define REPORT_MOST (4 * 1024 * 1024)

/* --- what is told ---------------------------------------------------------------- */

struct relay_report
relay_report_of(struct relay_parcel *parcel)
{
	return (struct relay_report){.parcel = parcel,
		.recipients = ARENA_MANY(
			parcel->arena, struct wire_dsn_recipient, parcel->count)};
}

bool
relay_report_is_wanted(const struct relay_letter_record *letter,
	const struct relay_row_record *row, enum wire_dsn_action action)
{
	if (slice_empty(letter->sender) || row->notify & WIRE_SMTP_NOTIFY_NEVER)
		return false;
	switch (action) {
	case WIRE_DSN_FAILED:
		return !row->notify || row->notify & WIRE_SMTP_NOTIFY_FAILURE;
	case WIRE_DSN_DELAYED:
		return !row->notify || row->notify & WIRE_SMTP_NOTIFY_DELAY;
	case WIRE_DSN_DELIVERED:
	case WIRE_DSN_RELAYED:
	case WIRE_DSN_EXPANDED:
		return row->notify & WIRE_SMTP_NOTIFY_SUCCESS;
	}
	return false;
}

static struct slice
diagnostic_type(const struct relay_verdict *verdict)
{
	if (slice_absent(verdict->text))
		return SLICE_NONE;
	return slice_absent(verdict->server) ? SLICE("X-Troika") : SLICE("smtp");
}

void
relay_report_add(struct relay_report *report, size_t index, enum wire_dsn_action action,
	int64_t retry_until_ms)
{
	const struct relay_parcel *parcel = report->parcel;
	const struct relay_row_record *row = &parcel->records[index];
	const struct relay_verdict *verdict = &parcel->verdicts[index];
	struct wire_dsn_recipient *recipient = &report->recipients[report->count++];
	*recipient = (struct wire_dsn_recipient){.original_type = row->original_type,
		.original = row->original,
		.final = row->address,
		.action = action,
		.status = slice_of_text(verdict->status),
		.remote = verdict->server,
		.diagnostic_type = diagnostic_type(verdict),
		.diagnostic = verdict->text,
		.has_last_attempt = row->tried_ms > 0,
		.last_attempt = {.unix_time = row->tried_ms / 1000},
		.has_retry_until = action == WIRE_DSN_DELAYED,
		.retry_until = {.unix_time = retry_until_ms / 1000}};
	report->failed |= action == WIRE_DSN_FAILED;
}

/* --- the letter that is told about ----------------------------------------------- */

/* As much of trace and blob as there is, up to most; empty when it can't be read. */
static struct slice
read_original(const struct relay_parcel *parcel, size_t most)
{
	struct store_reader *reader;
	struct store_hash hash;
	size_t length = 0, got;
	memcpy(hash.bytes, parcel->record.hash, sizeof hash.bytes);
	if (store_reader_open(parcel->relay->store, &hash, &reader))
		return SLICE("");
	char *bytes = arena_take(parcel->arena, most);
	struct base_source *body = relay_body_source(parcel->record.trace, reader);
	while (length < most &&
		(got = body->pull(body, bytes + length, most - length)) > 0 &&
		got != BASE_SOURCE_FAILED)
		length += got;
	body->close(body);
	store_reader_close(reader);
	return slice_of(bytes, length);
}

/*
 * RFC 3461 6.2: the whole letter only with a failure, and if the sender did not ask for the
 * headers alone.
 */
static void
take_original(const struct relay_report *report, struct wire_dsn_message *message)
{
	const struct relay_parcel *parcel = report->parcel;
	message->whole = report->failed && !parcel->record.headers_only &&
			 !parcel->record.binary &&
			 parcel->record.size <= RELAY_REPORT_WHOLE_MOST;
	struct slice bytes = read_original(parcel,
		message->whole ? RELAY_REPORT_WHOLE_MOST : RELAY_REPORT_HEADER_MOST);
	struct slice header = slice_first(bytes, wire_header_length(bytes));
	struct wire_header field;
	message->original = message->whole ? bytes : header;
	if (wire_header_find(header, SLICE("Subject"), &field))
		message->subject = wire_header_text(parcel->arena, field.raw);
	if (wire_header_find(header, SLICE("Message-ID"), &field)) {
		struct slice rest = wire_unfold(parcel->arena, field.raw);
		if (!wire_message_id_next(&rest, &message->in_reply_to))
			message->in_reply_to = SLICE_NONE;
	}
}

/* Random, so not in the original; looked for all the same. */
static struct slice
boundary_for(struct arena *arena, struct slice original)
{
	struct slice boundary;
	do {
		boundary = arena_printf(arena, "=_report_%016llx%016llx",
			(unsigned long long)base_random_u64(),
			(unsigned long long)base_random_u64());
	} while (slice_find(original, boundary) < original.length);
	return boundary;
}

static struct wire_date
date_of(int64_t ms)
{
	return (struct wire_date){.unix_time = ms / 1000};
}

static bool
write_report(const struct relay_report *report, struct slice id, struct buffer *into)
{
	const struct relay_parcel *parcel = report->parcel;
	struct relay *relay = parcel->relay;
	struct arena *arena = parcel->arena;
	struct slice host = relay->settings.host_name;
	struct wire_dsn_message message = {
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
		.date = date_of(relay_now(relay))};
	take_original(report, &message);
	message.boundary = boundary_for(arena, message.original);
	return wire_dsn_put(into, &message);
}

/* --- sending it ------------------------------------------------------------------ */

static enum base_failure
make_incoming(struct relay *relay, struct slice bytes, struct post_incoming **incoming)
{
	*incoming = post_incoming_create(relay->settings.post);
	enum base_failure failure = post_incoming_add(*incoming, bytes);
	post_incoming_set_trace(*incoming, SLICE(""));
	return failure ? failure : post_incoming_seal(*incoming);
}

/* The id, and the message with it. */
static enum base_failure
make_report(const struct relay_report *report, char id[BASE_ID_LENGTH],
	struct post_incoming **incoming)
{
	struct relay *relay = report->parcel->relay;
	SCOPED(buffer_free) struct buffer text = buffer_with(REPORT_MOST);
	base_id_make(relay_now(relay), id);
	if (!write_report(report, slice_of(id, BASE_ID_LENGTH), &text))
		return BASE_TOO_LARGE;
	return make_incoming(relay, buffer_slice(&text), incoming);
}

static enum base_failure
forward_report(
	const struct relay_report *report, struct slice id, struct post_delivery *delivery)
{
	const struct relay_parcel *parcel = report->parcel;
	struct relay *relay = parcel->relay;
	struct relay_forward forward = {.delivery = delivery,
		.letter = {.id = id,
			.sender = SLICE(""),
			.eight_bit = true,
			.smtputf8 = parcel->record.smtputf8,
			.envelope_id = SLICE_NONE},
		.recipient = {.original = SLICE_NONE, .notify = WIRE_SMTP_NOTIFY_NEVER},
		.queue_when_full = true};
	enum base_failure failure = relay_forward(relay, &forward, parcel->record.sender);
	if (failure && !base_failure_is_temporary(failure))
		LOG(relay->settings.log, BASE_LOG_WARN, "relay.report-dropped",
			LOG_TEXT("id", parcel->id), LOG_TEXT("to", parcel->record.sender),
			LOG_FAILURE(failure));
	return failure;
}

enum base_failure
relay_report_join(struct relay_report *report, struct post_delivery *delivery,
	struct post_incoming **incoming)
{
	char id[BASE_ID_LENGTH];
	*incoming = NULL;
	enum base_failure failure = make_report(report, id, incoming);
	if (failure)
		return failure;
	post_delivery_next(delivery, *incoming, SLICE(""));
	failure = forward_report(report, slice_of(id, sizeof id), delivery);
	return base_failure_is_temporary(failure) ? failure : BASE_OK;
}

static struct base_ticket *
submit_to_sender(const struct relay_report *report, struct slice id,
	struct post_incoming *incoming, struct relay_settle *settle,
	struct base_error *error)
{
	struct post_delivery *delivery = post_delivery_create(incoming, SLICE(""));
	enum base_failure failure = forward_report(report, id, delivery);
	if (!failure)
		return relay_settle_submit_with(settle, &delivery, error);
	post_delivery_destroy(delivery);
	if (!base_failure_is_temporary(failure))
		return relay_settle_submit(settle);
	base_fail(error, failure, "%s", base_failure_name(failure));
	return NULL;
}

struct base_ticket *
relay_report_submit(
	struct relay_report *report, struct relay_settle *settle, struct base_error *error)
{
	char id[BASE_ID_LENGTH];
	struct post_incoming *incoming = NULL;
	struct base_ticket *ticket = NULL;
	enum base_failure failure = make_report(report, id, &incoming);
	if (failure)
		base_fail(error, failure, "%s", base_failure_name(failure));
	else
		ticket = submit_to_sender(
			report, slice_of(id, sizeof id), incoming, settle, error);
	post_incoming_destroy(incoming);
	return ticket;
}
