/* STORE: RFC 3501 6.4.6; UNCHANGEDSINCE: RFC 7162 3.1.3. */
#include "imapd/lines.h"
#include "imapd/rights.h"
#include "wire/imap-store.h"

/* The answer to so many messages that each stands alone in the set. */
enum { CODE_MOST = 12 * 1024 * 1024 };

struct storing {
	struct post_uids *uids;
	struct slice *names;
	size_t count;
	enum post_flag_action action;
	bool silent, conditional;
	uint64_t unchanged_since;
	struct post_uids *conflicts; /* not in uids any more */
};

static void
release(void *argument)
{
	struct storing *storing = argument;
	post_uids_destroy(storing->uids);
	post_uids_destroy(storing->conflicts);
}

/*
 * RFC 7162 3.1.3: a silent STORE tells the mod-sequences of what it changed; and of what
 * others have changed before to the very flags that this client asks for, as it is told
 * nothing else.
 */
static void
tell_modseqs(struct imapd_session *session, const struct storing *storing,
	struct post_view *newest)
{
	if (!imapd_is_on(session, IMAPD_CONDSTORE))
		return;
	SCOPED(post_uids_release)
	struct post_uids *changed = post_view_renumbered(session->selected->view, newest);
	post_uids_and(changed, storing->uids);
	imapd_put_modseq_rows(session, session->selected->view, newest, changed);
}

/* Every message that was named is answered, also one that had the flags before. */
static void
tell(struct imapd_session *session, const struct storing *storing)
{
	struct imapd_selected *selected = session->selected;
	SCOPED(post_view_release)
	struct post_view *newest = post_view_newest(selected->mailbox);
	imapd_tell_keywords(session, newest);
	if (storing->silent)
		tell_modseqs(session, storing, newest);
	else
		imapd_put_flag_rows(session, selected->view, newest, storing->uids);
	const struct imapd_own_change own = {.uids = storing->uids,
		.action = storing->action,
		.names = storing->names,
		.count = storing->count,
		.told = storing->silent ? NULL : newest,
		.told_uids = storing->uids,
		.told_all = !storing->silent};
	imapd_sync(session, &own);
}

/* RFC 7162 3.1.3: "[MODIFIED 7,9]", by UIDs or by numbers as the command had them. */
static struct slice
modified_code(struct imapd_session *session, const struct storing *storing)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(CODE_MOST);
	struct imapd_numbering numbering = {.view = session->selected->view};
	struct wire_imap_set_writer writer = {.into = &text};
	SCOPED(post_uids_cursor_release)
	struct post_uids_cursor *walk = post_uids_walk(storing->conflicts);
	buffer_put_text(&text, "[MODIFIED ");
	for (uint32_t uid; (uid = post_uids_cursor_next(walk));)
		wire_imap_set_writer_add(&writer,
			session->call->uid ? uid : imapd_number_of(&numbering, uid));
	wire_imap_set_writer_end(&writer);
	buffer_put_text(&text, "] Others changed them first");
	return arena_copy(session->call->arena, buffer_slice(&text));
}

static enum net_next
answer(struct imapd_session *session, const struct storing *storing)
{
	bool some_gone = !storing->silent && imapd_names_expunged(session, storing->uids);
	struct slice modified = SLICE_NONE;
	/* Before the view moves on: the numbers are the client's. */
	if (storing->conflicts && !post_uids_empty(storing->conflicts))
		modified = modified_code(session, storing);
	tell(session, storing);
	if (!slice_absent(modified))
		return imapd_ok_slice(session, modified);
	/* RFC 2180 4.2: the client would take silence for an answer. */
	return some_gone ? imapd_expunged(session) : imapd_ok(session, "Done");
}

static enum net_next
stored(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	if (event->outcome)
		return imapd_failed(session, event->outcome);
	return answer(session, session->call->act);
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

/*
 * RFC 4314 4: flags that one has a right to are changed, the others left as they are; the
 * client is told what became of it. Refused when it named none of the former.
 */
static enum net_next
change(struct imapd_session *session, struct storing *storing)
{
	struct base_error error = {0};
	unsigned rights = session->selected->rights;
	struct slice *names =
		ARENA_MANY(session->call->arena, struct slice, storing->count + 1);
	size_t count = imapd_allowed_flags(rights, storing->names, storing->count, names);
	const struct post_flags within = imapd_flags_of_rights(rights);
	if (storing->count && !count)
		return imapd_no_place(session, BASE_DENIED);
	struct post_flag_change wanted = {.action = storing->action,
		.names = names,
		.count = count,
		.within = &within,
		.conditional = storing->conditional,
		.unchanged_since = storing->unchanged_since};
	struct base_ticket *ticket = post_flags_change(
		session->selected->mailbox, storing->uids, &wanted, &error);
	storing->conflicts = wanted.conflicts;
	if (wanted.conflicts)
		post_uids_minus(storing->uids, wanted.conflicts);
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
	storing->conditional = store.conditional;
	storing->unchanged_since = store.unchanged_since;
	if (store.conditional)
		imapd_turn_on(session, IMAPD_CONDSTORE);
	call->act = storing;
	return change(session, storing);
}

const struct imapd_command imapd_command_store = {
	.name = "STORE",
	.states = IMAPD_SELECTED,
	.traits = IMAPD_HAS_UID | IMAPD_KEEPS_NUMBERS | IMAPD_WRITES,
	.act = IMAPD_STORES,
	.rfc = "3501 6.4.6",
	.purpose = "Changes flags",
	.file = __FILE__,
	.run = run,
};
