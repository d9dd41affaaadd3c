#ifndef POST_POST_H
#define POST_POST_H

#include "base/base.h"
#include "post/attached.h"
#include "post/change.h"
#include "post/directory.h"
#include "post/incoming.h"
#include "post/mailbox.h"
#include "post/message.h"
#include "post/metadata.h"
#include "post/names.h"
#include "post/news.h"
#include "post/query.h"
#include "post/sharing.h"
#include "post/uids.h"
#include "post/url-key.h"
#include "post/view.h"
#include "store/store.h"

/*
 * What a mailbox means: domains, accounts, aliases, mailboxes, messages, flags, the change
 * feed, quota, delivery. IMAP, POP3, JMAP, webmail, search and backup are views of it.
 *
 * Everything is safe from any thread unless its header says otherwise. What reads may read
 * our own disk; what changes returns a ticket and never waits for it. A change whose ticket
 * is not complete is not promised to anybody yet.
 */
struct post_settings {
	struct store *store; /* the caller's; outlives post */
	struct base_clock *clock;
	struct base_log *log;
	struct base_metrics *metrics;
	struct slice host_name;     /* for prefixes and generated ids */
	uint64_t keep_expunged_ms;  /* how long expunged messages stay restorable; 0: not */
	uint32_t letters_per_hour;  /* an account's own limit counts before it; 0: none */
	uint64_t message_size_most; /* bytes; 0: POST_MESSAGE_SIZE_MOST */
	uint64_t receiving_memory;  /* bytes; 0: POST_RECEIVING_MEMORY */
	struct post_attached_runner attached;
};

enum base_failure post_open(const struct post_settings *settings, struct post **post,
	struct base_error *error) MUST_CHECK;
void post_close(struct post *post);

/*
 * Called when an account was removed, durably, with its address: whoever has sessions of it
 * ends them, as its mail goes only when nobody has it open. Short, on any thread. Set it
 * before there are sessions.
 */
void post_on_removed(struct post *post,
	void (*removed)(void *argument, struct slice address), void *argument);

/*
 * Chores, called by the server's timer: writes images that are due, purges what is
 * expunged long enough and shown by no view. A part of the work at each call. Waits for its
 * commits: for an errand, not a worker.
 */
void post_chores(struct post *post);

/*
 * After going back to an older store: what the newer one told clients is lost, and must not
 * come to mean something else. Every mailbox gets a UIDVALIDITY that is larger than any it
 * can have had, URLs with a key (RFC 4467) are void, and post_renewed_ms is another. Waits
 * for its commits; nobody may have anything open.
 */
enum base_failure post_renew(struct post *post, struct base_error *error) MUST_CHECK;
/*
 * When post_renew was done last, in milliseconds since 1970; 0: never. Numbers that this
 * store counts itself name something for good only together with it.
 */
int64_t post_renewed_ms(const struct post *post);

/* Reads all records of all accounts and compares them; problem may be NULL. */
struct post_verdict {
	uint64_t accounts, mailboxes, messages, problems;
};
enum base_failure post_check(struct post *post,
	void (*problem)(void *argument, const char *sentence), void *argument,
	struct post_verdict *verdict) MUST_CHECK;

/* The same for somebody who waits: asked after each account; false ends it, BASE_CANCELLED.
 */
enum base_failure post_check_while(struct post *post,
	void (*problem)(void *argument, const char *sentence),
	bool (*go_on)(void *argument), void *argument,
	struct post_verdict *verdict) MUST_CHECK;

struct store *post_store(const struct post *post); /* for relay's and door's own spaces */

#endif
