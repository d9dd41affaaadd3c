/* What the client knows and what is so: RFC 3501 5.2, 7.3, 7.4. */
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
	const struct post_uids *uids = post_view_uids(view);
	uint32_t first = post_uids_next(uids, selected->recent_from - 1);
	return first ? post_uids_count(uids) - post_uids_rank(uids, first) + 1 : 0;
}

static void
put_arrivals(struct imapd_session *session, const struct post_view *view)
{
	imapd_put_exists(session, view);
	if (!session->selected->read_only)
		post_recent_told(session->selected->mailbox, view);
}

static struct post_flags
numbers_of(const struct post_view *view, const struct imapd_own_change *own)
{
	struct post_flags flags = {0};
	for (size_t i = 0; i < own->count; i++) {
		int number = post_view_flag_number(view, own->names[i]);
		if (number >= 0)
			post_flags_set(&flags, (unsigned)number);
	}
	return flags;
}

/* Which of `both` should have the flag now, if nobody else had a hand in it. */
static struct post_uids *
expected_with(const struct post_uids *before, const struct post_uids *both,
	enum post_flag_action action, bool asked)
{
	bool kept = action != POST_FLAGS_REPLACE && !asked;
	if (!kept && asked && action != POST_FLAGS_REMOVE)
		return post_uids_copy(both);
	struct post_uids *expected = post_uids_create();
	if (kept && before) {
		post_uids_or(expected, before);
		post_uids_and(expected, both);
	}
	return expected;
}

/* Adds those whose flag of that number is not what our own change made of it. */
static void
add_unexpected(const struct post_uids *before, const struct post_uids *after,
	const struct post_uids *both, enum post_flag_action action, bool asked,
	struct post_uids *unexpected)
{
	if (before == after && !asked && (action != POST_FLAGS_REPLACE || !after))
		return;
	SCOPED(post_uids_release)
	struct post_uids *differs = expected_with(before, both, action, asked);
	if (after) {
		SCOPED(post_uids_release) struct post_uids *now = post_uids_copy(both);
		post_uids_and(now, after);
		post_uids_xor(differs, now);
	}
	post_uids_or(unexpected, differs);
}

/*
 * What came as our client expects need not be told; what did not must be, even where the
 * old view and the new are alike: somebody may have undone what our client believes in.
 * By bitmaps, as a STORE may name a million.
 */
static void
weigh_own(struct imapd_session *session, const struct post_view *view,
	const struct imapd_own_change *own, struct post_uids *flagged)
{
	const struct post_view *known = session->selected->view;
	struct post_flags asked = numbers_of(view, own);
	SCOPED(post_uids_release) struct post_uids *unexpected = post_uids_create();
	SCOPED(post_uids_release) struct post_uids *both = post_uids_copy(own->uids);
	post_uids_and(both, post_view_uids(known));
	post_uids_and(both, post_view_uids(view));
	for (unsigned i = 0; i < POST_FLAG_NUMBERS; i++)
		add_unexpected(post_view_flagged(known, i), post_view_flagged(view, i),
			both, own->action, post_flags_has(&asked, i), unexpected);
	post_uids_minus(flagged, both);
	post_uids_or(flagged, unexpected);
}

/* Adds those of uids whose flags are not the same in both. */
static void
add_differing(const struct post_view *one, const struct post_view *other,
	const struct post_uids *uids, struct post_uids *differing)
{
	for (unsigned i = 0; i < POST_FLAG_NUMBERS; i++) {
		const struct post_uids *have = post_view_flagged(one, i);
		const struct post_uids *has = post_view_flagged(other, i);
		if (have == has)
			continue;
		SCOPED(post_uids_release) struct post_uids *differs = post_uids_create();
		if (have)
			post_uids_or(differs, have);
		if (has)
			post_uids_xor(differs, has);
		post_uids_and(differs, uids);
		post_uids_or(differing, differs);
	}
}

