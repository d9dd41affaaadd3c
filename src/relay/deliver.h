#ifndef RELAY_DELIVER_H
#define RELAY_DELIVER_H

#include "relay/client.h"

/*
 * An errand: one connection to a destination, and what is ready there goes over it, letter
 * after letter. When nothing is ready it waits a moment for more, then says QUIT.
 */
#define RELAY_IDLE_MS            2000 /* an open connection waits so long for a letter */
#define RELAY_IDLE_STEP_MS       100
#define RELAY_LETTERS_MOST       1000 /* over one connection */
#define RELAY_CONNECTION_MS      (5 * 60 * 1000)
#define RELAY_TURN_MS            (5 * 1000) /* when others wait for a connection */
#define RELAY_LOST_IN_A_ROW      3
#define RELAY_FRUITLESS_IN_A_ROW 20 /* letters postponed: the server wants a rest */

/* With the lock held; false: the lane is full, or stops. */
bool relay_delivery_start(struct relay *relay, struct relay_destination *destination);

/* The errand's own state, for deliver.c and local.c. */
struct relay_delivery {
	struct relay *relay;
	struct relay_destination *destination;
	struct arena *letter;     /* emptied for each */
	struct arena *connection; /* of client; NULL without */
	struct relay_client *client;
	unsigned blame_slot;
	struct relay_patience patience;
	bool coming; /* counted so in the destination */
	uint64_t began_ms;
	unsigned lost;      /* connections in a row that brought nothing */
	unsigned fruitless; /* letters in a row that were postponed */
};

/*
 * The next parcel, read; false: nothing is ready, or the server stops. Waits for room where
 * too many results are under way.
 */
bool relay_delivery_next(struct relay_delivery *delivery, struct relay_parcel *parcel);

/* Rows that are ready, to mailboxes of ours (local.c). */
void relay_deliver_locally(struct relay_delivery *delivery);

#endif
