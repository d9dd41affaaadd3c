#ifndef POST_FEED_H
#define POST_FEED_H

#include "post/records.h"
#include <stdatomic.h>

/*
 * A change: what one commit did to one mailbox, under one modseq. Its packed form is the
 * feed row; the same struct, counted and not changed any more once submitted, brings open
 * mailboxes up to date.
 *
 * Applied in this order: keywords join the table, or take the places of others that no
 * message has use for; the range arrives; each group's UIDs get and lose flags; the
 * expunged ones go. Arrived UIDs, those of groups get the modseq. What a number means
 * follows from the changes before alone, so that it is the same whenever they are applied.
 */
struct post_flag_group {
	struct post_uids *uids;
	struct post_flags set, clear;
};

/* In rows of format 1 there is no index: it was the next. */
#define POST_KEYWORD_NEXT UINT32_MAX
struct post_new_keyword {
	unsigned index; /* in the table */
	struct slice name;
};

struct post_change {
	atomic_uint references;
	uint32_t mailbox;
	uint64_t modseq;
	int64_t time_ms;
	uint32_t arrived_first, arrived_last; /* 0, 0: none */
	struct post_flag_group *groups;
	size_t group_count;
	struct post_uids *expunged;        /* NULL: none */
	struct post_new_keyword *keywords; /* in order */
	size_t keyword_count;
	struct post_change *next; /* in the account's list of those under way */
};

#define POST_GROUPS_MOST 4096 /* flag groups in one change */

struct post_change *post_change_create(uint32_t mailbox, uint64_t modseq, int64_t time_ms);
struct post_change *post_change_hold(struct post_change *change);
void post_change_drop(struct post_change *change); /* NULL is fine */
void post_change_release(struct post_change **change);

/* Takes over uids. */
void post_change_add_group(struct post_change *change, struct post_uids *uids,
	const struct post_flags *set, const struct post_flags *clear);
void post_change_add_keyword(struct post_change *change, unsigned index, struct slice name);

/* Mailbox and modseq stand in the key. */
bool post_change_pack(const struct post_change *change, struct buffer *into);
MUST_CHECK enum base_failure post_change_unpack(struct slice value, uint32_t mailbox,
	uint64_t modseq, struct post_change **unpacked);

/*
 * What was expunged by one commit, until it is purged. moved: it lives on elsewhere in the
 * account and is not to be restored. Groups say the flags it had (set only), keywords the
 * other ones, by name, as their numbers may mean others before it is restored. In rows of
 * format 1 groups have keywords too, by their number at that modseq.
 */
struct post_had_keyword {
	struct slice name; /* somebody else's */
	struct post_uids *uids;
};
struct post_expunged {
	int64_t time_ms;
	bool moved;
	struct post_uids *uids;
	struct post_flag_group *groups;
	size_t group_count;
	struct post_had_keyword *keywords;
	size_t keyword_count;
};
void post_expunged_clear(struct post_expunged *expunged); /* for SCOPED */
void post_expunged_add_group(struct post_expunged *expunged, struct post_uids *uids,
	const struct post_flags *set);
void post_expunged_add_keyword(
	struct post_expunged *expunged, struct post_uids *uids, struct slice name);
bool post_expunged_pack(const struct post_expunged *expunged, struct buffer *into);
MUST_CHECK enum base_failure post_expunged_unpack(
	struct slice value, struct post_expunged *unpacked);

#endif
