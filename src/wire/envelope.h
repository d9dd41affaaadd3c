#ifndef WIRE_ENVELOPE_H
#define WIRE_ENVELOPE_H

#include "wire/mime.h"

/*
 * ENVELOPE as IMAP text (RFC 3501 7.4.2), parentheses included. Header values are given as
 * they stand, encoded-words too; 8-bit ones as literals, which every client must take. An
 * address without a domain or mailbox says MISSING_DOMAIN or MISSING_MAILBOX, as NIL would
 * mean a group. NULL is an envelope in which all is absent.
 * False past the buffer's ceiling.
 */
bool wire_envelope_put(struct buffer *into, const struct wire_envelope *envelope);

/*
 * Goes up when the rendered text of ENVELOPE, BODY or BODYSTRUCTURE changes, so that stored
 * renderings can be told from fresh ones.
 */
#define WIRE_RENDERER_VERSION 1

#endif
