#ifndef WIRE_IMAP_RESPONSE_H
#define WIRE_IMAP_RESPONSE_H

#include "base/buffer.h"
#include "wire/imap-flags.h"
#include "wire/imap-set.h"

/*
 * Pieces of IMAP responses (RFC 3501 7, 9). All write the shortest form that any IMAP4rev1
 * client understands: quoted only for 7-bit text without CR, LF and NUL, else a literal.
 * utf8 admits UTF-8 in quoted strings (RFC 9755 4, IMAP4rev2) and in mailbox names.
 * NUL, which nothing but a literal8 may carry, comes out as '?'.
 * All return false when the buffer is full.
 */
bool wire_imap_put_quoted(struct buffer *into, struct slice text); /* 7-bit, no CR LF NUL */
bool wire_imap_put_literal(struct buffer *into, struct slice bytes);
bool wire_imap_put_literal_head(struct buffer *into, uint64_t size); /* "{n}" CRLF */
bool wire_imap_put_string(struct buffer *into, struct slice text, bool utf8);
bool wire_imap_put_nstring(struct buffer *into, struct slice text, bool utf8); /* or NIL */
bool wire_imap_put_astring(struct buffer *into, struct slice text, bool utf8);

/* A mailbox's UTF-8 name as astring: modified UTF-7, or as it is with utf8. */
bool wire_imap_put_mailbox(struct buffer *into, struct slice name, bool utf8);

/* "(\Seen $Junk)"; extra is put first, as "\\Recent", or absent. */
bool wire_imap_put_flags(
	struct buffer *into, const struct wire_imap_flags *flags, struct slice extra);

/* "\" 1-Feb-1994 21:52:25 -0800\"" */
bool wire_imap_put_date_time(struct buffer *into, struct wire_date moment);

/* "1-Feb-1994" */
bool wire_imap_put_date(struct buffer *into, int64_t day);

/* "1:5,7": ranges must be sorted and apart; WIRE_IMAP_STAR comes out as "*". */
bool wire_imap_put_set(
	struct buffer *into, const struct wire_imap_range *ranges, size_t count);

/*
 * The same from single numbers, added in the order they shall appear; rising runs become
 * ranges. For COPYUID, SEARCH and ESEARCH results, which must keep their order.
 */
struct wire_imap_set_writer {
	struct buffer *into;
	uint32_t first, last; /* the run not yet written; 0: none */
	bool begun;
};
bool wire_imap_set_writer_add(struct wire_imap_set_writer *writer, uint32_t number);
bool wire_imap_set_writer_end(struct wire_imap_set_writer *writer);

#endif
