#include "post/search-cache.h"
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

struct search_cache {
	pthread_mutex_t lock;
	struct search_head *newest, *oldest;
	size_t bytes;
};

struct search_cache *
search_cache_create(void)
{
	struct search_cache *cache = calloc(1, sizeof *cache);
	ASSERT(cache);
	pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

struct search_head *
search_head_create(const struct store_hash *hash, enum search_cached what)
{
	struct search_head *head = calloc(1, sizeof *head);
	ASSERT(head);
	atomic_init(&head->references, 1);
	head->hash = *hash;
	head->what = what;
	head->bytes = buffer_with(SEARCH_SEGMENT_BYTES_MOST);
	return head;
}

/* All of it is filled and then read throughout: a third of the first search was page
 * faults. A kernel that has no large pages to give loses nothing. */
void
search_head_room(struct search_head *head, size_t size)
{
	struct buffer *bytes = &head->bytes;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	bytes->ceiling = size;
	if (!buffer_reserve(bytes, size))
		return;
	size_t before = page - (size_t)((uintptr_t)bytes->data % page);
	if (size > before)
		(void)madvise(bytes->data + before, size - before, MADV_HUGEPAGE);
}

void
search_head_drop(struct search_head *head)
{
	if (!head ||
		atomic_fetch_sub_explicit(&head->references, 1, memory_order_acq_rel) > 1)
		return;
	buffer_free(&head->bytes);
	free(head);
}

static void
unlink_head(struct search_cache *cache, struct search_head *head)
{
	*(head->newer ? &head->newer->older : &cache->newest) = head->older;
	*(head->older ? &head->older->newer : &cache->oldest) = head->newer;
	head->newer = head->older = NULL;
	cache->bytes -= head->bytes.capacity;
}

static void
link_head(struct search_cache *cache, struct search_head *head)
{
	head->older = cache->newest;
	*(cache->newest ? &cache->newest->newer : &cache->oldest) = head;
	cache->newest = head;
	cache->bytes += head->bytes.capacity;
}

void
search_cache_destroy(struct search_cache *cache)
{
	if (!cache)
		return;
	while (cache->oldest) {
		struct search_head *head = cache->oldest;
		unlink_head(cache, head);
		search_head_drop(head);
	}
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

static struct search_head *
find(const struct search_cache *cache, const struct store_hash *hash,
	enum search_cached what)
{
	struct search_head *head = cache->newest;
	while (head && (head->what != what || memcmp(&head->hash, hash, sizeof *hash) != 0))
		head = head->older;
	return head;
}

struct search_head *
search_cache_take(
	struct search_cache *cache, const struct store_hash *hash, enum search_cached what)
{
	pthread_mutex_lock(&cache->lock);
	struct search_head *head = find(cache, hash, what);
	if (head) {
		unlink_head(cache, head);
		link_head(cache, head);
		atomic_fetch_add_explicit(&head->references, 1, memory_order_relaxed);
	}
	pthread_mutex_unlock(&cache->lock);
	return head;
}

void
search_cache_keep(struct search_cache *cache, struct search_head *head)
{
	pthread_mutex_lock(&cache->lock);
	if (!find(cache, &head->hash, head->what) &&
		head->bytes.capacity <= SEARCH_CACHE_BYTES) {
		atomic_fetch_add_explicit(&head->references, 1, memory_order_relaxed);
		link_head(cache, head);
	}
	while (cache->bytes > SEARCH_CACHE_BYTES) {
		struct search_head *oldest = cache->oldest;
		unlink_head(cache, oldest);
		search_head_drop(oldest);
	}
	pthread_mutex_unlock(&cache->lock);
}
