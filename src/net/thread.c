#include "net/thread.h"
#include "base/error.h"
#include "net/net.h"
#include <signal.h>

/* A thread's own doing, not main's: a handler must be able to see them (net/blame.h). */
static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};

static _Thread_local unsigned slot = NET_BLAME_SLOTS;

unsigned
net_thread_slot(void)
{
	return slot;
}

void
net_thread_take_slot(unsigned number, const char *name)
{
	slot = number;
	pthread_setname_np(pthread_self(), name);
}

bool
net_thread_start(pthread_t *thread, void *(*run)(void *), void *argument)
{
	pthread_attr_t attributes;
	ASSERT(pthread_attr_init(&attributes) == 0);
	pthread_attr_setstacksize(&attributes, NET_STACK_SIZE);
	sigset_t mask, before;
	sigfillset(&mask);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		sigdelset(&mask, faults[i]);
	pthread_sigmask(SIG_SETMASK, &mask, &before);
	bool started = pthread_create(thread, &attributes, run, argument) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return started;
}

void
net_condition_start(pthread_cond_t *condition)
{
	pthread_condattr_t monotonic;
	ASSERT(pthread_condattr_init(&monotonic) == 0);
	ASSERT(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
	ASSERT(pthread_cond_init(condition, &monotonic) == 0);
	pthread_condattr_destroy(&monotonic);
}

struct timespec
net_from_now(uint64_t ms)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	uint64_t nanoseconds = (uint64_t)at.tv_nsec + ms % 1000 * 1000000;
	at.tv_sec += (time_t)(ms / 1000 + nanoseconds / 1000000000);
	at.tv_nsec = (long)(nanoseconds % 1000000000);
	return at;
}
