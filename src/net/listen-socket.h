#ifndef NET_LISTEN_SOCKET_H
#define NET_LISTEN_SOCKET_H

#include "base/base.h"
#include "net/address.h"

/*
 * Bound, listening TCP sockets: close-on-exec, non-blocking, IPv6 for IPv6 only (IPv4 has
 * its own listener), the address reusable at once after a restart.
 * The error is for a person: "port 25 is in use by another program; …".
 */
#define NET_LISTEN_BACKLOG 1024

enum base_failure net_listen_socket(const struct net_address *address, int *descriptor,
	struct base_error *error) MUST_CHECK;

/*
 * A socket that systemd opened for us (socket activation) and that listens at this
 * address, or -1. Each is given out once: the caller owns it. Only the first process
 * asks: the variables name its id.
 */
int net_listen_inherited(const struct net_address *address);

#endif
