#ifndef NET_SESSION_H
#define NET_SESSION_H

#include "net/budget.h"
#include "net/input.h"
#include "net/net.h"
#include "net/output.h"
#include "net/rate.h"
#include "net/unsent.h"
#include "net/wheel.h"
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>

/*
 * Inside net: a session's memory and its one atomic word.
 *
 * The word holds what several threads decide together:
 *
 *	generation 32 | wakes 16 | happened 14 | state 2
 *
 * happened says what a worker must look at: readiness, a ticket, a timer, the stop. Bits
 * are hints: a spurious one costs a look and harms nothing. Whoever adds a bit to a parked
 * session queues it; a worker parks a session only while no bit is set. So nothing is
 * lost, and a session that is queued or running is queued no second time.
 *
 * The struct is never given back to malloc before net_destroy: a late ticket or event may
 * look at a word that now belongs to another session, or to none.
 */
enum net_session_state { NET_FREE, NET_IDLE, NET_QUEUED, NET_RUNNING };

#define NET_WORD_STATE       UINT64_C(0x3)
#define NET_HAPPENED_INPUT   UINT64_C(0x4)
#define NET_HAPPENED_ROOM    UINT64_C(0x8) /* the socket takes output again */
#define NET_HAPPENED_TICKET  UINT64_C(0x10)
#define NET_HAPPENED_TIMER   UINT64_C(0x20)
#define NET_HAPPENED_STOP    UINT64_C(0x40)
#define NET_HAPPENED_DISMISS UINT64_C(0x80)  /* net_dismiss */
#define NET_HAPPENED_EVICT   UINT64_C(0x100) /* its unread output must go (unsent.h) */
#define NET_WORD_HAPPENED    UINT64_C(0xfffc)
#define NET_WORD_WAKES       UINT64_C(0xffff0000)
#define NET_WAKES_SHIFT      16
#define NET_GENERATION_SHIFT 32

struct net_worker;
struct net_listener;
struct net_budget_entry;
struct net_certificates;
struct net_deflate;

/* What a worker should do with the session after a phase looked at it. */
enum net_turn {
	NET_TURN_AGAIN, /* something was done: look again */
	NET_TURN_WAIT,  /* nothing to do until something happens */
	NET_TURN_YIELD, /* its slice is used up: to the tail of the run queue */
	NET_TURN_GONE   /* end it */
};
typedef enum net_turn net_phase(struct net_worker *worker, struct net_session *session);

struct net_session {
	_Atomic uint64_t word;
	struct net *net;
	uint32_t slot;
	struct net_session *queue_next; /* in the run queue or the list of free ones */

	/* Deadlines: timer and fires under the timer's lock, read without it. */
	struct net_wheel_entry timer;
	_Atomic uint64_t fires; /* when the wheel will look; NET_WHEEL_NEVER: not in it */
	_Atomic uint64_t due;   /* when it should */

	/* All below is zeroed for each new session, and is its worker's alone. */
	int descriptor;
	bool in_set;    /* of epoll */
	unsigned armed; /* the epoll bits that are armed */
	uint64_t id;
	const struct net_listener *listener;
	struct net_worker *worker; /* while running */
	net_phase *phase;
	void *state;

	struct net_want want;
	net_step *step;
	enum net_why greeting; /* the event that is owed to the step after a (re)start */
	bool owes_greeting;
	bool greeted;
	bool parked;     /* net_park was called in this step */
	bool again;      /* the step returned NET_MORE */
	bool start_tls;  /* asked for, output not drained yet */
	bool readable;   /* the kernel may have input */
	bool left;       /* the peer said that it leaves */
	bool ended;      /* the peer will send no more */
	bool ended_told; /* and the step knows */
	bool fed;        /* the taker was called */
	bool taking;     /* and has begun */
	bool blocked;    /* the kernel takes no more output */
	bool broken;     /* the connection failed */
	bool ssl_reads_want_room;
	bool moved;                /* bytes, either way, since the deadline was set */
	bool output_moved;         /* since net_unsent_note */
	uint64_t deadline, within; /* when it ends, how long it lasts */
	unsigned wait_events;      /* what the phase waits for */
	uint64_t wait_due;
	uint32_t least_rate; /* of the last want: holds while output of NET_MORE waits */
	bool dismissed;      /* net_dismiss: farewell, or the end at dismissed_until */
	bool evicted;
	uint64_t dismissed_until;
	struct net_rate rate_in, rate_out;

	struct net_input input;
	struct net_output output;
	bool was_unsent;                /* perhaps listed: its worker's */
	struct net_unsent_entry unsent; /* under the lock of net->unsent */
	struct net_deflate *deflate;    /* NULL: nothing is compressed */
	SSL *ssl;
	bool secured;
	struct net_certificates *certificates; /* during the handshake */

	struct net_budget_entry *address_budget, *network_budget;
	struct net_budget_member account;
	struct net_address peer;
};

/* --- slots ---------------------------------------------------------------------------- */

#define NET_SLAB_SESSIONS 64
#define NET_SLABS_MOST    4096 /* 262,144 sessions */

struct net_slots {
	pthread_mutex_t lock;
	pthread_cond_t all_gone;
	struct net_session *_Atomic slabs[NET_SLABS_MOST];
	uint32_t slab_count;
	struct net_session *free;
	_Atomic size_t used;
	_Atomic uint64_t next_id;
};

void net_slots_start(struct net_slots *slots);
void net_slots_stop(struct net_slots *slots);
/* A new session, RUNNING for its maker; NULL when there is no more room. */
struct net_session *net_slots_take(struct net_slots *slots, struct net *net);
void net_slots_give_back(struct net_slots *slots, struct net_session *session);
/* NULL when there never was such a slot. */
struct net_session *net_slots_find(struct net_slots *slots, uint32_t slot);
/* Sets the bits on every session there is. */
void net_slots_tell_all(struct net_slots *slots, uint64_t happened);
bool net_slots_wait_gone(struct net_slots *slots, uint64_t within_ms);

/* --- the word ------------------------------------------------------------------------- */

uint32_t net_session_generation(const struct net_session *session);
/* Any thread. Adds bits and queues the session if it is parked. */
void net_session_tell(struct net_session *session, uint64_t bits);
/* The same if it is still that generation. */
void net_session_tell_if(struct net_session *session, uint32_t generation, uint64_t bits);
/*
 * For a worker with an epoll event: adds the bits; true when the session was parked and is
 * now running in the worker's hands.
 */
bool net_session_claim(struct net_session *session, uint32_t generation, uint64_t bits);
void net_session_begin(struct net_session *session);   /* from the queue: RUNNING */
void net_session_requeue(struct net_session *session); /* RUNNING: to the tail */
/* False when something happened meanwhile: it is still running. */
bool net_session_park(struct net_session *session);
uint64_t net_session_happened(struct net_session *session); /* takes the bits */
unsigned net_session_wakes(struct net_session *session);    /* takes the wakes */

#endif
