#include "net/input.h"
#include "net/deflate.h"
#include "net/runtime.h"
#include "net/transport.h"

void
net_input_begin(struct net_worker *worker, struct net_session *session)
{
	const struct net_input *input = &session->input;
	worker->unread = SLICE_NONE;
	if (input->kept)
		worker->unread =
			slice_of(input->kept + input->start, input->end - input->start);
}

void
net_input_drop(struct net_worker *worker, struct net_session *session)
{
	worker->unread = SLICE_NONE;
	free(session->input.kept);
	session->input = (struct net_input){0};
}

void
net_input_end(struct net_worker *worker, struct net_session *session)
{
	struct net_input *input = &session->input;
	struct slice unread = worker->unread;
	if (unread.length == 0) {
		net_input_drop(worker, session);
	} else if (input->kept) {
		input->start = input->end - (uint32_t)unread.length;
	} else {
		input->kept = malloc(unread.length);
		ASSERT(input->kept);
		memcpy(input->kept, unread.data, unread.length);
		input->start = 0;
		input->end = (uint32_t)unread.length;
	}
	worker->unread = SLICE_NONE;
}

static size_t
room_spent(const struct net_worker *worker)
{
	return worker->in_left < NET_DEFLATE_READ ? worker->in_left : NET_DEFLATE_READ;
}

/* Into the worker's buffer; unread must be empty. */
static enum net_moved
read_more(struct net_worker *worker, struct net_session *session)
{
	net_input_drop(worker, session);
	size_t room = NET_INPUT_FIRST_READ;
	if (worker->in_left < NET_INPUT_SLICE)
		room = worker->in_left; /* the taker had all of the first read */
	size_t got;
	enum net_moved moved = net_transport_read(session, worker->in, room, &got);
	worker->unread = slice_of(worker->in, got);
	/* What inflates to nothing is work too. */
	worker->in_left -= moved == NET_MOVED && got == 0 ? room_spent(worker) : got;
	return moved;
}

/* True when the taker is done with or refuses what it was fed. */
static bool
feed(struct net_worker *worker, struct net_session *session, struct net_event *event)
{
	struct base_taker *taker = session->want.taker;
	size_t consumed = 0;
	if (worker->unread.length == 0)
		worker->unread = slice_of(worker->in, 0);
	enum base_taken taken = taker->take(taker, worker->unread, &consumed);
	ASSERT(consumed <= worker->unread.length);
	ASSERT(taken != BASE_TAKE_MORE || consumed == worker->unread.length);
	worker->unread = slice_from(worker->unread, consumed);
	session->rate_in.bytes += consumed;
	session->taking |= consumed > 0;
	session->moved |= consumed > 0;
	session->fed = true;
	if (taken == BASE_TAKE_MORE)
		return false;
	event->why = taken == BASE_TAKE_DONE ? NET_TAKEN : NET_REFUSED;
	return true;
}

enum net_fed
net_input_feed(
	struct net_worker *worker, struct net_session *session, struct net_event *event)
{
	for (;;) {
		/* Once without input too: some takers want none. */
		if ((worker->unread.length > 0 || !session->fed) &&
			feed(worker, session, event))
			return NET_FED_EVENT;
		if (session->ended && !session->ended_told) {
			session->ended_told = true;
			event->why = NET_ENDED;
			return NET_FED_EVENT;
		}
		if (!net_transport_readable(session))
			return NET_FED_DRY;
		if (worker->in_left == 0)
			return NET_FED_YIELD;
		if (read_more(worker, session) == NET_BROKEN)
			return NET_FED_BROKEN;
	}
}
