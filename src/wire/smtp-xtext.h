#ifndef WIRE_SMTP_XTEXT_H
#define WIRE_SMTP_XTEXT_H

#include "base/buffer.h"

/*
 * How delivery reports carry foreign text in 7 bits without blanks. Decoding gives text
 * without control characters and fails on everything else; decode(put(x)) gives x.
 */

/* xtext (RFC 3461 4): "+" and two hex digits for what is not printable ASCII, "+" and "=".
 */
MUST_CHECK bool wire_xtext_decode(
	struct slice xtext, struct arena *arena, struct slice *text);
bool wire_xtext_put(struct buffer *into, struct slice text);

/*
 * utf-8-addr-xtext (RFC 6533 3), for addresses of the type "utf-8": "\x{E9}" for what is
 * not printable ASCII and for "\", "+" and "=". Decoding takes UTF-8 as it is too
 * (utf-8-addr-unitext).
 */
MUST_CHECK bool wire_utf8_address_decode(
	struct slice encoded, struct arena *arena, struct slice *utf8);
/* False, and nothing written, for what is none: no UTF-8, or with control characters. */
bool wire_utf8_address_put(struct buffer *into, struct slice utf8);
bool wire_utf8_address_is_one(struct slice utf8);

#endif
