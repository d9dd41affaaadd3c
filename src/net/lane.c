#include "net/lane.h"
#include "net/runtime.h"
#include <errno.h>
#include <sys/sysinfo.h>

struct net_errand_entry {
	struct net_errand_entry *next;
	net_errand_run *run;
	void *argument;
	struct arena *arena;
	struct base_ticket *ticket;
};

static const struct lane_kind {
	const char *name;
	unsigned threads; /* 0: one a core */
	unsigned queue;
} kinds[NET_LANES] = {
	[NET_LANE_HASH] = {"hash", 0, 256},
	[NET_LANE_DELIVERY] = {"delivery", 64, 1024},
	[NET_LANE_DIRECTORY] = {"directory", 32, 512},
	[NET_LANE_STORAGE] = {"storage", 4, 64},
	[NET_LANE_CHANGES] = {"changes", 2, 64},
	[NET_LANE_ADMIN] = {"admin", 8, 64},
	[NET_LANE_HELPER] = {"helper", 4, 64},
};

/* Everything of the errand is released before its ticket is complete. */
static void
end_errand(struct net_errand_entry *errand, enum base_failure outcome)
{
	struct base_ticket *ticket = errand->ticket;
	arena_destroy(errand->arena);
	free(errand);
	base_ticket_complete(ticket, outcome);
	base_ticket_drop(ticket);
}

/* --- the threads ------------------------------------------------------------------------
 */

/* Under the lock. */
static struct net_errand_entry *
take_first(struct net_crew *crew)
{
	struct net_errand_entry *errand = crew->first;
	if (!errand)
		return NULL;
	crew->first = errand->next;
	if (!crew->first)
		crew->last = NULL;
	base_metric_set(crew->waiting_gauge, --crew->waiting);
	return errand;
}

/* Waits for the next errand; NULL when the lane has stopped. */
static struct net_errand_entry *
next_errand(struct net_crew *crew)
{
	pthread_mutex_lock(&crew->lock);
	crew->idle++;
	while (!crew->first && !crew->stopped)
		pthread_cond_wait(&crew->work, &crew->lock);
	crew->idle--;
	struct net_errand_entry *errand = crew->stopped ? NULL : take_first(crew);
	if (!errand && --crew->running == 0)
		pthread_cond_broadcast(&crew->ended);
	pthread_mutex_unlock(&crew->lock);
	return errand;
}

static void *
crew_thread(void *argument)
{
	struct net_crew *crew = argument;
	struct net *net = crew->net;
	struct net_errand_entry *errand;
	net_thread_take_slot(
		net->worker_count + atomic_fetch_add(&net->lane_slots, 1), crew->name);
	while ((errand = next_errand(crew))) {
		net_carries(net, "errand", slice_of_text(crew->name));
		enum base_failure outcome = errand->run(errand->argument, errand->arena);
		net_blame_clear(net->settings.blame, net_thread_slot());
		end_errand(errand, outcome);
	}
	return NULL;
}

/* Under the lock: one more thread if this errand finds none idle. False: there is none. */
static bool
have_thread(struct net_crew *crew)
{
	if (crew->waiting < crew->idle || crew->started == crew->threads_most)
		return true;
	if (!net_thread_start(&crew->threads[crew->started], crew_thread, crew))
		return crew->started > 0;
	crew->started++;
	crew->running++;
	return true;
}

/* --- errands ----------------------------------------------------------------------------
 */

/* Under the lock. False: the lane is full or stopped. */
static bool
enqueue(struct net_crew *crew, struct net_errand_entry *errand)
{
	if (crew->stopped || crew->waiting == crew->waiting_most || !have_thread(crew))
		return false;
	if (crew->last)
		crew->last->next = errand;
	else
		crew->first = errand;
	crew->last = errand;
	base_metric_set(crew->waiting_gauge, ++crew->waiting);
	pthread_cond_signal(&crew->work);
	return true;
}

