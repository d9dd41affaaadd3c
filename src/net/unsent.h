#ifndef NET_UNSENT_H
#define NET_UNSENT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Inside net: output that parked sessions keep because the kernel takes no more, counted
 * over all of them. Past the ceiling those are evicted whose peer has read nothing for
 * longest: a list, in which a session moves to the end whenever some of its output went.
 *
 * A session whose output goes at once, as most do, costs no lock here.
 */
struct net_session;

struct net_unsent_entry {
	struct net_session *older, *newer;
	size_t bytes; /* as they were counted */
	bool listed;
};

struct net_unsent {
	pthread_mutex_t lock;
	size_t bytes, most;
	struct net_session *oldest, *newest;
};

void net_unsent_start(struct net_unsent *unsent, size_t most);
void net_unsent_stop(struct net_unsent *unsent);
/* The session's worker, before it parks; moved: some output went since the last time. */
void net_unsent_note(struct net_session *session, bool moved);
void net_unsent_forget(struct net_session *session); /* it ends */
size_t net_unsent_bytes(struct net_unsent *unsent);

#endif
