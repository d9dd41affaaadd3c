#ifndef POST_SEARCH_ROWS_H
#define POST_SEARCH_ROWS_H

#include "post/search-cache.h"

/*
 * All rows of an account's packs, for who opens many: finding one in the store costs a
 * seek. They stay in the cache for the searches that come next, named by the account and
 * the state of its index. One that has changed since says where texts were, no more.
 */
#define SEARCH_ROWS_MOST 20000 /* the newest ones; some milliseconds */

/* Of the cache, or read into it (NULL: into none); the caller's. NULL: they can't be read.
 */
struct search_head *search_rows_take(struct search_cache *cache, struct store_space *space,
	const struct store_hash *name);
/* The first that begins at or before that email; false: none does. */
MUST_CHECK bool search_rows_find(
	const struct search_head *rows, uint64_t email, struct slice *row);

#endif
