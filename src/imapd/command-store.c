/* STORE: RFC 3501 6.4.6. */
#include "imapd/imapd-internal.h"
#include "wire/imap-store.h"

enum { PUT_AT = 32 * 1024, LINES_MOST = 64 * 1024 };

struct storing {
	struct post_uids *uids;
	struct slice *names;
	size_t count;
	enum post_flag_action action;
	bool silent;
};

static void
release(void *argument)
{
	struct storing *storing = argument;
	post_uids_destroy(storing->uids);
}

/* Every message that was named is answered, also one that had the flags before. */
static void
put_flags(struct imapd_session *session, const struct post_view *newest,
	const struct post_uids *uids)
{
	const struct imapd_selected *selected = session->selected;
	SCOPED(buffer_free) struct buffer lines = buffer_with(LINES_MOST);
	SCOPED(post_uids_cursor_release)
	struct post_uids_cursor *walk = post_uids_walk(uids);
	for (uint32_t uid; (uid = post_uids_cursor_next(walk));) {
		if (!post_uids_has(post_view_uids(newest), uid))
			continue;
		buffer_printf(&lines, "* %u FETCH (UID %u FLAGS ",
			post_view_sequence(selected->view, uid), uid);
		imapd_put_flags(&lines, selected, newest, uid);
		buffer_put_text(&lines, ")\r\n");
		if (lines.length > PUT_AT) {
			imapd_put(session, &lines);
			buffer_clear(&lines);
		}
	}
	imapd_put(session, &lines);
}

static void
tell(struct imapd_session *session, const struct storing *storing)
{
	SCOPED(post_view_release)
	struct post_view *newest = post_view_newest(session->selected->mailbox);
	if (post_view_keywords(newest) > session->selected->keywords_told)
		imapd_put_mailbox_flags(session, newest);
	if (!storing->silent)
		put_flags(session, newest, storing->uids);
	const struct imapd_own_change own = {.uids = storing->uids,
		.action = storing->action,
		.names = storing->names,
		.count = storing->count};
	imapd_sync(session, imapd_may_expunge(session->call), &own);
}

static enum net_next
stored(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	if (event->outcome)
		return imapd_failed(session, event->outcome);
	tell(session, session->call->act);
	return imapd_ok(session, "Done");
}

static enum post_flag_action
action_of(enum wire_imap_store_act act)
{
	switch (act) {
	case WIRE_IMAP_STORE_ADD:
		return POST_FLAGS_ADD;
	case WIRE_IMAP_STORE_TAKE:
		return POST_FLAGS_REMOVE;
	default:
		return POST_FLAGS_REPLACE;
	}
}

static enum net_next
change(struct imapd_session *session, const struct storing *storing)
{
	struct base_error error = {0};
	struct post_flag_change wanted = {.action = storing->action,
		.names = storing->names,
		.count = storing->count};
	struct base_ticket *ticket = post_flags_change(
		session->selected->mailbox, storing->uids, &wanted, &error);
	post_uids_destroy(wanted.conflicts);
	return ticket ? imapd_await(session, ticket, stored)
		      : imapd_failed(session, error.failure);
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_store store;
	const char *fault = NULL;
	if (!wire_imap_store_parse(&call->cursor, &store))
		return imapd_unparsed(session);
	struct storing *storing = ARENA_NEW(call->arena, struct storing);
	if (!imapd_uids_of_set(session, &store.set, call->uid, &storing->uids, &fault))
		return imapd_bad(session, fault);
	arena_on_release(call->arena, release, storing);
	storing->count = imapd_flag_names(call->arena, &store.flags, &storing->names);
	storing->action = action_of(store.act);
	storing->silent = store.silent;
	call->act = storing;
	return change(session, storing);
}

const struct imapd_command imapd_command_store = {.name = "STORE",
	.states = IMAPD_SELECTED,
	.traits = IMAPD_HAS_UID | IMAPD_KEEPS_NUMBERS | IMAPD_WRITES,
	.run = run};
