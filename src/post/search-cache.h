#ifndef POST_SEARCH_CACHE_H
#define POST_SEARCH_CACHE_H

#include "post/search-segment.h"
#include "store/store.h"
#include <stdatomic.h>

/*
 * What stands before the large lists of segments that were asked lately, as two parts: the
 * signatures, and what stands before them. It is most of what a search reads, about 100 MB
 * for a gigabyte of mail. Segments never change, so that a part is named by the blob's hash
 * and never wrong. Beside them the rows of packs of texts, some MB for a gigabyte.
 * Counted; the oldest go when all together pass SEARCH_CACHE_BYTES.
 */
#define SEARCH_CACHE_BYTES ((size_t)192 << 20)

enum search_cached { SEARCH_CACHED_HEAD, SEARCH_CACHED_SIGNATURES, SEARCH_CACHED_ROWS };

struct search_head {
	atomic_uint references;
	struct store_hash hash;
	enum search_cached what;
	struct buffer bytes;
	/* Of a head: */
	struct search_segment segment;    /* points into bytes */
	uint64_t signatures_at, lists_at; /* in the blob */
	/* Of rows (search-rows.h): */
	size_t row_count;
	struct search_head *newer, *older;
};

struct search_cache;
struct search_cache *search_cache_create(void);
void search_cache_destroy(struct search_cache *cache); /* NULL is fine */

struct search_head *search_head_create(
	const struct store_hash *hash, enum search_cached what);
/* Room for so many bytes and no more: what the cache counts is what it has. */
void search_head_room(struct search_head *head, size_t size);
void search_head_drop(struct search_head *head); /* NULL is fine */

/* Held for the caller; NULL: it is not there. Any thread. */
struct search_head *search_cache_take(
	struct search_cache *cache, const struct store_hash *hash, enum search_cached what);
/* It stays the caller's, too. */
void search_cache_keep(struct search_cache *cache, struct search_head *head);

#endif
