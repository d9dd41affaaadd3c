#ifndef WIRE_IMAP_SELECT_H
#define WIRE_IMAP_SELECT_H

#include "wire/imap-set.h"

/*
 * SELECT and EXAMINE (RFC 3501 6.3.1) with their parameters (RFC 4466 2.1): CONDSTORE and
 * QRESYNC (RFC 7162 3.1.8, 3.2.5).
 */
struct wire_imap_select {
	struct slice name;
	bool condstore;
	bool qresync;
	uint32_t uid_validity;
	uint64_t modseq;
	bool has_known; /* known: the UIDs that the client has kept */
	struct wire_imap_set known;
	/* Pairs of a message number and its UID, both rising; as many of each. */
	uint32_t *match_numbers, *match_uids;
	size_t match_count;
};

/* What follows the name, from the space to the end. */
MUST_CHECK bool wire_imap_select_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_select *select);

/* A mod-sequence (RFC 7162 7): 63 bits. */
MUST_CHECK bool wire_imap_modseq(struct wire_imap_cursor *cursor, uint64_t *modseq);

#endif
