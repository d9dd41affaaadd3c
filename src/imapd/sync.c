/* What the client knows and what is so: RFC 3501 5.2, 7.3, 7.4. */
#include "imapd/sync.h"
#include "imapd/lines.h"
#include "imapd/notify.h"

/*
 * Whether EXPUNGE may stand before this command's answer: not where the client may count
 * messages meanwhile, and not where it does not know that a command is in progress (RFC
 * 3501 7.4.1, 5.5).
 */
static bool
may_expunge(const struct imapd_session *session)
{
	const struct imapd_call *call = session->call;
	/* RFC 5465 6.1.1: between commands, to who goes by UIDs. */
	if (!call)
		return imapd_notify_at_once(session);
	if (!call->command)
		return false;
	return call->uid || !(call->command->traits & IMAPD_KEEPS_NUMBERS);
}

uint32_t
imapd_count_recent(const struct imapd_selected *selected, const struct post_view *view)
{
	SCOPED(post_uids_release) struct post_uids *uids = post_uids_copy(selected->recent);
	post_uids_and(uids, post_view_uids(view));
	return post_uids_count(uids);
}

void
imapd_settle_recent(
	struct imapd_selected *selected, const struct post_view *view, uint32_t from)
{
	uint32_t next = post_view_uid_next(view);
	if (from < selected->recent_until)
		from = selected->recent_until;
	if (from < next)
		post_uids_add_range(selected->recent, from, next - 1);
	if (selected->recent_until < next)
		selected->recent_until = next;
}

static void
put_arrivals(struct imapd_session *session, const struct post_view *view)
{
	struct imapd_selected *selected = session->selected;
	const struct imapd_call *call = session->call;
	/* RFC 3501 2.3.2: one session alone that may write is told that they are. */
	imapd_settle_recent(selected, view,
		selected->read_only ? selected->recent_until
				    : post_recent_told(selected->mailbox, view));
	imapd_put_exists(session, view);
	selected->unheard =
		!(call && call->command && call->command->traits & IMAPD_ASKS_NEWS);
}

enum net_next
imapd_ok_news(struct imapd_session *session)
{
	struct imapd_selected *selected = session->selected;
	if (selected && selected->unheard && session->client && session->client->deaf)
		imapd_put_exists(session, selected->view);
	if (selected)
		selected->unheard = false;
	return imapd_ok(session, "Done");
}

void
imapd_tell_keywords(struct imapd_session *session, const struct post_view *view)
{
	const struct imapd_selected *selected = session->selected;
	if (post_view_keywords_modseq(view) > selected->keywords_told ||
		post_view_takes_keyword(view) != selected->told_room)
		imapd_put_mailbox_flags(session, view);
}

/* Data of those that this client put there itself are not due. */
static void
leave_out_own(struct imapd_selected *selected, struct post_uids *arrived)
{
	if (selected->own_arrivals)
		post_uids_minus(arrived, selected->own_arrivals);
	post_uids_destroy(selected->own_arrivals);
	selected->own_arrivals = NULL;
}

static void
move_on(struct imapd_selected *selected, struct post_view *next)
{
	struct post_view *former = selected->view;
	selected->view = post_view_hold(next);
	post_view_drop(former);
}

/*
 * Tells the difference between the client's view and the next, which is its view then; with
 * EXPUNGE of those that the next does not show.
 */
static void
tell(struct imapd_session *session, struct post_view *next,
	const struct imapd_own_change *own, struct post_difference *difference)
{
	SCOPED(post_uids_release)
	struct post_uids *expunged = post_uids_copy(difference->vanished);
	post_uids_minus(expunged, post_view_uids(next));
	struct imapd_selected *selected = session->selected;
	SCOPED(post_uids_release)
	struct post_uids *touched = post_uids_copy(difference->flagged);
	SCOPED(post_uids_release)
	struct post_uids *due = imapd_flags_due(session, next, own, difference);
	imapd_standing_gone(session, expunged);
	if (!post_uids_empty(expunged))
		imapd_put_expunges(session, selected->view, expunged);
	move_on(selected, next);
	imapd_tell_keywords(session, next);
	if (!post_uids_empty(difference->arrived))
		put_arrivals(session, next);
	if (!post_uids_empty(due))
		imapd_put_flag_rows(session, next, next, due);
	post_uids_or(touched, difference->arrived);
	leave_out_own(selected, difference->arrived);
	imapd_standing_update(session, touched, difference->arrived);
	imapd_notify_arrived(session, difference->arrived);
}

/*
 * RFC 3501 7.4.1, 5.5: messages that are gone keep their numbers for now, so they stay in
 * the client's view. All the rest is told: EXISTS may grow at any time.
 */
static void
tell_but_expunges(struct imapd_session *session, struct post_view *newest,
	const struct imapd_own_change *own, struct post_difference *difference)
{
	bool stays = post_uids_empty(difference->arrived) &&
		     post_uids_empty(difference->flagged) && !difference->keywords;
	SCOPED(post_view_release)
	struct post_view *next = stays ? post_view_hold(session->selected->view)
				       : post_view_join(session->selected->view, newest);
	tell(session, next, own, difference);
}

static void
sync_to_newest(
	struct imapd_session *session, bool expunges, const struct imapd_own_change *own)
{
	struct imapd_selected *selected = session->selected;
	SCOPED(post_view_release)
	struct post_view *newest = post_view_newest(selected->mailbox);
	if (newest == selected->view)
		return;
	struct post_difference difference = {0};
	post_view_compare(selected->view, newest, &difference);
	imapd_add_renumbered(session, newest, difference.flagged);
	if (expunges || post_uids_empty(difference.vanished))
		tell(session, newest, own, &difference);
	else
		tell_but_expunges(session, newest, own, &difference);
	post_difference_clear(&difference);
}

/*
 * RFC 5465 3.1: who asked for no events of the selected mailbox sees it as it was; but for
 * what his own commands do to it.
 */
static bool
is_frozen(const struct imapd_session *session)
{
	const struct imapd_call *call = session->call;
	if (imapd_notify_selected(session))
		return false;
	return !(call && call->command && call->command->traits & IMAPD_WRITES);
}

void
imapd_sync(struct imapd_session *session, const struct imapd_own_change *own)
{
	if (!session->selected)
		return;
	if (is_frozen(session))
		imapd_flags_stay_due(session->selected, own);
	else
		sync_to_newest(session, may_expunge(session), own);
}

void
imapd_tell_arrivals(struct imapd_session *session)
{
	if (session->selected && !is_frozen(session))
		sync_to_newest(session, false, NULL);
}
