#ifndef NET_WORKER_H
#define NET_WORKER_H

#include "net/output.h"
#include <pthread.h>

/*
 * Inside net: a thread that takes sessions from the run queue and events from the epoll
 * set, in turn, one at a time, so that whatever takes long leaves the rest to the others.
 * Its buffers serve the session it runs; between slices they hold nothing.
 */
#define NET_SLICE_MS 5

struct net;

struct net_worker {
	struct net *net;
	pthread_t thread;

	struct slice unread; /* in `in`, or in the session's kept input */
	size_t in_left;      /* of the slice */
	size_t out_left;
	uint64_t until_us; /* steady microseconds */

	size_t staged;
	char *in, *staging, *gather; /* NET_INPUT_SLICE, and twice NET_OUTPUT_RUN */
	char *packed;                /* NET_DEFLATE_PACKED */
};

bool net_worker_start(struct net *net, struct net_worker *worker);
void net_worker_join(struct net_worker *worker);
uint64_t net_worker_clock_us(void); /* for slices; no test moves it */

/* Asks epoll to tell about the session once (EPOLLIN, EPOLLOUT). False: it can't. */
bool net_worker_arm(struct net_session *session, unsigned events);

/* What an epoll event carries: a session's slot and generation, or one of these. */
#define NET_EVENT_BELL     UINT32_C(0xffffffff)
#define NET_EVENT_LISTENER UINT32_C(0x80000000) /* and its index */

#endif
