#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

/*
 * Ctrl-C while something goes on: the first time `stop` is called, on a thread of ours, and
 * whatever goes on ends in order; the second time the process dies as usual.
 */
struct cli_interrupt {
	void (*stop)(void *argument);
	void *argument;
	atomic_bool came;
	/* private */
	atomic_bool over;
	sigset_t before;
	pthread_t thread;
};

/* Before other threads are started: they inherit the blocked signals. */
void cli_interrupt_begin(struct cli_interrupt *interrupt);
void cli_interrupt_end(struct cli_interrupt *interrupt);

#endif
