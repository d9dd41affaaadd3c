#ifndef WIRE_CHARSET_H
#define WIRE_CHARSET_H

#include "base/buffer.h"

/*
 * Text in any charset of mail to UTF-8.
 *
 * Names are those of MIME and whatever iconv knows, with the mislabels of real mail read
 * as they are meant (RFC 1345 aliases; the WHATWG encoding standard: "iso-8859-1" is
 * windows-1252, "gb2312" is GB18030, "ks_c_5601-1987" is CP949 …).
 * An unknown or absent name means: UTF-8 if the bytes are valid UTF-8, else windows-1252.
 * Bytes without a meaning become U+FFFD, so the output is always valid UTF-8. It may hold
 * NUL and other control characters: those are text, too.
 */

#define WIRE_CHARSET_NAME_LENGTH 48 /* longer names are unknown */

/* False when the buffer's ceiling was reached; what was written until then is whole. */
bool wire_to_utf8(struct slice charset, struct slice bytes, struct buffer *into);

/* Whether the bytes of that charset would be read by its own rules, not by the guess. */
bool wire_charset_known(struct slice charset);

/* Valid UTF-8 is copied, each ill-formed run becomes one U+FFFD (Unicode 3.9, D93b). */
bool wire_put_valid_utf8(struct slice bytes, struct buffer *into);

/* The longest start of s, at most length bytes, that does not cut a character. */
struct slice wire_utf8_first(struct slice s, size_t length);

/*
 * Text folded for comparing and looking up: NFC, then case folded without a locale
 * (utf8proc). Invalid UTF-8 comes back unchanged but for ASCII case.
 */
struct slice wire_fold(struct arena *arena, struct slice utf8);

#endif
