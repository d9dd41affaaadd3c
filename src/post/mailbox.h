#ifndef POST_MAILBOX_H
#define POST_MAILBOX_H

#include "post/directory.h"

/*
 * The tree of mailboxes of an account. Names are UTF-8, "/" between the levels, INBOX in
 * any case is "INBOX". A name has no control bytes, no empty level, no "*" or "%" is
 * fine; at most POST_MAILBOX_NAME_MOST bytes and POST_MAILBOX_DEPTH_MOST levels. A parent
 * that is missing is created as a real mailbox (clients file mail under \Noselect ones).
 */
struct post_mailbox;

#define POST_MAILBOX_NAME_MOST  1000
#define POST_MAILBOX_DEPTH_MOST 32
#define POST_MAILBOXES_MOST     10000
#define POST_SEPARATOR          '/'

enum post_use { /* RFC 6154 */
	POST_USE_NONE,
	POST_USE_ALL,
	POST_USE_ARCHIVE,
	POST_USE_DRAFTS,
	POST_USE_FLAGGED,
	POST_USE_JUNK,
	POST_USE_SENT,
	POST_USE_TRASH,
	POST_USE_IMPORTANT
};

struct post_mailbox_info {
	uint64_t id;
	struct slice name;
	enum post_use use;
	bool subscribed;
	bool has_children;
	bool selectable; /* false: a name that is only subscribed, or was deleted with
			    children */
};

/* Sorted, INBOX first; parents before children. Lives in the arena. */
size_t post_mailboxes(struct post_account *account, struct arena *arena,
	struct post_mailbox_info **mailboxes);
enum base_failure post_mailboxes_count(
	struct post *post, uint64_t id, uint64_t *count) MUST_CHECK;
/* Names that are subscribed but do not exist (LSUB lists them: RFC 3501 6.3.9). */
size_t post_subscriptions(
	struct post_account *account, struct arena *arena, struct slice **names);
enum base_failure post_mailbox_find(struct post_account *account, struct slice name,
	struct arena *arena, struct post_mailbox_info *info) MUST_CHECK;

/*
 * Each returns a ticket, or NULL with *error: BASE_EXISTS, BASE_NOT_FOUND, BASE_INVALID
 * (the name), BASE_DENIED (INBOX can't be deleted), BASE_TOO_LARGE (too many). Rename
 * takes the children along; renaming INBOX moves its messages (RFC 3501 6.3.5). Delete
 * with children leaves the name, not selectable.
 */
struct base_ticket *post_mailbox_create(struct post_account *account, struct slice name,
	enum post_use use, struct base_error *error);
struct base_ticket *post_mailbox_delete(
	struct post_account *account, struct slice name, struct base_error *error);
struct base_ticket *post_mailbox_rename(struct post_account *account, struct slice from,
	struct slice to, struct base_error *error);
struct base_ticket *post_mailbox_subscribe(struct post_account *account, struct slice name,
	bool subscribed, struct base_error *error);

/* Without opening it: from the head row, cheap for thousands of mailboxes. */
struct post_status {
	uint32_t messages, recent, unseen, deleted;
	uint32_t uid_next, uid_validity;
	uint64_t highest_modseq, size_bytes;
	uint64_t id; /* of the mailbox in its account; survives RENAME, never used again */
	uint64_t account;
};
enum base_failure post_mailbox_status(struct post_account *account, struct slice name,
	struct post_status *status) MUST_CHECK;

/* --- an open mailbox: its bitmaps in memory, shared by all sessions on it ------------- */

/* BASE_NOT_FOUND; BASE_DENIED when not selectable. Reads the image and the feed since. */
enum base_failure post_mailbox_open(struct post_account *account, struct slice name,
	struct post_mailbox **mailbox) MUST_CHECK;
struct post_mailbox *post_mailbox_hold(struct post_mailbox *mailbox); /* counted */
void post_mailbox_close(struct post_mailbox *mailbox);                /* NULL is fine */
uint64_t post_mailbox_id(const struct post_mailbox *mailbox);
uint64_t post_mailbox_account_id(const struct post_mailbox *mailbox);
uint32_t post_mailbox_uid_validity(const struct post_mailbox *mailbox);
bool post_mailbox_gone(const struct post_mailbox *mailbox); /* deleted meanwhile */

/*
 * changed is called whenever a new generation is published or the mailbox is gone, on the
 * committer thread: wake a session, nothing more.
 */
struct post_watch;
struct post_watch *post_mailbox_watch(
	struct post_mailbox *mailbox, void (*changed)(void *argument), void *argument);
void post_watch_end(struct post_watch *watch); /* not called any more after this */

#endif
