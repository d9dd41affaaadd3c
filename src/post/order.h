#ifndef POST_ORDER_H
#define POST_ORDER_H

#include "post/view.h"

/*
 * Messages in an order (RFC 5256 3, RFC 5957), from their records: no message is read
 * (but one whose header is over 64 KiB). Texts compare case-folded (RFC 5051), subjects
 * without "Re:" and the like; a message without a good Date has that of its arrival. What
 * is equal stays in the order of UIDs. By steps, as a search.
 */
enum post_order {
	POST_ORDER_ARRIVAL,
	POST_ORDER_CC, /* FROM, TO: what stands before the "@" of the first address */
	POST_ORDER_DATE,
	POST_ORDER_DISPLAY_FROM, /* the first name; the address where it has none */
	POST_ORDER_DISPLAY_TO,
	POST_ORDER_FROM,
	POST_ORDER_SIZE,
	POST_ORDER_SUBJECT,
	POST_ORDER_TO,
	POST_ORDER_SCORE /* the highest first; post_order_by_scores */
};
struct post_order_key {
	enum post_order order;
	bool reverse;
};

/* The view must outlive it; the rest is copied. */
struct post_ordering;
struct post_ordering *post_order_begin(const struct post_view *view,
	const struct post_uids *uids, const struct post_order_key *keys, size_t count);
/* Before the first step: a score for each of uids, by their rank; they must outlive it. */
void post_order_by_scores(struct post_ordering *ordering, const uint8_t *scores);
bool post_order_step(struct post_ordering *ordering); /* true when there is more to do */
/* After the last step: the UIDs in their order; they live as long as ordering does. */
enum base_failure post_order_result(
	struct post_ordering *ordering, const uint32_t **uids, size_t *count) MUST_CHECK;
void post_order_destroy(struct post_ordering *ordering); /* NULL is fine */

/*
 * Messages in threads (RFC 5256 3, 4). ORDERED_SUBJECT: of the same base subject;
 * REFERENCES: by Message-ID, References and In-Reply-To, then by subject; REFS: by those
 * alone, and the thread with the newest message comes last.
 */
enum post_threads {
	POST_THREADS_ORDERED_SUBJECT,
	POST_THREADS_REFERENCES,
	POST_THREADS_REFS
};
struct post_thread {
	uint32_t uid; /* 0: a message that is not here, which its children answer */
	struct post_thread *child, *next;
};
struct post_threading;
struct post_threading *post_thread_begin(const struct post_view *view,
	const struct post_uids *uids, enum post_threads threads);
bool post_thread_step(struct post_threading *threading);
/* After the last step: the first thread, NULL for none; it lives as long as threading. */
enum base_failure post_thread_result(
	struct post_threading *threading, const struct post_thread **first) MUST_CHECK;
void post_thread_destroy(struct post_threading *threading); /* NULL is fine */

#endif
