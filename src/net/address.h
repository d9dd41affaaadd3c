#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include "base/base.h"
#include <sys/socket.h>

/*
 * An IPv4 or IPv6 address with a port, or a network. IPv4 mapped in IPv6 is kept as IPv4.
 * The peer of a UNIX socket is "local": loopback, without port, key or network.
 */
struct net_address {
	struct sockaddr_storage storage;
	socklen_t length;
};

#define NET_ADDRESS_TEXT_MOST 64

/*
 * "192.0.2.1" or "2001:db8::1", and with a port "192.0.2.1:25" or "[2001:db8::1]:25".
 * parse takes the address alone, an IPv6 one also in brackets.
 */
struct slice net_address_text(
	const struct net_address *address, char into[NET_ADDRESS_TEXT_MOST]);
struct slice net_address_text_port(
	const struct net_address *address, char into[NET_ADDRESS_TEXT_MOST]);
MUST_CHECK bool net_address_parse(
	struct slice text, uint16_t port, struct net_address *address);
/* What accept, getsockname or getaddrinfo gave. */
void net_address_of(
	const struct sockaddr *sockaddr, socklen_t length, struct net_address *address);
uint16_t net_address_port(const struct net_address *address);
bool net_address_is_loopback(const struct net_address *address);
bool net_address_is_v6(const struct net_address *address);
/* The peer's bytes for budgets and guessing limits: 4 of IPv4, the first 8 of IPv6. */
struct slice net_address_key(const struct net_address *address, uint8_t into[8]);

/* "192.0.2.0/24", "2001:db8::/32", or a single address. Bits past the mask are cleared. */
struct net_network {
	struct net_address base;
	unsigned bits;
};
MUST_CHECK bool net_network_parse(struct slice text, struct net_network *network);
bool net_network_has(const struct net_network *network, const struct net_address *address);

#endif
