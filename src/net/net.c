#include "net/net.h"
#include "net/runtime.h"
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define WORKERS_A_CORE  2
#define WORKERS_LEAST   4
#define HOUSEKEEPING_MS 1000
#define STOP_GRACE_MS   (10 * 1000)
#define STOP_STEP_MS    1000 /* for steps under way, when time is up */
#define CARRIED_MOST    16   /* named in the log */
#define TRIM_SESSIONS   256  /* a crowd */

/* --- what a session says of itself ------------------------------------------------------
 */

void *
net_state(struct net_session *session)
{
	return session->state;
}

void *
net_owner(const struct net_session *session)
{
	return session->listener->settings.owner;
}

struct net *
net_of(const struct net_session *session)
{
	return session->net;
}

uint64_t
net_session_id(const struct net_session *session)
{
	return session->id;
}

const struct net_address *
net_peer(const struct net_session *session)
{
	return &session->peer;
}

int64_t
net_peer_user(const struct net_session *session)
{
	struct ucred peer;
	int domain;
	socklen_t size = sizeof domain, length = sizeof peer;
	if (getsockopt(session->descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) ||
		domain != AF_UNIX ||
		getsockopt(session->descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length))
		return -1;
	return peer.uid;
}

void
net_start_tls(struct net_session *session)
{
	ASSERT(!session->ssl);
	session->start_tls = true;
}

