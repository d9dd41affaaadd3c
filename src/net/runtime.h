#ifndef NET_RUNTIME_H
#define NET_RUNTIME_H

#include "net/budget.h"
#include "net/lane.h"
#include "net/listener.h"
#include "net/net.h"
#include "net/queue.h"
#include "net/session.h"
#include "net/thread.h"
#include "net/timer.h"
#include "net/tls-server.h"
#include "net/unsent.h"
#include "net/worker.h"

/* Inside net: the whole of it. */

/* Mail programs ask their users about an unknown certificate in the midst of it. */
#define NET_HANDSHAKE_MS (90 * 1000)
#define NET_LINGER_MS    (2 * 1000)  /* after our end, for the peer's */
#define NET_STOP_MS      (30 * 1000) /* net_stop returns, whatever happens */
#define NET_ARM_LOG_MS   (60 * 1000) /* what fails for one fails for thousands */

struct net {
	struct net_settings settings;
	int epoll;
	struct net_slots slots;
	struct net_queue queue;
	struct net_timer timer;
	struct net_budget *budget;
	struct net_tls tls;
	struct net_listeners listeners;
	struct net_crew crews[NET_LANES];
	atomic_uint lane_slots; /* of the blame page, given to lanes' threads */
	struct net_worker *workers;
	unsigned worker_count, workers_started;
	size_t most_sessions; /* since memory was last given back; the housekeeper's */
	struct base_metric *queued;
	bool started, stopped;
	bool ended; /* no session and no errand is left */
	struct net_unsent unsent;
	atomic_ullong arm_failed_at; /* when that was last logged, ms; 0: never */
	atomic_bool stopping;        /* idle sessions say goodbye, errands leave */
	atomic_bool killing;         /* every session ends now */
	atomic_bool quitting;        /* workers end */
};

uint64_t net_now(const struct net *net); /* steady ms of the settings' clock */

/* One slice: until it is parked, queued again or gone; not the caller's any more. */
void net_run(struct net_worker *worker, struct net_session *session);
/* The first phase of a new session. */
void net_run_prepare(struct net_session *session);
/* Releases everything and gives the slot back. */
void net_session_end(struct net_session *session);

#endif
