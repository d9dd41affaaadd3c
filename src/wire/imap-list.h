#ifndef WIRE_IMAP_LIST_H
#define WIRE_IMAP_LIST_H

#include "wire/imap-cursor.h"

/*
 * LIST with its extensions (RFC 5258; 5819 STATUS, 6154 SPECIAL-USE, 8440 MYRIGHTS, 9590
 * METADATA), LSUB and XLIST, and the items of STATUS (RFC 3501 6.3.10, 7162, 7889, 8438,
 * 8474, 9208 4.2).
 */
enum wire_imap_status_item {
	WIRE_IMAP_STATUS_MESSAGES = 1,
	WIRE_IMAP_STATUS_RECENT = 2,
	WIRE_IMAP_STATUS_UIDNEXT = 4,
	WIRE_IMAP_STATUS_UIDVALIDITY = 8,
	WIRE_IMAP_STATUS_UNSEEN = 16,
	WIRE_IMAP_STATUS_HIGHESTMODSEQ = 32,
	WIRE_IMAP_STATUS_SIZE = 64,
	WIRE_IMAP_STATUS_DELETED = 128,
	WIRE_IMAP_STATUS_DELETED_STORAGE = 256,
	WIRE_IMAP_STATUS_MAILBOXID = 512,
	WIRE_IMAP_STATUS_APPENDLIMIT = 1024
};

/* "(MESSAGES UNSEEN)": one item at least. */
MUST_CHECK bool wire_imap_status_items(struct wire_imap_cursor *cursor, unsigned *items);

struct wire_imap_status {
	struct slice name;
	unsigned items;
};
MUST_CHECK bool wire_imap_status_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_status *status);

/* Selection options, and those of RETURN. */
enum wire_imap_list_option {
	WIRE_IMAP_LIST_SUBSCRIBED = 1,
	WIRE_IMAP_LIST_REMOTE = 2,
	WIRE_IMAP_LIST_RECURSIVEMATCH = 4,
	WIRE_IMAP_LIST_SPECIAL_USE = 8,
	WIRE_IMAP_LIST_CHILDREN = 16,
	WIRE_IMAP_LIST_STATUS = 32,
	WIRE_IMAP_LIST_MYRIGHTS = 64,
	WIRE_IMAP_LIST_METADATA = 128
};

#define WIRE_IMAP_PATTERNS_MOST 64
#define WIRE_IMAP_ENTRIES_MOST  64

struct wire_imap_list {
	struct slice reference; /* UTF-8 */
	struct slice *patterns; /* UTF-8; a single empty one asks for separator and root */
	size_t pattern_count;
	bool extended; /* options or a list of patterns: an empty pattern matches nothing */
	unsigned select, returns; /* of enum wire_imap_list_option */
	unsigned status;          /* items of RETURN (STATUS (…)) */
	struct slice *entries;    /* of RETURN (METADATA (…)) */
	size_t entry_count;
};
MUST_CHECK bool wire_imap_list_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_list *list);
/* LSUB, XLIST: one pattern, no options. */
MUST_CHECK bool wire_imap_list_plain_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_list *list);

#endif
