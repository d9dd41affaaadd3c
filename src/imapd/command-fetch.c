/*
 * FETCH: RFC 3501 6.4.5; CHANGEDSINCE, VANISHED: RFC 7162 3.1.4, 3.2.6; PARTIAL: RFC 9394
 * 3.3. Rows come in ascending order.
 */
#include "imapd/fetch.h"
#include "imapd/resync.h"
#include "imapd/rights.h"

enum {
	SLICE_MS = 5, /* then others on this worker get their turn */
	LINES_MOST = 1024 * 1024,
	MESSAGE_MEMORY = 64 * 1024 * 1024
};

static void
release(void *argument)
{
	struct imapd_fetching *fetching = argument;
	post_uids_destroy(fetching->uids);
	post_uids_destroy(fetching->marked);
	post_view_drop(fetching->view);
	post_view_drop(fetching->newest);
	buffer_free(&fetching->lines);
	arena_destroy(fetching->message);
}

static bool
marks_seen(const struct wire_imap_fetch *wanted)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (wire_imap_fetch_item_marks_seen(&wanted->items[i]))
			return true;
	return false;
}

/* Its rows have shown flags that are newer than those of the client's view. */
static void
sync_told(struct imapd_fetching *fetching)
{
	static const struct slice seen[] = {SLICE_INIT("\\Seen")};
	bool tells_modseq = fetching->tells_modseq ||
			    imapd_fetch_asks_for(fetching, WIRE_IMAP_FETCH_MODSEQ);
	const struct imapd_own_change own = {.uids = fetching->marked,
		.action = POST_FLAGS_ADD,
		.names = seen,
		.count = 1,
		.told = fetching->newest,
		.told_uids = fetching->tells_flags ? fetching->uids : fetching->marked,
		.told_all =
			!fetching->failure &&
			(tells_modseq || !imapd_is_on(fetching->session, IMAPD_CONDSTORE))};
	imapd_sync(fetching->session, &own);
}

static enum net_next
finish(struct imapd_fetching *fetching)
{
	struct imapd_session *session = fetching->session;
	imapd_fetch_flush(fetching);
	if (fetching->tells_flags || fetching->marked)
		sync_told(fetching);
	if (fetching->unknown_encoding)
		return imapd_no(session, "[UNKNOWN-CTE] A part's encoding is unknown");
	if (fetching->failure)
		return imapd_failed(session, fetching->failure);
	return imapd_ok(session, "Done");
}

bool
imapd_fetch_some(struct imapd_fetching *fetching)
{
	struct imapd_session *session = fetching->session;
	uint64_t until = base_clock_steady_ms(session->context->clock) + SLICE_MS;
	do {
		if (!imapd_fetch_rows(fetching))
			return true;
	} while (!net_full(session->net) &&
		 base_clock_steady_ms(session->context->clock) < until);
	imapd_fetch_flush(fetching);
	return false;
}

static enum net_next
fetch_step(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_DRAINED && event->why != NET_AGAIN)
		return imapd_gone(session, event);
	struct imapd_fetching *fetching = session->call->act;
	return imapd_fetch_some(fetching) ? finish(fetching) : NET_MORE;
}

static enum net_next
begin(struct imapd_fetching *fetching)
{
	struct imapd_session *session = fetching->session;
	fetching->newest = post_view_newest(session->selected->mailbox);
	if (fetching->tells_flags || fetching->marked)
		imapd_tell_keywords(session, fetching->newest);
	return imapd_fetch_some(fetching) ? finish(fetching)
					  : imapd_drain(session, fetch_step);
}

/* --- \Seen comes first, so that the rows can tell it -----------------------------------
 */

static enum net_next
marked(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	struct imapd_fetching *fetching = session->call->act;
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	/* A full disk must not keep anybody from reading. */
	if (event->outcome) {
		post_uids_destroy(fetching->marked);
		fetching->marked = NULL;
	}
	return begin(fetching);
}

static enum net_next
mark_seen(struct imapd_fetching *fetching)
{
	struct imapd_session *session = fetching->session;
	const struct post_uids *seen = post_view_flagged(fetching->view, POST_SEEN);
	struct slice name = SLICE("\\Seen");
	struct post_flag_change change = {
		.action = POST_FLAGS_ADD, .names = &name, .count = 1};
	struct base_error error;
	fetching->marked = post_uids_copy(fetching->uids);
	if (seen)
		post_uids_minus(fetching->marked, seen);
	struct base_ticket *ticket = post_uids_empty(fetching->marked)
					     ? NULL
					     : post_flags_change(session->selected->mailbox,
						       fetching->marked, &change, &error);
	post_uids_destroy(change.conflicts);
	if (ticket)
		return imapd_await(session, ticket, marked);
	post_uids_destroy(fetching->marked);
	fetching->marked = NULL;
	return begin(fetching);
}

/* --- modifiers -------------------------------------------------------------------------
 */

/*
 * What the client may have had by that set: it asks up to "*" for what it does not know, so
 * that this is here the last UID that was given out, and in an empty mailbox too.
 */
static struct post_uids *
ever_named(const struct imapd_session *session, const struct wire_imap_set *set)
{
	const struct post_view *view = session->selected->view;
	uint32_t last = post_view_uid_next(view) - 1;
	uint32_t greatest = post_uids_most(post_view_uids(view));
	uint32_t star = greatest ? greatest : last;
	struct post_uids *uids = post_uids_create();
	if (set->saved && session->selected->saved)
		post_uids_or(uids, session->selected->saved);
	for (size_t i = 0; i < set->count; i++) {
		uint32_t from = set->ranges[i].first, to = set->ranges[i].last;
		if (to == WIRE_IMAP_STAR) {
			to = from != WIRE_IMAP_STAR && from > last ? from : last;
			from = from < star ? from : star;
		}
		post_uids_add_range(uids, from, to);
	}
	return uids;
}

