#ifndef POST_APPEND_H
#define POST_APPEND_H

#include "post/incoming.h"
#include "post/turn.h"

/* In the account's turn: sealed messages with their flags, or a failure that undoes it. */
enum base_failure post_append_in_turn(struct post_turn *turn, struct post_mailbox *mailbox,
	struct post_incoming *const *incoming, struct post_append *appends, size_t count,
	struct base_error *error) MUST_CHECK;

#endif
