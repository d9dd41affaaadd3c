#include "wire/imap-url.h"

static int
hex_value(char byte)
{
	if (byte_is_digit(byte))
		return byte - '0';
	char lower = byte_lower(byte);
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* RFC 3986 2.1; NUL, CR and LF have no place in any part. */
static bool
decode(struct slice encoded, struct arena *arena, struct slice *decoded)
{
	char *bytes = arena_try(arena, encoded.length + 1);
	size_t length = 0;
	if (!bytes)
		return false;
	for (size_t i = 0; i < encoded.length; i++) {
		char byte = encoded.data[i];
		if (byte == '%') {
			if (i + 2 >= encoded.length)
				return false;
			int high = hex_value(encoded.data[i + 1]);
			int low = hex_value(encoded.data[i + 2]);
			if (high < 0 || low < 0)
				return false;
			byte = (char)(high << 4 | low);
			i += 2;
		}
		if (byte == 0 || byte == '\r' || byte == '\n')
			return false;
		bytes[length++] = byte;
	}
	*decoded = slice_of(bytes, length);
	return true;
}

static bool
maybe(struct slice *rest, const char *text)
{
	struct slice word = slice_of_text(text);
	if (!slice_starts_nocase(*rest, word))
		return false;
	*rest = slice_from(*rest, word.length);
	return true;
}

/* Up to one of the bytes, or the end. */
static struct slice
take_until(struct slice *rest, const char *ends)
{
	size_t length = 0;
	while (length < rest->length && !strchr(ends, rest->data[length]))
		length++;
	struct slice taken = slice_first(*rest, length);
	*rest = slice_from(*rest, length);
	return taken;
}

static bool
take_number(struct slice *rest, uint64_t most, uint64_t *number)
{
	size_t length = 0;
	while (length < rest->length && byte_is_digit(rest->data[length]))
		length++;
	struct slice digits = slice_first(*rest, length);
	*rest = slice_from(*rest, length);
	return slice_to_u64(digits, number) && *number <= most;
}

static bool
take_id(struct slice *rest, uint32_t *id)
{
	uint64_t number;
	if (!take_number(rest, UINT32_MAX, &number) || number == 0)
		return false;
	*id = (uint32_t)number;
	return true;
}

/* iserver (RFC 5092 11): "user;AUTH=x@host:port". */
static bool
take_server(struct slice *rest, struct arena *arena, struct wire_imap_url *url)
{
	struct slice server = take_until(rest, "/");
	size_t at = slice_find_last_byte(server, '@');
	if (at < server.length) {
		struct slice user = slice_first(server, at);
		if (!decode(take_until(&user, ";"), arena, &url->user))
			return false;
		server = slice_from(server, at + 1);
	}
	url->host = server;
	return server.length > 0;
}

/*
 * enc-mailbox with its UIDVALIDITY, up to "/;UID=". A name may hold "/", so that the end is
 * where a ";" follows one; clients leave that "/" out behind UIDVALIDITY.
 */
static bool
take_mailbox(struct slice *rest, struct arena *arena, struct wire_imap_url *url)
{
	struct slice name = take_until(rest, ";");
	if (maybe(rest, ";UIDVALIDITY=")) {
		if (!take_id(rest, &url->uid_validity))
			return false;
		maybe(rest, "/");
	} else if (slice_ends(name, SLICE("/"))) {
		name.length--;
	}
	return decode(name, arena, &url->mailbox) && name.length > 0;
}

/* ipartial (RFC 5092 11, RFC 5550 4.3): "offset" or "offset.length". */
static bool
take_partial(struct slice *rest, struct wire_imap_url *url)
{
	url->partial = true;
	if (!take_number(rest, UINT32_MAX, &url->offset))
		return false;
	if (!maybe(rest, "."))
		return true;
	return take_number(rest, UINT32_MAX, &url->length) && url->length > 0;
}

static bool
take_message(struct slice *rest, struct arena *arena, struct wire_imap_url *url)
{
	if (!maybe(rest, ";UID=") || !take_id(rest, &url->uid))
		return false;
	if (maybe(rest, "/;SECTION=") || maybe(rest, ";SECTION=")) {
		struct slice section = take_until(rest, ";");
		/* The "/" before ";PARTIAL=". */
		if (rest->length && slice_ends(section, SLICE("/")))
			section.length--;
		if (!decode(section, arena, &url->section) || section.length == 0)
			return false;
	}
	if (maybe(rest, "/;PARTIAL=") || maybe(rest, ";PARTIAL="))
		return take_partial(rest, url);
	return true;
}

/* --- URLAUTH (RFC 4467) ----------------------------------------------------------------
 */

static bool
take_access(struct slice *rest, struct arena *arena, struct wire_imap_url *url)
{
	static const struct {
		const char *name;
		enum wire_imap_url_access access;
	} NAMED[] = {
		{"user+", WIRE_IMAP_ACCESS_USER}, {"submit+", WIRE_IMAP_ACCESS_SUBMIT}};
	for (size_t i = 0; i < 2; i++) {
		if (!maybe(rest, NAMED[i].name))
			continue;
		url->access = NAMED[i].access;
		struct slice name = take_until(rest, ":");
		return name.length > 0 && decode(name, arena, &url->name);
	}
	if (maybe(rest, "authuser"))
		url->access = WIRE_IMAP_ACCESS_AUTHUSER;
	else if (maybe(rest, "anonymous"))
		url->access = WIRE_IMAP_ACCESS_ANONYMOUS;
	return url->access != WIRE_IMAP_ACCESS_NONE;
}

static bool
take_expiry(struct slice *rest, struct wire_imap_url *url)
{
	struct wire_date date;
	if (!wire_date_parse(take_until(rest, ";"), &date))
		return false;
	url->expires = true;
	url->expires_at = date.unix_time;
	return true;
}

/* iverifier: ":INTERNAL:token", of at least 128 bits. */
static bool
take_verifier(struct slice *rest, struct wire_imap_url *url)
{
	url->mechanism = take_until(rest, ":");
	if (!maybe(rest, ":"))
		return false;
	url->token = *rest;
	*rest = slice_from(*rest, rest->length);
	for (size_t i = 0; i < url->token.length; i++)
		if (hex_value(url->token.data[i]) < 0)
			return false;
	return url->mechanism.length > 0 && url->token.length >= 32;
}

static bool
take_authorization(struct slice text, struct slice *rest, struct arena *arena,
	struct wire_imap_url *url)
{
	if (maybe(rest, ";EXPIRE=") && !take_expiry(rest, url))
		return false;
	if (!maybe(rest, ";URLAUTH="))
		return !url->expires;
	if (!take_access(rest, arena, url))
		return false;
	url->rump = slice_first(text, text.length - rest->length);
	return !maybe(rest, ":") || take_verifier(rest, url);
}

bool
wire_imap_url_parse(struct slice text, struct arena *arena, struct wire_imap_url *url)
{
	struct slice rest = text;
	*url = (struct wire_imap_url){0};
	if (text.length > WIRE_IMAP_URL_MOST)
		return false;
	url->absolute = maybe(&rest, "imap://");
	if (url->absolute && !take_server(&rest, arena, url))
		return false;
	if (maybe(&rest, "/")) {
		if (!take_mailbox(&rest, arena, url))
			return false;
	} else if (url->absolute) {
		return false;
	}
	return take_message(&rest, arena, url) &&
	       take_authorization(text, &rest, arena, url) && rest.length == 0;
}
