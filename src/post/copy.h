#ifndef POST_COPY_H
#define POST_COPY_H

#include "post/change.h"
#include "post/removal.h"

struct post_partial;

/* A COPY or MOVE under way: copy.c; what is other between accounts: copy-across.c. */
struct post_copying {
	struct post_turn turn; /* of the source */
	struct post_candidates candidates;
	struct post_mailbox *from, *to;
	struct post_touched *source, *target;
	struct post_view *source_tip;
	size_t first, end;      /* the slice of the candidates' entries */
	struct post_uids *uids; /* what is copied of it */
	uint64_t bytes;
	const struct post_flags *within; /* NULL: all */
	struct post_partial *partial;    /* NULL: it is whole */
	struct post_flagging flagging;
	int numbers[POST_FLAG_NUMBERS]; /* of the target's flag by the source's; -1: none */

	struct post_turn *target_turn; /* the source's own, or other */
	bool is_across;
	struct store_set *set;
	struct post_turn other;
	struct slice *contents; /* records by the candidates' entries */
	struct store_hash *hashes;
};

/* Before any turn: the contents of the candidates. BASE_TOO_LARGE. */
enum base_failure post_across_load(
	struct post_copying *copying, struct arena *arena) MUST_CHECK;
/* Takes both turns. */
enum base_failure post_across_begin(
	struct post_copying *copying, struct base_error *error) MUST_CHECK;
/* The candidate at that place becomes a message of the target's account. */
void post_across_put(struct post_copying *copying, size_t at, uint32_t *uid);
struct base_ticket *post_across_submit(struct post_copying *copying, bool move);
void post_across_end(struct post_copying *copying);

#endif
