#include "imapd/imapd-internal.h"

static struct post_uids *
uids_of_ranges(const struct wire_imap_set *set)
{
	struct post_uids *uids = post_uids_create();
	for (size_t i = 0; i < set->count; i++)
		post_uids_add_range(uids, set->ranges[i].first, set->ranges[i].last);
	return uids;
}

static struct post_uids *
uids_of_sequences(const struct post_view *view, const struct wire_imap_set *set)
{
	struct post_uids *uids = post_uids_create();
	for (size_t i = 0; i < set->count; i++)
		/* Consecutive numbers are consecutive members of the view's UIDs. */
		post_uids_add_range(uids, post_view_uid(view, set->ranges[i].first),
			post_view_uid(view, set->ranges[i].last));
	post_uids_and(uids, post_view_uids(view));
	return uids;
}

bool
imapd_uids_of_set(struct imapd_session *session, struct wire_imap_set *set, bool uid,
	struct post_uids **uids, const char **fault)
{
	const struct post_view *view = session->selected->view;
	*uids = NULL;
	if (set->saved) {
		*fault = "No search result is kept";
		return false;
	}
	if (uid) {
		wire_imap_set_resolve(set, post_uids_most(post_view_uids(view)));
		*uids = uids_of_ranges(set);
		post_uids_and(*uids, post_view_uids(view));
		return true;
	}
	uint32_t count = post_view_count(view);
	if (set->largest > count) {
		*fault = "There is no message of that number";
		return false;
	}
	wire_imap_set_resolve(set, count);
	*uids = uids_of_sequences(view, set);
	return true;
}
