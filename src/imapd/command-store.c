/* STORE: RFC 3501 6.4.6. */
#include "imapd/lines.h"
#include "wire/imap-store.h"

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
tell(struct imapd_session *session, const struct storing *storing)
{
	struct imapd_selected *selected = session->selected;
	SCOPED(post_view_release)
	struct post_view *newest = post_view_newest(selected->mailbox);
	imapd_tell_keywords(session, newest);
	if (!storing->silent)
		imapd_put_flag_rows(session, selected->view, newest, storing->uids);
	const struct imapd_own_change own = {.uids = storing->uids,
		.action = storing->action,
		.names = storing->names,
		.count = storing->count};
	imapd_sync(session, &own);
}

static enum net_next
stored(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	if (event->outcome)
		return imapd_failed(session, event->outcome);
	const struct storing *storing = session->call->act;
	bool some_gone = !storing->silent && imapd_names_expunged(session, storing->uids);
	tell(session, storing);
	/* RFC 2180 4.2: the client would take silence for an answer. */
	return some_gone ? imapd_expunged(session) : imapd_ok(session, "Done");
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

const struct imapd_command imapd_command_store = {
	.name = "STORE",
	.states = IMAPD_SELECTED,
	.traits = IMAPD_HAS_UID | IMAPD_KEEPS_NUMBERS | IMAPD_WRITES,
	.rfc = "3501 6.4.6",
	.purpose = "Changes flags",
	.file = __FILE__,
	.run = run,
};
