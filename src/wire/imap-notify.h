#ifndef WIRE_IMAP_NOTIFY_H
#define WIRE_IMAP_NOTIFY_H

#include "wire/imap-fetch.h"

/*
 * NOTIFY (RFC 5465 8): what follows the name, from the space to the end. What goes together
 * and what does not (5, 6.1) is a part of the grammar here: a breach of it is BAD. Events
 * that nobody knows are none: they come as WIRE_IMAP_EVENT_UNKNOWN.
 */
#define WIRE_IMAP_NOTIFY_GROUPS_MOST 64
#define WIRE_IMAP_NOTIFY_NAMES_MOST  1000 /* mailboxes, in all groups */

enum wire_imap_event {
	WIRE_IMAP_EVENT_NEW = 1, /* MessageNew */
	WIRE_IMAP_EVENT_EXPUNGE = 2,
	WIRE_IMAP_EVENT_FLAGS = 4,
	WIRE_IMAP_EVENT_ANNOTATION = 8,
	WIRE_IMAP_EVENT_NAME = 16,
	WIRE_IMAP_EVENT_SUBSCRIPTION = 32,
	WIRE_IMAP_EVENT_METADATA = 64,
	WIRE_IMAP_EVENT_SERVER_METADATA = 128,
	WIRE_IMAP_EVENT_UNKNOWN = 256
};
#define WIRE_IMAP_EVENTS_OF_MESSAGES                                             \
	(WIRE_IMAP_EVENT_NEW | WIRE_IMAP_EVENT_EXPUNGE | WIRE_IMAP_EVENT_FLAGS | \
		WIRE_IMAP_EVENT_ANNOTATION)

/* "MessageNew MessageExpunge": names of those of the bits, parted by blanks. */
bool wire_imap_put_events(struct buffer *into, unsigned events);

enum wire_imap_notify_filter {
	WIRE_IMAP_NOTIFY_SELECTED,
	WIRE_IMAP_NOTIFY_SELECTED_DELAYED,
	WIRE_IMAP_NOTIFY_INBOXES,
	WIRE_IMAP_NOTIFY_PERSONAL,
	WIRE_IMAP_NOTIFY_SUBSCRIBED,
	WIRE_IMAP_NOTIFY_SUBTREE,
	WIRE_IMAP_NOTIFY_SUBTREE_ONE, /* and what is right below it (RFC 7377 2.2) */
	WIRE_IMAP_NOTIFY_MAILBOXES
};

struct wire_imap_notify_group {
	enum wire_imap_notify_filter filter;
	struct slice *names; /* UTF-8; of SUBTREE and what follows */
	size_t count;
	unsigned events;                    /* of enum wire_imap_event; 0: NONE */
	struct wire_imap_fetch_item *items; /* of MessageNew in the selected mailbox */
	size_t item_count;
};

struct wire_imap_notify {
	bool status; /* SET STATUS */
	struct wire_imap_notify_group *groups;
	size_t count;    /* 0: NOTIFY NONE */
	unsigned events; /* of all groups */
};

MUST_CHECK bool wire_imap_notify_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_notify *notify);

#endif
