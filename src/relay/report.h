#ifndef RELAY_REPORT_H
#define RELAY_REPORT_H

#include "relay/parcel.h"
#include "wire/dsn.h"

/*
 * What the sender is told of a parcel: one report (RFC 3464) about all its recipients for
 * whom there is something to tell, in the same set of commits as their results, so that a
 * crash neither loses nor doubles it.
 */
/*
 * A letter that failed comes back whole up to the first, or up to the second if its sender
 * asked so (RET=FULL, RFC 3461 4.3); a larger one as its header. No whole one is in memory.
 */
#define RELAY_REPORT_WHOLE_MOST  (64 * 1024)
#define RELAY_REPORT_ASKED_MOST  (16 * 1024 * 1024)
#define RELAY_REPORT_HEADER_MOST (256 * 1024) /* larger headers are cut */

struct relay_report {
	struct relay_parcel *parcel;
	struct wire_dsn_recipient *recipients;
	size_t count;
	bool failed; /* somebody does not get it */
};

struct relay_report relay_report_of(struct relay_parcel *parcel);

/*
 * Is the sender to be told (RFC 3461 4.1)? Not when there is none, and not of what he did
 * not ask for; unsaid means failure and delay.
 */
bool relay_report_is_wanted(const struct relay_letter_record *letter,
	const struct relay_row_record *row, enum wire_dsn_action action);

void relay_report_add(struct relay_report *report, size_t index,
	enum wire_dsn_action action, int64_t retry_until_ms);

/* The report as a message, sealed, and its id. *incoming is the caller's to destroy. */
enum base_failure relay_report_write(const struct relay_report *report,
	char id[BASE_ID_LENGTH], struct post_incoming **incoming) MUST_CHECK;

/*
 * The report joins the delivery of the letter it is about. *incoming is the caller's to
 * destroy, after the delivery was submitted; a sender who does not exist is told nothing.
 */
enum base_failure relay_report_join(struct relay_report *report,
	struct post_delivery *delivery, struct post_incoming **incoming) MUST_CHECK;

/*
 * The report goes to the sender's mailbox or into the queue, with the settle. NULL with
 * *error: nothing was submitted. When the sender does not exist, the settle goes alone.
 */
struct base_ticket *relay_report_submit(
	struct relay_report *report, struct relay_settle *settle, struct base_error *error);

#endif
