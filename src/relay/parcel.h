#ifndef RELAY_PARCEL_H
#define RELAY_PARCEL_H

#include "relay/relay-internal.h"
#include "wire/smtp-reply.h"

/*
 * Rows of one letter that are tried together: leased, read from the store, given a verdict
 * each, settled. A parcel lives in its owner's arena for one try.
 */
struct relay_verdict {
	enum relay_event event;
	bool untried;         /* goes back at once, and does not count as an attempt */
	bool unanswered;      /* a look-up had no answer: nobody's failure (names.h) */
	bool reported_onward; /* delivered to a server that sends delivery reports itself */
	char status[12];      /* "5.1.1" */
	struct slice server;  /* who said it; absent: we */
	struct slice text;    /* "550 5.1.1 no such user", one line */
};

struct relay_parcel {
	struct relay *relay;
	struct arena *arena;
	struct relay_queued *letter; /* while a row of it is leased */
	struct slice id;
	int64_t arrived_ms;
	unsigned space;
	size_t count;
	struct relay_entry *rows[RELAY_PARCEL_MOST];
	struct relay_letter_record record;
	struct relay_row_record *records;
	struct relay_verdict *verdicts;
	bool given_up;            /* by us, for others: our own verdicts are no failures */
	struct slice server, tls; /* for the log: "mx.example.net [192.0.2.1]:25" */
};

/* Rows that the caller has leased, at least one, all of one letter. With the lock held. */
void relay_parcel_of(struct relay *relay, struct relay_entry *const *rows, size_t count,
	struct arena *arena, struct relay_parcel *parcel);
/*
 * Reads letter and rows. Rows that can't be read are held and leave the parcel; false: none
 * is left, or the store can't be read now, and they went back.
 */
bool relay_parcel_load(struct relay_parcel *parcel);
void relay_parcel_put_back(struct relay_parcel *parcel, int64_t pause_ms);

/* The same verdict for all rows; texts live as long as the parcel. */
void relay_parcel_judge(struct relay_parcel *parcel, const struct relay_verdict *verdict);

/*
 * Verdicts become results: logged, counted, reported to the sender, committed. The rows are
 * the caller's no more. The ticket says when it is durable.
 */
struct base_ticket *relay_parcel_settle(struct relay_parcel *parcel);

/* --- verdicts -------------------------------------------------------------------- */

/* What a server answered; a class that fits nowhere counts as 4yz. */
void relay_verdict_of_reply(const struct wire_smtp_reply *reply, struct slice server,
	struct arena *arena, struct relay_verdict *verdict);
/* Our own: no server was asked, or it went away. */
struct relay_verdict relay_verdict_own(struct arena *arena, enum relay_event event,
	const char *status, const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
