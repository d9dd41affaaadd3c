#ifndef WIRE_CHARSET_UTF8_H
#define WIRE_CHARSET_UTF8_H

#include "base/buffer.h"

/*
 * The character at the start of s (not empty), or, if it is ill-formed, the run of bytes
 * that one U+FFFD stands for (Unicode 3.9, D93b: a maximal subpart).
 */
struct utf8_run {
	size_t length;
	bool valid;
};
struct utf8_run utf8_run_of(struct slice s);

/* Puts valid UTF-8, at the ceiling as many whole characters as fit; then false. */
bool utf8_put_whole(struct buffer *into, struct slice utf8);

#endif
