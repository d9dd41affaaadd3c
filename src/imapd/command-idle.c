/* IDLE: RFC 2177. News comes by the mailbox's watch, which wakes the parked session. */
#include "imapd/imapd-internal.h"

static net_step idle_step;

static void
changed(void *argument)
{
	struct imapd_selected *selected = argument;
	net_wake(selected->handle, 1);
}

static enum net_next
park(struct imapd_session *session, bool drained)
{
	return net_park(session->net,
		&(struct net_want){.taker = &session->line.taker,
			.woken = !drained,
			.drained = drained,
			.idle = true,
			.deadline = IMAPD_IDLE_DEADLINE},
		idle_step);
}

static void
watch(struct imapd_session *session)
{
	struct imapd_selected *selected = session->selected;
	if (!selected)
		return;
	selected->handle = net_handle(session->net);
	selected->watch = post_mailbox_watch(selected->mailbox, changed, selected);
	/* What came between the last answer and the watch would wake nobody. */
	imapd_sync(session, NULL);
}

static void
unwatch(struct imapd_session *session)
{
	if (!session->selected || !session->selected->watch)
		return;
	post_watch_end(session->selected->watch);
	session->selected->watch = NULL;
}

/*
 * Told what is new, the client must have read it before it is told more; so news does not
 * pile up for one that doesn't read. Wakes meanwhile are kept.
 */
static enum net_next
tell_news(struct imapd_session *session)
{
	if (session->selected && post_mailbox_gone(session->selected->mailbox)) {
		unwatch(session);
		return imapd_next(session);
	}
	imapd_sync(session, NULL);
	return park(session, true);
}

static enum net_next
idle_step(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why == NET_WOKEN)
		return tell_news(session);
	if (event->why == NET_DRAINED)
		return park(session, false);
	if (event->why != NET_TAKEN)
		return imapd_gone(session, event);
	unwatch(session);
	if (session->line.flaws ||
		!slice_equal_nocase(wire_line_taken(&session->line), SLICE("DONE")))
		return imapd_bad(session, "DONE was expected");
	return imapd_ok(session, "Done");
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	if (!wire_imap_end(&call->cursor))
		return imapd_unparsed(session);
	imapd_put_text(session, "+ idling\r\n");
	watch(session);
	wire_line_taker_reset(&session->line);
	return park(session, true);
}

const struct imapd_command imapd_command_idle = {
	.name = "IDLE", .states = IMAPD_ACCOUNT, .capability = "IDLE", .run = run};
