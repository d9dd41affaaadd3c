#ifndef WIRE_CRLF_SINK_H
#define WIRE_CRLF_SINK_H

#include "wire/takers.h"

/*
 * Lines that end in LF alone get their CRLF on the way into another sink: what APPEND and
 * import bring (Maildir and mbox hold LF). A CR without LF stays as it is. Pieces may be
 * cut anywhere.
 */
struct wire_crlf_sink {
	struct wire_sink inner;
	bool after_cr; /* private; false at the start */
};

struct wire_sink wire_crlf_sink(struct wire_crlf_sink *converter);

#endif
