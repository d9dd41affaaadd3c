/* SELECT, EXAMINE (RFC 3501 6.3.1, 6.3.2), CLOSE (6.4.2), UNSELECT (RFC 3691). */
#include "imapd/imapd-internal.h"

enum { LINE_MOST = 64 * 1024 };

void
imapd_unselect(struct imapd_session *session)
{
	struct imapd_selected *selected = session->selected;
	session->selected = NULL;
	if (session->state == IMAPD_SELECTED)
		session->state = IMAPD_SIGNED_IN;
	if (!selected)
		return;
	if (selected->watch)
		post_watch_end(selected->watch);
	post_view_drop(selected->view);
	post_mailbox_close(selected->mailbox);
	free(selected);
}

static struct imapd_selected *
selected_new(struct post_mailbox *mailbox, bool read_only)
{
	struct imapd_selected *selected = calloc(1, sizeof *selected);
	ASSERT(selected);
	selected->mailbox = mailbox;
	selected->read_only = read_only;
	selected->view = post_view_newest(mailbox);
	selected->recent_from = read_only ? post_recent_peek(mailbox)
					  : post_recent_claim(mailbox, selected->view);
	return selected;
}

bool
imapd_put_flags(struct buffer *into, const struct imapd_selected *selected,
	const struct post_view *view, uint32_t uid)
{
	struct post_flags flags = post_view_flags(view, uid);
	bool first = true;
	buffer_put_byte(into, '(');
	for (unsigned number = 0; number < POST_FLAG_NUMBERS; number++) {
		if (!post_flags_has(&flags, number))
			continue;
		if (!first)
			buffer_put_byte(into, ' ');
		buffer_put(into, post_flag_name(view, number));
		first = false;
	}
	if (uid >= selected->recent_from)
		buffer_put_text(into, first ? "\\Recent" : " \\Recent");
	return buffer_put_byte(into, ')');
}

static void
put_known_flags(struct buffer *into, const struct post_view *view)
{
	buffer_put_text(into, "(\\Answered \\Flagged \\Deleted \\Seen \\Draft");
	for (unsigned i = 0; i < post_view_keywords(view); i++) {
		buffer_put_byte(into, ' ');
		buffer_put(into, post_view_keyword(view, i));
	}
}

void
imapd_put_mailbox_flags(struct imapd_session *session, const struct post_view *view)
{
	struct imapd_selected *selected = session->selected;
	SCOPED(buffer_free) struct buffer lines = buffer_with(LINE_MOST);
	buffer_put_text(&lines, "* FLAGS ");
	put_known_flags(&lines, view);
	buffer_put_text(&lines, ")\r\n* OK [PERMANENTFLAGS ");
	if (selected->read_only) {
		buffer_put_text(&lines, "()] No flag can be changed\r\n");
	} else {
		put_known_flags(&lines, view);
		buffer_put_text(&lines, " \\*)] These are kept\r\n");
	}
	imapd_put(session, &lines);
	selected->keywords_told = post_view_keywords(view);
}

static uint32_t
first_unseen(const struct post_view *view)
{
	SCOPED(post_uids_release)
	struct post_uids *unseen = post_uids_copy(post_view_uids(view));
	const struct post_uids *seen = post_view_flagged(view, POST_SEEN);
	if (seen)
		post_uids_minus(unseen, seen);
	uint32_t uid = post_uids_least(unseen);
	return uid ? post_view_sequence(view, uid) : 0;
}

static void
put_numbers(struct imapd_session *session)
{
	const struct imapd_selected *selected = session->selected;
	const struct post_view *view = selected->view;
	SCOPED(buffer_free) struct buffer lines = buffer_with(LINE_MOST);
	const struct post_uids *uids = post_view_uids(view);
	uint32_t recent = post_uids_next(uids, selected->recent_from - 1);
	buffer_printf(&lines, "* %u EXISTS\r\n* %u RECENT\r\n", post_view_count(view),
		recent ? post_view_count(view) - post_view_sequence(view, recent) + 1 : 0);
	uint32_t unseen = first_unseen(view);
	if (unseen)
		buffer_printf(&lines, "* OK [UNSEEN %u] The first unseen\r\n", unseen);
	buffer_printf(&lines,
		"* OK [UIDVALIDITY %u] UIDs are valid\r\n* OK [UIDNEXT %u] The next "
		"UID\r\n",
		post_mailbox_uid_validity(selected->mailbox), post_view_uid_next(view));
	imapd_put(session, &lines);
}

static enum net_next
open_mailbox(struct imapd_session *session, struct imapd_call *call, bool read_only)
{
	struct slice name;
	struct post_mailbox *mailbox = NULL;
	if (!wire_imap_one_mailbox(&call->cursor, &name))
		return imapd_unparsed(session);
	/* The former mailbox is closed whatever comes of this one (RFC 3501 6.3.1). */
	imapd_unselect(session);
	enum base_failure failure = post_mailbox_open(session->account, name, &mailbox);
	if (failure)
		return imapd_failed(session, failure);
	session->selected = selected_new(mailbox, read_only);
	session->state = IMAPD_SELECTED;
	imapd_put_mailbox_flags(session, session->selected->view);
	put_numbers(session);
	return imapd_ok(session, read_only ? "[READ-ONLY] Opened" : "[READ-WRITE] Opened");
}

static enum net_next
run_select(struct imapd_session *session, struct imapd_call *call)
{
	return open_mailbox(session, call, false);
}

static enum net_next
run_examine(struct imapd_session *session, struct imapd_call *call)
{
	return open_mailbox(session, call, true);
}

static enum net_next
run_unselect(struct imapd_session *session, struct imapd_call *call)
{
	if (!wire_imap_end(&call->cursor))
		return imapd_unparsed(session);
	imapd_unselect(session);
	return imapd_ok(session, "Closed");
}

static enum net_next
closed_step(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	imapd_unselect(session);
	return event->outcome ? imapd_failed(session, event->outcome)
			      : imapd_ok(session, "Closed");
}

static enum net_next
run_close(struct imapd_session *session, struct imapd_call *call)
{
	struct imapd_selected *selected = session->selected;
	struct base_error error = {0};
	if (!wire_imap_end(&call->cursor))
		return imapd_unparsed(session);
	const struct post_uids *deleted = post_view_flagged(selected->view, POST_DELETED);
	if (selected->read_only || !deleted) {
		imapd_unselect(session);
		return imapd_ok(session, "Closed");
	}
	struct base_ticket *ticket =
		post_expunge(selected->mailbox, deleted, true, NULL, &error);
	if (!ticket)
		return imapd_failed(session, error.failure);
	return imapd_await(session, ticket, closed_step);
}

const struct imapd_command imapd_command_select = {
	.name = "SELECT", .states = IMAPD_ACCOUNT, .run = run_select};
const struct imapd_command imapd_command_examine = {
	.name = "EXAMINE", .states = IMAPD_ACCOUNT, .run = run_examine};
const struct imapd_command imapd_command_close = {
	.name = "CLOSE", .states = IMAPD_SELECTED, .run = run_close};
const struct imapd_command imapd_command_unselect = {.name = "UNSELECT",
	.states = IMAPD_SELECTED,
	.capability = "UNSELECT",
	.run = run_unselect};
