#include "relay/body.h"
#include "relay/deliver.h"
#include "relay/forward.h"
#include "relay/report.h"
#include "relay/settle.h"

/*
 * Letters for our own addresses: those that wait for a mailbox, which was full or disabled
 * when they came, and those whose sender wants to know of success. They are resolved anew:
 * the account may have been moved, or an alias made, meanwhile.
 */

#define READ_BLOCK (64 * 1024)

/* The letter as it came in; its blob is the one that is stored already. */
static struct post_incoming *
read_letter(struct relay_parcel *parcel)
{
	struct store_reader *reader;
	struct store_hash hash;
	size_t got = 0;
	uint64_t offset = 0;
	memcpy(hash.bytes, parcel->record.hash, sizeof hash.bytes);
	if (store_reader_open(parcel->relay->store, &hash, &reader))
		return NULL;
	struct post_incoming *incoming = post_incoming_create(parcel->relay->settings.post);
	SCOPED(scoped_free) char *block = malloc(READ_BLOCK);
	enum base_failure failure;
	ASSERT(block);
	do {
		failure = store_reader_read(reader, offset, block, READ_BLOCK, &got);
		offset += got;
		if (!failure)
			failure = post_incoming_add(incoming, slice_of(block, got));
	} while (!failure && got > 0);
	store_reader_close(reader);
	post_incoming_set_trace(incoming, parcel->record.trace);
	if (!failure)
		failure = post_incoming_seal(incoming);
	if (!failure)
		return incoming;
	post_incoming_destroy(incoming);
	return NULL;
}

static struct relay_verdict
verdict_of(struct arena *arena, enum base_failure failure)
{
	switch (failure) {
	case BASE_NOT_FOUND:
		return relay_verdict_own(
			arena, RELAY_REFUSED, "5.1.1", "there is no such address here");
	case BASE_INVALID:
		return relay_verdict_own(
			arena, RELAY_REFUSED, "5.4.6", "the address leads to itself");
	case BASE_QUOTA:
		return relay_verdict_own(
			arena, RELAY_POSTPONED, "4.2.2", "the mailbox is full");
	case BASE_DENIED:
		return relay_verdict_own(
			arena, RELAY_POSTPONED, "4.2.1", "the mailbox is disabled");
	default:
		return relay_verdict_own(arena, RELAY_POSTPONED, "4.3.0",
			"it could not be stored: %s", base_failure_name(failure));
	}
}

static struct relay_forward
forward_of(const struct relay_parcel *parcel, struct post_incoming *incoming, size_t index)
{
	const struct relay_letter_record *letter = &parcel->record;
	const struct relay_row_record *row = &parcel->records[index];
	return (struct relay_forward){
		.delivery = post_delivery_create(incoming, letter->sender),
		.letter = {.sender = letter->sender,
			.account = letter->account,
			.eight_bit = letter->eight_bit,
			.smtputf8 = letter->smtputf8,
			.binary = letter->binary,
			.headers_only = letter->headers_only,
			.whole = letter->whole,
			.envelope_id = letter->envelope_id},
		.recipient = {.notify = row->notify,
			.original = row->original,
			.original_type = row->original_type}};
}

/*
 * RFC 3461 5.2.2, 5.2.7: success is told of a mailbox and of a list; of another address it
 * is told where the letter goes on to.
 */
static enum base_failure
tell_success(struct relay_parcel *parcel, struct relay_forward *forward, size_t index,
	struct post_incoming **report_incoming)
{
	struct relay_row_record *row = &parcel->records[index];
	struct relay_report report = relay_report_of(parcel);
	enum wire_dsn_action action = forward->forwarded == RELAY_TO_MAILBOX
					      ? WIRE_DSN_DELIVERED
					      : WIRE_DSN_EXPANDED;
	if (forward->forwarded == RELAY_TO_ANOTHER ||
		!relay_report_is_wanted(&parcel->record, row, action))
		return BASE_OK;
	row->tried_ms = relay_now(parcel->relay);
	parcel->verdicts[index] = (struct relay_verdict){
		.status = "2.0.0", .server = SLICE_NONE, .text = SLICE_NONE};
	relay_report_add(&report, index, action, 0);
	base_metric_add(parcel->relay->metrics.reports, 1);
	return relay_report_join(&report, forward->delivery, report_incoming);
}

static enum base_failure
submit_row(const struct relay_parcel *parcel, struct relay_forward *forward, size_t index)
{
	struct base_error error = {0};
	struct relay_settle *settle = relay_settle_create(parcel->relay, parcel->space);
	relay_settle_delete(settle, parcel->rows[index], false);
	struct base_ticket *ticket =
		relay_settle_submit_with(settle, &forward->delivery, &error);
	if (!ticket)
		relay_settle_destroy(settle);
	base_ticket_drop(ticket);
	return ticket ? BASE_OK : error.failure;
}

/* In one set: the letter in the mailbox, the report to its sender, the row gone. */
static enum base_failure
deliver_row(struct relay_parcel *parcel, struct post_incoming *incoming, size_t index)
{
	struct post_incoming *report = NULL;
	struct relay_forward forward = forward_of(parcel, incoming, index);
	enum base_failure failure =
		relay_forward(parcel->relay, &forward, parcel->records[index].address);
	if (!failure)
		failure = tell_success(parcel, &forward, index, &report);
	if (!failure)
		failure = submit_row(parcel, &forward, index);
	else
		post_delivery_destroy(forward.delivery);
	post_incoming_destroy(report);
	return failure;
}

static void
log_delivered(const struct relay_parcel *parcel, size_t index)
{
	const struct relay *relay = parcel->relay;
	base_metric_add(relay->metrics.delivered, 1);
	LOG(relay->settings.log, BASE_LOG_INFO, "relay.delivered",
		LOG_TEXT("id", parcel->id), LOG_TEXT("from", parcel->record.sender),
		LOG_TEXT("to", parcel->records[index].address),
		LOG_STRING("server", "local"),
		LOG_NUMBER("attempts", parcel->records[index].attempts + 1),
		LOG_NUMBER("delay_ms", relay_now(relay) - parcel->arrived_ms));
}

/* Rows that found their mailbox leave the parcel; the others have a verdict. */
static void
deliver_rows(struct relay_parcel *parcel, struct post_incoming *incoming)
{
	size_t kept = 0;
	for (size_t i = 0; i < parcel->count; i++) {
		enum base_failure failure = deliver_row(parcel, incoming, i);
		if (!failure) {
			log_delivered(parcel, i);
			continue;
		}
		parcel->verdicts[kept] = verdict_of(parcel->arena, failure);
		parcel->records[kept] = parcel->records[i];
		parcel->rows[kept++] = parcel->rows[i];
	}
	parcel->count = kept;
}

void
relay_deliver_locally(struct relay_delivery *delivery)
{
	struct relay_parcel parcel;
	while (relay_delivery_next(delivery, &parcel)) {
		struct post_incoming *incoming = read_letter(&parcel);
		parcel.server = SLICE("local");
		if (incoming) {
			deliver_rows(&parcel, incoming);
		} else {
			struct relay_verdict verdict =
				verdict_of(parcel.arena, BASE_DAMAGED);
			relay_parcel_judge(&parcel, &verdict);
		}
		post_incoming_destroy(incoming);
		if (parcel.count > 0)
			base_ticket_drop(relay_parcel_settle(&parcel));
	}
}
