#ifndef WIRE_IMAP_MULTISEARCH_H
#define WIRE_IMAP_MULTISEARCH_H

#include "wire/imap-search.h"

/*
 * ESEARCH (RFC 7377 2.1): where to search, by the filters of RFC 5465 6, and then what
 * SEARCH has.
 */
#define WIRE_IMAP_SOURCES_MOST 1000 /* names all together */

enum wire_imap_source_kind {
	WIRE_IMAP_SOURCE_SELECTED,
	WIRE_IMAP_SOURCE_INBOXES,
	WIRE_IMAP_SOURCE_PERSONAL,
	WIRE_IMAP_SOURCE_SUBSCRIBED,
	WIRE_IMAP_SOURCE_SUBTREE,     /* name and all below it */
	WIRE_IMAP_SOURCE_SUBTREE_ONE, /* name and what is right below it */
	WIRE_IMAP_SOURCE_MAILBOX      /* name */
};

struct wire_imap_source {
	enum wire_imap_source_kind kind;
	struct slice name; /* UTF-8; of the last three */
};

struct wire_imap_multisearch {
	struct wire_imap_source *sources; /* without IN: the selected one */
	size_t count;
	struct wire_imap_search search;
};

/* What follows "ESEARCH", from the space to the end. */
MUST_CHECK bool wire_imap_multisearch_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_multisearch *multisearch);

#endif
