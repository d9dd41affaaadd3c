#ifndef RELAY_QUEUE_H
#define RELAY_QUEUE_H

#include "relay/route.h"
#include "store/store.h"
#include <pthread.h>
#include <sys/queue.h>

/*
 * The queue in memory: of each row what the scheduler needs, no more. The store is the
 * truth; a delivery reads letter and rows there. Everything here is under the relay's lock.
 *
 * Rows of one letter that go to one destination lie in one *consignment*, so that they
 * travel in one transaction. A consignment with waiting rows is either in the heap of due
 * times or in its destination's list of what is ready.
 */
struct relay_queued;
struct relay_consignment;
struct relay_destination;

enum relay_place {
	RELAY_ROW_WAITING,
	RELAY_ROW_LEASED, /* somebody works on it, and only he may change it */
	RELAY_ROW_HELD
};

enum relay_wish {
	RELAY_WISH_NOTHING,
	RELAY_WISH_HOLD,
	RELAY_WISH_DROP, /* with a report */
	RELAY_WISH_DROP_QUIETLY
};

struct relay_entry { /* a row */
	TAILQ_ENTRY(relay_entry) of_letter, of_consignment;
	TAILQ_ENTRY(relay_entry) wishing; /* when wish is set and place is HELD */
	struct relay_queued *letter;
	struct relay_consignment *consignment;
	uint32_t number;
	uint32_t attempts;
	int64_t next_ms;
	enum relay_place place;
	enum relay_wish wish; /* what a person wants once the lease has ended */
	unsigned unanswered;  /* 0, or relay_names_mark: it waits for a look-up */
	uint16_t length;
	char address[];
};
TAILQ_HEAD(relay_entries, relay_entry);

struct relay_queued {
	TAILQ_ENTRY(relay_queued) of_queue; /* in the order of arrival */
	char id[BASE_ID_LENGTH];
	struct relay_entries rows;
	size_t count;     /* of rows */
	bool has_damaged; /* more rows, which can't be read: its record and blob stay */
	struct store_hash hash;
	int64_t arrived_ms;
	uint64_t size;
};
TAILQ_HEAD(relay_queued_list, relay_queued);

struct relay_consignment {
	TAILQ_ENTRY(relay_consignment) ready;
	struct relay_queued *letter;
	struct relay_destination *destination;
	struct relay_entries rows;
	int64_t due_ms;
	size_t in_heap; /* 1 + place in the heap; 0: not there */
	bool is_ready;
};
TAILQ_HEAD(relay_consignments, relay_consignment);

TAILQ_HEAD(relay_destinations, relay_destination);

#define RELAY_WINDOW_FIRST 4 /* connections to a destination of which nothing is known */

struct relay_destination {
	TAILQ_ENTRY(relay_destination) wanting, resting;
	struct relay_target target; /* slices into name */
	struct slice domain;        /* RELAY_WAY_MX: whose; into name */
	struct relay_consignments ready;
	size_t ready_count;
	size_t consignments;
	struct relay_consignment *newest;
	/* Connections begun; of those, without a first letter yet, open, out of letters. */
	unsigned connections, coming, open, idle;
	unsigned window;   /* how many it may have; grows with success */
	unsigned failures; /* to reach it, in a row; then it rests */
	int64_t rest_until_ms;
	struct relay_destinations *waits_in; /* for a connection; NULL: it wants none */
	uint64_t turn;                       /* there: who waits longest is first */
	bool is_slow, is_resting;
	bool slow_for_names, rests_for_names; /* as a look-up had no answer (names.h) */
	pthread_cond_t arrived;               /* something is ready */
	size_t length;
	char name[]; /* "local", "smtp://…", or "mx example.org" */
};

struct relay_queue {
	struct map *letters, *destinations;
	struct relay_queued_list by_arrival;
	struct relay_consignment **heap;
	size_t heap_count, heap_room;
	struct relay_destinations wanting;      /* ready, and room for a connection */
	struct relay_destinations wanting_slow; /* the same; those with is_slow */
	struct relay_destinations resting;
	size_t rows;
};

void relay_queue_init(struct relay_queue *queue);
void relay_queue_free(struct relay_queue *queue); /* with all that is in it */

/* --- letters and rows ------------------------------------------------------------ */

struct relay_queued *relay_queued_create(struct slice id);
struct relay_entry *relay_queued_add_row(
	struct relay_queued *letter, uint32_t number, struct slice address);
void relay_queued_destroy(
	struct relay_queued *letter); /* not in the queue; with its rows */

void relay_queue_add(struct relay_queue *queue, struct relay_queued *letter);
struct relay_queued *relay_queue_find(const struct relay_queue *queue, struct slice id);
/* Takes the row away; with its last one the letter goes, and the result is true. */
bool relay_queue_remove(struct relay_queue *queue, struct relay_entry *row);

static inline struct slice
relay_queued_id(const struct relay_queued *letter)
{
	return slice_of(letter->id, BASE_ID_LENGTH);
}

static inline struct slice
relay_entry_address(const struct relay_entry *row)
{
	return slice_of(row->address, row->length);
}

/* --- destinations ---------------------------------------------------------------- */

/* The row goes there from now on; its letter is in the queue. name as in the struct. */
void relay_queue_assign(
	struct relay_queue *queue, struct relay_entry *row, struct slice name);
/* What a destination's name says; slices point into name. */
void relay_destination_parse(
	struct slice name, struct relay_target *target, struct slice *domain);
/* Frees it when nothing needs it any more. */
void relay_destination_drop(
	struct relay_queue *queue, struct relay_destination *destination);

/* --- time ------------------------------------------------------------------------ */

/* After a row's place or time has changed: where does its consignment belong? */
void relay_queue_place(
	struct relay_queue *queue, struct relay_consignment *consignment, int64_t now_ms);
/* The next consignment whose time has come, out of the heap; NULL: none. */
struct relay_consignment *relay_queue_due(struct relay_queue *queue, int64_t now_ms);
/* The clock was set: all times move. */
void relay_queue_shift(struct relay_queue *queue, int64_t by_ms);

/*
 * Rows that are due within this time of one another are tried together.
 */
#define RELAY_TOGETHER_MS (30 * 1000)
/* RFC 5321 4.5.3.1.8: every server takes so many recipients at once. */
#define RELAY_PARCEL_MOST 100

/* Leases up to RELAY_PARCEL_MOST rows of the first ready consignment. */
size_t relay_queue_lease(struct relay_queue *queue, struct relay_destination *destination,
	int64_t now_ms, struct relay_entry *rows[RELAY_PARCEL_MOST]);

#endif
