#ifndef IMAPD_STANDING_ORDER_H
#define IMAPD_STANDING_ORDER_H

#include "imapd/imapd-internal.h"
#include "post/order.h"
#include "wire/imap-sort.h"

/*
 * The order of a SORT that stands (RFC 5267 4.3.3, 4.3.4): UIDs, and what they are ordered
 * by. Places are told one message each, from 1, as they are when all told before was done.
 */
struct imapd_standing_order;
size_t imapd_standing_order_count(const struct imapd_standing_order *order); /* NULL: 0 */
struct imapd_place {
	uint32_t place, uid;
};

/* Copies both. Not by scores: those change with the rest of what is found. */
struct imapd_standing_order *imapd_standing_order_new(const uint32_t *uids, size_t count,
	const struct post_order_key *keys, size_t key_count);
void imapd_standing_order_free(struct imapd_standing_order *order); /* NULL is fine */

/* places: the caller's, of as many as there are in gone, which are all in the order. */
void imapd_standing_order_take(struct imapd_standing_order *order,
	const struct post_uids *gone, struct imapd_place *places);
/*
 * None of added is in the order. Each costs some comparisons, which read two records: few
 * for what comes last or first, as most does, else the logarithm of the count. Of those
 * *comparisons are left; BASE_TOO_LARGE: they are used up. After a failure the order is of
 * no use.
 */
enum base_failure imapd_standing_order_add(struct imapd_standing_order *order,
	const struct post_view *view, const struct post_uids *added, unsigned *comparisons,
	struct imapd_place *places) MUST_CHECK;

#endif
