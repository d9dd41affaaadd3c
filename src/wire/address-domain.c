#include "wire/address.h"
#include <arpa/inet.h>
#include <idn2.h>

#define LABEL_LENGTH 63 /* RFC 1035 2.3.4 */

/*
 * RFC 5321 4.1.2: sub-domain. '_' besides, for machines that are called so and write to us
 * by that name; the DNS has no objection (RFC 2181 11).
 */
static bool
is_label(struct slice label)
{
	if (label.length == 0 || label.length > LABEL_LENGTH || label.data[0] == '-' ||
		label.data[label.length - 1] == '-')
		return false;
	for (size_t i = 0; i < label.length; i++)
		if (!byte_is_digit(label.data[i]) && !byte_is_alpha(label.data[i]) &&
			label.data[i] != '-' && label.data[i] != '_')
			return false;
	return true;
}

static enum base_failure
check_host_name(struct slice domain)
{
	struct slice rest = domain;
	if (domain.length > WIRE_DOMAIN_LENGTH)
		return BASE_TOO_LARGE;
	while (!slice_absent(rest))
		if (!is_label(slice_cut(&rest, '.')))
			return BASE_INVALID;
	return BASE_OK;
}

static void
free_idn(char **text)
{
	idn2_free(*text);
}

static enum base_failure
to_ascii(struct arena *arena, struct slice domain, struct slice *canonical)
{
	SCOPED(free_idn) char *ascii = NULL;
	int result = idn2_to_ascii_8z(arena_text(arena, domain), &ascii,
		IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES);
	if (result != IDN2_OK)
		return result == IDN2_TOO_BIG_DOMAIN || result == IDN2_TOO_BIG_LABEL
			       ? BASE_TOO_LARGE
			       : BASE_INVALID;
	*canonical = arena_copy(arena, slice_of_text(ascii));
	return check_host_name(*canonical);
}

/* RFC 5321 4.1.3. A general literal means nothing to anybody. */
static enum base_failure
literal_canonical(struct arena *arena, struct slice literal, struct slice *canonical)
{
	struct slice inside = slice_part(literal, 1, literal.length - 2);
	char text[INET6_ADDRSTRLEN];
	unsigned char address[sizeof(struct in6_addr)];
	struct slice tag = SLICE("IPv6:");
	bool is_v6 = slice_starts_nocase(inside, tag);
	int family = is_v6 ? AF_INET6 : AF_INET;
	if (is_v6)
		inside = slice_from(inside, tag.length);
	if (!slice_ends(literal, SLICE("]")) || inside.length >= sizeof text ||
		slice_find_byte(inside, '\0') < inside.length ||
		inet_pton(family, arena_text(arena, inside), address) != 1 ||
		!inet_ntop(family, address, text, sizeof text))
		return BASE_INVALID;
	*canonical = arena_printf(arena, "[%s%s]", is_v6 ? "IPv6:" : "", text);
	return BASE_OK;
}

enum base_failure
wire_domain_canonical(struct arena *arena, struct slice domain, struct slice *canonical)
{
	*canonical = SLICE_NONE;
	if (domain.length == 0)
		return BASE_INVALID;
	if (domain.length > WIRE_DOMAIN_LENGTH)
		return BASE_TOO_LARGE;
	if (domain.data[0] == '[')
		return literal_canonical(arena, domain, canonical);
	if (!slice_is_ascii(domain))
		return slice_is_utf8(domain) &&
				       slice_find_byte(domain, '\0') == domain.length
			       ? to_ascii(arena, domain, canonical)
			       : BASE_INVALID;
	*canonical = arena_lower(arena, domain);
	return check_host_name(*canonical);
}

struct slice
wire_domain_for_people(struct arena *arena, struct slice domain)
{
	SCOPED(free_idn) char *unicode = NULL;
	if (slice_find_byte(domain, '\0') < domain.length ||
		slice_find_nocase(domain, SLICE("xn--")) == domain.length ||
		idn2_to_unicode_8z8z(arena_text(arena, domain), &unicode, 0) != IDN2_OK)
		return domain;
	return arena_copy(arena, slice_of_text(unicode));
}
