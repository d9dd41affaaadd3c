#ifndef NET_BLAME_H
#define NET_BLAME_H

#include "base/base.h"

/*
 * Who was it? Each thread that handles foreign bytes notes what it carries in a page of
 * memory shared with the parent. When the child dies of a fault, the page still says which
 * session or queue row the faulting thread had in hand, so that the next child can log
 * it and quarantine a row that did it twice.
 *
 * A note is two short copies, no lock and no system call after a slot's first. A slot
 * belongs to one thread: workers take 0, 1, …, lanes' threads go on from there.
 * All functions accept a NULL page (tests, plain tools).
 */
struct net_blame;

#define NET_BLAME_SLOTS     512 /* threads past these are not noted */
#define NET_BLAME_KIND_MOST 16
#define NET_BLAME_ID_MOST   96

struct net_culprit {
	int signal;                     /* what killed the child; 0: it left by itself */
	int status;                     /* exit code when signal is 0 */
	char kind[NET_BLAME_KIND_MOST]; /* "" when no thread is known to have faulted */
	char id[NET_BLAME_ID_MOST];
};

struct net_blame *net_blame_create(void); /* in the parent; NULL without memory */
void net_blame_destroy(struct net_blame *blame);
void net_blame_reset(struct net_blame *blame); /* before a new child */

/* kind: "session", "queue" …; id is cut to what fits. */
void net_blame_note(
	struct net_blame *blame, unsigned slot, const char *kind, struct slice id);
void net_blame_clear(struct net_blame *blame, unsigned slot);

/*
 * Marks the slot of the thread that faults (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT),
 * then lets the signal do its work. Called in the child, once. A stack that overflowed
 * can't run the handler: then nobody is named, and the log lists everything carried.
 */
void net_blame_watch_faults(struct net_blame *blame);

/* In the parent after the child's death. False when no faulting thread is known. */
bool net_blame_culprit(const struct net_blame *blame, struct net_culprit *culprit);
/* What all threads carried, "queue 17, session 4", at most `most` of them. */
struct slice net_blame_carried(
	const struct net_blame *blame, unsigned most, struct arena *arena);

#endif
