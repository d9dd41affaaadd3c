#ifndef WIRE_HEADER_END_SOURCE_H
#define WIRE_HEADER_END_SOURCE_H

#include "base/flow.h"

/*
 * A message whose header has its blank line: where the header ends with the message (RFC
 * 5322 3.5 lets it) an empty line is put behind it, as there are POP3 clients that wait for
 * one. Else nothing is changed.
 *
 * The new source owns inner and closes it. It never returns NULL.
 */
struct base_source *wire_header_end_source(struct base_source *inner);

#endif
