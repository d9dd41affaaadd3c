#include "net/address.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/un.h>

#define IPV6_TEXT_MOST 45

static const struct sockaddr_in *
v4(const struct net_address *address)
{
	return (const struct sockaddr_in *)(const void *)&address->storage;
}

static const struct sockaddr_in6 *
v6(const struct net_address *address)
{
	return (const struct sockaddr_in6 *)(const void *)&address->storage;
}

static void
set_v4(struct net_address *address, struct in_addr host, in_port_t port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&address->storage;
	*address = (struct net_address){.length = sizeof *in};
	in->sin_family = AF_INET;
	in->sin_addr = host;
	in->sin_port = port;
}

static void
set_v6(struct net_address *address, const struct in6_addr *host, in_port_t port)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&address->storage;
	if (IN6_IS_ADDR_V4MAPPED(host)) {
		struct in_addr mapped;
		memcpy(&mapped, &host->s6_addr[12], sizeof mapped);
		set_v4(address, mapped, port);
		return;
	}
	*address = (struct net_address){.length = sizeof *in6};
	in6->sin6_family = AF_INET6;
	in6->sin6_addr = *host;
	in6->sin6_port = port;
}

void
net_address_of(
	const struct sockaddr *sockaddr, socklen_t length, struct net_address *address)
{
	struct net_address given = {.length = length};
	ASSERT(length <= sizeof given.storage);
	memcpy(&given.storage, sockaddr, length);
	*address = given;
	if (given.storage.ss_family == AF_INET6)
		set_v6(address, &v6(&given)->sin6_addr, v6(&given)->sin6_port);
}

bool
net_address_is_v6(const struct net_address *address)
{
	return address->storage.ss_family == AF_INET6;
}

static bool
is_v4(const struct net_address *address)
{
	return address->storage.ss_family == AF_INET;
}

struct slice
net_address_text(const struct net_address *address, char into[NET_ADDRESS_TEXT_MOST])
{
	if (is_v4(address))
		inet_ntop(AF_INET, &v4(address)->sin_addr, into, NET_ADDRESS_TEXT_MOST);
	else if (net_address_is_v6(address))
		inet_ntop(AF_INET6, &v6(address)->sin6_addr, into, NET_ADDRESS_TEXT_MOST);
	else
		snprintf(into, NET_ADDRESS_TEXT_MOST, "local");
	return slice_of_text(into);
}

struct slice
net_address_text_port(const struct net_address *address, char into[NET_ADDRESS_TEXT_MOST])
{
	char host[NET_ADDRESS_TEXT_MOST];
	net_address_text(address, host);
	if (is_v4(address))
		snprintf(into, NET_ADDRESS_TEXT_MOST, "%.15s:%u", host,
			net_address_port(address));
	else if (net_address_is_v6(address))
		snprintf(into, NET_ADDRESS_TEXT_MOST, "[%.*s]:%u", IPV6_TEXT_MOST, host,
			net_address_port(address));
	else
		snprintf(into, NET_ADDRESS_TEXT_MOST, "local");
	return slice_of_text(into);
}

bool
net_address_parse(struct slice text, uint16_t port, struct net_address *address)
{
	*address = (struct net_address){0};
	if (slice_starts(text, SLICE("[")) && slice_ends(text, SLICE("]")))
		text = slice_part(text, 1, text.length - 2);
	char host[NET_ADDRESS_TEXT_MOST];
	if (text.length >= sizeof host ||
		memchr(text.data ? text.data : "", 0, text.length))
		return false;
	snprintf(host, sizeof host, "%.*s", SLICE_ARG(text));
	struct in_addr four;
	struct in6_addr six;
	if (inet_pton(AF_INET, host, &four) == 1)
		set_v4(address, four, htons(port));
	else if (inet_pton(AF_INET6, host, &six) == 1)
		set_v6(address, &six, htons(port));
	return address->length > 0;
}

uint16_t
net_address_port(const struct net_address *address)
{
	if (is_v4(address))
		return ntohs(v4(address)->sin_port);
	return net_address_is_v6(address) ? ntohs(v6(address)->sin6_port) : 0;
}

bool
net_address_is_loopback(const struct net_address *address)
{
	if (is_v4(address))
		return ntohl(v4(address)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	if (net_address_is_v6(address))
		return IN6_IS_ADDR_LOOPBACK(&v6(address)->sin6_addr);
	return address->storage.ss_family == AF_UNIX;
}

/* All of the host's bytes: 4, 16, or none of a UNIX socket. */
static struct slice
host_bytes(const struct net_address *address)
{
	if (is_v4(address))
		return slice_of(&v4(address)->sin_addr, 4);
	if (net_address_is_v6(address))
		return slice_of(&v6(address)->sin6_addr, 16);
	return SLICE_NONE;
}

struct slice
net_address_key(const struct net_address *address, uint8_t into[8])
{
	struct slice host =
		slice_first(host_bytes(address), net_address_is_v6(address) ? 8 : 4);
	if (host.length)
		memcpy(into, host.data, host.length);
	return slice_of(into, host.length);
}

/* The mask of byte number `index` of a network so many bits wide. */
static uint8_t
mask(unsigned bits, size_t index)
{
	size_t before = 8 * index;
	size_t ours = bits > before ? bits - before : 0;
	if (ours >= 8)
		return 0xff;
	return (uint8_t) ~(0xffu >> ours);
}

static void
clear_host_bits(struct net_network *network)
{
	struct slice host = host_bytes(&network->base);
	size_t offset = (size_t)(host.data - (const char *)&network->base);
	uint8_t *bytes = (uint8_t *)&network->base + offset;
	for (size_t i = 0; i < host.length; i++)
		bytes[i] &= mask(network->bits, i);
}

bool
net_network_parse(struct slice text, struct net_network *network)
{
	*network = (struct net_network){0};
	struct slice rest = text;
	struct slice host = slice_cut(&rest, '/');
	if (!net_address_parse(host, 0, &network->base))
		return false;
	uint32_t widest = net_address_is_v6(&network->base) ? 128 : 32;
	uint32_t bits = widest;
	if (!slice_absent(rest) && (!slice_to_u32(rest, &bits) || bits > widest))
		return false;
	network->bits = bits;
	clear_host_bits(network);
	return true;
}

bool
net_network_has(const struct net_network *network, const struct net_address *address)
{
	struct slice ours = host_bytes(&network->base);
	struct slice theirs = host_bytes(address);
	if (ours.length == 0 || ours.length != theirs.length)
		return false;
	for (size_t i = 0; i < ours.length; i++)
		if (((uint8_t)ours.data[i] ^ (uint8_t)theirs.data[i]) &
			mask(network->bits, i))
			return false;
	return true;
}
