#ifndef POST_SEARCH_SIGNATURE_H
#define POST_SEARCH_SIGNATURE_H

#include "base/base.h"

/*
 * A set of joints (search-joints.h) in little more than a bit for each: one that is not in
 * it is found missing half the time. Pure.
 *
 * It is a ribbon filter (Dillinger and Walzer, "Ribbon filter: practically smaller than
 * Bloom and Xor", 2021): a joint names some of 64 bits that stand together, and is in the
 * set when an odd number of them are set. So each joint is an equation of a system that is
 * solved once, when all are known. A bit for each joint is what theory asks for, a filter
 * that only sets bits (Bloom's) needs 1.44.
 */

/* Different ones, gathered; of more than so many no signature says anything. */
#define SEARCH_SIGNED_MOST ((size_t)1 << 19)
struct search_joint_set {
	uint32_t *table; /* 0: free */
	size_t size, count;
	uint64_t key; /* of the places in it, which nobody can choose */
};
void search_joint_set_add(struct search_joint_set *set, uint32_t joint); /* not 0 */
void search_joint_set_clear(struct search_joint_set *set);
void search_joint_set_free(struct search_joint_set *set);

/* In bounded room and time, whatever joints they are. */
void search_signature_put(const struct search_joint_set *set, struct buffer *into);
/* Whether it may be in it. */
bool search_signature_has(struct slice signature, uint32_t joint);

#endif
