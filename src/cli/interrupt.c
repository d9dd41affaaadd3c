#include "cli/interrupt.h"
#include "base/base.h"

#define WAKE SIGUSR1 /* to the thread: look whether it is over */

/* What ends a program, and the wake. */
static sigset_t
all_heard(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, WAKE);
	return set;
}

/* False when it is over. */
static bool
hear(struct cli_interrupt *interrupt, const sigset_t *set)
{
	int number = WAKE;
	while (number == WAKE) {
		if (atomic_load(&interrupt->over))
			return false;
		if (sigwait(set, &number))
			number = WAKE;
	}
	return true;
}

/* Not cancelled: a sanitizer takes what such a thread leaves on its stack for a finding. */
static void *
listen_for(void *argument)
{
	struct cli_interrupt *interrupt = argument;
	sigset_t all = all_heard(), wake;
	if (!hear(interrupt, &all))
		return NULL;
	atomic_store(&interrupt->came, true);
	interrupt->stop(interrupt->argument);
	sigemptyset(&wake);
	sigaddset(&wake, WAKE);
	sigdelset(&all, WAKE);
	pthread_sigmask(SIG_UNBLOCK, &all, NULL);
	(void)hear(interrupt, &wake);
	return NULL;
}

void
cli_interrupt_begin(struct cli_interrupt *interrupt)
{
	sigset_t set = all_heard();
	pthread_sigmask(SIG_BLOCK, &set, &interrupt->before);
	ASSERT(pthread_create(&interrupt->thread, NULL, listen_for, interrupt) == 0);
}

void
cli_interrupt_end(struct cli_interrupt *interrupt)
{
	atomic_store(&interrupt->over, true);
	pthread_kill(interrupt->thread, WAKE);
	pthread_join(interrupt->thread, NULL);
	pthread_sigmask(SIG_SETMASK, &interrupt->before, NULL);
}
