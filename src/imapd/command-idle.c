/* IDLE: RFC 2177. News comes by the mailbox's watch, which wakes the parked session. */
#include "imapd/notify.h"
#include "imapd/rights.h"

static net_step idle_step;

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

/*
 * Told what is new, the client must have read it before it is told more; so news does not
 * pile up for one that doesn't read. Wakes meanwhile are kept.
 */
static enum net_next
park_told(struct imapd_session *session)
{
	return park(session, true);
}

static enum net_next
tell_news(struct imapd_session *session)
{
	if ((session->selected && post_mailbox_gone(session->selected->mailbox)) ||
		imapd_is_shut_out(session))
		return imapd_next(session);
	return imapd_notify_go_on(session, park_told);
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
	imapd_notify_listen(session, false);
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
	imapd_notify_listen(session, true);
	wire_line_taker_reset(&session->line);
	imapd_call_shrink(session);
	/* What came between the last answer and now would wake nobody. */
	return imapd_notify_go_on(session, park_told);
}

const struct imapd_command imapd_command_idle = {
	.name = "IDLE",
	.states = IMAPD_ACCOUNT,
	.capability = "IDLE",
	.announced = IMAPD_ANY,
	.rfc = "2177 3",
	.purpose = "Waits for news",
	.file = __FILE__,
	.run = run,
};
