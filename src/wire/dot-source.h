#ifndef WIRE_DOT_SOURCE_H
#define WIRE_DOT_SOURCE_H

#include "base/flow.h"

/*
 * A message on its way out as SMTP data or as a POP3 answer (RFC 5321 4.5.2, RFC 1939 3):
 * a dot is put before each line that begins with one, the last line is ended if it is not,
 * and the end ".\r\n" follows. Nothing else is changed: bare CR and LF pass through, so
 * look at wire_line_check before a message is relayed by DATA. A bare LF begins a line
 * here, as POP3 clients that split at LF take a dot away there.
 *
 * The new source owns inner and closes it. It never returns NULL.
 */
struct base_source *wire_dot_source(struct base_source *inner);

/*
 * The part of a message that POP3's TOP asks for (RFC 1939 7): the header, the blank line
 * and the first lines of the body. Owns inner. Wrap it in wire_dot_source for the wire.
 */
struct base_source *wire_top_source(struct base_source *inner, uint64_t body_lines);

#endif
