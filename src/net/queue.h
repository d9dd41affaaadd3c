#ifndef NET_QUEUE_H
#define NET_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Inside net: the run queue, and how workers are woken for it. Workers sleep in epoll
 * only; the bell is an edge-triggered eventfd in the same set, so one ring wakes one
 * worker. A worker that takes a session while more are waiting rings for the next worker,
 * so that a thousand pushes cost a few rings.
 */
struct net_session;

struct net_queue {
	pthread_mutex_t lock;
	struct net_session *first, *last;
	size_t length;
	unsigned idle; /* workers asleep, or about to be */
	bool rung;     /* a ring is under way to one of them */
	int bell;
};

void net_queue_start(struct net_queue *queue, int bell);
void net_queue_stop(struct net_queue *queue);
void net_queue_push(struct net_queue *queue, struct net_session *session);
/* NULL: none, and the worker counts as idle until net_queue_awake. */
struct net_session *net_queue_take(struct net_queue *queue);
void net_queue_awake(struct net_queue *queue, bool was_idle, bool by_bell);
size_t net_queue_length(struct net_queue *queue);
void net_queue_ring(struct net_queue *queue);

#endif
