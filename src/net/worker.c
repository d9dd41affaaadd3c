#include "net/worker.h"
#include "net/deflate.h"
#include "net/runtime.h"
#include <errno.h>
#include <sched.h>
#include <sys/epoll.h>
#include <unistd.h>

uint64_t
net_worker_clock_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

bool
net_worker_arm(struct net_session *session, unsigned events)
{
	if ((events & ~session->armed) == 0)
		return true;
	struct epoll_event event = {.events = events | EPOLLONESHOT};
	event.data.u64 = (uint64_t)net_session_generation(session) << 32 | session->slot;
	int how = session->in_set ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	/* Before the call: the event may come to another worker at once. */
	session->armed = events;
	session->in_set = true;
	return epoll_ctl(session->net->epoll, how, session->descriptor, &event) == 0;
}

static void
session_event(
	struct net_worker *worker, uint32_t slot, uint32_t generation, unsigned events)
{
	struct net_session *session = net_slots_find(&worker->net->slots, slot);
	ASSERT(session);
	uint64_t bits = 0;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		bits |= NET_HAPPENED_INPUT;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		bits |= NET_HAPPENED_ROOM;
	if (net_session_claim(session, generation, bits))
		net_run(worker, session);
}

static void
dispatch(struct net_worker *worker, const struct epoll_event *event)
{
	uint32_t low = (uint32_t)event->data.u64;
	if (low & NET_EVENT_LISTENER)
		net_listener_accept(worker, low & ~NET_EVENT_LISTENER);
	else
		session_event(
			worker, low, (uint32_t)(event->data.u64 >> 32), event->events);
}

/* To fall asleep and be woken costs more than a turn for others on this core. */
static int
wait_for_event(const struct net *net, struct epoll_event *event)
{
	int count = epoll_wait(net->epoll, event, 1, 0);
	if (count != 0)
		return count;
	sched_yield();
	count = epoll_wait(net->epoll, event, 1, 0);
	return count != 0 ? count : epoll_wait(net->epoll, event, 1, -1);
}

static void
look_at_events(struct net_worker *worker, bool asleep)
{
	struct net *net = worker->net;
	struct epoll_event event;
	int count =
		asleep ? wait_for_event(net, &event) : epoll_wait(net->epoll, &event, 1, 0);
	ASSERT(count >= 0 || errno == EINTR);
	bool bell = count > 0 && (uint32_t)event.data.u64 == NET_EVENT_BELL;
	if (asleep || bell)
		net_queue_awake(&net->queue, asleep, bell);
	if (count > 0 && !bell)
		dispatch(worker, &event);
}

static void *
worker_thread(void *argument)
{
	struct net_worker *worker = argument;
	struct net *net = worker->net;
	net_thread_take_slot((unsigned)(worker - net->workers), "worker");
	while (!atomic_load(&net->quitting)) {
		struct net_session *session = net_queue_take(&net->queue);
		if (session) {
			net_session_begin(session);
			net_run(worker, session);
		}
		look_at_events(worker, session == NULL);
	}
	net_queue_ring(&net->queue); /* for the next one */
	return NULL;
}

bool
net_worker_start(struct net *net, struct net_worker *worker)
{
	worker->net = net;
	worker->in = malloc(NET_INPUT_SLICE);
	worker->staging = malloc(NET_OUTPUT_RUN);
	worker->gather = malloc(NET_OUTPUT_RUN);
	worker->packed = malloc(NET_DEFLATE_PACKED);
	ASSERT(worker->in && worker->staging && worker->gather && worker->packed);
	return net_thread_start(&worker->thread, worker_thread, worker);
}

void
net_worker_join(struct net_worker *worker)
{
	pthread_join(worker->thread, NULL);
	free(worker->in);
	free(worker->staging);
	free(worker->gather);
	free(worker->packed);
}
