#include "relay/report.h"
#include "relay/forward.h"
#include "relay/settle.h"

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

/* --- sending it ------------------------------------------------------------------ */

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
	enum base_failure failure = relay_report_write(report, id, incoming);
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
	enum base_failure failure = relay_report_write(report, id, &incoming);
	if (failure)
		base_fail(error, failure, "%s", base_failure_name(failure));
	else
		ticket = submit_to_sender(
			report, slice_of(id, sizeof id), incoming, settle, error);
	post_incoming_destroy(incoming);
	return ticket;
}
