#ifndef POST_POST_INTERNAL_H
#define POST_POST_INTERNAL_H

#include "post/post.h"
#include "post/receiving.h"
#include <pthread.h>
#include <stdatomic.h>

/*
 * What the two halves of the room share: the directory (who lives here) and the mail (what
 * they have). Neither looks into the other's structures.
 *
 * Order of locks: a space's turn, then an account's lock, then a mailbox's; the directory
 * takes its own lock for a look-up and calls nothing of the mail while it holds it.
 */
struct post_directory;
struct post_accounts; /* the table of accounts in memory: account.c */
struct post_due;      /* what the chores are to look at first: due.c */

/* What an operator sees. Each may be NULL. */
struct post_counters {
	struct base_metric *arrived, *arrived_bytes, *expunged, *purged, *images, *loads;
	struct base_metric *indexed, *index_bytes, *index_drops;
	struct base_metric *attached, *attached_nothing, *attached_killed;
};

struct post {
	struct store *store;
	struct base_clock *clock;
	struct base_log *log;
	struct base_metrics *metrics;
	struct post_counters counters;
	struct post_settings settings; /* host_name points into arena */
	struct arena *arena;           /* of the settings' texts */
	struct post_directory *directory;
	struct post_accounts *accounts;
	struct post_due *due;
	struct search_cache *search_cache;
	_Atomic uint64_t search_damaged; /* an account whose index is; 0: none */
	atomic_bool attached_busy;       /* attachments are read for the chores … */
	_Atomic uint64_t attached_after; /* … of accounts behind this one */
	atomic_uint under_way;           /* commits: post_close waits for them */
	struct post_receiving receiving;
	void (*removed)(void *argument, struct slice address); /* may be NULL */
	void *removed_argument;
};

/* --- what the directory gives to the mail (directory*.c) ------------------------------ */

/* Reads the directory's space; sets post->directory. */
enum base_failure post_directory_open(
	struct post *post, struct base_error *error) MUST_CHECK;
void post_directory_close(struct post *post);

/*
 * BASE_NOT_FOUND: no such account (or it is being removed). What is said is durable;
 * limits hold the account's own, 0 where it has none.
 */
struct post_account_limits {
	bool enabled;
	struct post_quota quota;
	uint32_t letters_per_hour;
};
enum base_failure post_directory_limits(
	struct post *post, uint64_t id, struct post_account_limits *limits) MUST_CHECK;

/* What UIDVALIDITYs of new accounts must be above, since post_renew; 0: nothing. */
uint32_t post_validity_floor(const struct post *post);

/* A part of the work that removed accounts left: calls post_account_erase. */
void post_directory_chores(struct post *post);

/* The durable account with the least id greater than after; 0: none. For post_check. */
uint64_t post_directory_account_after(struct post *post, uint64_t after);

/* --- what the mail gives to the directory (account*.c) -------------------------------- */

struct post_accounts *post_accounts_create(void);
/* No account may be open any more, no commit under way. */
void post_accounts_destroy(struct post_accounts *accounts);

/*
 * Puts the rows of a new account: INBOX and the special-use mailboxes, subscribed. turn is
 * of the account's own space, id is one that never was used.
 */
void post_account_populate(struct post *post, struct store_turn *turn);

/*
 * The account was removed, durably: nothing is delivered to it any more, its open mailboxes
 * are gone and their watches are called. Any thread; not with the directory's lock held.
 */
void post_account_forget(struct post *post, uint64_t id);

/*
 * Erases a part of a removed account's mail; *finished when nothing of it is left in the
 * store, durably. BASE_UNAVAILABLE while somebody has it open: try again later.
 */
enum base_failure post_account_erase(
	struct post *post, uint64_t id, bool *finished) MUST_CHECK;

enum base_failure post_space_usage(
	struct store_space *space, struct post_usage *usage) MUST_CHECK;

#endif
