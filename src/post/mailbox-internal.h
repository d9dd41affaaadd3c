#ifndef POST_MAILBOX_INTERNAL_H
#define POST_MAILBOX_INTERNAL_H

#include "post/account-internal.h"
#include "post/view-internal.h"

/*
 * An open mailbox. Generations are made when somebody asks for one: the committer only
 * raises durable and calls the watches.
 *
 * changes are those newer than newest, submitted or durable, by rising modseq. newest shows
 * durable state; tip, if there is one, is ahead of it: what a turn works on.
 */
#define POST_CHANGES_SETTLE                                          \
	256 /* so many waiting make the submitter build a generation \
	     */

struct post_watch {
	struct post_mailbox *mailbox;
	void (*changed)(void *argument);
	void *argument;
	struct post_watch *next, **link;
};

struct post_mailbox {
	struct post_account *account; /* held */
	uint32_t id, uid_validity;
	unsigned references;       /* the account's lock; sessions and pins */
	struct post_mailbox *next; /* the account's list; its lock */
	atomic_ullong durable;     /* modseq */
	atomic_bool gone;
	atomic_uint rights_version;
	bool rights_changed; /* the account's lock; its watches are to be called */

	pthread_mutex_t building; /* newest and tip change under it; a load holds it long */
	bool loaded;
	struct post_view *newest, *tip;
	atomic_bool tip_refused; /* the tip may show what the store refused */
	uint32_t recent_first;   /* for when the border could not be written */
	uint64_t image;          /* modseq of the kept one when it was loaded */

	pthread_mutex_t lock; /* short: the rest */
	struct post_change **changes;
	size_t change_count, change_room;
	struct post_view *oldest_living, *newest_living;

	pthread_mutex_t watching;
	struct post_watch *watches;
};

/* With the account's lock held. */
struct post_mailbox *post_mailbox_opened(struct post_account *account, uint32_t id);
void post_mailbox_append(struct post_mailbox *mailbox, struct post_change *change);
/* The store refused the change. */
void post_mailbox_take_back(struct post_mailbox *mailbox, const struct post_change *change);

void post_mailbox_let_scoped(struct post_mailbox **mailbox);
/* By id, for what is inside: no look at the tree. */
enum base_failure post_mailbox_open_id(struct post_account *account, uint32_t id,
	uint32_t uid_validity, struct post_mailbox **mailbox) MUST_CHECK;
/* The same for one that the tree has; BASE_NOT_FOUND. */
enum base_failure post_mailbox_open_by_id(struct post_account *account, uint32_t id,
	struct post_mailbox **mailbox) MUST_CHECK;
/* One whose first rows are submitted in the turn that is held, not durable: it is empty. */
struct post_mailbox *post_mailbox_open_new(
	struct post_account *account, uint32_t id, uint32_t uid_validity);
/* The first UID that no session which has it open was told of; 0 before it is loaded. */
uint32_t post_recent_border(struct post_mailbox *mailbox);
void post_mailbox_call_watches(struct post_mailbox *mailbox);

/* In the account's turn: the state with all that is submitted. Give it to post_view_let. */
struct post_view *post_mailbox_tip(struct post_mailbox *mailbox);
/* A reference without a pin. */
struct post_view *post_mailbox_newest(struct post_mailbox *mailbox);
/* After a commit: builds a generation of an open mailbox of which much waits. */
void post_account_settle(struct post_account *account);
/* The least modseq that a pinned view shows; UINT64_MAX without one. */
uint64_t post_mailbox_pinned(struct post_mailbox *mailbox);

/* Image and feed since, as they are durable. */
enum base_failure post_mailbox_load(struct post_account *account, uint32_t id,
	struct post_head *head, struct post_view **view) MUST_CHECK;

#endif
