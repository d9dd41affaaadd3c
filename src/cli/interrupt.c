#include "cli/interrupt.h"
#include "base/base.h"
#include <unistd.h>

static sigset_t
heard(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return set;
}

static void *
listen_for(void *argument)
{
	struct cli_interrupt *interrupt = argument;
	sigset_t set = heard();
	int number;
	while (sigwait(&set, &number))
		continue;
	atomic_store(&interrupt->came, true);
	interrupt->stop(interrupt->argument);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	for (;;)
		pause();
	return NULL;
}

void
cli_interrupt_begin(struct cli_interrupt *interrupt)
{
	sigset_t set = heard();
	pthread_sigmask(SIG_BLOCK, &set, &interrupt->before);
	ASSERT(pthread_create(&interrupt->thread, NULL, listen_for, interrupt) == 0);
}

void
cli_interrupt_end(struct cli_interrupt *interrupt)
{
	pthread_cancel(interrupt->thread);
	pthread_join(interrupt->thread, NULL);
	pthread_sigmask(SIG_SETMASK, &interrupt->before, NULL);
}
