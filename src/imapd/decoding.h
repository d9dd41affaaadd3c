#ifndef IMAPD_DECODING_H
#define IMAPD_DECODING_H

#include "imapd/imapd.h"
#include "wire/mime-decode.h"

/*
 * The bytes of a part with their Content-Transfer-Encoding undone, all of them in memory.
 * The source, which gives that many octets, is closed. BASE_TOO_LARGE past the ceiling,
 * BASE_DAMAGED when the bytes can't be read.
 */
enum base_failure imapd_decode(struct base_source *owned, uint64_t length,
	enum wire_encoding encoding, struct buffer *into) MUST_CHECK;

/* "{5}", or "~{5}" where there is a NUL, which no literal may hold (RFC 3516 4.2). */
bool imapd_put_decoded_head(struct buffer *into, struct slice bytes);

#endif
