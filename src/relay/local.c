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

/* --- rows that go together ------------------------------------------------------- */

/*
 * In one set: the letter in its mailboxes, so that none gets it twice; one report to its
 * sender of all that he wants to hear of; the rows gone.
 */
struct together {
	struct relay_parcel *parcel;
	struct post_delivery *delivery;
	struct relay_settle *settle;
	struct relay_report report;
};

static struct relay_forward
forward_of(const struct together *together, size_t index)
{
	const struct relay_letter_record *letter = &together->parcel->record;
	const struct relay_row_record *row = &together->parcel->records[index];
	return (struct relay_forward){.delivery = together->delivery,
		.letter = {.sender = letter->sender,
			.account = letter->account,
			.eight_bit = letter->eight_bit,
			.smtputf8 = letter->smtputf8,
			.binary = letter->binary,
			.headers_only = letter->headers_only,
			.whole = letter->whole,
			.envelope_id = letter->envelope_id},
		.recipient = {.mailbox = row->mailbox,
			.notify = row->notify,
			.original = row->original,
			.original_type = row->original_type}};
}

/*
 * RFC 3461 5.2.2, 5.2.7: success is told of a mailbox and of a list; of another address it
 * is told where the letter goes on to.
 */
static void
tell_success(struct together *together, const struct relay_forward *forward, size_t index)
{
	struct relay_parcel *parcel = together->parcel;
	struct relay_row_record *row = &parcel->records[index];
	enum wire_dsn_action action = forward->forwarded == RELAY_TO_MAILBOX
					      ? WIRE_DSN_DELIVERED
					      : WIRE_DSN_EXPANDED;
	if (forward->forwarded == RELAY_TO_ANOTHER ||
		!relay_report_is_wanted(&parcel->record, row, action))
		return;
	row->tried_ms = relay_now(parcel->relay);
	parcel->verdicts[index] = (struct relay_verdict){
		.status = "2.0.0", .server = SLICE_NONE, .text = SLICE_NONE};
	relay_report_add(&together->report, index, action, 0);
}

static enum base_failure
join_row(struct together *together, size_t index)
{
	struct relay_parcel *parcel = together->parcel;
	struct relay_forward forward = forward_of(together, index);
	enum base_failure failure =
		relay_forward(parcel->relay, &forward, parcel->records[index].address);
	if (failure)
		return failure;
	tell_success(together, &forward, index);
	relay_settle_delete(together->settle, parcel->rows[index], false);
	return BASE_OK;
}

/* Takes over the settle and the delivery, if it succeeds. */
static enum base_failure
submit_rows(struct together *together)
{
	struct base_error error = {0};
	struct base_ticket *ticket =
		relay_settle_submit_with(together->settle, &together->delivery, &error);
	if (!ticket)
		return error.failure;
	together->settle = NULL;
	base_ticket_drop(ticket);
	if (together->report.count)
		base_metric_add(together->parcel->relay->metrics.reports, 1);
	return BASE_OK;
}

static enum base_failure
submit(struct together *together)
{
	struct post_incoming *report = NULL;
	enum base_failure failure = BASE_OK;
	if (relay_settle_is_empty(together->settle))
		return BASE_OK;
	if (together->report.count)
		failure = relay_report_join(&together->report, together->delivery, &report);
	if (!failure)
		failure = submit_rows(together);
	post_incoming_destroy(report);
	return failure;
}

/* Others may go on without it. */
static bool
is_about_the_row(enum base_failure failure)
{
	return failure == BASE_NOT_FOUND || failure == BASE_INVALID ||
	       failure == BASE_QUOTA || failure == BASE_DENIED;
}

/* Fills in what became of each row; a failure returned is that of all: none has gone. */
static enum base_failure
deliver_together(struct relay_parcel *parcel, struct post_incoming *incoming, size_t first,
	size_t count, enum base_failure *failures)
{
	enum base_failure failure = BASE_OK;
	struct together together = {.parcel = parcel,
		.delivery = post_delivery_create(incoming, parcel->record.sender),
		.settle = relay_settle_create(parcel->relay, parcel->space),
		.report = relay_report_of(parcel)};
	for (size_t i = 0; i < count && !failure; i++) {
		failures[i] = join_row(&together, first + i);
		if (!is_about_the_row(failures[i]))
			failure = failures[i];
	}
	if (!failure)
		failure = submit(&together);
	for (size_t i = 0; i < count && failure; i++)
		failures[i] = failure;
	post_delivery_destroy(together.delivery);
	relay_settle_destroy(together.settle);
	return failure;
}

/* What stops all of them may be one's, as a mailbox that has become full this moment. */
static void
deliver_all(struct relay_parcel *parcel, struct post_incoming *incoming,
	enum base_failure failures[RELAY_PARCEL_MOST])
{
	if (!deliver_together(parcel, incoming, 0, parcel->count, failures) ||
		parcel->count == 1)
		return;
	for (size_t i = 0; i < parcel->count; i++)
		(void)deliver_together(parcel, incoming, i, 1, &failures[i]);
}

/* --- all of a parcel ------------------------------------------------------------- */

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
	enum base_failure failures[RELAY_PARCEL_MOST] = {BASE_OK};
	size_t kept = 0;
	deliver_all(parcel, incoming, failures);
	for (size_t i = 0; i < parcel->count; i++) {
		if (!failures[i]) {
			log_delivered(parcel, i);
			continue;
		}
		parcel->verdicts[kept] = verdict_of(parcel->arena, failures[i]);
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
