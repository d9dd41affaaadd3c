#ifndef WIRE_UTF7_H
#define WIRE_UTF7_H

#include "base/buffer.h"

/*
 * Modified UTF-7, the way IMAP4rev1 writes mailbox names (RFC 3501 5.1.3). Inside Troika
 * names are UTF-8.
 *
 * Decoding is strict, so that a name has one spelling only: printable ASCII must not be
 * encoded, bits left over must be zero, runs must not touch, surrogates must pair, and
 * bytes outside printable ASCII are refused. encode(decode(x)) gives x.
 * NUL has no place in a name. Encoding fails on what is not UTF-8. Both fail when the
 * buffer is full; a failure may leave a part in it.
 */
MUST_CHECK bool wire_utf7_decode(struct slice encoded, struct buffer *utf8);
MUST_CHECK bool wire_utf7_encode(struct slice utf8, struct buffer *encoded);

#endif
