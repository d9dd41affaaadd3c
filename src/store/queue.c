#include "store/internal.h"

void
store_queue_init(struct store_queue *queue)
{
	ASSERT(pthread_mutex_init(&queue->lock, NULL) == 0);
	ASSERT(pthread_cond_init(&queue->filled, NULL) == 0);
	queue->end = &queue->first;
}

void
store_queue_destroy(struct store_queue *queue)
{
	ASSERT(!queue->first);
	pthread_cond_destroy(&queue->filled);
	pthread_mutex_destroy(&queue->lock);
}

/* The longest prefix under the ceilings, at least one set; upkeep goes alone. */
static struct store_set *
cut_group(struct store_queue *queue)
{
	struct store_set *first = queue->first, *last = first;
	size_t commits = 1, bytes = first->bytes;
	while (last->next && !first->upkeep && !last->next->upkeep &&
		commits < STORE_GROUP_COMMITS_MOST &&
		bytes + last->next->bytes <= STORE_GROUP_BYTES_MOST) {
		last = last->next;
		bytes += last->bytes;
		commits++;
	}
	queue->first = last->next;
	if (!queue->first)
		queue->end = &queue->first;
	last->next = NULL;
	return first;
}

struct store_set *
store_queue_take(struct store_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	while (!queue->first && !queue->stopping) {
		queue->committer_idle = true;
		pthread_cond_wait(&queue->filled, &queue->lock);
		queue->committer_idle = false;
	}
	struct store_set *group = queue->first ? cut_group(queue) : NULL;
	pthread_mutex_unlock(&queue->lock);
	return group;
}

void
store_queue_stop(struct store_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->stopping = true;
	pthread_cond_signal(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
}
