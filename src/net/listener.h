#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "net/budget.h"
#include <pthread.h>
#include <stdatomic.h>

/*
 * Inside net: listening sockets. They are one-shot members of the epoll set: the worker
 * that took the event accepts one session, arms it again, and runs the session.
 */
#define NET_LISTENERS_MOST  192          /* those of a plan, and some of our own */
#define NET_REFUSED_AT_ONCE 64           /* before other work has its turn */
#define NET_UNSENT_MOST     (128 * 1024) /* in the kernel, for a peer that does not read */

struct net_worker;

struct net_listener {
	pthread_mutex_t lock; /* descriptor, paused */
	struct net_listener_settings settings;
	bool paused; /* no descriptors left: armed again by the housekeeper */
	uint32_t index;
	struct base_metric *accepted, *sessions, *handshake_failures;
};

struct net_listeners {
	pthread_mutex_t lock;       /* spare */
	pthread_mutex_t table_lock; /* all, count; taken before a listener's */
	struct net_listener *_Atomic all[NET_LISTENERS_MOST];
	atomic_uint count;
	int spare; /* given up to accept, and refuse, when there are no more */
	struct base_metric *refused[NET_ADMISSIONS];
};

bool net_listeners_create(struct net *net);
void net_listeners_destroy(struct net *net);
void net_listeners_arm_all(struct net *net);
void net_listeners_arm_paused(struct net *net);
void net_listeners_close_all(struct net *net);
void net_listener_accept(struct net_worker *worker, uint32_t index);

#endif
