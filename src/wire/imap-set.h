#ifndef WIRE_IMAP_SET_H
#define WIRE_IMAP_SET_H

#include "wire/imap-cursor.h"

/*
 * A sequence set (RFC 3501 9, RFC 5182 for "$"): message numbers or UIDs as ranges, sorted,
 * apart from one another, none touching the next.
 *
 * "*", the largest number in use, is WIRE_IMAP_STAR until wire_imap_set_resolve. 4294967295
 * written out comes as 4294967294, which keeps "1:4294967295" meaning all; no message is
 * ever given that UID.
 */
#define WIRE_IMAP_STAR UINT32_MAX

struct wire_imap_range {
	uint32_t first, last;
};

struct wire_imap_set {
	struct wire_imap_range *ranges;
	size_t count;
	uint32_t largest; /* largest number written, 0 if there is none ("*" is none) */
	bool saved;       /* "$": the saved search result; ranges is empty */
};

MUST_CHECK bool wire_imap_set_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_set *set);

/*
 * Puts the largest number in use (0: the mailbox is empty, the set becomes so) in place of
 * "*", in place. "5:*" in a mailbox whose largest is 3 means 3:5 (RFC 3501 6.4.8).
 */
void wire_imap_set_resolve(struct wire_imap_set *set, uint32_t largest);

bool wire_imap_set_contains(const struct wire_imap_set *set, uint32_t number);

#endif
