#include "net/queue.h"
#include "net/session.h"
#include <sys/eventfd.h>
#include <unistd.h>

void
net_queue_start(struct net_queue *queue, int bell)
{
	*queue = (struct net_queue){.bell = bell};
	ASSERT(pthread_mutex_init(&queue->lock, NULL) == 0);
}

void
net_queue_stop(struct net_queue *queue)
{
	pthread_mutex_destroy(&queue->lock);
}

void
net_queue_ring(struct net_queue *queue)
{
	/* Nobody reads the counter: each write is one edge. It can't fill up. */
	ASSERT(eventfd_write(queue->bell, 1) == 0);
}

/* Under the lock. */
static bool
must_ring(struct net_queue *queue)
{
	if (!queue->first || queue->idle == 0 || queue->rung)
		return false;
	queue->rung = true;
	return true;
}

void
net_queue_push(struct net_queue *queue, struct net_session *session)
{
	session->queue_next = NULL;
	pthread_mutex_lock(&queue->lock);
	if (queue->last)
		queue->last->queue_next = session;
	else
		queue->first = session;
	queue->last = session;
	queue->length++;
	bool ring = must_ring(queue);
	pthread_mutex_unlock(&queue->lock);
	if (ring)
		net_queue_ring(queue);
}

struct net_session *
net_queue_take(struct net_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	struct net_session *session = queue->first;
	if (session) {
		queue->first = session->queue_next;
		if (!queue->first)
			queue->last = NULL;
		queue->length--;
	} else {
		queue->idle++;
	}
	bool ring = must_ring(queue);
	pthread_mutex_unlock(&queue->lock);
	if (ring)
		net_queue_ring(queue);
	return session;
}

void
net_queue_awake(struct net_queue *queue, bool was_idle, bool by_bell)
{
	pthread_mutex_lock(&queue->lock);
	if (was_idle)
		queue->idle--;
	if (by_bell)
		queue->rung = false;
	pthread_mutex_unlock(&queue->lock);
}

size_t
net_queue_length(struct net_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	size_t length = queue->length;
	pthread_mutex_unlock(&queue->lock);
	return length;
}
