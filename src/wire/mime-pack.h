#ifndef WIRE_MIME_PACK_H
#define WIRE_MIME_PACK_H

#include "wire/mime.h"

/*
 * The packed part table: version, head of the message (size, lines, oddities, count of
 * parts), then each part in the order of the bytes. Numbers are varints. A text is its
 * length plus one and its bytes, or 0 when it is absent.
 *
 * A part: depth, kind, header_start, lengths of header and body, lines, type, subtype,
 * parameters, id, description, encoding, md5, location, disposition and its parameters,
 * languages, 1 and the ten values of an envelope or 0. Parents follow from the depth.
 */
#define MIME_PACK_TEXTS 5                             /* id to location */
extern const size_t mime_pack_texts[MIME_PACK_TEXTS]; /* offsets in the part */
#define MIME_PACK_ENVELOPE (sizeof(struct wire_envelope) / sizeof(struct slice))

#endif
