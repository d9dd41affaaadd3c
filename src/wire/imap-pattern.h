#ifndef WIRE_IMAP_PATTERN_H
#define WIRE_IMAP_PATTERN_H

#include "base/slice.h"

/*
 * LIST's wildcards (RFC 3501 6.3.8): "*" stands for anything, "%" for anything without
 * the separator. Both sides are UTF-8 (decode modified UTF-7 first). INBOX, alone or as
 * the first level of a name, matches whatever its case.
 *
 * Takes at most a step for each byte of the name and 64 of the pattern, wildcards in a row
 * being one, whatever they are. A pattern longer than WIRE_IMAP_PATTERN_MOST matches
 * nothing.
 */
#define WIRE_IMAP_PATTERN_MOST 1024

bool wire_imap_pattern_matches(struct slice pattern, struct slice name, char separator);

/*
 * True when the pattern matches some name that would lie below this one: LIST "" "a/%"
 * then has to look below "a". A walk over mailboxes prunes with it.
 */
bool wire_imap_pattern_matches_below(
	struct slice pattern, struct slice name, char separator);

/* The mailbox that every account has (RFC 3501 5.1). */
bool wire_imap_is_inbox(struct slice name);

#endif
