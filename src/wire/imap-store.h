#ifndef WIRE_IMAP_STORE_H
#define WIRE_IMAP_STORE_H

#include "wire/imap-flags.h"
#include "wire/imap-set.h"

/* STORE (RFC 3501 6.4.6): a set, what to do, and flags; UNCHANGEDSINCE (RFC 7162 3.1.3). */
enum wire_imap_store_act { WIRE_IMAP_STORE_SET, WIRE_IMAP_STORE_ADD, WIRE_IMAP_STORE_TAKE };

struct wire_imap_store {
	struct wire_imap_set set;
	enum wire_imap_store_act act;
	bool silent;
	bool conditional;
	uint64_t unchanged_since; /* 0: no message is that old */
	struct wire_imap_flags flags;
};

/* What follows "STORE", from the space to the end. */
MUST_CHECK bool wire_imap_store_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_store *store);

#endif
