#ifndef POST_VIEW_H
#define POST_VIEW_H

#include "post/mailbox.h"
#include "post/uids.h"

/*
 * A view is one generation of a mailbox, frozen: a counted pointer. A session keeps the
 * one that its client knows, compares it with the newest at the moments when the protocol
 * lets it speak of changes, and then moves on. What a pinned view shows stays readable.
 */
struct post_view;

struct post_view *post_view_newest(struct post_mailbox *mailbox); /* durable state */
struct post_view *post_view_hold(struct post_view *view);
void post_view_drop(struct post_view *view);     /* NULL is fine */
void post_view_release(struct post_view **view); /* for SCOPED */

/*
 * For who may not be told yet that messages are gone: all that known shows and newest does
 * not, as known shows it, and with it all that newest shows. Messages keep the numbers that
 * they have in known, as new ones have higher UIDs. Its modseq is known's, as who has seen
 * it has not seen all that newest is about. A new hold.
 */
struct post_view *post_view_join(
	const struct post_view *known, const struct post_view *newest);

uint32_t post_view_count(const struct post_view *view);
uint32_t post_view_uid_next(const struct post_view *view);
uint64_t post_view_modseq(const struct post_view *view); /* highest; starts at 1 */
const struct post_uids *post_view_uids(const struct post_view *view);
uint32_t post_view_uid(const struct post_view *view, uint32_t sequence); /* 0: none */
uint32_t post_view_sequence(const struct post_view *view, uint32_t uid); /* 0: none */

/*
 * Flags: the five system flags, then keywords by their index in the mailbox's table.
 * Keywords compare case-insensitively and keep the spelling of their first use. When the
 * table is full, the number of a keyword that no message carries any more may be given to
 * a new one: what a number means is told by the view it comes from, and by no other.
 */
#define POST_KEYWORDS_MOST 248
#define POST_KEYWORD_MOST  128 /* bytes of one */
enum post_flag {
	POST_SEEN,
	POST_ANSWERED,
	POST_FLAGGED,
	POST_DELETED,
	POST_DRAFT,
	POST_SYSTEM_FLAGS,
	POST_KEYWORD_FIRST = 8 /* flag number of keyword 0 */
};
#define POST_FLAG_NUMBERS (POST_KEYWORD_FIRST + POST_KEYWORDS_MOST)
#define POST_FLAG_WORDS   (POST_FLAG_NUMBERS / 64)
struct post_flags { /* bit n of words[n / 64]: flag number n */
	uint64_t words[POST_FLAG_WORDS];
};
bool post_flags_has(const struct post_flags *flags, unsigned number);
void post_flags_set(struct post_flags *flags, unsigned number);

unsigned post_view_keywords(const struct post_view *view); /* how many the table has */
struct slice post_view_keyword(const struct post_view *view, unsigned index);
/* The flag number of a name: "\\Seen", "$Junk"; -1 when the mailbox has no such keyword. */
int post_view_flag_number(const struct post_view *view, struct slice name);
struct slice post_flag_name(const struct post_view *view, unsigned number);
/* The number that the flag of a view has in another of the same mailbox; -1: none. */
int post_flag_number_in(
	const struct post_view *view, unsigned number, const struct post_view *other);
/* Modseq of the table's last change: two views with the same have the same table. */
uint64_t post_view_keywords_modseq(const struct post_view *view);
/* A new keyword finds a number: one that is free, or one that no message has use for. */
bool post_view_takes_keyword(const struct post_view *view);

/* The bitmap of a flag; NULL when no message has it. */
const struct post_uids *post_view_flagged(const struct post_view *view, unsigned number);
struct post_flags post_view_flags(const struct post_view *view, uint32_t uid);
uint64_t post_view_modseq_of(const struct post_view *view, uint32_t uid);
/* Of all these; 0: none of them is in the view. */
uint64_t post_view_highest_modseq(
	const struct post_view *view, const struct post_uids *uids);
/* UIDs of the view changed after modseq; expunged since (may be NULL), as far as known. */
struct post_uids *post_view_changed_since(const struct post_view *view, uint64_t modseq);
enum base_failure post_view_vanished_since(const struct post_view *view, uint64_t modseq,
	struct post_uids **vanished) MUST_CHECK;

/*
 * \Recent (RFC 3501 2.3.2): the first session that selects a mailbox for writing gets
 * those that came since the last. claim moves the border; peek (EXAMINE, STATUS) does not.
 * Both give the first UID that is recent.
 */
uint32_t post_recent_claim(struct post_mailbox *mailbox, const struct post_view *view);
/*
 * A session that may write was told of all in view: the next one will not find them
 * recent. In memory alone, as it happens with each new message; claim makes it last. Gives
 * the first UID that no session was told of before.
 */
uint32_t post_recent_told(struct post_mailbox *mailbox, const struct post_view *view);
uint32_t post_recent_peek(struct post_mailbox *mailbox);

/* What differs between two views of one mailbox. Each may be NULL if not wanted. */
struct post_difference {
	struct post_uids *vanished; /* in old, not in new */
	struct post_uids *arrived;  /* in new, not in old */
	struct post_uids *flagged;  /* in both, with other flags */
	bool keywords;              /* the table of keywords is another */
};
void post_view_compare(const struct post_view *old_view, const struct post_view *new_view,
	struct post_difference *difference);
void post_difference_clear(struct post_difference *difference);
/*
 * One flag of two views of a mailbox, by its name: its bitmaps (NULL: no message), and its
 * number in the second, -1 where that has no such keyword any more. next goes through all
 * that one of the two has; from {0}.
 */
struct post_flag_pair {
	const struct post_uids *first, *second;
	int number;
	unsigned at; /* next's own */
};
bool post_flag_pair_next(const struct post_view *first, const struct post_view *second,
	struct post_flag_pair *pair);
/* In both, with a higher modseq in the new one. */
struct post_uids *post_view_renumbered(
	const struct post_view *old_view, const struct post_view *new_view);

#endif
