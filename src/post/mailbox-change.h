#ifndef POST_MAILBOX_CHANGE_H
#define POST_MAILBOX_CHANGE_H

#include "post/turn.h"

/* A change of the tree of mailboxes, in the account's turn. */
struct post_tree_change {
	struct post_turn turn;
	struct post_tree *tree; /* the turn's: to be edited */
	size_t mailboxes;       /* that there were before */
	struct base_error *error;
};

enum base_failure post_tree_change_begin(struct post_tree_change *change,
	struct post_account *account, struct base_error *error) MUST_CHECK;
void post_tree_change_release(struct post_tree_change *change); /* for SCOPED */
struct base_ticket *post_tree_change_submit(struct post_tree_change *change);

/* The canonical form, in the turn's arena. */
enum base_failure post_tree_name(
	struct post_tree_change *change, struct slice given, struct slice *name) MUST_CHECK;
/* Makes a mailbox and its parents: BASE_EXISTS, BASE_TOO_LARGE, BASE_QUOTA. */
enum base_failure post_tree_make(
	struct post_tree_change *change, struct slice name, enum post_use use) MUST_CHECK;
/* Parents that are missing become mailboxes; a name without one stays as it is. */
enum base_failure post_tree_make_parents(
	struct post_tree_change *change, struct slice name) MUST_CHECK;

#endif
