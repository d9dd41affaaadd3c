#ifndef POST_TURN_H
#define POST_TURN_H

#include "post/account-internal.h"

/*
 * An account's turn. Whatever changes mail goes through here: it works on the heads and the
 * ledger as they were last submitted, puts its rows, and at the end the turn writes what
 * was touched, tells the open mailboxes, and remembers the new state.
 *
 *	SCOPED(post_turn_release) struct post_turn turn;
 *	post_turn_begin(&turn, account, STORE_CHANGE, error)
 *	post_turn_head(&turn, mailbox, &head)       BASE_NOT_FOUND: it is gone
 *	change = post_turn_change(&turn, mailbox)   one modseq, one feed row
 *	ticket = post_turn_submit(&turn)
 *
 * In a set: post_turn_join for each account, and post_turn_finish for each when nothing can
 * fail any more, just before the set is submitted.
 */
#define POST_TURN_MAILBOXES 2

struct post_touched {
	uint32_t mailbox;
	bool changed;
	struct post_head head;
	struct post_change *change; /* NULL: no feed row */
};

/* Annotations of a mailbox that a turn changed; the names are slices in arena. */
struct post_annotated {
	struct arena *arena; /* of it all */
	uint32_t mailbox;    /* 0: the account's own */
	uint64_t serial;     /* of this change, in the account */
	struct slice *names;
	size_t count;
};

struct post_turn {
	struct post_account *account;
	struct store_turn *turn;
	bool joined; /* the store's turn belongs to a set */
	bool ledger_changed;
	struct post_ledger ledger;
	struct post_touched touched[POST_TURN_MAILBOXES];
	size_t touched_count;
	struct post_tree *tree;           /* the new one; NULL: unchanged */
	uint32_t deleted;                 /* mailbox that goes; 0: none */
	struct post_annotated *annotated; /* NULL: none */
	struct post_mailbox *kept;        /* open until the commit is done; NULL: none */
	struct arena *arena;
};

enum base_failure post_turn_begin(struct post_turn *turn, struct post_account *account,
	enum store_kind kind, struct base_error *error) MUST_CHECK;
/* The store's turn is taken already. */
enum base_failure post_turn_join(struct post_turn *turn, struct post_account *account,
	struct store_turn *taken) MUST_CHECK;
void post_turn_release(struct post_turn *turn); /* abandons what was not submitted */

/* Working copies; say changed. Pointers last as long as the turn. */
enum base_failure post_turn_head(
	struct post_turn *turn, uint32_t mailbox, struct post_touched **touched) MUST_CHECK;
struct post_change *post_turn_change(struct post_turn *turn, struct post_touched *touched);

/* What was submitted last. */
enum base_failure post_turn_tree(
	struct post_turn *turn, const struct post_tree **tree) MUST_CHECK;

void post_turn_put(
	struct post_turn *turn, const struct post_key *key, struct buffer *value);

/* Adds a message that is not there yet to head and ledger; the UID is the next. */
void post_turn_count_arrival(
	struct post_turn *turn, struct post_touched *touched, uint64_t bytes);

void post_turn_finish(struct post_turn *turn);
struct base_ticket *post_turn_submit(struct post_turn *turn); /* finishes, too */

/* --- for accounts -----------------------------------------------------------------------
 */

void post_publications_drop(struct post_account *account);
void post_account_forget_heads(struct post_account *account);
/* Calls seen for each change under way of that mailbox, oldest first; the account's lock.
 */
void post_changes_under_way(struct post_account *account, uint32_t mailbox,
	void (*seen)(void *argument, struct post_change *change), void *argument);

#endif
