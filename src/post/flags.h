#ifndef POST_FLAGS_H
#define POST_FLAGS_H

#include "post/mailbox-internal.h"
#include "post/turn.h"

/*
 * Flags of one mailbox in one turn: names to numbers, new keywords, groups of the change,
 * and what they do to the head's counts.
 */
struct post_flagging {
	struct post_turn *turn;
	struct post_touched *touched;
	struct post_mailbox *mailbox;
	struct post_view *tip; /* made when it is needed */
	unsigned appended;     /* keywords behind those of the tip's table */
	struct post_flags taken,
		reused; /* numbers this turn names; that mean another now */
	struct post_uids *arrived[POST_FLAG_NUMBERS]; /* by flag; NULL: none */
};

void post_flagging_begin(struct post_flagging *flagging, struct post_turn *turn,
	struct post_touched *touched, struct post_mailbox *mailbox);
void post_flagging_release(struct post_flagging *flagging); /* for SCOPED */
const struct post_view *post_flagging_tip(struct post_flagging *flagging);

/*
 * Flag numbers of names. create: a new keyword joins the table, in the place of one that no
 * message has use for when it is full (BASE_TOO_LARGE: all are in use; BASE_INVALID: the
 * name is none); else unknown ones are passed over. \Recent is.
 */
enum base_failure post_flagging_numbers(struct post_flagging *flagging,
	const struct slice *names, size_t count, bool create, struct post_flags *flags,
	struct base_error *error) MUST_CHECK;

/* Those of the names that are in the table keep their places: this turn needs them, too. */
void post_flagging_keep(
	struct post_flagging *flagging, const struct slice *names, size_t count);

/* The keyword of a former modseq's number is in the table still, under this number. */
bool post_flagging_meant(
	const struct post_flagging *flagging, unsigned number, uint64_t modseq);

/* Flags of a message that arrives in this turn; end puts them all into the change. */
enum base_failure post_flagging_arrived(struct post_flagging *flagging, uint32_t uid,
	const struct slice *names, size_t count, struct base_error *error) MUST_CHECK;
void post_flagging_arrived_as(
	struct post_flagging *flagging, uint32_t uid, const struct post_flags *flags);
void post_flagging_end(struct post_flagging *flagging);

/* BASE_QUOTA or BASE_TOO_LARGE when so much can't come in. */
enum base_failure post_turn_check_room(const struct post_turn *turn,
	const struct post_touched *touched, uint64_t count, uint64_t bytes,
	const struct post_quota *quota, struct base_error *error) MUST_CHECK;

#endif
