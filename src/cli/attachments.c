#include "cli/attachments.h"

enum { PERIOD_MS = 5 * 1000 };

const struct net_program *
cli_attachment_programs(size_t *count)
{
	static struct net_program programs[POST_ATTACHED_PROGRAMS];
	for (size_t i = 0; i < POST_ATTACHED_PROGRAMS; i++)
		programs[i].arguments = post_attached_programs[i].arguments;
	*count = POST_ATTACHED_PROGRAMS;
	return programs;
}

static bool
has(void *argument, unsigned program)
{
	const struct cli_server *server = argument;
	return net_helper_has(server->helper, program);
}

static bool
go_on(void *argument)
{
	const struct cli_server *server = argument;
	return !net_stopping(server->net);
}

/* Who takes the helper process along twice is not asked a third time. */
static enum post_attached_end
run(void *argument, unsigned program, int input, struct buffer *into)
{
	const struct cli_server *server = argument;
	const struct net_helper_call call = {
		.program = program, .input = input, .go_on = go_on, .argument = argument};
	static const enum post_attached_end ends[] = {
		[NET_HELPER_DONE] = POST_ATTACHED_DONE,
		[NET_HELPER_CUT] = POST_ATTACHED_CUT,
		[NET_HELPER_FAILED] = POST_ATTACHED_FAILED,
		[NET_HELPER_KILLED] = POST_ATTACHED_KILLED,
		[NET_HELPER_GONE] = POST_ATTACHED_KILLED,
		[NET_HELPER_UNAVAILABLE] = POST_ATTACHED_UNAVAILABLE};
	enum net_helper_end end = net_helper_run(server->helper, &call, into);
	if (end != NET_HELPER_GONE)
		return ends[end];
	buffer_clear(into);
	return ends[net_helper_run(server->helper, &call, into)];
}

struct post_attached_runner
cli_attachment_runner(struct cli_server *server)
{
	if (!server->helper)
		return (struct post_attached_runner){0};
	return (struct post_attached_runner){
		.has = has, .run = run, .go_on = go_on, .argument = server};
}

static enum base_failure
read_some(void *argument, struct arena *moved)
{
	struct cli_server *server = argument;
	(void)moved;
	net_carries(server->net, "chore", SLICE("attachments"));
	post_attached_chores(server->post);
	return BASE_OK;
}

static void
tick(void *argument)
{
	struct cli_server *server = argument;
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct base_ticket *ticket =
		net_errand(server->net, NET_LANE_HELPER, read_some, server, arena);
	if (!ticket)
		arena_destroy(arena);
	base_ticket_drop(ticket);
}

void
cli_attachments_watch(struct cli_server *server)
{
	if (server->helper)
		net_every(server->net, PERIOD_MS, tick, server);
}
