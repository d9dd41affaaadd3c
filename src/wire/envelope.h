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
 * What was rendered, for a client with utf8 (RFC 9755 3) or without (RFC 6858 2). With it,
 * UTF-8 comes in quotes. Without, texts in UTF-8 become encoded-words, domains A-labels; an
 * address whose local part is not ASCII, or whose domain has no such form, becomes
 * invalid@internationalized-address.invalid, with the address as its name where it has
 * none. 8-bit texts in no known charset stay as they are. False past the buffer's ceiling
 * and for what wire_envelope_put did not make.
 */
MUST_CHECK bool wire_envelope_adapt(struct slice rendered, bool utf8, struct buffer *into);

/*
 * Goes up when the rendered text of ENVELOPE, BODY or BODYSTRUCTURE changes, so that stored
 * renderings can be told from fresh ones.
 */
#define WIRE_RENDERER_VERSION 2

#endif
