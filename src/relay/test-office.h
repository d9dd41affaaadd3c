#ifndef RELAY_TEST_OFFICE_H
#define RELAY_TEST_OFFICE_H

#include "relay/relay.h"

/*
 * For tests: a store in a folder of its own, post, net, a resolver that knows only what it
 * is told, and a relay on them. The domain troika.test is ours, anna@ lives in it.
 * Everything that fails fails the test.
 */
struct office {
	char folder[64];
	FILE *log_file;
	struct base_clock *clock;
	struct base_log *log;
	struct base_metrics *metrics;
	struct store *store;
	struct post *post;
	struct net *net;
	struct net_resolver *resolver;
	struct relay *relay;
	/* To be set before office_open. */
	uint16_t port;               /* of other servers */
	const struct slice *records; /* of the zone "test" */
	size_t record_count;
	const struct net_address *name_server; /* of all other zones; NULL: there is none */
	uint64_t expire_ms, warn_ms;
	uint32_t connections_most, connections_per_destination;
	bool idle; /* not started: deliveries wait for office_run */
};

void office_open(struct office *office);
void office_run(struct office *office);    /* when idle */
void office_close(struct office *office);  /* removes the folder */
void office_reopen(struct office *office); /* as after a stop */

struct office_letter {
	const char *id;     /* NULL: a new one */
	const char *sender; /* "anna@troika.test" when NULL */
	const char *const *to;
	size_t to_count;
	unsigned notify;
	struct slice original_type, original; /* of each of them */
	const char *envelope_id;
	bool eight_bit, smtputf8, binary, headers_only, whole;
	const char *text;   /* NULL: a short letter */
	size_t text_length; /* 0: strlen */
};
/* Into the queue, durable. */
void office_send(struct office *office, const struct office_letter *letter);
void office_send_to(struct office *office, const char *address);
void office_route(
	struct office *office, const char *domain, const char *host, uint16_t port);
void office_done(struct base_ticket *ticket);
/* Time moves once nothing more happens without it. */
void office_advance(struct office *office, int64_t ms);

/* Rows as relay_list gives them, in an arena of the office. */
size_t office_rows(struct office *office, struct arena *arena, struct relay_row **rows);
/* Waits until the queue has so many rows. */
void office_await_rows(struct office *office, size_t count);
/* Waits until the only row was tried so often and waits again. */
void office_await_attempts(struct office *office, uint32_t attempts);
/* The messages of an INBOX, as raw text; waits until there are so many. */
struct slice office_inbox(struct office *office, const char *address, size_t count,
	size_t index, struct arena *arena);
size_t office_inbox_count(struct office *office, const char *address);
/* Everything that was logged; free it. */
char *office_log(struct office *office);
size_t office_logged(struct office *office, const char *part); /* how many lines hold it */
/* No row and no letter of the queue is left in the store, no reference to its blobs. */
void office_expect_clean(struct office *office);

#endif
