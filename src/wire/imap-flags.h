#ifndef WIRE_IMAP_FLAGS_H
#define WIRE_IMAP_FLAGS_H

#include "wire/imap-cursor.h"

/*
 * Flags (RFC 3501 2.3.2): the system's as bits, keywords as they were written. Both
 * compare without regard to case; a keyword that is named twice comes once.
 */
#define WIRE_IMAP_KEYWORDS_MOST     256 /* in one list: more than a message can have */
#define WIRE_IMAP_KEYWORD_SIZE_MOST 100

enum wire_imap_system_flag {
	WIRE_IMAP_SEEN = 1,
	WIRE_IMAP_ANSWERED = 2,
	WIRE_IMAP_FLAGGED = 4,
	WIRE_IMAP_DELETED = 8,
	WIRE_IMAP_DRAFT = 16
};

struct wire_imap_flags {
	unsigned system;
	struct slice *keywords;
	size_t keyword_count;
};

/* "(\Seen $Junk)". \Recent and unknown backslash flags can't be set: an error. */
MUST_CHECK bool wire_imap_flag_list(
	struct wire_imap_cursor *cursor, struct wire_imap_flags *flags);
/* A list, or flags parted by spaces up to the end (STORE). */
MUST_CHECK bool wire_imap_store_flags(
	struct wire_imap_cursor *cursor, struct wire_imap_flags *flags);

/* The name of one bit, "\\Seen". */
struct slice wire_imap_system_flag_name(enum wire_imap_system_flag flag);

#endif
