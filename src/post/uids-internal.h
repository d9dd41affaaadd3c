#ifndef POST_UIDS_INTERNAL_H
#define POST_UIDS_INTERNAL_H

#include "post/uids.h"
#include <roaring/roaring.h>
#include <stdatomic.h>

/*
 * A bitmap with a count of owners, so that generations share those that did not change.
 * One that is shared is never changed; post_uids_destroy drops one reference.
 */
struct post_uids {
	atomic_uint references;
	roaring_bitmap_t *bitmap;
};

struct post_uids *post_uids_share(const struct post_uids *uids);

/* Chooses the smallest form of each container: once, when a bitmap is finished. */
void post_uids_settle(struct post_uids *uids);

/* Unpacks one set from the front of *rest, inside a record. */
MUST_CHECK bool post_uids_take(struct slice *rest, struct post_uids **uids);

#endif
