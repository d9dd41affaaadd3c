#ifndef POST_TEST_SEARCH_ORACLE_H
#define POST_TEST_SEARCH_ORACLE_H

#include "post/query.h"
#include "store/store.h"

/*
 * For tests: knows by reading what a search must find.
 *
 * Takes so many needles from what the view shows, parts of its texts chosen at random, and
 * fails where the index finds other messages than those in which reading finds them.
 */
void test_oracle_check(
	struct store *store, struct post_view *view, uint64_t *random, size_t count);
/* What is found; the caller destroys it. */
struct post_uids *test_search(struct post_view *view, const struct post_query *query);

#endif
