/* RETURN (…) of SEARCH and SORT: RFC 4466 2.6.1, 4731 3.1, 5182 2, 5267 4.2, 9394 3.1. */
#include "wire/imap-search.h"

static const struct slice NAMES[] = {SLICE_INIT("MIN"), SLICE_INIT("MAX"),
	SLICE_INIT("ALL"), SLICE_INIT("COUNT"), SLICE_INIT("SAVE"), SLICE_INIT("UPDATE"),
	SLICE_INIT("CONTEXT"), SLICE_INIT("RELEVANCY"), SLICE_INIT("PARTIAL")};

/* RFC 5465 7: data of new messages that are found. */
static bool
take_items(struct wire_imap_cursor *cursor, struct wire_imap_results *results)
{
	struct wire_imap_fetch fetch;
	struct wire_imap_cursor ahead = *cursor;
	if (!wire_imap_maybe(&ahead, ' ') || wire_imap_peek(&ahead) != '(')
		return true;
	*cursor = ahead;
	if (!wire_imap_fetch_items_parse(cursor, &fetch))
		return false;
	results->items = fetch.items;
	results->item_count = fetch.count;
	return true;
}

static bool
take_option(struct wire_imap_cursor *cursor, struct wire_imap_results *results)
{
	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
		if (!wire_imap_maybe_word(cursor, NAMES[i]))
			continue;
		if (results->options & (1U << i))
			return wire_imap_fail(cursor, "An option is given twice");
		results->options |= 1U << i;
		if (1U << i == WIRE_IMAP_RETURN_UPDATE)
			return take_items(cursor, results);
		return 1U << i != WIRE_IMAP_RETURN_PARTIAL ||
		       (wire_imap_space(cursor) &&
			       wire_imap_partial_parse(cursor, &results->window));
	}
	return wire_imap_fail(cursor, "There is no such option of RETURN");
}

static bool
take_options(struct wire_imap_cursor *cursor, struct wire_imap_results *results)
{
	if (wire_imap_maybe(cursor, ')'))
		return true;
	do {
		if (!take_option(cursor, results))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')');
}

/* RFC 4731 3.1: no option that asks for a result means ALL; SAVE alone asks for none. */
static void
complete(struct wire_imap_results *results)
{
	const unsigned asking = WIRE_IMAP_RETURN_MIN | WIRE_IMAP_RETURN_MAX |
				WIRE_IMAP_RETURN_ALL | WIRE_IMAP_RETURN_COUNT |
				WIRE_IMAP_RETURN_SAVE | WIRE_IMAP_RETURN_PARTIAL |
				WIRE_IMAP_RETURN_UPDATE | WIRE_IMAP_RETURN_RELEVANCY;
	if (!(results->options & asking))
		results->options |= WIRE_IMAP_RETURN_ALL;
}

bool
wire_imap_results_parse(struct wire_imap_cursor *cursor, struct wire_imap_results *results)
{
	*results = (struct wire_imap_results){0};
	if (!wire_imap_maybe_word(cursor, SLICE("RETURN")))
		return !cursor->error;
	results->extended = true;
	if (!wire_imap_space(cursor) || !wire_imap_byte(cursor, '(') ||
		!take_options(cursor, results))
		return false;
	/* RFC 9394 3.1: the whole and a part of it can't both be asked for. */
	if (results->options & WIRE_IMAP_RETURN_PARTIAL &&
		results->options & WIRE_IMAP_RETURN_ALL)
		return wire_imap_fail(cursor, "PARTIAL and ALL exclude each other");
	complete(results);
	return wire_imap_space(cursor);
}
