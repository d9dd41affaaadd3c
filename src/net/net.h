#ifndef NET_NET_H
#define NET_NET_H

#include "base/base.h"
#include "net/address.h"
#include "net/blame.h"

/*
 * The runtime of every protocol (DESIGN.md section 3).
 *
 * A session is a parked struct with a want; it costs no thread. When the want is met, a
 * worker calls the session's step, which reads what was taken, puts its answer and says
 * what it wants next. A step is linear code and never waits for a peer, a commit or a
 * password hash: it parks with a ticket instead. Each phase of a dialogue is a step of its
 * own.
 *
 *	static enum net_next command(struct net_session *s, const struct net_event *e)
 *	{
 *		… answer …
 *		net_put(s, SLICE("250 2.0.0 Ok\r\n"));
 *		return net_park(s, &(struct net_want){ .taker = &line->taker,
 *			.deadline = 300000 }, command);
 *	}
 *
 * One session is stepped by one worker at a time; its steps need no lock for what is
 * its own. Output put in a step is sent before or while the session is parked.
 */
struct net;
struct net_session;

enum net_next {
	NET_PARKED, /* net_park was called: wake me when the want is met */
	NET_MORE,   /* call the same step again once output has drained below low water */
	NET_CLOSE,  /* send what was put, then close */
	NET_LEFT    /* the same when the peer itself took its leave, as with QUIT */
};
/*
 * While output of NET_MORE or NET_CLOSE waits, the last want's least_rate holds, and the
 * session is dropped without a word when no byte went for NET_STALL_MS.
 *
 * Whatever a session waits for: output that the kernel doesn't take must move at
 * NET_UNREAD_LEAST_RATE bytes a second, judged over a minute (net/rate.h), or the session
 * is dropped without a word. And all sessions together keep at most unread_most bytes of
 * such output (net_settings): past that, those go first whose peer has read nothing for
 * longest.
 */
#define NET_STALL_MS          (2 * 60 * 1000)
#define NET_UNREAD_LEAST_RATE 16
#define NET_UNREAD_MOST       (64 * 1024 * 1024)

enum net_why {
	NET_GREET,    /* the first step: connected (and secured, on an implicit TLS port) */
	NET_TAKEN,    /* the taker is done */
	NET_REFUSED,  /* the taker refused */
	NET_ENDED,    /* the peer will send no more and the taker is not done; told once */
	NET_TICKET,   /* the ticket is complete: outcome */
	NET_DRAINED,  /* all output has been handed to the kernel */
	NET_WOKEN,    /* net_wake: wakes says which bits */
	NET_SECURED,  /* after net_start_tls: the handshake is done */
	NET_DEADLINE, /* nothing else came in time, or slower than least_rate */
	NET_STOPPING, /* the server stops, and the want was idle: say goodbye, NET_CLOSE */
	NET_DISMISSED, /* net_dismiss, and the want was idle: say goodbye, NET_CLOSE */
	NET_AGAIN      /* after NET_MORE */
};

struct net_event {
	enum net_why why;
	enum base_failure outcome;
	unsigned wakes;
};

typedef enum net_next net_step(struct net_session *session, const struct net_event *event);

struct net_protocol {
	const char *name;    /* "smtp": in logs and metrics */
	size_t session_size; /* zeroed memory for net_state */
	net_step *greet;
	/*
	 * The session is gone: release what net_state holds. Called exactly once for each
	 * session that was greeted, perhaps while a ticket or output waits, as when the
	 * connection breaks. Sources that were put are closed before.
	 */
	void (*closed)(struct net_session *session);
	/* Said to a peer over budget or when descriptors run out, then closed: "421 …\r\n".
	 */
	struct slice busy;
};

/*
 * Whatever comes first wakes the session. Times in ms, relative to now; a want without a
 * deadline gets NET_DEADLINE_MOST. least_rate is bytes per second, judged over a
 * minute (net/rate.h) while a taker has begun to take or output waits; where it is set, the
 * deadline counts from the last byte that moved, so that what is large may take its time.
 */
#define NET_DEADLINE_MOST (30 * 60 * 1000)
struct net_want {
	/*
	 * Fed with input until it is done or refuses; the first time perhaps with none, as
	 * some want none. Wanting more, it must have consumed all it was given. It is not
	 * fed while more than the high water is unsent.
	 */
	struct base_taker *taker;
	struct base_ticket *ticket; /* the session takes over the reference */
	bool drained;
	bool woken;
	bool idle; /* between commands: may be told to stop, or dismissed */
	uint64_t deadline;
	uint32_t least_rate;
};