/* What rows showed, and what no longer is so. */
static void
add_told_otherwise(const struct imapd_own_change *own, const struct post_view *view,
	struct post_uids *flagged)
{
	if (!own->told)
		return;
	SCOPED(post_uids_release) struct post_uids *differing = post_uids_create();
	add_differing(own->told, view, own->told_uids, differing);
	post_uids_and(differing, post_view_uids(view));
	post_uids_or(flagged, differing);
}

/* The client believes what its view does not show, as that had to stay. */
static void
add_doubtful(struct imapd_selected *selected, const struct post_view *view,
	struct post_uids *flagged)
{
	if (!selected->doubtful)
		return;
	post_uids_and(selected->doubtful, post_view_uids(view));
	post_uids_or(flagged, selected->doubtful);
	post_uids_destroy(selected->doubtful);
	selected->doubtful = NULL;
}

static void
doubt(struct imapd_selected *selected, const struct imapd_own_change *own)
{
	if (!own)
		return;
	if (!selected->doubtful)
		selected->doubtful = post_uids_create();
	if (own->uids)
		post_uids_or(selected->doubtful, own->uids);
	if (own->told)
		add_differing(
			selected->view, own->told, own->told_uids, selected->doubtful);
}

void
imapd_tell_keywords(struct imapd_session *session, const struct post_view *view)
{
	if (post_view_keywords(view) > session->selected->keywords_told)
		imapd_put_mailbox_flags(session, view);
}

/*
 * RFC 7162 3.1: who counts by mod-sequences is told of each that rose, also where the flags
 * are again what they were.
 */
static void
add_renumbered(struct imapd_session *session, const struct post_view *view,
	struct post_uids *flagged)
{
	const struct post_view *known = session->selected->view;
	if (!imapd_is_on(session, IMAPD_CONDSTORE))
		return;
	SCOPED(post_uids_release)
	struct post_uids *changed = post_view_changed_since(view, post_view_modseq(known));
	post_uids_and(changed, post_view_uids(known));
	post_uids_or(flagged, changed);
}

static void
tell(struct imapd_session *session, struct post_view *view,
	const struct imapd_own_change *own, struct post_difference *difference)
{
	struct imapd_selected *selected = session->selected;
	bool tells_flags = imapd_notify_selected(session) & WIRE_IMAP_EVENT_FLAGS;
	imapd_standing_gone(session, difference->vanished);
	if (!post_uids_empty(difference->vanished))
		imapd_put_expunges(session, selected->view, difference->vanished);
	if (tells_flags)
		add_renumbered(session, view, difference->flagged);
	SCOPED(post_uids_release)
	struct post_uids *touched = post_uids_copy(difference->flagged);
	post_uids_or(touched, difference->arrived);
	if (!tells_flags)
		post_uids_minus(difference->flagged, post_view_uids(view));
	if (own && own->uids)
		weigh_own(session, view, own, difference->flagged);
	if (own)
		add_told_otherwise(own, view, difference->flagged);
	add_doubtful(selected, view, difference->flagged);
	post_view_drop(selected->view);
	selected->view = post_view_hold(view);
	imapd_tell_keywords(session, view);
	if (!post_uids_empty(difference->arrived))
		put_arrivals(session, view);
	if (!post_uids_empty(difference->flagged))
		imapd_put_flag_rows(session, view, view, difference->flagged);
	if (selected->mine)
		post_uids_minus(difference->arrived, selected->mine);
	post_uids_destroy(selected->mine);
	selected->mine = NULL;
	imapd_standing_update(session, touched, difference->arrived);
	imapd_notify_arrived(session, difference->arrived);
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
	if (expunges || post_uids_empty(difference.vanished))
		tell(session, newest, own, &difference);
	else
		doubt(selected, own);
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
		doubt(session->selected, own);
	else
		sync_to_newest(session, may_expunge(session), own);
}
