#ifndef NET_INPUT_H
#define NET_INPUT_H

#include "base/base.h"

/*
 * Inside net: what arrived and no taker has taken yet. While a session runs, it lies in
 * the worker's buffer; a session that must leave it (its taker was done, and the step
 * waits for something else) keeps a copy of its own, at most NET_INPUT_FIRST_READ bytes
 * unless a taker had just asked for more.
 */
#define NET_INPUT_FIRST_READ (16 * 1024)
#define NET_INPUT_SLICE      (64 * 1024) /* read in one slice */

struct net_input {
	char *kept; /* owned; NULL when all is taken */
	uint32_t start, end;
};

struct net_session;
struct net_worker;
struct net_event;

/* The session's turn begins and ends: unread bytes move to the worker and back. */
void net_input_begin(struct net_worker *worker, struct net_session *session);
void net_input_end(struct net_worker *worker, struct net_session *session);
void net_input_drop(struct net_worker *worker, struct net_session *session);

enum net_fed {
	NET_FED_EVENT, /* taken, refused or ended: see the event */
	NET_FED_DRY,   /* wants more, nothing is there */
	NET_FED_YIELD, /* wants more, the slice is used up */
	NET_FED_BROKEN /* the connection failed */
};
/* Feeds the want's taker, reading as needed. */
enum net_fed net_input_feed(
	struct net_worker *worker, struct net_session *session, struct net_event *event);

#endif
