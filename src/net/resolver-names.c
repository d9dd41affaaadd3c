#include "net/resolver.h"

#include <netinet/in.h>

const char *
net_dns_type_name(enum net_dns_type type)
{
	switch (type) {
	case NET_DNS_A:
		return "A";
	case NET_DNS_CNAME:
		return "CNAME";
	case NET_DNS_PTR:
		return "PTR";
	case NET_DNS_MX:
		return "MX";
	case NET_DNS_TXT:
		return "TXT";
	case NET_DNS_AAAA:
		return "AAAA";
	case NET_DNS_TLSA:
		return "TLSA";
	}
	return "?";
}

const char *
net_dns_status_name(enum net_dns_status status)
{
	switch (status) {
	case NET_DNS_FOUND:
		return "found";
	case NET_DNS_EMPTY:
		return "empty";
	case NET_DNS_NO_NAME:
		return "no-name";
	case NET_DNS_BOGUS:
		return "bogus";
	case NET_DNS_UNAVAILABLE:
		return "unavailable";
	}
	return "?";
}

static struct slice
reverse_v4(const struct net_address *address, struct arena *arena)
{
	struct sockaddr_in in;

	memcpy(&in, &address->storage, sizeof in);
	const uint8_t *b = (const uint8_t *)&in.sin_addr;
	return arena_printf(arena, "%u.%u.%u.%u.in-addr.arpa", b[3], b[2], b[1], b[0]);
}

/* RFC 3596 2.5: nibbles, the last first. */
static struct slice
reverse_v6(const struct net_address *address, struct arena *arena)
{
	static const char digits[] = "0123456789abcdef";
	static const char suffix[] = "ip6.arpa";
	char *text = arena_take(arena, 64 + sizeof suffix), *at = text;
	struct sockaddr_in6 in;

	memcpy(&in, &address->storage, sizeof in);
	for (int i = 15; i >= 0; i--) {
		uint8_t b = in.sin6_addr.s6_addr[i];
		*at++ = digits[b & 15];
		*at++ = '.';
		*at++ = digits[b >> 4];
		*at++ = '.';
	}
	memcpy(at, suffix, sizeof suffix);
	return slice_of_text(text);
}

struct slice
net_resolver_reverse_name(const struct net_address *address, struct arena *arena)
{
	return net_address_is_v6(address) ? reverse_v6(address, arena)
					  : reverse_v4(address, arena);
}
