#ifndef POST_FACTS_H
#define POST_FACTS_H

#include "post/query-internal.h"

/* What SORT and THREAD take from a message's header. Texts live in the given arena. */

/* The Date field, or the arrival where there is no good one (RFC 5256 2.2). */
int64_t post_fact_date(const struct post_subject *subject);
/* Decoded and folded; without "Re:" and the like. is_reply may be NULL. */
struct slice post_fact_subject(
	struct post_subject *subject, struct arena *arena, bool *is_reply);
/* Of the first address in a field: what stands before the "@", or the name. Folded. */
struct slice post_fact_address(struct post_subject *subject, struct slice field,
	bool display, struct arena *arena);

#endif
