#include "imapd/notify.h"
#include "imapd/rights.h"
#include "imapd/upload.h"
#include "wire/imap-metadata.h"

static net_step line_step, literal_step;

struct imapd_session *
imapd_session_of(struct net_session *session)
{
	return net_state(session);
}

static size_t
command_ceiling(const struct imapd_session *session)
{
	return session->state == IMAPD_NOT_SIGNED_IN ? WIRE_IMAP_BEFORE_LOGIN
						     : WIRE_IMAP_COMMAND_MOST;
}

/* RFC 3501 5.4: half an hour at least, once signed in. Before, all of it is bounded. */
static uint64_t
line_deadline(const struct imapd_session *session)
{
	if (session->state != IMAPD_NOT_SIGNED_IN)
		return IMAPD_IDLE_DEADLINE;
	return base_clock_left_ms(session->context->clock, session->sign_in_until);
}

/* Goes on with a line of which something may have been taken. */
static enum net_next
park_for_line(struct imapd_session *session, const struct net_want *more, net_step *step)
{
	struct net_want want = *more;
	want.taker = &session->line.taker;
	want.deadline = line_deadline(session);
	return net_park(session->net, &want, step);
}

enum net_next
imapd_next_line(struct imapd_session *session, const struct net_want *more, net_step *step)
{
	wire_line_taker_reset(&session->line);
	return park_for_line(session, more, step);
}

/* Between commands: wakes tell that the mailbox is gone, and news (RFC 5465). */
static enum net_next
wait_for_command(struct imapd_session *session, bool woken)
{
	return park_for_line(session,
		&(struct net_want){.idle = true, .woken = woken, .drained = !woken},
		line_step);
}

/* Who was told something has read it before there is more, as in IDLE. */
static enum net_next
wait_told(struct imapd_session *session)
{
	return wait_for_command(session, false);
}

/* RFC 2180 3.3: a mailbox that is gone can't be told otherwise. */
static const char *
farewell(struct imapd_session *session)
{
	if (session->errors > IMAPD_ERRORS_MOST)
		return "Too many errors";
	if (session->commands >= IMAPD_STRANGER_MOST)
		return "Too many commands without a sign-in";
	if (session->selected && post_mailbox_gone(session->selected->mailbox))
		return "The selected mailbox was deleted";
	if (imapd_is_shut_out(session))
		return "You may read the selected mailbox no more";
	return NULL;
}

enum net_next
imapd_next(struct imapd_session *session)
{
	const char *text = farewell(session);
	if (text) {
		imapd_put_said(session, "* BYE ", slice_of_text(text));
		return NET_CLOSE;
	}
	imapd_upload_drop(session->upload);
	session->upload = NULL;
	wire_imap_gather_reset(&session->gather, command_ceiling(session));
	wire_line_taker_reset(&session->line);
	return imapd_notify_is_on(session) || session->rows_due
		       ? imapd_notify_go_on(session, wait_told)
		       : wait_for_command(session, true);
}

enum net_next
imapd_gone(struct imapd_session *session, const struct net_event *event)
{
	if (event->why == NET_DEADLINE)
		imapd_put_said(session, "* BYE ",
			session->state == IMAPD_NOT_SIGNED_IN
				? SLICE("The sign-in took too long")
				: SLICE("Nothing came for too long"));
	else if (event->why == NET_STOPPING)
		imapd_put_said(
			session, "* BYE ", SLICE("[UNAVAILABLE] The server is stopping"));
	else if (event->why == NET_DISMISSED)
		imapd_put_said(session, "* BYE ", SLICE("Your account was removed"));
	return NET_CLOSE;
}

enum net_next
imapd_await(struct imapd_session *session, struct base_ticket *ticket, net_step *step)
{
	return net_park(session->net, &(struct net_want){.ticket = ticket}, step);
}

enum net_next
imapd_drain(struct imapd_session *session, net_step *step)
{
	return net_park(session->net,
		&(struct net_want){.drained = true,
			.deadline = NET_STALL_MS,
			.least_rate = IMAPD_LEAST_RATE},
		step);
}

/* --- gathering: lines and literals -----------------------------------------------------
 */

/* What has a response code (RFC 5530) could be right elsewhere: NO. The rest is BAD. */
static enum net_next
refused(struct imapd_session *session, const char *error)
{
	bool is_mistake = *error != '[';
	net_put(session->net, wire_imap_gather_tag(&session->gather));
	imapd_put_said(session, is_mistake ? " BAD " : " NO ", slice_of_text(error));
	session->errors += is_mistake;
	return imapd_next(session);
}

/* A rate that is kept buys time, but none before the sign-in. */
static struct net_want
wait_for_octets(struct imapd_session *session)
{
	struct net_want want = {.taker = &session->octets.taker};
	if (session->state == IMAPD_NOT_SIGNED_IN) {
		want.deadline = line_deadline(session);
	} else {
		want.deadline = IMAPD_DATA_DEADLINE;
		want.least_rate = IMAPD_LEAST_RATE;
	}
	return want;
}

static enum net_next
take_literal(struct imapd_session *session, struct wire_sink sink)
{
	const struct wire_imap_literal *literal = &session->gather.literal;
	if (literal->waits)
		imapd_put_text(session, "+ OK\r\n");
	wire_octets_taker_init(&session->octets, literal->size, sink);
	struct net_want want = wait_for_octets(session);
	return net_park(session->net, &want, literal_step);
}