struct base_ticket *
net_errand(struct net *net, enum net_lane lane, net_errand_run *run, void *argument,
	struct arena *moved)
{
	struct net_crew *crew = &net->crews[lane];
	struct net_errand_entry *errand = calloc(1, sizeof *errand);
	ASSERT(errand);
	*errand = (struct net_errand_entry){.run = run,
		.argument = argument,
		.arena = moved,
		.ticket = base_ticket_create()};
	struct base_ticket *ticket = base_ticket_hold(errand->ticket);
	pthread_mutex_lock(&crew->lock);
	bool queued = enqueue(crew, errand);
	pthread_mutex_unlock(&crew->lock);
	if (queued)
		return ticket;
	base_metric_add(crew->refused, 1);
	base_ticket_drop(errand->ticket);
	free(errand);
	base_ticket_drop(ticket);
	return NULL;
}

/* --- lanes ------------------------------------------------------------------------------
 */

static void
add_metrics(struct net_crew *crew, struct base_metrics *metrics, const char *name)
{
	char labels[32];
	snprintf(labels, sizeof labels, "lane=\"%s\"", name);
	crew->refused = base_metrics_counter(metrics, "troika_net_errands_refused_total",
		labels, "Errands refused because the lane's queue was full.");
	crew->waiting_gauge = base_metrics_gauge(metrics, "troika_net_errands_waiting",
		labels, "Errands waiting for a thread.");
}

void
net_crews_create(struct net *net)
{
	for (int i = 0; i < NET_LANES; i++) {
		struct net_crew *crew = &net->crews[i];
		crew->net = net;
		crew->name = kinds[i].name;
		unsigned threads = net->settings.lane_threads[i];
		if (threads == 0)
			threads = kinds[i].threads;
		crew->threads_most = threads ? threads : (unsigned)get_nprocs();
		unsigned queue = net->settings.lane_queue[i];
		crew->waiting_most = queue ? queue : kinds[i].queue;
		crew->threads = calloc(crew->threads_most, sizeof *crew->threads);
		ASSERT(crew->threads);
		ASSERT(pthread_mutex_init(&crew->lock, NULL) == 0);
		net_condition_start(&crew->ended);
		ASSERT(pthread_cond_init(&crew->work, NULL) == 0);
		add_metrics(crew, net->settings.metrics, kinds[i].name);
	}
}

/* Nothing new, and what waits is cancelled. */
static void
close_crew(struct net_crew *crew)
{
	pthread_mutex_lock(&crew->lock);
	crew->stopped = true;
	struct net_errand_entry *errand;
	while ((errand = take_first(crew))) {
		pthread_mutex_unlock(&crew->lock);
		end_errand(errand, BASE_CANCELLED);
		pthread_mutex_lock(&crew->lock);
	}
	pthread_cond_broadcast(&crew->work);
	pthread_mutex_unlock(&crew->lock);
}

static bool
join_crew(struct net_crew *crew, const struct timespec *until)
{
	pthread_mutex_lock(&crew->lock);
	while (crew->running > 0)
		if (pthread_cond_timedwait(&crew->ended, &crew->lock, until) == ETIMEDOUT)
			break;
	unsigned running = crew->running;
	pthread_mutex_unlock(&crew->lock);
	if (running > 0) {
		LOG(net_log(crew->net), BASE_LOG_ERROR, "net.errands-hang",
			LOG_STRING("lane", crew->name), LOG_NUMBER("errands", running));
		return false;
	}
	for (unsigned i = 0; i < crew->started; i++)
		pthread_join(crew->threads[i], NULL);
	crew->started = 0;
	return true;
}

bool
net_crews_stop(struct net *net, uint64_t within_ms)
{
	struct timespec until = net_from_now(within_ms);
	bool all = true;
	for (int i = 0; i < NET_LANES; i++)
		close_crew(&net->crews[i]);
	for (int i = 0; i < NET_LANES; i++)
		all = join_crew(&net->crews[i], &until) && all;
	return all;
}

void
net_crews_destroy(struct net *net)
{
	for (int i = 0; i < NET_LANES; i++) {
		struct net_crew *crew = &net->crews[i];
		pthread_cond_destroy(&crew->work);
		pthread_cond_destroy(&crew->ended);
		pthread_mutex_destroy(&crew->lock);
		free(crew->threads);
	}
}
