#include "wire/imap-arguments.h"

/*
 * "(url BINARY BODYPARTSTRUCTURE)", behind the parenthesis. RFC 5524 3 and 5 have "(url)"
 * too, which wants what the URL alone does.
 */
static bool
take_wants(struct wire_imap_cursor *cursor, struct wire_imap_url_request *request)
{
	static const struct slice names[] = {
		SLICE_INIT("BODY"), SLICE_INIT("BINARY"), SLICE_INIT("BODYPARTSTRUCTURE")};
	if (!wire_imap_astring(cursor, &request->url))
		return false;
	while (wire_imap_maybe(cursor, ' ')) {
		unsigned want = 0;
		for (unsigned i = 0; i < 3 && !want; i++)
			if (wire_imap_maybe_word(cursor, names[i]))
				want = 1U << i;
		if (!want || request->wants & want)
			return wire_imap_fail(
				cursor, "BODY, BINARY or BODYPARTSTRUCTURE was expected");
		request->wants |= want;
	}
	return wire_imap_byte(cursor, ')');
}

static bool
add_url(struct wire_imap_cursor *cursor, struct wire_imap_url_request **requests,
	size_t *count, bool with_mechanism)
{
	if (*count == WIRE_IMAP_URLS_MOST)
		return wire_imap_fail(cursor, "There are too many URLs");
	*requests = wire_imap_room(cursor, *requests, *count, sizeof **requests);
	if (!*requests)
		return false;
	struct wire_imap_url_request *request = &(*requests)[(*count)++];
	*request = (struct wire_imap_url_request){.mechanism = SLICE_NONE};
	if (!wire_imap_space(cursor))
		return false;
	if (!with_mechanism && wire_imap_maybe(cursor, '('))
		return take_wants(cursor, request);
	return wire_imap_astring(cursor, &request->url) &&
	       (!with_mechanism || (wire_imap_space(cursor) &&
					   wire_imap_atom(cursor, &request->mechanism)));
}

static bool
take_urls(struct wire_imap_cursor *cursor, struct wire_imap_url_request **requests,
	size_t *count, bool with_mechanism)
{
	*requests = NULL;
	*count = 0;
	do {
		if (!add_url(cursor, requests, count, with_mechanism))
			return false;
	} while (wire_imap_peek(cursor) == ' ');
	return wire_imap_end(cursor);
}

bool
wire_imap_genurlauth_parse(struct wire_imap_cursor *cursor,
	struct wire_imap_url_request **requests, size_t *count)
{
	return take_urls(cursor, requests, count, true);
}

bool
wire_imap_urlfetch_parse(struct wire_imap_cursor *cursor,
	struct wire_imap_url_request **requests, size_t *count)
{
	return take_urls(cursor, requests, count, false);
}

bool
wire_imap_resetkey_parse(struct wire_imap_cursor *cursor, struct wire_imap_resetkey *reset)
{
	*reset = (struct wire_imap_resetkey){.name = SLICE_NONE};
	if (!wire_imap_maybe(cursor, ' '))
		return wire_imap_end(cursor);
	if (!wire_imap_mailbox(cursor, &reset->name))
		return false;
	while (wire_imap_maybe(cursor, ' ')) {
		if (reset->count == WIRE_IMAP_URLS_MOST)
			return wire_imap_fail(cursor, "There are too many mechanisms");
		reset->mechanisms = wire_imap_room(
			cursor, reset->mechanisms, reset->count, sizeof *reset->mechanisms);
		if (!reset->mechanisms ||
			!wire_imap_atom(cursor, &reset->mechanisms[reset->count++]))
			return false;
	}
	return wire_imap_end(cursor);
}