enum net_next net_park(
	struct net_session *session, const struct net_want *want, net_step *next);

void net_put(struct net_session *session, struct slice copied);
/* net takes the source over, pulls it while draining and closes it. */
void net_put_source(struct net_session *session, struct base_source *owned);
/* Past high water (256 KiB unsent): return NET_MORE and go on when called again. */
bool net_full(const struct net_session *session);

/* Input was there before our greeting was sent: an offence where the server speaks first.
 */
bool net_spoke_early(const struct net_session *session);

void *net_state(struct net_session *session); /* session_size bytes, zeroed at the start */
void *net_owner(const struct net_session *session); /* the listener's owner */
struct net *net_of(const struct net_session *session);
uint64_t net_session_id(const struct net_session *session); /* unique in this process */
const struct net_address *net_peer(const struct net_session *session);
/* Who is at the other end of a UNIX socket: the user's number, or -1. */
int64_t net_peer_user(const struct net_session *session);
struct base_clock *net_clock(const struct net *net);
struct base_log *net_log(const struct net *net);

/* --- TLS ---------------------------------------------------------------------------- */

/*
 * Starts the handshake after all output has drained; input buffered before it is thrown
 * away (RFC 3207 4.2: injected commands). Park with a deadline: NET_SECURED follows.
 */
void net_start_tls(struct net_session *session);
bool net_tls_offered(
	const struct net_session *session); /* has a certificate, not secured yet */
bool net_secured(const struct net_session *session);
/* "TLSv1.3", "TLS_AES_256_GCM_SHA384" and the SNI name; SLICE_NONE when in the clear. */
struct slice net_tls_version(const struct net_session *session);
struct slice net_tls_cipher(const struct net_session *session);
struct slice net_tls_server_name(const struct net_session *session);

/*
 * From here on both ways are compressed (net/deflate.h, RFC 4978). All output must have
 * drained: park for that first. False: there is no memory for it.
 */
bool net_start_deflate(struct net_session *session);
bool net_deflated(const struct net_session *session);

/*
 * Certificates: pairs of PEM texts (the parent reads the files). The first is the default;
 * others are chosen by SNI from their subject names. set replaces them for new handshakes;
 * sessions under way keep theirs. Checks before it takes: key fits, not expired (a
 * warning).
 */
struct net_certificate {
	struct slice name;  /* for messages: the file's name */
	struct slice chain; /* PEM, leaf first */
	struct slice key;   /* PEM */
};
enum base_failure net_set_certificates(struct net *net,
	const struct net_certificate *certificates, size_t count,
	struct base_error *error) MUST_CHECK;

/* --- wakes and errands -------------------------------------------------------------- */

/* Names a session from other threads; outlives it safely (slot and generation). */
struct net_handle {
	struct net *net;
	uint32_t slot;
	uint32_t generation;
};
struct net_handle net_handle(const struct net_session *session);
/*
 * Any thread; bits are collected until a want with `woken` takes them. A gone session:
 * nothing.
 */
#define NET_WAKES_MOST 0xffff
void net_wake(struct net_handle handle, unsigned why);

/*
 * Any thread: the session is to end (its account was removed). It is told NET_DISMISSED at
 * its next idle want, and is closed NET_DISMISS_MS later whatever it does. A gone session:
 * nothing.
 */
#define NET_DISMISS_MS 5000
void net_dismiss(struct net_handle handle);

/*
 * An errand is linear blocking code with deadlines, on a lane's threads. It owns the arena
 * (net destroys it afterwards) and must not touch a session. The ticket completes with its
 * result, after the arena is gone. NULL when the lane's queue is full, or the server has
 * stopped: the arena stays the caller's; answer 451 or NO [UNAVAILABLE].
 */
enum net_lane {
	NET_LANE_HASH,      /* password hashes: one thread a core */
	NET_LANE_DELIVERY,  /* outgoing SMTP */
	NET_LANE_DIRECTORY, /* LDAP, SQL, milters */
	NET_LANE_STORAGE,   /* blobs over 1 MiB, chores */
	NET_LANE_CHANGES,   /* of thousands of messages */
	NET_LANE_ADMIN,     /* what a person asked for: imports, checks */
	NET_LANE_HELPER,    /* programs of others: net/helper.h */
	NET_LANES
};
typedef enum base_failure net_errand_run(void *argument, struct arena *moved);
struct base_ticket *net_errand(struct net *net, enum net_lane lane, net_errand_run *run,
	void *argument, struct arena *moved);
