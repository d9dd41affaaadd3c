#ifndef NET_THREAD_H
#define NET_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Inside net: threads as all of net's are, and waiting with an end. */
#define NET_STACK_SIZE (1024 * 1024)

/* All signals but faults are blocked (SIGPIPE too): they belong to main. */
bool net_thread_start(pthread_t *thread, void *(*run)(void *), void *argument);

/* At its start: the thread's slot in the blame page, and its name, as ps and top show it.
 */
void net_thread_take_slot(unsigned number, const char *name);

/* A condition whose timed waits are on the monotonic clock, and such a time. */
void net_condition_start(pthread_cond_t *condition);
struct timespec net_from_now(uint64_t ms);

#endif
