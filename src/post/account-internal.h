#ifndef POST_ACCOUNT_INTERNAL_H
#define POST_ACCOUNT_INTERNAL_H

#include "post/feed.h"
#include "post/keys.h"
#include "post/post-internal.h"
#include "post/records.h"
#include "post/tree.h"

/*
 * An account in memory, counted. It stays for a while after its last user, as the next
 * delivery wants what it remembers: the ledger and heads as of the last turn, and the tree.
 *
 * Commits under way hold it, so that what they will change is known when a mailbox is
 * opened meanwhile.
 */
#define POST_ACCOUNTS_IDLE 4096 /* remembered without a user */
#define POST_HEADS_MOST    256  /* remembered of one account */

struct post_publication;

struct post_account {
	struct post *post;
	uint64_t id;
	struct store_space *space;
	unsigned references;                /* the table's lock */
	struct post_account *newer, *older; /* among the idle; the table's lock */
	atomic_uint copying;                /* in slices, by errands */
	bool maildrop_locked;               /* the table's lock */
	atomic_bool gone;                   /* removed */

	pthread_mutex_t lock; /* short */
	struct post_mailbox *mailboxes;
	struct post_publication *under_way, **under_way_end;
	struct post_tree *tree; /* durable; NULL: not read yet */
	uint64_t annotations;   /* how often some were changed; in the turn only */

	pthread_mutex_t attaching;      /* long: errands that read attachments */
	_Atomic uint64_t attached_next; /* emails below are decided; the row may lag */

	pthread_mutex_t watching; /* short */
	struct post_news *news;

	/* In the turn only: what was submitted last, unless a commit was refused since. */
	atomic_bool ran_ahead;
	bool ledger_known;
	struct post_ledger ledger;
	struct map *heads;          /* by mailbox id, struct post_head */
	struct post_tree *tree_tip; /* NULL: not read yet */
};

/* Does not ask the directory: for what is inside. */
struct post_account *post_account_get(struct post *post, uint64_t id);
struct post_account *post_account_find_open(struct post *post, uint64_t id); /* or NULL */
void post_account_release(struct post_account **account);
/*
 * The account as it is durable now, for who reads long: an object of its own, that nothing
 * changes and nobody else finds. It takes no turn.
 */
struct post_account *post_account_freeze(struct post *post, uint64_t id);
void post_account_thaw(struct post_account *frozen);

/* The durable tree; give it to post_tree_drop. */
enum base_failure post_account_tree(
	struct post_account *account, struct post_tree **tree) MUST_CHECK;

int64_t post_now_ms(const struct post *post);
/* Bytes an account may have; 0: any. BASE_DENIED when disabled. */
enum base_failure post_account_quota(
	struct post_account *account, struct post_quota *quota) MUST_CHECK;

#endif