/* RFC 7162 3.2.6: what is gone is told first. NULL when all is well. */
static const char *
tell_vanished(struct imapd_session *session, const struct wire_imap_fetch *wanted,
	enum base_failure *failure)
{
	if (!session->call->uid || !imapd_is_on(session, IMAPD_QRESYNC))
		return "VANISHED is for UID FETCH, after ENABLE QRESYNC";
	SCOPED(post_uids_release)
	struct post_uids *named = ever_named(session, &wanted->set);
	*failure = imapd_tell_vanished(session, named, wanted->since);
	return NULL;
}

static void
keep_changed(struct imapd_fetching *fetching)
{
	SCOPED(post_view_release)
	struct post_view *newest = post_view_newest(fetching->session->selected->mailbox);
	SCOPED(post_uids_release)
	struct post_uids *changed = post_view_changed_since(newest, fetching->wanted.since);
	/* Of one that is gone meanwhile the client's own view knows. */
	SCOPED(post_uids_release)
	struct post_uids *known =
		post_view_changed_since(fetching->view, fetching->wanted.since);
	post_uids_or(changed, known);
	post_uids_and(fetching->uids, changed);
}

/* RFC 9394 3.3: of the messages that would have been answered, those in the window. */
static void
keep_window(struct imapd_fetching *fetching)
{
	uint32_t first, last, count = post_uids_count(fetching->uids);
	SCOPED(post_uids_release) struct post_uids *window = post_uids_create();
	imapd_limit_window(fetching->session, &fetching->wanted.window, fetching->uids);
	if (wire_imap_partial_resolve(&fetching->wanted.window, count, &first, &last))
		post_uids_add_range(window, post_uids_at(fetching->uids, first),
			post_uids_at(fetching->uids, last));
	post_uids_and(fetching->uids, window);
}

static bool
uses_modseqs(const struct imapd_fetching *fetching)
{
	return fetching->wanted.changed_since ||
	       imapd_fetch_asks_for(fetching, WIRE_IMAP_FETCH_MODSEQ);
}

static void
modify(struct imapd_fetching *fetching)
{
	if (uses_modseqs(fetching))
		imapd_turn_on(fetching->session, IMAPD_CONDSTORE);
	fetching->tells_modseq = fetching->wanted.changed_since &&
				 !imapd_fetch_asks_for(fetching, WIRE_IMAP_FETCH_MODSEQ);
	if (fetching->wanted.changed_since)
		keep_changed(fetching);
	if (fetching->wanted.partial)
		keep_window(fetching);
}

static void
prepare(struct imapd_session *session, struct imapd_fetching *fetching)
{
	struct imapd_call *call = session->call;
	fetching->session = session;
	fetching->view = post_view_hold(session->selected->view);
	fetching->numbering.view = fetching->view;
	/* RFC 9586 3.3: where rows go by UIDs, it is there already. */
	fetching->tells_uid = imapd_fetch_asks_for(fetching, WIRE_IMAP_FETCH_UID) ||
			      (call->uid && !imapd_is_on(session, IMAPD_UIDONLY));
	fetching->tells_flags = imapd_fetch_asks_for(fetching, WIRE_IMAP_FETCH_FLAGS);
	fetching->message = arena_create(MESSAGE_MEMORY);
	fetching->lines = buffer_with(LINES_MOST);
	arena_on_release(call->arena, release, fetching);
	call->act = fetching;
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct imapd_fetching *fetching = ARENA_NEW(call->arena, struct imapd_fetching);
	const char *fault = NULL;
	enum base_failure failure = BASE_OK;
	if (!wire_imap_fetch_parse(&call->cursor, &fetching->wanted))
		return imapd_unparsed(session);
	if (fetching->wanted.vanished)
		fault = tell_vanished(session, &fetching->wanted, &failure);
	if (failure)
		return imapd_failed(session, failure);
	if (fault || !imapd_uids_named(session, &fetching->wanted.set, call->uid,
			     &fetching->uids, &fault))
		return imapd_bad(session, fault);
	if (!fetching->wanted.partial)
		imapd_limit(session, fetching->uids);
	prepare(session, fetching);
	modify(fetching);
	if (marks_seen(&fetching->wanted) && !session->selected->read_only &&
		imapd_may(session, IMAPD_SEES))
		return mark_seen(fetching);
	return begin(fetching);
}

const struct imapd_command imapd_command_fetch = {
	.name = "FETCH",
	.states = IMAPD_SELECTED,
	.traits = IMAPD_HAS_UID | IMAPD_KEEPS_NUMBERS,
	.rfc = "3501 6.4.5, 7162 3.1.4, 9394 3.3",
	.purpose = "Gives data of messages",
	.file = __FILE__,
	.run = run,
};

const struct imapd_extension imapd_extension_savedate = {
	.capability = "SAVEDATE",
	.rfc = "8514",
	.purpose = "When a message came into its mailbox, to fetch and to search for",
	.file = "src/imapd/fetch-item.c",
};

const struct imapd_extension imapd_extension_preview = {
	.capability = "PREVIEW",
	.rfc = "8970",
	.purpose = "FETCH gives the first words of a message",
	.file = "src/imapd/fetch-item.c",
};

const struct imapd_extension imapd_extension_partial = {
	.capability = "PARTIAL",
	.rfc = "9394",
	.purpose = "A window on what SEARCH finds and FETCH answers",
	.file = __FILE__,
};
