#ifndef RELAY_RELAY_H
#define RELAY_RELAY_H

#include "base/base.h"
#include "net/blame.h"
#include "net/net.h"
#include "net/resolver.h"
#include "post/post.h"
#include "wire/smtp-command.h"

/*
 * Mail leaving: a durable queue, routes, the SMTP client, retry, delivery reports.
 *
 * A queued letter is one blob and one row per recipient. Rows live in
 * RELAY_QUEUE_SPACES spaces, chosen by the letter's id, so that one turn does not
 * serialise the queue. A row is leased in memory, tried, and deleted, deferred or bounced
 * in one commit; a crash repeats at most the leased ones. Rows that crashed their worker
 * twice are held with the reason said.
 *
 * The schedule is a pure function of (row, event, now): relay/schedule.h.
 */
struct relay;

#define RELAY_QUEUE_SPACES    16
#define RELAY_RECIPIENTS_MOST 10000 /* of one letter */
/* Of NET_LANE_DELIVERY, so that all run that may: those set apart, too (relay/slow.h). */
#define RELAY_THREADS(connections) (2 * (connections))

struct relay_settings {
	struct post *post;
	struct net *net;
	struct net_resolver *resolver;
	struct base_clock *clock;
	struct base_log *log;
	struct base_metrics *metrics;
	struct slice host_name;    /* for EHLO and delivery reports */
	uint64_t expire_ms;        /* 0: five days */
	uint64_t warn_ms;          /* a report of the delay after it; 0: four hours */
	uint32_t connections_most; /* all together; 0: 100; see RELAY_THREADS */
	uint32_t connections_per_destination; /* 0: 20 */
	uint16_t port;                        /* of other servers; 0: 25 */
	uint64_t clock_step_ms;  /* how often the schedule is looked at; 0: 1 s */
	struct net_blame *blame; /* notes the row in hand; may be NULL */
};

enum base_failure relay_open(const struct relay_settings *settings, struct relay **relay,
	struct base_error *error) MUST_CHECK; /* reads the queue's rows */
void relay_start(struct relay *relay);        /* after net_start: deliveries begin */
/*
 * Before the resolver and net are stopped, so that what fails only because they are is not
 * taken for a failure. Errands go on for ten seconds at most, to hear of letters that they
 * have sent whole. NULL is fine.
 */
void relay_stop(struct relay *relay);
void relay_close(struct relay *relay); /* after net_stop; NULL is fine */

/* --- into the queue -------------------------------------------------------------- */

struct relay_recipient {
	struct slice address; /* local@domain, domain as A-labels unless smtputf8 */
	/*
	 * It is the address of an account, in whose mailbox alone the letter is missing: an
	 * alias of the same name has led it to all others already.
	 */
	bool mailbox;
	unsigned notify;       /* bits of wire_smtp_notify; 0: not said */
	struct slice original; /* ORCPT's address, decoded, or SLICE_NONE */
	struct slice
		original_type; /* its type; absent: "rfc822", or "utf-8" where it must */
};
struct relay_letter {
	struct slice id;     /* base/id.h */
	struct slice sender; /* return path; empty: a report, which is never reported on */
	uint64_t account;    /* who sent it, or 0 */
	bool eight_bit, smtputf8, binary;
	bool headers_only, whole; /* RET=HDRS, RET=FULL */
	struct slice envelope_id; /* ENVID, or SLICE_NONE */
	const struct relay_recipient *recipients;
	size_t count;
};
/*
 * Adds the letter to a delivery's set of commits (post_delivery_also), copying what it
 * needs. Once the set is durable it goes out by itself. The delivery's message is sealed.
 * BASE_TOO_LARGE: more than RELAY_RECIPIENTS_MOST. BASE_INVALID: no recipient, or an
 * address without a domain.
 */
enum base_failure relay_enqueue(struct relay *relay, const struct relay_letter *letter,
	struct post_delivery *delivery) MUST_CHECK;

/* --- looking after it ------------------------------------------------------------ */

enum relay_state { RELAY_WAITING, RELAY_ACTIVE, RELAY_HELD };
struct relay_row {
	struct slice id; /* what a person types: LETTER-N, one per recipient */
	struct slice letter;
	struct slice sender, recipient;
	enum relay_state state;
	uint32_t attempts;
	int64_t arrived_ms, next_ms, expires_ms;
	uint64_t size;
	struct slice last_reply; /* "450 4.2.1 …" or why no server was reached */
	struct slice route;      /* "mx", "smtp://…", "local" */
};
/* Which rows: ids, or all to a domain, or all. */
struct relay_choice {
	const struct slice *ids;
	size_t count;
	struct slice domain;
	bool all;
};
/* Rows in the order of arrival, at most limit (0: all); they live in the arena. */
size_t relay_list(struct relay *relay, const struct relay_choice *choice, size_t limit,
	struct arena *arena, struct relay_row **rows);
/* How many rows there are, in any state. */
size_t relay_count(struct relay *relay);
/*
 * Each says in *changed how many; the ticket completes when it is durable. A row that is
 * being delivered at the moment is held or dropped when that attempt has failed, and if
 * the attempt succeeds it is gone anyway.
 */
struct base_ticket *relay_retry(
	struct relay *relay, const struct relay_choice *choice, size_t *changed);
struct base_ticket *relay_hold(
	struct relay *relay, const struct relay_choice *choice, size_t *changed);
/* With a report to the sender if report is set. */
struct base_ticket *relay_drop(struct relay *relay, const struct relay_choice *choice,
	bool report, size_t *changed);

/* --- routes ---------------------------------------------------------------------- */

/*
 * Where mail to a domain goes instead of its MX: "smtp://host:port", "smtps://…", "mx";
 * "*" stands for every domain without a route of its own (a smart host). host may be an
 * address literal. Kept in the store; in force at once.
 */
struct base_ticket *relay_route_add(struct relay *relay, struct slice domain,
	struct slice target, struct base_error *error);
struct base_ticket *relay_route_remove(
	struct relay *relay, struct slice domain, struct base_error *error);
struct relay_route_info {
	struct slice domain, target;
};
size_t relay_routes(
	struct relay *relay, struct arena *arena, struct relay_route_info **routes);

/*
 * What a worker notes in the blame page (net/parent.h) is the id of the first row of those
 * that travel together: after two crashes they are held. Before relay_start, so that they
 * are not on their way again.
 */
struct base_ticket *relay_blamed(struct relay *relay, struct slice row_id);

/* Reads all rows and compares: every row's blob is there. problem may be NULL. */
enum base_failure relay_check(struct relay *relay,
	void (*problem)(void *argument, const char *sentence), void *argument,
	uint64_t *rows) MUST_CHECK;

#endif
