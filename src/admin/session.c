/* The control protocol's session: moves bytes between the peer and the operation's errand.
 */
#include "admin/call.h"

enum { OUTPUT_MOST = 4 * ADMIN_PIPE_MOST };

struct control_session {
	struct admin_pipe *pipe;
};

static net_step moved;

static enum net_next
move(struct net_session *net)
{
	struct control_session *session = net_state(net);
	SCOPED(buffer_free) struct buffer output = buffer_with(OUTPUT_MOST);
	bool more = admin_pipe_take_output(session->pipe, &output);
	net_put(net, buffer_slice(&output));
	if (!more)
		return NET_CLOSE;
	if (net_full(net))
		return net_park(net, &(struct net_want){.drained = true}, moved);
	bool room = admin_pipe_has_room(session->pipe);
	return net_park(net,
		&(struct net_want){.taker = room ? admin_pipe_taker(session->pipe) : NULL,
			.woken = true},
		moved);
}

static enum net_next
moved(struct net_session *net, const struct net_event *event)
{
	struct control_session *session = net_state(net);
	if (event->why == NET_ENDED)
		admin_pipe_end_input(session->pipe);
	/* An operation may well say nothing for half an hour (check, import). */
	return move(net);
}

/* What the errand is handed, in the arena that goes along. */
struct errand {
	struct admin *admin;
	struct admin_pipe *pipe;
};

static enum base_failure
errand_run(void *argument, struct arena *moved_arena)
{
	const struct errand *errand = argument;
	(void)moved_arena;
	admin_call_run(errand->admin, errand->pipe);
	admin_pipe_finish(errand->pipe);
	admin_pipe_drop(errand->pipe);
	return BASE_OK;
}

static bool
start_errand(struct net_session *net, struct admin_pipe *pipe)
{
	struct arena *arena = arena_create(4096);
	struct errand *errand = ARENA_NEW(arena, struct errand);
	*errand = (struct errand){.admin = net_owner(net), .pipe = pipe};
	struct base_ticket *ticket =
		net_errand(net_of(net), NET_LANE_ADMIN, errand_run, errand, arena);
	if (!ticket)
		arena_destroy(arena);
	base_ticket_drop(ticket);
	return ticket != NULL;
}

static enum net_next
greet(struct net_session *net, const struct net_event *event)
{
	struct control_session *session = net_state(net);
	(void)event;
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
		"{\"error\":\"too much is being asked of the server, try again\","
		"\"failure\":\"unavailable\"}\n"),
};