bool
net_spoke_early(const struct net_session *session)
{
	char byte;
	if (session->secured && SSL_has_pending(session->ssl))
		return true;
	return recv(session->descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

bool
net_account_enter(struct net_session *session, struct slice account, uint32_t most)
{
	session->account.handle = net_handle(session);
	return net_budget_enter_account(
		session->net->budget, account, most, &session->account);
}

void
net_account_leave(struct net_session *session)
{
	net_budget_leave_account(session->net->budget, &session->account);
}

void
net_dismiss_account(struct net *net, struct slice account)
{
	net_budget_dismiss(net->budget, account);
}

void
net_carries(struct net *net, const char *kind, struct slice id)
{
	net_blame_note(net->settings.blame, net_thread_slot(), kind, id);
}

/* --- wakes ------------------------------------------------------------------------------
 */

struct net_handle
net_handle(const struct net_session *session)
{
	return (struct net_handle){.net = session->net,
		.slot = session->slot,
		.generation = net_session_generation(session)};
}

void
net_wake(struct net_handle handle, unsigned why)
{
	ASSERT(why > 0 && why <= NET_WAKES_MOST);
	struct net_session *session = net_slots_find(&handle.net->slots, handle.slot);
	ASSERT(session);
	net_session_tell_if(session, handle.generation, (uint64_t)why << NET_WAKES_SHIFT);
}

void
net_dismiss(struct net_handle handle)
{
	struct net_session *session = net_slots_find(&handle.net->slots, handle.slot);
	ASSERT(session);
	net_session_tell_if(session, handle.generation, NET_HAPPENED_DISMISS);
}

/* --- the server -------------------------------------------------------------------------
 */

uint64_t
net_now(const struct net *net)
{
	return base_clock_steady_ms(net->settings.clock);
}

struct base_clock *
net_clock(const struct net *net)
{
	return net->settings.clock;
}

struct base_log *
net_log(const struct net *net)
{
	return net->settings.log;
}

bool
net_stopping(const struct net *net)
{
	return atomic_load(&net->stopping);
}

size_t
net_session_count(const struct net *net)
{
	return atomic_load(&net->slots.used);
}

/* Memory of a crowd that has left goes back to the kernel, however many partings it took.
 */
static void
give_back_memory(struct net *net)
{
	size_t count = net_session_count(net);
	if (count > net->most_sessions)
		net->most_sessions = count;
	if (net->most_sessions - count < TRIM_SESSIONS || count > net->most_sessions / 2)
		return;
	net->most_sessions = count;
	malloc_trim(0);
}

static void
keep_house(void *argument)
{
	struct net *net = argument;
	net_listeners_arm_paused(net);
	net_budget_sweep(net->budget, net_now(net));
	base_metric_set(net->queued, (int64_t)net_queue_length(&net->queue));
	give_back_memory(net);
}

static bool
add_bell(struct net *net)
{
	int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	net_queue_start(&net->queue, bell);
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	event.data.u64 = NET_EVENT_BELL;
	return bell >= 0 && epoll_ctl(net->epoll, EPOLL_CTL_ADD, bell, &event) == 0;
}

static unsigned
worker_count(const struct net_settings *settings)
{
	if (settings->workers)
		return settings->workers;
	unsigned count = WORKERS_A_CORE * (unsigned)get_nprocs();
	return count < WORKERS_LEAST ? WORKERS_LEAST : count;
}

enum base_failure
net_create(const struct net_settings *settings, struct net **made, struct base_error *error)
{
	struct net *net = calloc(1, sizeof *net);
	ASSERT(net && settings->clock);
	net->settings = *settings;
	net->worker_count = worker_count(settings);
	net->epoll = epoll_create1(EPOLL_CLOEXEC);
	net_slots_start(&net->slots);
	net_unsent_start(&net->unsent,
		settings->unread_most ? settings->unread_most : NET_UNREAD_MOST);
	net_tls_start(&net->tls);
	net->budget = net_budget_create(&settings->budgets);
	net_crews_create(net);
	net->queued = base_metrics_gauge(settings->metrics, "troika_net_sessions_queued",
		"", "Sessions that wait for a worker.");
	bool bell = add_bell(net);
	bool timer = net_timer_create(net);
	bool listeners = net_listeners_create(net);
	if (net->epoll >= 0 && bell && timer && listeners) {
		net_every(net, HOUSEKEEPING_MS, keep_house, net);
		*made = net;
		return BASE_OK;
	}
	net_destroy(net);
	return base_fail(error, BASE_UNAVAILABLE, "no descriptors left for the network");
}

enum base_failure
net_start(struct net *net, struct base_error *error)
{
	net->workers = calloc(net->worker_count, sizeof *net->workers);
	ASSERT(net->workers && !net->started);
	net->started = net_timer_start(net);
	while (net->started && net->workers_started < net->worker_count) {
		if (!net_worker_start(net, &net->workers[net->workers_started]))
			break;
		net->workers_started++;
	}
	if (net->workers_started < net->worker_count)
		return base_fail(error, BASE_UNAVAILABLE, "can't start %u threads",
			net->worker_count + 1);
	net_listeners_arm_all(net);
	return BASE_OK;
}

static void
stop_threads(struct net *net)
{
	atomic_store(&net->quitting, true);
	net_queue_ring(&net->queue);
	for (unsigned i = 0; i < net->workers_started; i++)
		net_worker_join(&net->workers[i]);
	net->workers_started = 0;
	net_timer_stop(net);
}

/* Idle sessions say goodbye; the others have their time, and then none. */
static bool
end_sessions(struct net *net)
{
	unsigned grace = net->settings.stop_grace_ms;
	atomic_store(&net->stopping, true);
	net_listeners_close_all(net);
	net_timer_stop_jobs(net);
	net_slots_tell_all(&net->slots, NET_HAPPENED_STOP);
	if (net_slots_wait_gone(&net->slots, grace ? grace : STOP_GRACE_MS))
		return true;
	atomic_store(&net->killing, true);
	net_slots_tell_all(&net->slots, NET_HAPPENED_STOP);
	/* A step never waits for long. */
	return net_slots_wait_gone(&net->slots, STOP_STEP_MS);
}

static void
say_what_hangs(const struct net *net)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	LOG(net_log(net), BASE_LOG_ERROR, "net.stop-incomplete",
		LOG_NUMBER("sessions", net_session_count(net)),
		LOG_TEXT("carried",
			net_blame_carried(net->settings.blame, CARRIED_MOST, arena)));
}

bool
net_stop(struct net *net)
{
	if (!net->started || net->stopped)
		return net->ended || !net->started;
	net->stopped = true;
	uint64_t began = net_worker_clock_us();
	uint64_t most =
		net->settings.stop_most_ms ? net->settings.stop_most_ms : NET_STOP_MS;
	bool sessions_ended = end_sessions(net);
	uint64_t spent = (net_worker_clock_us() - began) / 1000;
	net->ended = net_crews_stop(net, spent < most ? most - spent : 0);
	/* A session that waited for an errand. */
	sessions_ended = sessions_ended || net_slots_wait_gone(&net->slots, STOP_STEP_MS);
	net->ended = net->ended && sessions_ended;
	if (sessions_ended)
		stop_threads(net);
	if (!net->ended)
		say_what_hangs(net);
	return net->ended;
}

void
net_destroy(struct net *net)
{
	if (!net)
		return;
	/* An errand that would not end still looks at its crew. */
	if (!net_stop(net))
		return;
	net_listeners_destroy(net);
	net_timer_destroy(net);
	net_crews_destroy(net);
	net_budget_destroy(net->budget);
	net_tls_stop(&net->tls);
	net_slots_stop(&net->slots);
	net_unsent_stop(&net->unsent);
	if (net->queue.bell >= 0)
		close(net->queue.bell);
	net_queue_stop(&net->queue);
	if (net->epoll >= 0)
		close(net->epoll);
	free(net->workers);
	free(net);
}