/*
 * For an errand: notes in the blame page what it works on, so that a stop that waits for it
 * in vain can say so, and a crash too. Without it the lane's name stands there.
 */
void net_carries(struct net *net, const char *kind, struct slice id);
/* The calling errand's or step's slot in the blame page (net/blame.h). */
unsigned net_thread_slot(void);
/* True once the server stops: errands look between their steps and leave. */
bool net_stopping(const struct net *net);

/* --- the server --------------------------------------------------------------------- */

struct net_budgets {                      /* per peer; 0: no bound */
	uint32_t connections_per_address; /* also IPv6 /64 */
	uint32_t connections_per_network; /* IPv4 /24, IPv6 /48 */
	uint32_t connections_per_second;  /* new ones per address, in bursts of ten times
					     that */
	uint32_t sessions;                /* all together */
};

struct net_settings {
	unsigned workers;                 /* 0: 2 a core, at least 4 */
	unsigned lane_threads[NET_LANES]; /* 0: the lane's default */
	unsigned lane_queue[NET_LANES];   /* 0: the lane's default */
	struct net_budgets budgets;
	struct base_clock *clock;
	struct base_log *log;
	struct base_metrics *metrics;
	struct net_blame *blame; /* workers note the session in hand; may be NULL */
	unsigned stop_grace_ms;  /* data under way at a stop; 0: 10,000 */
	unsigned stop_most_ms;   /* the whole stop; 0: 30,000 */
	size_t unread_most;      /* bytes; 0: NET_UNREAD_MOST */
};

struct net_listener_settings {
	const char *name; /* "submission": in logs and metrics */
	int descriptor;   /* a bound, listening socket; net takes it over */
	bool implicit_tls;
	bool offers_tls; /* STARTTLS, STLS */
	const struct net_protocol *protocol;
	void *owner; /* net_owner of its sessions */
};

enum base_failure net_create(const struct net_settings *settings, struct net **made,
	struct base_error *error) MUST_CHECK;
enum base_failure net_listen(struct net *net, const struct net_listener_settings *settings,
	struct base_error *error) MUST_CHECK;
/*
 * Closes one by the descriptor that net_listen was given; its sessions go on. False: there
 * is none. Listening again with the same settings afterwards costs no more memory.
 */
bool net_unlisten(struct net *net, int descriptor);
/*
 * A session over a socket that is connected already, as if a listener with these settings
 * had accepted it. After net_start. Takes the descriptor over, on failure too.
 */
enum base_failure net_adopt(struct net *net, const struct net_listener_settings *settings,
	struct base_error *error) MUST_CHECK;
/* Starts workers and lanes. Only afterwards do sessions come. */
enum base_failure net_start(struct net *net, struct base_error *error) MUST_CHECK;
/*
 * Stops listening, tells idle sessions, waits for data under way; returns when all ended.
 * False: after stop_most_ms an errand or a step still runs, as the log says. Then nothing
 * that it may use can be closed: make durable what is submitted, and _exit.
 */
bool net_stop(struct net *net);
/*
 * After the end of whatever completes tickets or wakes sessions (the store): they touch
 * net's memory. After a net_stop that was false it does nothing.
 */
void net_destroy(struct net *net);
size_t net_session_count(const struct net *net);

/*
 * Runs fn on the timer thread about every period_ms (of the clock), until net_stop. Short,
 * or it starts an errand.
 */
void net_every(
	struct net *net, uint64_t period_ms, void (*fn)(void *argument), void *argument);

/* After base_clock_advance (tests): deadlines and jobs look at the clock again. */
void net_clock_advanced(struct net *net);

/*
 * The front end counts a session in for an account's name once it signed in; false: there
 * are `most` already (0: any number may be). Then it looks whether the account is still
 * there: whoever removes one dismisses its sessions afterwards.
 */
bool net_account_enter(struct net_session *session, struct slice account, uint32_t most);
/* It is nobody's any more, until another signs in. */
void net_account_leave(struct net_session *session);
void net_dismiss_account(struct net *net, struct slice account); /* any thread */

#endif
