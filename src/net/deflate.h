#ifndef NET_DEFLATE_H
#define NET_DEFLATE_H

#include "net/transport.h"

/*
 * Inside net: COMPRESS=DEFLATE (RFC 4978), between transport and what lies above it.
 *
 * The peer chooses its window, so ours for its input is the largest (40 KiB in all, for
 * as long as the session lives). What we send has a window of 4 KiB; that compressor
 * lives only while a worker runs the session, for after a sync flush a new one goes on
 * where the old one ended. So a parked session holds no more than NET_DEFLATE_PARKED_MOST
 * and what the kernel did not take yet.
 *
 * Compressing makes things quicker only for who is far away. So while a peer takes
 * NET_DEFLATE_LOOK in NET_DEFLATE_LOOK_MS, and its shortest round trip is not above
 * NET_DEFLATE_NEAR_US, what follows goes as stored blocks.
 *
 * Input is inflated into the room that is there, never further: a bomb meets the ceilings
 * of takers and slices like anything else.
 */
#define NET_DEFLATE_WINDOW_BITS 12
#define NET_DEFLATE_MEMORY      5
#define NET_DEFLATE_READ        (4 * 1024)            /* compressed input held at most */
#define NET_DEFLATE_RUN         (16 * 1024)           /* compressed in one go */
#define NET_DEFLATE_PACKED      (2 * NET_DEFLATE_RUN) /* room for that, flushed */
#define NET_DEFLATE_PARKED_MOST (48 * 1024)
#define NET_DEFLATE_NEAR_US     300
#define NET_DEFLATE_LOOK        (1024 * 1024)
#define NET_DEFLATE_LOOK_MS     1000

struct net_deflate;

/* As net_transport_read; NET_MOVED with none got: it came to nothing yet. */
enum net_moved net_deflate_read(
	struct net_session *session, char *into, size_t room, size_t *got);
/* As net_transport_write; what counts as sent may still wait here. */
enum net_moved net_deflate_write(struct net_session *session, struct slice s, size_t *sent);
/* Sends what waits here, so that the peer can read all that was written. */
enum net_moved net_deflate_flush(struct net_session *session);

/* Input that needs no read of the kernel. NULL is fine, below too. */
bool net_deflate_has_input(const struct net_deflate *deflate);
/* What net_deflate_flush would send, at least; 0: nothing. */
size_t net_deflate_unsent(const struct net_deflate *deflate);
/* Memory in use, for tests. */
size_t net_deflate_memory(const struct net_deflate *deflate);

/* The worker turns to another session. */
void net_deflate_rest(struct net_session *session);
void net_deflate_end(struct net_session *session);

#endif
