#include "relay/names.h"
#include "relay/parcel.h"
#include "relay/report.h"
#include "relay/settle.h"

/* A parcel's verdicts become results. */

struct results {
	struct relay_parcel *parcel;
	int64_t now_ms;
	struct relay_settle *plain;    /* nobody is told */
	struct relay_settle *reported; /* with the report, or not at all */
	struct relay_report report;
	size_t reported_rows[RELAY_PARCEL_MOST];
	size_t reported_count;
	struct relay_entry *untried[RELAY_PARCEL_MOST];
	size_t untried_count;
};

/* --- one row --------------------------------------------------------------------- */

/* Of rows of a letter the same, so that they stay together. */
static uint64_t
chance_of(struct slice letter_id)
{
	static const uint8_t key[16];
	return base_siphash(letter_id, key);
}

/* While name servers are silent it is they who are asked; with their answer all goes on. */
static uint64_t
first_pause(const struct results *results, size_t index)
{
	const struct relay_parcel *parcel = results->parcel;
	if (!parcel->verdicts[index].unanswered)
		return 0;
	return relay_names_are_silent(parcel->relay) ? RELAY_REST_MOST_MS
						     : RELAY_PAUSE_NAMES_MS;
}

static struct relay_decision
decide(const struct results *results, size_t index)
{
	const struct relay_parcel *parcel = results->parcel;
	const struct relay_row_record *row = &parcel->records[index];
	const struct relay_progress progress = {.arrived_ms = parcel->arrived_ms,
		.attempts = row->attempts,
		.warned = row->warned,
		.chance = chance_of(parcel->id),
		.first_ms = first_pause(results, index)};
	return relay_schedule_decide(&parcel->relay->schedule, &progress,
		parcel->verdicts[index].event, results->now_ms);
}

static void
log_result(const struct results *results, size_t index, const char *event, int64_t pause_ms)
{
	const struct relay_parcel *parcel = results->parcel;
	const struct relay_row_record *row = &parcel->records[index];
	LOG(parcel->relay->settings.log, BASE_LOG_INFO, event, LOG_TEXT("id", parcel->id),
		LOG_TEXT("from", parcel->record.sender), LOG_TEXT("to", row->address),
		LOG_TEXT("server", parcel->server),
		LOG_TEXT("reply", parcel->verdicts[index].text),
		LOG_STRING("status", parcel->verdicts[index].status),
		LOG_TEXT("tls", parcel->tls), LOG_NUMBER("attempts", row->attempts),
		LOG_NUMBER("delay_ms", results->now_ms - parcel->arrived_ms),
		LOG_NUMBER("pause_ms", pause_ms));
}

/* Which settle the row's result goes into; it is told where that is wanted. */
static struct relay_settle *
tell(struct results *results, size_t index, enum wire_dsn_action action)
{
	struct relay_parcel *parcel = results->parcel;
	if (!relay_report_is_wanted(&parcel->record, &parcel->records[index], action))
		return results->plain;
	relay_report_add(&results->report, index, action,
		relay_schedule_expiry(&parcel->relay->schedule, parcel->arrived_ms));
	results->reported_rows[results->reported_count++] = index;
	return results->reported;
}

static void
delivered(struct results *results, size_t index)
{
	struct relay_parcel *parcel = results->parcel;
	const struct relay_metrics *metrics = &parcel->relay->metrics;
	struct relay_settle *settle = results->plain;
	log_result(results, index, "relay.delivered", 0);
	base_metric_add(metrics->delivered, 1);
	base_metric_observe_ms(
		metrics->delay, (uint64_t)(results->now_ms - parcel->arrived_ms));
	/* RFC 3461 4.2.2: a server that sends reports itself was told to. */
	if (!parcel->verdicts[index].reported_onward)
		settle = tell(results, index, WIRE_DSN_RELAYED);
	relay_settle_delete(settle, parcel->rows[index], true);
}

static void
postponed(struct results *results, size_t index, const struct relay_decision *decision)
{
	struct relay_parcel *parcel = results->parcel;
	struct relay_row_record *row = &parcel->records[index];
	struct relay_settle *settle = results->plain;
	row->next_ms = decision->next_ms;
	log_result(results, index, "relay.deferred", row->next_ms - results->now_ms);
	base_metric_add(parcel->relay->metrics.deferred, 1);
	if (decision->warn) {
		row->warned = true;
		settle = tell(results, index, WIRE_DSN_DELAYED);
	}
	relay_settle_put(settle, parcel->rows[index], row);
}

