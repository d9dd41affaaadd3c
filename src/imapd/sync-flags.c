/*
 * Whose flags are to be told: not those that changed, but those that are not what the
 * client believes. It believes what its view shows, what rows have shown since, and what
 * its own commands asked for.
 */
#include "imapd/notify.h"
#include "imapd/sync.h"

/* lost: one is not in the table any more, as no message has it. */
static struct post_flags
numbers_of(const struct post_view *view, const struct imapd_own_change *own, bool *lost)
{
	struct post_flags flags = {0};
	*lost = false;
	for (size_t i = 0; i < own->count; i++) {
		int number = post_view_flag_number(view, own->names[i]);
		if (number >= 0)
			post_flags_set(&flags, (unsigned)number);
		else
			*lost = true;
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
	bool lost;
	const struct post_view *known = session->selected->view;
	struct post_flags asked = numbers_of(view, own, &lost);
	struct post_flag_pair pair = {0};
	SCOPED(post_uids_release) struct post_uids *unexpected = post_uids_create();
	SCOPED(post_uids_release) struct post_uids *both = post_uids_copy(own->uids);
	post_uids_and(both, post_view_uids(known));
	post_uids_and(both, post_view_uids(view));
	while (post_flag_pair_next(known, view, &pair))
		add_unexpected(pair.first, pair.second, both, own->action,
			pair.number >= 0 && post_flags_has(&asked, (unsigned)pair.number),
			unexpected);
	if (lost && own->action != POST_FLAGS_REMOVE)
		post_uids_or(unexpected, both);
	post_uids_minus(flagged, both);
	post_uids_or(flagged, unexpected);
}

/* Adds those of uids whose flags are not the same in both. */
static void
add_differing(const struct post_view *one, const struct post_view *other,
	const struct post_uids *uids, struct post_uids *differing)
{
	struct post_flag_pair pair = {0};
	while (post_flag_pair_next(one, other, &pair)) {
		if (pair.first == pair.second)
			continue;
		SCOPED(post_uids_release) struct post_uids *differs = post_uids_create();
		if (pair.first)
			post_uids_or(differs, pair.first);
		if (pair.second)
			post_uids_xor(differs, pair.second);
		post_uids_and(differs, uids);
		post_uids_or(differing, differs);
	}
}

/* Rows showed it, and it is so no longer. */
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

/* Rows showed it, and it is so still: once is enough. */
static void
leave_out_told(const struct imapd_own_change *own, const struct post_view *view,
	struct post_uids *due)
{
	if (!own->told || !own->told_all)
		return;
	SCOPED(post_uids_release) struct post_uids *told = post_uids_copy(own->told_uids);
	SCOPED(post_uids_release) struct post_uids *differing = post_uids_create();
	SCOPED(post_uids_release)
	struct post_uids *risen = post_view_renumbered(own->told, view);
	post_uids_and(told, post_view_uids(own->told));
	add_differing(own->told, view, told, differing);
	post_uids_minus(told, differing);
	post_uids_minus(told, risen);
	post_uids_minus(due, told);
}

/* Of former commands, which changed what the view could not follow. */
static void
take_stayed(struct imapd_selected *selected, struct post_uids *due)
{
	if (!selected->flags_due)
		return;
	post_uids_or(due, selected->flags_due);
	post_uids_destroy(selected->flags_due);
	selected->flags_due = NULL;
}

void
imapd_flags_stay_due(struct imapd_selected *selected, const struct imapd_own_change *own)
{
	if (!own)
		return;
	if (!selected->flags_due)
		selected->flags_due = post_uids_create();
	if (own->uids)
		post_uids_or(selected->flags_due, own->uids);
	if (own->told)
		add_differing(
			selected->view, own->told, own->told_uids, selected->flags_due);
}

void
imapd_add_renumbered(struct imapd_session *session, const struct post_view *newest,
	struct post_uids *flagged)
{
	if (!imapd_is_on(session, IMAPD_CONDSTORE) ||
		!(imapd_notify_selected(session) & WIRE_IMAP_EVENT_FLAGS))
		return;
	SCOPED(post_uids_release)
	struct post_uids *renumbered =
		post_view_renumbered(session->selected->view, newest);
	post_uids_or(flagged, renumbered);
}

struct post_uids *
imapd_flags_due(struct imapd_session *session, const struct post_view *next,
	const struct imapd_own_change *own, const struct post_difference *difference)
{
	bool tells_others = imapd_notify_selected(session) & WIRE_IMAP_EVENT_FLAGS;
	struct post_uids *due =
		tells_others ? post_uids_copy(difference->flagged) : post_uids_create();
	if (own && own->uids)
		weigh_own(session, next, own, due);
	if (own)
		add_told_otherwise(own, next, due);
	take_stayed(session->selected, due);
	if (own)
		leave_out_told(own, next, due);
	/* Of what is gone nothing is told any more, also while it is shown. */
	post_uids_minus(due, difference->vanished);
	return due;
}
