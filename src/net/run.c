#include "net/deflate.h"
#include "net/runtime.h"
#include "net/transport.h"
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * One slice of one session. A session is in one of four phases:
 *
 *	secure   the TLS handshake
 *	talk     the protocol's steps
 *	finish   the last output is sent
 *	linger   our end is closed; the peer's is awaited, so that it can read the last
 *		 output; not when it took its leave itself
 */
static net_phase secure, talk, finish, linger;

/* Nothing to do until one of the events, or the time. */
static enum net_turn
wait_for(struct net_session *session, unsigned events, uint64_t due)
{
	session->wait_events = events;
	session->wait_due = due;
	if (session->dismissed && session->dismissed_until < due)
		session->wait_due = session->dismissed_until;
	return NET_TURN_WAIT;
}

static void
set_deadline(struct net_session *session, uint64_t within)
{
	session->within = within < NET_DEADLINE_MOST ? within : NET_DEADLINE_MOST;
	session->deadline = net_now(session->net) + session->within;
	session->moved = false;
}

/* --- secure -----------------------------------------------------------------------------
 */

static void
start_secure(struct net_session *session)
{
	session->phase = secure;
	session->start_tls = false;
	set_deadline(session, NET_HANDSHAKE_MS);
}

static void
owe(struct net_session *session, enum net_why greeting)
{
	session->greeting = greeting;
	session->owes_greeting = true;
}

static enum net_turn
handshake_failed(struct net_session *session, const char *reason)
{
	char peer[NET_ADDRESS_TEXT_MOST], text[256];
	base_metric_add(session->listener->handshake_failures, 1);
	LOG(net_log(session->net), BASE_LOG_INFO, "net.handshake-failed",
		LOG_STRING("listener", session->listener->settings.name),
		LOG_TEXT("peer", net_address_text(&session->peer, peer)),
		LOG_TEXT("reason", reason ? slice_of_text(reason) : net_tls_reason(text)));
	return NET_TURN_GONE;
}

static enum net_turn
secure(struct net_worker *worker, struct net_session *session)
{
	(void)worker;
	unsigned events = EPOLLIN;
	/* No TLS state is made before the peer's first byte. */
	if (session->ssl || session->readable) {
		switch (net_tls_shake(session, &events)) {
		case NET_SHAKEN:
			session->phase = talk;
			owe(session, session->greeted ? NET_SECURED : NET_GREET);
			return NET_TURN_AGAIN;
		case NET_SHAKE_FAILED:
			return handshake_failed(session, NULL);
		case NET_SHAKING:
			session->readable = false;
		}
	}
	if (atomic_load(&session->net->stopping))
		return NET_TURN_GONE;
	if (net_now(session->net) >= session->deadline)
		return handshake_failed(session, "too slow");
	return wait_for(session, events, session->deadline);
}

/* --- talk -------------------------------------------------------------------------------
 */

static void
ticket_done(void *argument, enum base_failure outcome)
{
	(void)outcome;
	/* Perhaps another session's by now: then it looks, and finds nothing. */
	net_session_tell(argument, NET_HAPPENED_TICKET);
}

enum net_next
net_park(struct net_session *session, const struct net_want *want, net_step *next)
{
	ASSERT(session->worker && !session->parked);
	session->parked = true;
	session->want = *want;
	session->step = next;
	session->least_rate = want->least_rate;
	set_deadline(session, want->deadline ? want->deadline : NET_DEADLINE_MOST);
	if (want->ticket && !base_ticket_done(want->ticket))
		base_ticket_then(want->ticket, ticket_done, session);
	return NET_PARKED;
}

static void
start_finish(struct net_session *session)
{
	session->phase = finish;
	set_deadline(session, NET_STALL_MS);
}

/* After NET_ENDED a taker can't be fed; with nothing else to wait for, it is over. */
static bool
waits_in_vain(const struct net_session *session)
{
	const struct net_want *want = &session->want;
	return session->ended_told && want->taker && !want->ticket && !want->drained &&
	       !want->woken;
}

/* The want is met: calls the step. */
static enum net_turn
act(struct net_worker *worker, struct net_session *session, const struct net_event *event)
{
	base_ticket_drop(session->want.ticket);
	session->want = (struct net_want){0};
	session->again = session->parked = false;
	session->fed = session->taking = false;
	net_rate_stop(&session->rate_in);
	switch (session->step(session, event)) {
	case NET_PARKED:
		ASSERT(session->parked);
		if (waits_in_vain(session))
			start_finish(session);
		break;
	case NET_MORE:
		session->again = true;
		set_deadline(session, NET_STALL_MS);
		break;
	case NET_LEFT:
		session->left = true;
		start_finish(session);
		break;
	case NET_CLOSE:
		start_finish(session);
	}
	return net_worker_clock_us() >= worker->until_us ? NET_TURN_YIELD : NET_TURN_AGAIN;
}

