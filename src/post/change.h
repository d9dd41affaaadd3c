#ifndef POST_CHANGE_H
#define POST_CHANGE_H

#include "post/view.h"

/*
 * Changes to messages. Each takes the account's turn for a moment, submits one commit with
 * one modseq and one feed row per mailbox, and returns a ticket; NULL with *error when
 * nothing was submitted (BASE_QUOTA, BASE_DISK_FULL, BASE_UNAVAILABLE, BASE_NOT_FOUND:
 * the mailbox is gone). They work on the newest state: UIDs that are gone meanwhile are
 * passed over. A change that comes to nothing gives a completed ticket.
 *
 * Changes may follow one another without a wait: each sees what was submitted before it.
 */
enum post_flag_action { POST_FLAGS_REPLACE, POST_FLAGS_ADD, POST_FLAGS_REMOVE };

struct post_flag_change {
	enum post_flag_action action;
	/*
	 * "\\Seen", "$Junk"…; \Recent is passed over. A keyword that the mailbox has not
	 * seen yet joins its table: BASE_INVALID when it is none, BASE_TOO_LARGE when the
	 * table is full.
	 */
	const struct slice *names;
	size_t count;
	const struct post_flags *within; /* others stay as they are; NULL: all may change */
	bool conditional; /* those changed after unchanged_since are left alone */
	uint64_t unchanged_since;
	/* out; the caller destroys it: UIDs refused by unchanged_since. NULL on failure. */
	struct post_uids *conflicts;
	uint64_t modseq; /* out: of this change */
};
struct base_ticket *post_flags_change(struct post_mailbox *mailbox,
	const struct post_uids *uids, struct post_flag_change *change,
	struct base_error *error);

/* Those of uids that are \Deleted; with only_deleted false all of uids. expunged, the
 * caller's, says which; may be NULL. */
struct base_ticket *post_expunge(struct post_mailbox *mailbox, const struct post_uids *uids,
	bool only_deleted, struct post_uids **expunged, struct base_error *error);

/*
 * Copies or moves into another mailbox. Flags and dates go along, and within an account
 * email ids; a keyword for which the target's table has no room is lost. source and target
 * (in the arena, ascending) say which UID became which. Both mailboxes may be the same. A
 * copy happens whole or not at all. A move of thousands is several changes, so that others
 * have their turn between; one that fails has perhaps moved the first of them.
 *
 * Between accounts the messages are new ones of the target's, for whose quota they count,
 * of the same stored bytes; both spaces change in one commit. BASE_TOO_LARGE: their records
 * are more than POST_COPY_ACROSS_MOST.
 */
#define POST_COPY_ACROSS_MOST (32ULL * 1024 * 1024)
struct post_copied {
	uint32_t uid_validity;
	uint32_t *source, *target;
	size_t count;
};
struct base_ticket *post_copy(struct post_mailbox *from, const struct post_uids *uids,
	struct post_mailbox *to, bool move, struct arena *arena, struct post_copied *copied,
	struct base_error *error);

/* The same with those flags alone that are in within; NULL: all. Keywords go by the first.
 */
struct base_ticket *post_copy_within(struct post_mailbox *from,
	const struct post_uids *uids, struct post_mailbox *to, bool move,
	const struct post_flags *within, struct arena *arena, struct post_copied *copied,
	struct base_error *error);

/*
 * The same for any number, from errands, as they wait for commits: in slices, so that no
 * turn, commit or memory grows with the number, but for source and target. stop is asked
 * between slices; NULL: never. A copy that fails or is stopped (BASE_CANCELLED) is taken
 * back; one that the server's end cuts short, by the chores. For a whole of at most
 * POST_SLICE there is no need of them.
 */
#define POST_SLICE 2000
typedef bool post_stop(void *argument);
enum base_failure post_copy_many(struct post_mailbox *from, const struct post_uids *uids,
	struct post_mailbox *to, bool move, const struct post_flags *within,
	post_stop *stop, void *argument, struct arena *arena,
	struct post_copied *copied) MUST_CHECK;
enum base_failure post_expunge_many(struct post_mailbox *mailbox,
	const struct post_uids *uids, bool only_deleted, post_stop *stop,
	void *argument) MUST_CHECK;

/*
 * Restores messages that were expunged later than that (seconds) and are still kept. They
 * get new UIDs and keep their email ids and flags, but for \Deleted. What was moved away
 * is not lost and does not come back.
 */
struct base_ticket *post_undelete(struct post_mailbox *mailbox, int64_t expunged_after,
	uint32_t *restored, struct base_error *error);

#endif