static void
given_up(struct results *results, size_t index)
{
	struct relay_parcel *parcel = results->parcel;
	log_result(results, index, "relay.bounced", 0);
	base_metric_add(parcel->relay->metrics.bounced, 1);
	if (slice_empty(parcel->record.sender))
		LOG(parcel->relay->settings.log, BASE_LOG_WARN,
			"relay.report-undeliverable", LOG_TEXT("id", parcel->id),
			LOG_TEXT("to", parcel->records[index].address));
	relay_settle_delete(
		tell(results, index, WIRE_DSN_FAILED), parcel->rows[index], false);
}

/*
 * Where we gave up, as others waited, or could ask nobody for its name, the server may be
 * well: the pauses don't grow by it. But the letter's time ends all the same.
 */
static bool
is_attempt(const struct results *results, size_t index)
{
	const struct relay_parcel *parcel = results->parcel;
	const struct relay_verdict *verdict = &parcel->verdicts[index];
	bool was_us = parcel->given_up ||
		      (verdict->unanswered && relay_names_are_silent(parcel->relay));
	if (!was_us || verdict->event != RELAY_POSTPONED ||
		!slice_absent(verdict->server) || parcel->records[index].attempts == 0)
		return true;
	return results->now_ms >=
	       relay_schedule_expiry(&parcel->relay->schedule, parcel->arrived_ms);
}

static void
take_row(struct results *results, size_t index)
{
	struct relay_parcel *parcel = results->parcel;
	struct relay_row_record *row = &parcel->records[index];
	const struct relay_verdict *verdict = &parcel->verdicts[index];
	if (verdict->untried) {
		results->untried[results->untried_count++] = parcel->rows[index];
		return;
	}
	row->attempts += is_attempt(results, index);
	parcel->rows[index]->unanswered =
		verdict->unanswered ? relay_names_mark(parcel->relay) : 0;
	row->crashes = 0;
	row->tried_ms = results->now_ms;
	row->reply = verdict->text;
	row->server = verdict->server;
	struct relay_decision decision = decide(results, index);
	switch (decision.action) {
	case RELAY_FORGET:
		delivered(results, index);
		break;
	case RELAY_TRY_AGAIN:
		postponed(results, index, &decision);
		break;
	case RELAY_GIVE_UP:
		given_up(results, index);
		break;
	}
}

/* --- all of them ----------------------------------------------------------------- */

/* Nothing was told: what is delivered is so all the same, the rest is tried again. */
static void
not_reported(struct results *results)
{
	struct relay_parcel *parcel = results->parcel;
	struct relay_entry *back[RELAY_PARCEL_MOST];
	size_t count = 0;
	for (size_t i = 0; i < results->reported_count; i++) {
		size_t index = results->reported_rows[i];
		if (parcel->verdicts[index].event == RELAY_DELIVERED)
			relay_settle_delete(results->plain, parcel->rows[index], true);
		else
			back[count++] = parcel->rows[index];
	}
	relay_settle_destroy(results->reported);
	relay_put_back(parcel->relay, back, count, RELAY_PUT_BACK_MS);
}

/* NULL: there was nothing to be told, or it could not be told now. */
static struct base_ticket *
submit_reported(struct results *results)
{
	struct base_error error = {0};
	const struct relay *relay = results->parcel->relay;
	if (results->reported_count == 0) {
		relay_settle_destroy(results->reported);
		return NULL;
	}
	struct base_ticket *ticket =
		relay_report_submit(&results->report, results->reported, &error);
	if (ticket) {
		base_metric_add(relay->metrics.reports, 1);
		return ticket;
	}
	LOG(relay->settings.log, BASE_LOG_ERROR, "relay.report-failed",
		LOG_TEXT("to", results->parcel->record.sender),
		LOG_STRING("why", error.text));
	not_reported(results);
	return NULL;
}

static struct base_ticket *
submit_plain(struct results *results)
{
	if (!relay_settle_is_empty(results->plain))
		return relay_settle_submit(results->plain);
	relay_settle_destroy(results->plain);
	return NULL;
}

struct base_ticket *
relay_parcel_settle(struct relay_parcel *parcel)
{
	struct relay *relay = parcel->relay;
	struct results results = {.parcel = parcel,
		.now_ms = relay_now(relay),
		.plain = relay_settle_create(relay, parcel->space),
		.reported = relay_settle_create(relay, parcel->space),
		.report = relay_report_of(parcel)};
	for (size_t i = 0; i < parcel->count; i++)
		take_row(&results, i);
	struct base_ticket *tickets[2];
	size_t count = 0;
	tickets[count] = submit_reported(&results);
	count += tickets[count] != NULL;
	tickets[count] = submit_plain(&results);
	count += tickets[count] != NULL;
	relay_put_back(relay, results.untried, results.untried_count, 0);
	parcel->count = 0;
	return count == 1 ? tickets[0] : base_ticket_all(tickets, count);
}
