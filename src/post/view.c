#include "post/mailbox-internal.h"
#include "post/uids-internal.h"

/* Reading a generation. */

uint32_t
post_view_count(const struct post_view *view)
{
	return post_uids_count(view->uids);
}

uint32_t
post_view_uid_next(const struct post_view *view)
{
	return view->uid_next;
}

uint64_t
post_view_modseq(const struct post_view *view)
{
	return view->modseq;
}

const struct post_uids *
post_view_uids(const struct post_view *view)
{
	return view->uids;
}

uint32_t
post_view_uid(const struct post_view *view, uint32_t sequence)
{
	return post_uids_at(view->uids, sequence);
}

uint32_t
post_view_sequence(const struct post_view *view, uint32_t uid)
{
	return post_uids_rank(view->uids, uid);
}

const struct post_uids *
post_view_flagged(const struct post_view *view, unsigned number)
{
	return number < view->numbers ? view->flagged[number] : NULL;
}

struct post_flags
post_view_flags(const struct post_view *view, uint32_t uid)
{
	struct post_flags flags = {{0}};
	for (unsigned i = 0; i < view->numbers; i++)
		if (view->flagged[i] && post_uids_has(view->flagged[i], uid))
			post_flags_set(&flags, i);
	return flags;
}

uint64_t
post_view_modseq_of(const struct post_view *view, uint32_t uid)
{
	return post_uids_has(view->uids, uid) ? post_modseqs_of(&view->modseqs, uid) : 0;
}

uint64_t
post_view_highest_modseq(const struct post_view *view, const struct post_uids *uids)
{
	SCOPED(post_uids_release) struct post_uids *shown = post_uids_copy(uids);
	post_uids_and(shown, view->uids);
	return post_modseqs_highest(&view->modseqs, shown);
}

struct post_uids *
post_view_changed_since(const struct post_view *view, uint64_t modseq)
{
	struct post_uids *changed = post_uids_create();
	post_modseqs_since(&view->modseqs, modseq, view->uids, changed);
	return changed;
}

/* --- what differs ------------------------------------------------------------------------
 */

static struct post_uids *
difference_of(const struct post_uids *a, const struct post_uids *b)
{
	struct post_uids *result = post_uids_copy(a);
	post_uids_minus(result, b);
	return result;
}

/* Generations share the bitmaps that did not change, so that most are told by address. */
static void
add_flag_difference(
	const struct post_uids *in_a, const struct post_uids *in_b, struct post_uids *into)
{
	if (in_a == in_b)
		return;
	if (!in_a || !in_b) {
		post_uids_or(into, in_a ? in_a : in_b);
		return;
	}
	SCOPED(post_uids_release) struct post_uids *changed = post_uids_copy(in_a);
	post_uids_xor(changed, in_b);
	post_uids_or(into, changed);
}

void
post_view_compare(const struct post_view *old_view, const struct post_view *new_view,
	struct post_difference *difference)
{
	struct post_flag_pair pair = {0};
	*difference = (struct post_difference){
		.vanished = difference_of(old_view->uids, new_view->uids),
		.arrived = difference_of(new_view->uids, old_view->uids),
		.flagged = post_uids_create(),
		.keywords = old_view->keywords->modseq != new_view->keywords->modseq,
	};
	while (post_flag_pair_next(old_view, new_view, &pair))
		add_flag_difference(pair.first, pair.second, difference->flagged);
	post_uids_and(difference->flagged, old_view->uids);
	post_uids_and(difference->flagged, new_view->uids);
}

/*
 * A joined view shows modseqs that are higher than its own: those have been told. Of other
 * views there are none such, and nothing is looked at twice.
 */
struct post_uids *
post_view_renumbered(const struct post_view *old_view, const struct post_view *new_view)
{
	struct post_uids *changed = post_view_changed_since(new_view, old_view->modseq);
	post_uids_and(changed, old_view->uids);
	SCOPED(post_uids_release)
	struct post_uids *told = post_view_changed_since(old_view, old_view->modseq);
	post_uids_and(told, changed);
	SCOPED(post_uids_cursor_release)
	struct post_uids_cursor *walk = post_uids_walk(told);
	for (uint32_t uid; (uid = post_uids_cursor_next(walk));)
		if (post_modseqs_of(&old_view->modseqs, uid) ==
			post_modseqs_of(&new_view->modseqs, uid))
			post_uids_remove(changed, uid);
	return changed;
}

void
post_difference_clear(struct post_difference *difference)
{
	post_uids_destroy(difference->vanished);
	post_uids_destroy(difference->arrived);
	post_uids_destroy(difference->flagged);
	*difference = (struct post_difference){0};
}
