/* The control protocol's session: moves bytes between the peer and the operation's errand.
 */
#include "admin/call.h"
#include "base/texts.h"
#include <unistd.h>

enum {
	OUTPUT_MOST = 4 * ADMIN_PIPE_MOST,
	CALL_WITHIN = 30 * 1000, /* ms: the call is one line, sent at once */
	SILENCE_MOST =
		NET_DEADLINE_MOST /* of files that come, of a peer that does not read */
};

struct control_session {
	struct admin_pipe *pipe;
	uint64_t taken; /* by the pipe at the last deadline */
	bool told;      /* that the server stops */
};

static net_step moved;

static enum net_next
park_for_input(struct net_session *net, const struct control_session *session)
{
	struct admin_pipe *pipe = session->pipe;
	bool called = admin_pipe_look(pipe).called;
	bool room = admin_pipe_has_room(pipe);
	return net_park(net,
		&(struct net_want){.taker = room ? admin_pipe_taker(pipe) : NULL,
			.woken = true,
			.idle = !session->told,
			.deadline = called ? SILENCE_MOST : CALL_WITHIN},
		moved);
}

static enum net_next
move(struct net_session *net)
{
	struct control_session *session = net_state(net);
	bool more = true;
	if (!net_full(net)) {
		SCOPED(buffer_free) struct buffer output = buffer_with(OUTPUT_MOST);
		more = admin_pipe_take_output(session->pipe, &output);
		net_put(net, buffer_slice(&output));
	}
	if (!more)
		return NET_CLOSE;
	if (!net_full(net))
		return park_for_input(net, session);
	return net_park(
		net, &(struct net_want){.drained = true, .deadline = SILENCE_MOST}, moved);
}

/*
 * An operation may well say nothing for half an hour (check); who keeps it waiting may not,
 * as its thread is one of few.
 */
static void
judge_silence(struct net_session *net, struct control_session *session)
{
	struct admin_pipe_state state = admin_pipe_look(session->pipe);
	if (net_full(net))
		admin_pipe_break(session->pipe);
	else if (state.starving && (!state.called || state.taken == session->taken))
		admin_pipe_end_input(session->pipe);
	session->taken = state.taken;
}

static enum net_next
moved(struct net_session *net, const struct net_event *event)
{
	struct control_session *session = net_state(net);
	session->told |= event->why == NET_STOPPING;
	if (event->why == NET_ENDED || event->why == NET_STOPPING)
		admin_pipe_end_input(session->pipe);
	if (event->why == NET_DEADLINE) {
		judge_silence(net, session);
		if (net_full(net))
			return NET_CLOSE;
	}
	return move(net);
}

/* What the errand is handed, in the arena that goes along. */
struct errand {
	struct admin *admin;
	struct admin_pipe *pipe;
	int64_t user;
};

static enum base_failure
errand_run(void *argument, struct arena *moved_arena)
{
	const struct errand *errand = argument;
	(void)moved_arena;
	admin_call_run(errand->admin, errand->pipe, errand->user);
	admin_pipe_finish(errand->pipe);
	admin_pipe_drop(errand->pipe);
	return BASE_OK;
}

static bool
start_errand(struct net_session *net, struct admin_pipe *pipe)
{
	struct arena *arena = arena_create(4096);
	struct errand *errand = ARENA_NEW(arena, struct errand);
	*errand = (struct errand){
		.admin = net_owner(net), .pipe = pipe, .user = net_peer_user(net)};
	struct base_ticket *ticket =
		net_errand(net_of(net), NET_LANE_ADMIN, errand_run, errand, arena);
	if (!ticket)
		arena_destroy(arena);
	base_ticket_drop(ticket);
	return ticket != NULL;
}

/* The socket's mode says the same; it may have been changed, or moved. */
static bool
is_allowed(const struct net_session *net)
{
	int64_t user = net_peer_user(net);
	return user == 0 || user == (int64_t)geteuid();
}

static enum net_next
greet(struct net_session *net, const struct net_event *event)
{
	struct control_session *session = net_state(net);
	(void)event;
	if (!is_allowed(net)) {
		net_put(net,
			SLICE("{\"error\":\"" BASE_TEXT("only root and the server's user "
							"may ask") "\",\"failure\":"
								   "\"denied\"}\n"));
		return NET_CLOSE;
	}
	session->pipe = admin_pipe_create(net_handle(net));
	if (start_errand(net, session->pipe))
		return move(net);
	admin_pipe_drop(session->pipe); /* the errand's reference */
	net_put(net, admin_protocol.busy);
	return NET_CLOSE;
}

static void
closed(struct net_session *net)
{
	struct control_session *session = net_state(net);
	if (!session->pipe)
		return;
	admin_pipe_break(session->pipe);
	admin_pipe_drop(session->pipe);
}

const struct net_protocol admin_protocol = {
	.name = "control",
	.session_size = sizeof(struct control_session),
	.greet = greet,
	.closed = closed,
	.busy = SLICE_INIT(
		"{\"error\":\"" BASE_TEXT("too much is being asked of the server, try "
					  "again") "\","
						   "\"failure\":\"unavailable\"}\n"),
};
