#ifndef BASE_ENCODE_H
#define BASE_ENCODE_H

#include "base/buffer.h"

/* Base64 (RFC 4648 4), strict on input: padding, alphabet, no blanks. Hex in lower case. */
bool base64_put(struct buffer *into, struct slice raw);
MUST_CHECK bool base64_decode(struct slice text, struct buffer *into);
struct slice base64_encode(struct arena *arena, struct slice raw);
bool hex_put(struct buffer *into, struct slice raw);
MUST_CHECK bool hex_decode(struct slice text, struct buffer *into);
struct slice hex_encode(struct arena *arena, struct slice raw);

#endif
