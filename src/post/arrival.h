#ifndef POST_ARRIVAL_H
#define POST_ARRIVAL_H

#include "post/incoming-internal.h"
#include "post/turn.h"

/* A sealed message into a mailbox: entry, content, reference, counts. In the turn. */
struct post_arrival {
	const struct post_incoming *incoming;
	struct slice prefix;
	int64_t internal_date, save_date; /* seconds */
	int zone;                         /* of the internal date, minutes */
	uint32_t uid;                     /* out */
	uint64_t email;                   /* out */
};

uint64_t post_arrival_size(const struct post_arrival *arrival);
void post_arrive(
	struct post_turn *turn, struct post_touched *touched, struct post_arrival *arrival);

#endif
