#ifndef NET_TIMER_H
#define NET_TIMER_H

#include "net/wheel.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/*
 * Inside net: one wheel, one timerfd, one thread that waits for it, tells sessions that
 * their time has come, and runs the periodic jobs.
 *
 * Deadlines move with every command and mostly to later: then the wheel is left alone, and
 * the thread puts the session back when it finds it not due.
 */
struct net;
struct net_session;
struct net_job;

struct net_timer {
	pthread_mutex_t lock;
	struct net_wheel wheel;
	struct net_job *jobs;
	bool jobs_running, jobs_stopped;
	pthread_cond_t job_ended;
	uint64_t armed; /* when the descriptor fires; NET_WHEEL_NEVER: not */
	int descriptor;
	atomic_bool quit;
	pthread_t thread;
};

bool net_timer_create(struct net *net);
void net_timer_destroy(struct net *net);
bool net_timer_start(struct net *net);
void net_timer_stop_jobs(struct net *net); /* waits for one that runs */
void net_timer_stop(struct net *net);
/* The worker's: the session wants to be told at due, or soon after. */
void net_timer_set(struct net_session *session, uint64_t due);
void net_timer_forget(struct net_session *session);

#endif
