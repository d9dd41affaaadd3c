#include "net/timer.h"
#include "net/runtime.h"
#include <errno.h>
#include <stddef.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Looks at least so often, so that no lost arming can last. */
#define LOOK_MS (60 * 60 * 1000)

struct net_job {
	struct net_job *next;
	uint64_t period, due;
	void (*run)(void *argument);
	void *argument;
};

bool
net_timer_create(struct net *net)
{
	struct net_timer *timer = &net->timer;
	ASSERT(pthread_mutex_init(&timer->lock, NULL) == 0);
	ASSERT(pthread_cond_init(&timer->job_ended, NULL) == 0);
	net_wheel_start(&timer->wheel, net_now(net));
	timer->armed = NET_WHEEL_NEVER;
	timer->descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	return timer->descriptor >= 0;
}

void
net_timer_destroy(struct net *net)
{
	struct net_timer *timer = &net->timer;
	while (timer->jobs) {
		struct net_job *job = timer->jobs;
		timer->jobs = job->next;
		free(job);
	}
	if (timer->descriptor >= 0)
		close(timer->descriptor);
	pthread_cond_destroy(&timer->job_ended);
	pthread_mutex_destroy(&timer->lock);
}

/* Under the lock. */
static void
arm(struct net_timer *timer, uint64_t now, uint64_t at)
{
	uint64_t delay = at <= now ? 0 : at - now;
	if (delay > LOOK_MS)
		delay = LOOK_MS;
	struct itimerspec when = {0};
	when.it_value.tv_sec = (time_t)(delay / 1000);
	when.it_value.tv_nsec = delay ? (long)(delay % 1000 * 1000000) : 1;
	ASSERT(timerfd_settime(timer->descriptor, 0, &when, NULL) == 0);
	timer->armed = at;
}

static void
arm_if_earlier(struct net *net, uint64_t at)
{
	if (at < net->timer.armed)
		arm(&net->timer, net_now(net), at);
}

/* --- sessions ------------------------------------------------------------------------- */

static struct net_session *
session_of(struct net_wheel_entry *entry)
{
	return (struct net_session *)(void *)((char *)entry -
					      offsetof(struct net_session, timer));
}

static void
put(struct net *net, struct net_session *session)
{
	uint64_t due = atomic_load(&session->due);
	atomic_store(&session->fires, due);
	net_wheel_put(&net->timer.wheel, &session->timer, due);
	arm_if_earlier(net, net_wheel_next(&net->timer.wheel));
}

void
net_timer_set(struct net_session *session, uint64_t due)
{
	/*
	 * The thread stores fires before it reads due; we store due before we read fires.
	 * So either it sees the new due, or we see that the wheel holds us no more.
	 */
	atomic_store(&session->due, due);
	if (atomic_load(&session->fires) <= due)
		return;
	struct net *net = session->net;
	pthread_mutex_lock(&net->timer.lock);
	if (atomic_load(&session->fires) > due)
		put(net, session);
	pthread_mutex_unlock(&net->timer.lock);
}

void
net_timer_forget(struct net_session *session)
{
	struct net *net = session->net;
	pthread_mutex_lock(&net->timer.lock);
	net_wheel_remove(&net->timer.wheel, &session->timer);
	atomic_store(&session->fires, NET_WHEEL_NEVER);
	pthread_mutex_unlock(&net->timer.lock);
}

static void
fire_sessions(struct net *net)
{
	struct net_timer *timer = &net->timer;
	pthread_mutex_lock(&timer->lock);
	uint64_t now = net_now(net);
	struct net_wheel_entry *entry;
	while ((entry = net_wheel_take_due(&timer->wheel, now))) {
		struct net_session *session = session_of(entry);
		atomic_store(&session->fires, NET_WHEEL_NEVER);
		if (atomic_load(&session->due) > now)
			put(net, session);
		else
			net_session_tell(session, NET_HAPPENED_TIMER);
	}
	pthread_mutex_unlock(&timer->lock);
}

/* --- jobs ----------------------------------------------------------------------------- */

void
net_every(struct net *net, uint64_t period_ms, void (*fn)(void *argument), void *argument)
{
	struct net_job *job = calloc(1, sizeof *job);
	ASSERT(job && period_ms > 0);
	pthread_mutex_lock(&net->timer.lock);
	*job = (struct net_job){.next = net->timer.jobs,
		.period = period_ms,
		.due = net_now(net) + period_ms,
		.run = fn,
		.argument = argument};
	net->timer.jobs = job;
	arm_if_earlier(net, job->due);
	pthread_mutex_unlock(&net->timer.lock);
}

/* The next due job, its next time already set; NULL when none is due. */
static struct net_job *
due_job(struct net *net, uint64_t now)
{
	pthread_mutex_lock(&net->timer.lock);
	struct net_job *job = net->timer.jobs_stopped ? NULL : net->timer.jobs;
	while (job && job->due > now)
		job = job->next;
	if (job)
		job->due = now + job->period;
	net->timer.jobs_running = job != NULL;
	pthread_cond_broadcast(&net->timer.job_ended);
	pthread_mutex_unlock(&net->timer.lock);
	return job;
}

static void
run_jobs(struct net *net)
{
	uint64_t now = net_now(net);
	struct net_job *job;
	while ((job = due_job(net, now)))
		job->run(job->argument);
}

void
net_timer_stop_jobs(struct net *net)
{
	struct net_timer *timer = &net->timer;
	pthread_mutex_lock(&timer->lock);
	timer->jobs_stopped = true;
	while (timer->jobs_running)
		pthread_cond_wait(&timer->job_ended, &timer->lock);
	pthread_mutex_unlock(&timer->lock);
}

/* --- the thread ----------------------------------------------------------------------- */

static void
arm_next(struct net *net)
{
	struct net_timer *timer = &net->timer;
	pthread_mutex_lock(&timer->lock);
	uint64_t next = net_wheel_next(&timer->wheel);
	for (struct net_job *job = timer->jobs; job && !timer->jobs_stopped;
		job = job->next)
		if (job->due < next)
			next = job->due;
	arm(timer, net_now(net), next);
	pthread_mutex_unlock(&timer->lock);
}

static void *
timer_thread(void *argument)
{
	struct net *net = argument;
	for (;;) {
		fire_sessions(net);
		run_jobs(net);
		arm_next(net);
		/* A poke before arm_next is lost, so quit is looked at behind it. */
		if (atomic_load(&net->timer.quit))
			return NULL;
		uint64_t expired;
		ssize_t got = read(net->timer.descriptor, &expired, sizeof expired);
		ASSERT(got == sizeof expired || errno == EINTR);
	}
}

bool
net_timer_start(struct net *net)
{
	return net_thread_start(&net->timer.thread, timer_thread, net);
}

/* Makes the thread look now. */
static void
poke(struct net *net)
{
	pthread_mutex_lock(&net->timer.lock);
	arm(&net->timer, 0, 0);
	pthread_mutex_unlock(&net->timer.lock);
}

void
net_clock_advanced(struct net *net)
{
	poke(net);
}

void
net_timer_stop(struct net *net)
{
	atomic_store(&net->timer.quit, true);
	poke(net);
	pthread_join(net->timer.thread, NULL);
}
