#ifndef POST_RECEIVING_H
#define POST_RECEIVING_H

#include "base/base.h"
#include <stdatomic.h>

/*
 * What all messages on their way in hold in memory, against one limit for the process, so
 * that many half-sent ones cost no more than that. Three quarters are for bytes: a message
 * that gets none of them goes to a file. The rest is for what the parser keeps of headers
 * and parts, of which each message has POST_RECEIVING_OWN without asking: a message with
 * more, when there is none, is refused for now. Any thread.
 */
#define POST_RECEIVING_OWN ((size_t)16 * 1024)

struct post_receiving {
	size_t bytes_most, structure_most;
	atomic_size_t bytes, structure;
};

/* One message's part; zeroed before. One thread at a time. */
struct post_receiving_share {
	size_t bytes, structure;
};

void post_receiving_begin(struct post_receiving *receiving, size_t most);
/* Makes the share so large, in octets; false, and no change, where it may not grow so. */
MUST_CHECK bool post_receiving_hold_bytes(struct post_receiving *receiving,
	struct post_receiving_share *share, size_t wanted);
MUST_CHECK bool post_receiving_hold_structure(struct post_receiving *receiving,
	struct post_receiving_share *share, size_t wanted);
/* Gives back the bytes alone, or all of it. */
void post_receiving_spilled(
	struct post_receiving *receiving, struct post_receiving_share *share);
void post_receiving_end(
	struct post_receiving *receiving, struct post_receiving_share *share);

#endif
