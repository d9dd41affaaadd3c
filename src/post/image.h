#ifndef POST_IMAGE_H
#define POST_IMAGE_H

#include "post/mailbox-internal.h"

/*
 * The image of a mailbox: its newest generation as rows of at most POST_IMAGE_PIECE bytes.
 * The one before is kept, and the feed since then; POST_FEED_KEPT rows in any case, for
 * clients that come back after a while (RFC 7162).
 */
#define POST_IMAGE_PIECE (1024 * 1024)
#define POST_FEED_KEPT   10000

/* Writes it when there is something new since the last; waits for the commit. */
enum base_failure post_image_write(struct post_mailbox *mailbox) MUST_CHECK;

#endif
