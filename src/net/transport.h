#ifndef NET_TRANSPORT_H
#define NET_TRANSPORT_H

#include "base/base.h"

/*
 * Inside net: bytes to and from the kernel, plain or through TLS; never blocks. Reading
 * keeps session->readable, session->ended and what TLS wants across.
 */
struct net_session;

enum net_moved {
	NET_MOVED,  /* some bytes */
	NET_STUCK,  /* none now */
	NET_BROKEN, /* the connection is of no more use */
};

/* What the protocol reads and writes: inflated and to be compressed, where that is on. */
enum net_moved net_transport_read(
	struct net_session *session, char *into, size_t room, size_t *got);
/* Sends as much as goes. */
enum net_moved net_transport_write(
	struct net_session *session, struct slice s, size_t *sent);
/* The same below net/deflate.h. */
enum net_moved net_transport_receive(
	struct net_session *session, char *into, size_t room, size_t *got);
enum net_moved net_transport_send(
	struct net_session *session, struct slice s, size_t *sent);
/* Can a read be expected to give something, or the end? */
bool net_transport_readable(const struct net_session *session);

#endif