static enum net_fed
found(struct net_event *event, enum net_why why)
{
	event->why = why;
	return NET_FED_EVENT;
}

static enum net_fed
greeting_event(struct net_session *session, struct net_event *event)
{
	session->owes_greeting = false;
	if (!session->greeted) {
		size_t size = session->listener->settings.protocol->session_size;
		session->state = calloc(1, size ? size : 1);
		ASSERT(session->state);
		session->greeted = true;
	}
	return found(event, session->greeting);
}

static enum net_fed
ticket_event(const struct net_session *session, struct net_event *event)
{
	event->outcome = base_ticket_outcome(session->want.ticket);
	return found(event, NET_TICKET);
}

/* Which part of the want is met, if any. */
static enum net_fed
next_event(struct net_worker *worker, struct net_session *session, struct net_event *event)
{
	const struct net_want *want = &session->want;
	if (session->owes_greeting)
		return greeting_event(session, event);
	if (session->start_tls)
		return NET_FED_DRY;
	if (session->again)
		return net_output_size(session) < NET_OUTPUT_LOW ? found(event, NET_AGAIN)
								 : NET_FED_DRY;
	if (want->woken && (event->wakes = net_session_wakes(session)))
		return found(event, NET_WOKEN);
	if (want->ticket && base_ticket_done(want->ticket))
		return ticket_event(session, event);
	if (want->idle && atomic_load(&session->net->stopping))
		return found(event, NET_STOPPING);
	if (want->idle && session->dismissed)
		return found(event, NET_DISMISSED);
	if (want->drained && net_output_size(session) == 0)
		return found(event, NET_DRAINED);
	/* Who doesn't read our answers asks no more questions. */
	if (want->taker && !session->ended_told && !net_full(session))
		return net_input_feed(worker, session, event);
	return NET_FED_DRY;
}

/* Sending has brought what next_event looks for. */
static bool
met_by_flush(const struct net_session *session, bool was_full)
{
	if (session->again)
		return net_output_size(session) < NET_OUTPUT_LOW;
	if (session->want.drained && net_output_size(session) == 0)
		return true;
	return was_full && session->want.taker && !net_full(session);
}

/* Only a peer that somebody waits for is judged. */
static void
judge(struct net_rate *rate, bool waited_for, uint64_t now)
{
	if (waited_for)
		net_rate_start(rate, now);
	else
		net_rate_stop(rate);
}

static bool
input_is_slow(struct net_session *session, uint64_t now)
{
	judge(&session->rate_in, session->taking && session->least_rate, now);
	return net_rate_failed(&session->rate_in, now, session->least_rate);
}

static bool
output_is_slow(struct net_session *session, uint64_t now)
{
	uint32_t least = session->least_rate > NET_UNREAD_LEAST_RATE
				 ? session->least_rate
				 : NET_UNREAD_LEAST_RATE;
	judge(&session->rate_out, net_output_waits(session), now);
	return net_rate_failed(&session->rate_out, now, least);
}

