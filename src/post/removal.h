#ifndef POST_REMOVAL_H
#define POST_REMOVAL_H

#include "post/entries.h"
#include "post/flags.h"

/*
 * Messages leave a mailbox in two steps: a change hides them and an expunged row remembers
 * them; the purge takes their rows, when they are due and no pinned view shows them.
 */

/* In the turn: hides uids, all of which tip shows. bytes: what their entries say. */
void post_take_out(struct post_turn *turn, struct post_touched *touched,
	const struct post_view *tip, const struct post_uids *uids, uint64_t bytes,
	bool moved);

/*
 * Candidates for a change that must read entries before its turn: those of uids that are
 * durable and that the tip still shows. The view is pinned, so that their rows stay.
 */
struct post_candidates {
	struct post_view *view; /* the caller drops it */
	struct post_uids *uids;
	struct post_kept_entries entries;
};
enum base_failure post_candidates_load(struct post_mailbox *mailbox,
	const struct post_uids *uids, bool only_deleted, struct arena *arena,
	struct post_candidates *candidates) MUST_CHECK;
void post_candidates_free(struct post_candidates *candidates); /* for SCOPED */
/* In the turn: those that tip still shows (and still has \Deleted). Owned by the caller. */
struct post_uids *post_candidates_now(const struct post_candidates *candidates,
	const struct post_view *tip, bool only_deleted);
uint64_t post_candidates_bytes(
	const struct post_candidates *candidates, const struct post_uids *uids);

/* In the turn: a further entry of a content that is there, with the next UID; each counted.
 */
void post_put_copy(struct post_turn *turn, struct post_touched *target,
	const struct post_entry_record *of, uint32_t *uid);
void post_count_copy(struct post_turn *turn, const struct post_entry_record *of);

#endif
