#ifndef POST_PUBLICATION_H
#define POST_PUBLICATION_H

#include "post/turn.h"

/*
 * What a commit will show once it is durable. It stands in the account's list of those
 * under way from the turn until the committer publishes it, or the store refuses it: then
 * the account reads anew what it remembered, and open mailboxes lose the changes and the
 * tip that ran ahead.
 */
struct post_publication {
	struct post_account *account; /* held */
	struct post_change *changes[POST_TURN_MAILBOXES];
	size_t change_count;
	struct post_tree *tree; /* NULL: unchanged */
	bool changes_tree;
	struct post_annotated *annotated; /* NULL: none */
	uint32_t deleted;
	struct post_mailbox *kept; /* held; NULL: none */
	struct post_publication *next;
};

/* In the turn, just before it is submitted. */
void post_publish_later(struct post_turn *turn);

/* Just after: post is not closed before the commit is done, well or not. */
void post_await_later(struct post *post, struct base_ticket *ticket);

#endif
