#include "wire/imap-multisearch.h"

static const struct {
	struct slice word;
	enum wire_imap_source_kind kind;
	bool has_names;
} SOURCES[] = {
	{SLICE_INIT("selected"), WIRE_IMAP_SOURCE_SELECTED, false},
	{SLICE_INIT("inboxes"), WIRE_IMAP_SOURCE_INBOXES, false},
	{SLICE_INIT("personal"), WIRE_IMAP_SOURCE_PERSONAL, false},
	{SLICE_INIT("subscribed"), WIRE_IMAP_SOURCE_SUBSCRIBED, false},
	{SLICE_INIT("subtree"), WIRE_IMAP_SOURCE_SUBTREE, true},
	{SLICE_INIT("subtree-one"), WIRE_IMAP_SOURCE_SUBTREE_ONE, true},
	{SLICE_INIT("mailboxes"), WIRE_IMAP_SOURCE_MAILBOX, true},
};

#define SOURCE_COUNT (sizeof SOURCES / sizeof *SOURCES)

static struct wire_imap_source *
add_source(struct wire_imap_cursor *cursor, struct wire_imap_multisearch *multisearch,
	enum wire_imap_source_kind kind)
{
	if (multisearch->count == WIRE_IMAP_SOURCES_MOST)
		wire_imap_fail(cursor, "There are too many mailboxes");
	multisearch->sources = wire_imap_room(cursor, multisearch->sources,
		multisearch->count, sizeof *multisearch->sources);
	if (cursor->error || !multisearch->sources)
		return NULL;
	struct wire_imap_source *source = &multisearch->sources[multisearch->count++];
	*source = (struct wire_imap_source){.kind = kind};
	return source;
}

static bool
add_name(struct wire_imap_cursor *cursor, struct wire_imap_multisearch *multisearch,
	enum wire_imap_source_kind kind)
{
	struct wire_imap_source *source = add_source(cursor, multisearch, kind);
	return source && wire_imap_mailbox(cursor, &source->name);
}

/* one-or-more-mailbox (RFC 5465 8) */
static bool
take_names(struct wire_imap_cursor *cursor, struct wire_imap_multisearch *multisearch,
	enum wire_imap_source_kind kind)
{
	if (!wire_imap_space(cursor))
		return false;
	if (!wire_imap_maybe(cursor, '('))
		return add_name(cursor, multisearch, kind);
	do {
		if (!add_name(cursor, multisearch, kind))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')');
}

static bool
take_source(struct wire_imap_cursor *cursor, struct wire_imap_multisearch *multisearch)
{
	for (size_t i = 0; i < SOURCE_COUNT; i++) {
		if (!wire_imap_maybe_word(cursor, SOURCES[i].word))
			continue;
		if (SOURCES[i].has_names)
			return take_names(cursor, multisearch, SOURCES[i].kind);
		return add_source(cursor, multisearch, SOURCES[i].kind);
	}
	return wire_imap_fail(cursor, "There is no such source of mailboxes");
}

/* No scope option is known, so that none can be given (RFC 7377 2.2). */
static bool
take_sources(struct wire_imap_cursor *cursor, struct wire_imap_multisearch *multisearch)
{
	if (!wire_imap_space(cursor) || !wire_imap_byte(cursor, '('))
		return false;
	do {
		if (!take_source(cursor, multisearch))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')');
}

bool
wire_imap_multisearch_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_multisearch *multisearch)
{
	*multisearch = (struct wire_imap_multisearch){0};
	struct wire_imap_cursor ahead = *cursor;
	if (wire_imap_maybe(&ahead, ' ') && wire_imap_maybe_word(&ahead, SLICE("IN"))) {
		*cursor = ahead;
		if (!take_sources(cursor, multisearch))
			return false;
	} else if (!add_source(cursor, multisearch, WIRE_IMAP_SOURCE_SELECTED)) {
		return false;
	}
	return wire_imap_search_parse(cursor, &multisearch->search);
}
