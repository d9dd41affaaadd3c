#ifndef RELAY_BODY_H
#define RELAY_BODY_H

#include "store/store.h"

/*
 * A queued letter's bytes, its own trace before the shared blob, as a source. The trace and
 * the reader stay the caller's and must outlive it; reading again begins at the front.
 */
struct base_source *relay_body_source(struct slice trace, struct store_reader *reader);

#endif