/* RFC 7888 4: who doesn't wait for our word has sent it already. */
static enum net_next
drop_literal(struct imapd_session *session, const char *error)
{
	switch (wire_imap_gather_drop(&session->gather, error)) {
	case WIRE_IMAP_DROP_ANSWER:
		return refused(session, session->gather.error);
	case WIRE_IMAP_DROP_SWALLOW:
		return take_literal(session, wire_sink_nowhere());
	default:
		imapd_put_said(
			session, "* BYE ", SLICE("[LIMIT] That literal is too large"));
		return NET_CLOSE;
	}
}

/* APPEND's messages go their own way; every other literal is a part of the command. */
static bool
is_message(struct imapd_session *session, struct arena *scratch,
	struct wire_imap_append *append)
{
	return session->state & IMAPD_ACCOUNT &&
	       wire_imap_append_reached(wire_imap_gather_text(&session->gather),
		       imapd_speaks_utf8(session), scratch, append);
}

static enum net_next
take_message(struct imapd_session *session, const struct wire_imap_append *append)
{
	const struct wire_imap_literal *literal = &session->gather.literal;
	bool fits = literal->size <= session->context->message_size_most;
	if (!session->upload)
		session->upload = imapd_upload_begin(session);
	imapd_upload_advance(session, session->upload, append);
	if (!fits)
		imapd_upload_fail(session->upload, "[TOOBIG] The message is too large");
	const char *fault = imapd_upload_fault(session->upload);
	if (fault && (literal->waits || literal->size > IMAPD_SWALLOW_MOST))
		return drop_literal(session, fault);
	wire_imap_gather_apart(&session->gather);
	return take_literal(session, imapd_upload_sink(session->upload, literal->binary));
}

static enum net_next
literal_announced(struct imapd_session *session)
{
	SCOPED(arena_release) struct arena *scratch = arena_create(IMAPD_CALL_MEMORY);
	struct wire_imap_append append;
	if (is_message(session, scratch, &append))
		return take_message(session, &append);
	if (session->gather.literal.binary &&
		!wire_imap_setmetadata_reached(wire_imap_gather_text(&session->gather)))
		return drop_literal(session, "A binary literal has no place here");
	if (!wire_imap_gather_fits(&session->gather))
		return drop_literal(session, "[LIMIT] That literal is too large");
	return take_literal(session, wire_imap_gather_sink(&session->gather));
}

/* Between commands: the mailbox is gone, or news came while we were leaving IDLE. */
static enum net_next
woken(struct imapd_session *session)
{
	if (farewell(session))
		return imapd_next(session);
	return imapd_notify_is_on(session) ? imapd_notify_go_on(session, wait_told)
					   : wait_for_command(session, true);
}

static enum net_next
line_step(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why == NET_WOKEN)
		return woken(session);
	if (event->why == NET_DRAINED)
		return wait_for_command(session, true);
	if (event->why != NET_TAKEN)
		return imapd_gone(session, event);
	switch (wire_imap_gather_line(&session->gather, &session->line)) {
	case WIRE_IMAP_COMPLETE:
		return imapd_run(session);
	case WIRE_IMAP_LITERAL:
		return literal_announced(session);
	default:
		return refused(session, session->gather.error);
	}
}

static enum net_next
literal_step(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_TAKEN)
		return imapd_gone(session, event);
	return imapd_next_line(session, &(struct net_want){0}, line_step);
}

/* --- beginning and end -----------------------------------------------------------------
 */

static enum net_next
greet(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	(void)event;
	session->net = net;
	session->context = net_owner(net);
	session->state = IMAPD_NOT_SIGNED_IN;
	wire_line_taker_init(&session->line, WIRE_IMAP_LINE_MOST);
	wire_imap_gather_init(&session->gather, command_ceiling(session));
	session->ready = true;
	base_metric_add(session->context->metrics.sessions, 1);
	session->sign_in_until =
		base_clock_steady_ms(session->context->clock) + IMAPD_SIGN_IN_DEADLINE;
	if (net_spoke_early(net)) {
		imapd_put_said(session, "* BYE ", SLICE("The server speaks first"));
		return NET_CLOSE;
	}
	SCOPED(buffer_free) struct buffer greeting = buffer_with(4096);
	buffer_put_text(&greeting, "* OK [CAPABILITY ");
	imapd_put_capabilities(session, &greeting);
	buffer_printf(
		&greeting, "] %.*s is ready\r\n", SLICE_ARG(session->context->host_name));
	imapd_put(session, &greeting);
	return imapd_next(session);
}

static void
closed(struct net_session *net)
{
	struct imapd_session *session = imapd_session_of(net);
	if (!session->ready)
		return;
	imapd_call_end(session);
	imapd_upload_drop(session->upload);
	imapd_sign_out(session);
	door_exchange_drop(session->exchange);
	wire_imap_gather_free(&session->gather);
	wire_line_taker_free(&session->line);
}

const struct net_protocol imapd_protocol = {
	.name = "imap",
	.session_size = sizeof(struct imapd_session),
	.greet = greet,
	.closed = closed,
	.busy = SLICE_INIT("* BYE [UNAVAILABLE] Too many connections, try again later\r\n"),
};
