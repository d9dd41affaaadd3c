#ifndef NET_LANE_H
#define NET_LANE_H

#include "net/net.h"
#include <pthread.h>

/*
 * Inside net: threads for errands of one kind and the queue before them. A thread is
 * started when an errand finds none idle, up to the lane's number, and stays.
 */
struct net_errand_entry;

struct net_crew {
	pthread_mutex_t lock;
	pthread_cond_t work, ended;
	struct net *net;
	struct net_errand_entry *first, *last;
	unsigned waiting, waiting_most;
	pthread_t *threads; /* threads_most of them */
	const char *name;
	unsigned threads_most, started, running, idle;
	bool stopped; /* takes no more, cancels what waits */
	struct base_metric *refused, *waiting_gauge;
};

void net_crews_create(struct net *net);
/* Cancels what waits and waits for what runs. False: something still runs. */
bool net_crews_stop(struct net *net, uint64_t within_ms);
void net_crews_destroy(struct net *net); /* after a stop that was true */

#endif
