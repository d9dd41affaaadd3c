#ifndef NET_OUTPUT_H
#define NET_OUTPUT_H

#include "base/base.h"

/*
 * Inside net: what was put and not yet handed to the kernel.
 *
 * While a session runs and has nothing waiting, puts go to the worker's staging buffer, so
 * that the answers of many steps leave in one write. What the kernel does not take, and
 * sources, wait in a chain of pieces; small pieces and pulls are gathered into one write.
 */
#define NET_OUTPUT_HIGH   (256 * 1024)
#define NET_OUTPUT_LOW    (64 * 1024)
#define NET_OUTPUT_SLICE  (256 * 1024) /* sent in one slice */
#define NET_OUTPUT_RUN    (64 * 1024)  /* staging, and the most that is gathered */
#define NET_OUTPUT_DIRECT (4 * 1024)   /* a piece this large is sent without gathering */
#define NET_OUTPUT_PIECE  (1024)       /* the least room of a new piece */
#define NET_SOURCE_WEIGHT (4 * 1024)   /* what a waiting source counts as */

struct net_piece {
	struct net_piece *next;
	struct base_source *source; /* or bytes */
	size_t start, end, room;
	char bytes[];
};

struct net_output {
	struct net_piece *first, *last;
	size_t size; /* bytes, and the weight of sources */
};

struct net_session;
struct net_worker;

enum net_flushed {
	NET_FLUSHED,         /* all of it is with the kernel */
	NET_FLUSHED_BLOCKED, /* the kernel takes no more now */
	NET_FLUSHED_YIELD,   /* the slice is used up */
	NET_FLUSHED_BROKEN   /* the connection or a source failed */
};
enum net_flushed net_output_flush(struct net_worker *worker, struct net_session *session);

size_t net_output_size(const struct net_session *session); /* staging included */
/* Something, staging apart, waits for the kernel. */
bool net_output_waits(const struct net_session *session);
/* Moves what is staged into the chain: the worker turns to another session. */
void net_output_unstage(struct net_worker *worker, struct net_session *session);
/* Forgets everything, closes the sources. */
void net_output_drop(struct net_session *session);

#endif