static uint64_t
earliest(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t
due_of(const struct net_session *session)
{
	uint64_t rates =
		earliest(net_rate_due(&session->rate_in), net_rate_due(&session->rate_out));
	return earliest(session->deadline, rates);
}

/*
 * Where a least rate is kept, the deadline is for silence: it counts from the last byte
 * that moved. So it does while output without a want waits.
 */
static bool
is_late(struct net_session *session, uint64_t now)
{
	bool for_silence =
		session->least_rate || session->again || session->phase == finish;
	if (session->moved && for_silence)
		session->deadline = now + session->within;
	session->moved = false;
	return input_is_slow(session, now) || now >= session->deadline;
}

/* It does not read what it asked for; there is no telling it so. */
static enum net_turn
drop_unread(const struct net_session *session, const char *why)
{
	char peer[NET_ADDRESS_TEXT_MOST];
	LOG(net_log(session->net), BASE_LOG_INFO, "net.unread",
		LOG_STRING("listener", session->listener->settings.name),
		LOG_TEXT("peer", net_address_text(&session->peer, peer)),
		LOG_NUMBER("bytes", session->output.size), LOG_STRING("why", why));
	return NET_TURN_GONE;
}

static enum net_turn
wait_or_late(struct net_worker *worker, struct net_session *session)
{
	uint64_t now = net_now(session->net);
	if (output_is_slow(session, now))
		return drop_unread(session, "it reads too slowly");
	if (is_late(session, now)) {
		/* In the middle of its output there is no telling the peer. */
		if (session->again)
			return NET_TURN_GONE;
		session->start_tls = false;
		return act(worker, session, &(struct net_event){.why = NET_DEADLINE});
	}
	unsigned events = net_output_waits(session) ? EPOLLOUT : 0;
	if (session->ssl_reads_want_room)
		events |= EPOLLOUT;
	if (session->want.taker && !session->ended && !session->start_tls &&
		!net_full(session))
		events |= EPOLLIN;
	return wait_for(session, events, due_of(session));
}

static enum net_turn
talk(struct net_worker *worker, struct net_session *session)
{
	struct net_event event = {0};
	enum net_fed fed = next_event(worker, session, &event);
	if (fed == NET_FED_EVENT)
		return act(worker, session, &event);
	if (fed == NET_FED_BROKEN)
		return NET_TURN_GONE;
	bool was_full = net_full(session);
	enum net_flushed flushed = net_output_flush(worker, session);
	if (flushed == NET_FLUSHED_BROKEN)
		return NET_TURN_GONE;
	if (flushed == NET_FLUSHED_YIELD || fed == NET_FED_YIELD)
		return NET_TURN_YIELD;
	if (session->start_tls && flushed == NET_FLUSHED) {
		/* RFC 3207 4.2: what came behind STARTTLS in the clear is an attacker's. */
		net_input_drop(worker, session);
		start_secure(session);
		return NET_TURN_AGAIN;
	}
	if (met_by_flush(session, was_full))
		return NET_TURN_AGAIN;
	return wait_or_late(worker, session);
}

/* --- finish and linger ------------------------------------------------------------------
 */

/* The protocol's part of the session ends. */
static void
release_protocol(struct net_session *session)
{
	base_ticket_drop(session->want.ticket);
	session->want = (struct net_want){0};
	net_output_drop(session);
	if (session->greeted)
		session->listener->settings.protocol->closed(session);
	session->greeted = false;
	free(session->state);
	session->state = NULL;
	net_deflate_end(session);
	net_tls_end(session);
}

/* More from the peer would make the kernel throw away what it has not read of ours. */
static bool
nothing_comes(const struct net_worker *worker, const struct net_session *session)
{
	bool said_all = session->left && !session->ssl && worker->unread.length == 0;
	return session->ended || said_all;
}

static enum net_turn
farewell(struct net_worker *worker, struct net_session *session)
{
	bool alone = nothing_comes(worker, session);
	release_protocol(session);
	net_input_drop(worker, session);
	if (alone || shutdown(session->descriptor, SHUT_WR) != 0)
		return NET_TURN_GONE;
	session->phase = linger;
	session->readable = true;
	set_deadline(session, NET_LINGER_MS);
	return NET_TURN_AGAIN;
}

static enum net_turn
finish(struct net_worker *worker, struct net_session *session)
{
	switch (net_output_flush(worker, session)) {
	case NET_FLUSHED:
		return farewell(worker, session);
	case NET_FLUSHED_YIELD:
		return NET_TURN_YIELD;
	case NET_FLUSHED_BROKEN:
		return NET_TURN_GONE;
	case NET_FLUSHED_BLOCKED:
		break;
	}
	uint64_t now = net_now(session->net);
	if (output_is_slow(session, now) || is_late(session, now))
		return NET_TURN_GONE;
	return wait_for(session, EPOLLOUT, due_of(session));
}

static enum net_turn
linger(struct net_worker *worker, struct net_session *session)
{
	while (worker->in_left > 0) {
		ssize_t got = recv(
			session->descriptor, worker->in, worker->in_left, MSG_DONTWAIT);
		if (got == 0 || (got < 0 && errno != EAGAIN))
			return NET_TURN_GONE;
		if (net_now(session->net) >= session->deadline)
			return NET_TURN_GONE;
		if (got < 0)
			return wait_for(session, EPOLLIN, session->deadline);
		worker->in_left -= (size_t)got;
	}
	return NET_TURN_YIELD;
}

void
net_session_end(struct net_session *session)
{
	struct net *net = session->net;
	release_protocol(session);
	free(session->input.kept);
	net_timer_forget(session);
	net_unsent_forget(session);
	close(session->descriptor);
	net_budget_leave(net->budget, session->address_budget, session->network_budget);
	net_budget_leave_account(net->budget, &session->account);
	base_metric_add(session->listener->sessions, -1);
	net_slots_give_back(&net->slots, session);
}

/* --- the slice --------------------------------------------------------------------------
 */

static void
begin_slice(struct net_worker *worker, struct net_session *session)
{
	session->worker = worker;
	worker->in_left = NET_INPUT_SLICE;
	worker->out_left = NET_OUTPUT_SLICE;
	worker->until_us = net_worker_clock_us() + NET_SLICE_MS * 1000;
	net_input_begin(worker, session);
}

static void
end_slice(struct net_worker *worker, struct net_session *session)
{
	net_output_unstage(worker, session);
	net_input_end(worker, session);
	net_deflate_rest(session);
	session->worker = NULL;
}

static void
notice(struct net_session *session)
{
	uint64_t happened = net_session_happened(session);
	if (happened & (NET_HAPPENED_INPUT | NET_HAPPENED_ROOM))
		session->armed = 0;
	if (happened & NET_HAPPENED_INPUT)
		session->readable = true;
	if ((happened & NET_HAPPENED_ROOM) && session->ssl_reads_want_room) {
		session->ssl_reads_want_room = false;
		session->readable = true;
	}
	session->evicted |= (happened & NET_HAPPENED_EVICT) != 0;
	if ((happened & NET_HAPPENED_DISMISS) && !session->dismissed) {
		session->dismissed = true;
		session->dismissed_until = net_now(session->net) + NET_DISMISS_MS;
	}
}

/* Whatever it waits for. */
static bool
must_go(const struct net_session *session)
{
	return atomic_load(&session->net->killing) ||
	       (session->dismissed && net_now(session->net) >= session->dismissed_until);
}

static enum net_turn
take_turns(struct net_worker *worker, struct net_session *session)
{
	enum net_turn turn = NET_TURN_AGAIN;
	while (turn == NET_TURN_AGAIN) {
		notice(session);
		if (must_go(session))
			return NET_TURN_GONE;
		if (session->evicted)
			return drop_unread(session, "others need the memory");
		turn = session->phase(worker, session);
	}
	/* Its answers need not wait for its next slice. */
	if (turn == NET_TURN_YIELD && worker->staged &&
		net_output_flush(worker, session) == NET_FLUSHED_BROKEN)
		return NET_TURN_GONE;
	return turn;
}

/* Once a minute at most: the kernel is short of something, and others fare the same. */
static void
arm_failed(const struct net_session *session, int error_number)
{
	struct net *net = session->net;
	char peer[NET_ADDRESS_TEXT_MOST];
	unsigned long long now = net_now(net) + 1, last = atomic_load(&net->arm_failed_at);
	if ((last && now - last < NET_ARM_LOG_MS) ||
		!atomic_compare_exchange_strong(&net->arm_failed_at, &last, now))
		return;
	LOG(net_log(net), BASE_LOG_ERROR, "net.not-watched",
		LOG_STRING("listener", session->listener->settings.name),
		LOG_NUMBER("session", session->id),
		LOG_TEXT("peer", net_address_text(&session->peer, peer)),
		LOG_NUMBER("sessions", net_session_count(net)),
		LOG_STRING("why", strerrordesc_np(error_number)));
}

/* True when the session is no longer this worker's. */
static bool
park(struct net_session *session)
{
	net_timer_set(session, session->wait_due);
	net_unsent_note(session, session->output_moved);
	session->output_moved = false;
	if (session->wait_events && !net_worker_arm(session, session->wait_events)) {
		arm_failed(session, errno);
		net_session_end(session);
		return true;
	}
	return net_session_park(session);
}

/* For the page that outlives us: session "imap 4711". */
static void
note_for_blame(struct net_blame *blame, const struct net_session *session)
{
	char id[NET_BLAME_ID_MOST];
	if (!blame)
		return;
	snprintf(id, sizeof id, "%s %llu", session->listener->settings.protocol->name,
		(unsigned long long)session->id);
	net_blame_note(blame, net_thread_slot(), "session", slice_of_text(id));
}

static void
run(struct net_worker *worker, struct net_session *session)
{
	for (;;) {
		begin_slice(worker, session);
		enum net_turn turn = take_turns(worker, session);
		if (turn == NET_TURN_GONE) {
			/* closed may look at the session, and put what nobody gets. */
			net_session_end(session);
			worker->staged = 0;
			worker->unread = SLICE_NONE;
			return;
		}
		end_slice(worker, session);
		if (turn == NET_TURN_YIELD) {
			net_session_requeue(session);
			return;
		}
		if (park(session))
			return;
	}
}

void
net_run(struct net_worker *worker, struct net_session *session)
{
	struct net_blame *blame = worker->net->settings.blame;
	note_for_blame(blame, session);
	run(worker, session);
	net_blame_clear(blame, net_thread_slot());
}

void
net_run_prepare(struct net_session *session)
{
	const struct net_listener_settings *settings = &session->listener->settings;
	session->step = settings->protocol->greet;
	if (settings->implicit_tls) {
		start_secure(session);
	} else {
		session->phase = talk;
		owe(session, NET_GREET);
	}
}
