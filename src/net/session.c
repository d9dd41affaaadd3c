#include "net/session.h"
#include "net/runtime.h"
#include <stddef.h>

void
net_slots_start(struct net_slots *slots)
{
	ASSERT(pthread_mutex_init(&slots->lock, NULL) == 0);
	net_condition_start(&slots->all_gone);
}

void
net_slots_stop(struct net_slots *slots)
{
	for (uint32_t i = 0; i < slots->slab_count; i++)
		free(slots->slabs[i]);
	pthread_cond_destroy(&slots->all_gone);
	pthread_mutex_destroy(&slots->lock);
}

static bool
add_slab(struct net_slots *slots, struct net *net)
{
	if (slots->slab_count == NET_SLABS_MOST)
		return false;
	struct net_session *slab = calloc(NET_SLAB_SESSIONS, sizeof *slab);
	if (!slab)
		return false;
	for (uint32_t i = NET_SLAB_SESSIONS; i-- > 0;) {
		slab[i].net = net;
		slab[i].slot = slots->slab_count * NET_SLAB_SESSIONS + i;
		slab[i].queue_next = slots->free;
		atomic_init(&slab[i].fires, NET_WHEEL_NEVER);
		slots->free = &slab[i];
	}
	atomic_store(&slots->slabs[slots->slab_count++], slab);
	return true;
}

/* Everything from `descriptor` on belongs to one session's life. */
static void
clear_life(struct net_session *session)
{
	size_t kept = offsetof(struct net_session, descriptor);
	memset((char *)session + kept, 0, sizeof *session - kept);
}

struct net_session *
net_slots_take(struct net_slots *slots, struct net *net)
{
	pthread_mutex_lock(&slots->lock);
	struct net_session *session = NULL;
	if (slots->free || add_slab(slots, net)) {
		session = slots->free;
		slots->free = session->queue_next;
		slots->used++;
	}
	pthread_mutex_unlock(&slots->lock);
	if (!session)
		return NULL;
	clear_life(session);
	session->id = ++slots->next_id;
	uint64_t generation = net_session_generation(session);
	atomic_store(
		&session->word, generation << NET_GENERATION_SHIFT | (uint64_t)NET_RUNNING);
	return session;
}

void
net_slots_give_back(struct net_slots *slots, struct net_session *session)
{
	uint64_t generation = (uint32_t)(net_session_generation(session) + 1);
	atomic_store(
		&session->word, generation << NET_GENERATION_SHIFT | (uint64_t)NET_FREE);
	pthread_mutex_lock(&slots->lock);
	session->queue_next = slots->free;
	slots->free = session;
	if (--slots->used == 0)
		pthread_cond_broadcast(&slots->all_gone);
	pthread_mutex_unlock(&slots->lock);
}

struct net_session *
net_slots_find(struct net_slots *slots, uint32_t slot)
{
	uint32_t slab = slot / NET_SLAB_SESSIONS;
	struct net_session *sessions =
		slab < NET_SLABS_MOST ? atomic_load(&slots->slabs[slab]) : NULL;
	return sessions ? &sessions[slot % NET_SLAB_SESSIONS] : NULL;
}

void
net_slots_tell_all(struct net_slots *slots, uint64_t happened)
{
	for (uint32_t slot = 0;; slot++) {
		struct net_session *session = net_slots_find(slots, slot);
		if (!session)
			return;
		net_session_tell(session, happened);
	}
}

bool
net_slots_wait_gone(struct net_slots *slots, uint64_t within_ms)
{
	struct timespec until = net_from_now(within_ms);
	pthread_mutex_lock(&slots->lock);
	while (slots->used > 0)
		if (pthread_cond_timedwait(&slots->all_gone, &slots->lock, &until) != 0)
			break;
	bool gone = slots->used == 0;
	pthread_mutex_unlock(&slots->lock);
	return gone;
}
