#include "net/dns-records.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#define LABEL_MOST 63
#define NAME_MOST  253

static bool
is_plain(char c)
{
	return byte_is_alpha(c) || byte_is_digit(c) || c == '-' || c == '_';
}

static size_t
put_label(char *into, struct slice label)
{
	size_t used = 0;

	for (size_t i = 0; i < label.length; i++) {
		unsigned char c = (unsigned char)label.data[i];
		if (is_plain((char)c)) {
			into[used++] = byte_lower((char)c);
			continue;
		}
		into[used++] = '\\';
		into[used++] = (char)('0' + c / 100);
		into[used++] = (char)('0' + c / 10 % 10);
		into[used++] = (char)('0' + c % 10);
	}
	return used;
}

bool
dns_name_parse(struct slice *rest, struct arena *arena, struct slice *name)
{
	char text[DNS_NAME_TEXT_MOST];
	struct slice from = *rest, label;
	size_t used = 0;
	uint8_t length = 0;
	bool more = take_byte(&from, &length);

	for (; more && length > 0; more = take_byte(&from, &length)) {
		if (length > LABEL_MOST || !take_bytes(&from, length, &label))
			return false;
		if (used + 4u * length + 1 > sizeof text)
			return false;
		if (used > 0)
			text[used++] = '.';
		used += put_label(text + used, label);
	}
	if (!more || rest->length - from.length > NAME_MOST + 2)
		return false;
	*name = arena_copy(arena, slice_of(text, used));
	*rest = from;
	return true;
}

static bool
parse_a(struct slice data, struct net_address *address)
{
	struct sockaddr_in in = {.sin_family = AF_INET};

	if (data.length != sizeof in.sin_addr)
		return false;
	memcpy(&in.sin_addr, data.data, data.length);
	*address = (struct net_address){.length = sizeof in};
	memcpy(&address->storage, &in, sizeof in);
	return true;
}

static bool
parse_aaaa(struct slice data, struct net_address *address)
{
	struct sockaddr_in6 in = {.sin6_family = AF_INET6};

	if (data.length != sizeof in.sin6_addr)
		return false;
	memcpy(&in.sin6_addr, data.data, data.length);
	*address = (struct net_address){.length = sizeof in};
	memcpy(&address->storage, &in, sizeof in);
	return true;
}

static bool
parse_txt(struct slice data, struct arena *arena, struct slice *text)
{
	char *joined = arena_take(arena, data.length + 1);
	size_t used = 0;
	struct slice part;
	uint8_t length;

	if (slice_empty(data))
		return false;
	while (take_byte(&data, &length)) {
		if (!take_bytes(&data, length, &part))
			return false;
		if (length > 0)
			memcpy(joined + used, part.data, length);
		used += length;
	}
	*text = slice_of(joined, used);
	return true;
}

static bool
parse_tlsa(struct slice data, struct arena *arena, struct net_tlsa *tlsa)
{
	if (!take_byte(&data, &tlsa->usage) || !take_byte(&data, &tlsa->selector) ||
		!take_byte(&data, &tlsa->matching) || slice_empty(data))
		return false;
	tlsa->data = arena_copy(arena, data);
	return true;
}

static bool
parse_mx(struct slice data, struct arena *arena, struct net_dns_record *record)
{
	return take_be16(&data, &record->preference) &&
	       dns_name_parse(&data, arena, &record->name) && slice_empty(data);
}

bool
dns_record_parse(enum net_dns_type type, struct slice data, struct arena *arena,
	struct net_dns_record *record)
{
	*record = (struct net_dns_record){0};
	switch (type) {
	case NET_DNS_A:
		return parse_a(data, &record->address);
	case NET_DNS_AAAA:
		return parse_aaaa(data, &record->address);
	case NET_DNS_MX:
		return parse_mx(data, arena, record);
	case NET_DNS_CNAME:
	case NET_DNS_PTR:
		return dns_name_parse(&data, arena, &record->name) && slice_empty(data);
	case NET_DNS_TXT:
		return parse_txt(data, arena, &record->text);
	case NET_DNS_TLSA:
		return parse_tlsa(data, arena, &record->tlsa);
	}
	return false;
}

bool
dns_name_is_askable(struct slice name)
{
	if (slice_equal(name, SLICE(".")))
		return true;
	if (slice_ends(name, SLICE(".")))
		name.length--;
	if (slice_empty(name) || name.length > NAME_MOST)
		return false;
	while (!slice_absent(name)) {
		struct slice label = slice_cut(&name, '.');
		if (slice_empty(label) || label.length > LABEL_MOST)
			return false;
		for (size_t i = 0; i < label.length; i++)
			if (label.data[i] <= ' ' || label.data[i] > '~' ||
				label.data[i] == '\\')
				return false;
	}
	return true;
}
