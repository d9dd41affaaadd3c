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
	uint32_t count = post_view_count(view);
	for (size_t i = 0; i < set->count && set->ranges[i].first <= count; i++) {
		uint32_t last = set->ranges[i].last < count ? set->ranges[i].last : count;
		/* Consecutive numbers are consecutive members of the view's UIDs. */
		post_uids_add_range(uids, post_view_uid(view, set->ranges[i].first),
			post_view_uid(view, last));
	}
	return uids;
}

/* RFC 5182 2.1: "$" names what the last SEARCH kept, in any command that takes a set. */
static struct post_uids *
uids_written(struct imapd_session *session, struct wire_imap_set *set)
{
	const struct imapd_selected *selected = session->selected;
	if (set->saved)
		return selected->saved ? post_uids_copy(selected->saved)
				       : post_uids_create();
	wire_imap_set_resolve(set, post_uids_most(post_view_uids(selected->view)));
	return uids_of_ranges(set);
}

bool
imapd_uids_sought(struct imapd_session *session, struct wire_imap_set *set, bool uid,
	struct post_uids **uids, const char **fault)
{
	const struct post_view *view = session->selected->view;
	*uids = NULL;
	*fault = NULL;
	if (uid || set->saved) {
		*uids = uids_written(session, set);
	} else if (imapd_is_on(session, IMAPD_UIDONLY)) {
		*fault = IMAPD_UID_REQUIRED;
		return false;
	} else {
		wire_imap_set_resolve(set, post_view_count(view));
		*uids = uids_of_sequences(view, set);
	}
	return true;
}

/*
 * A client may know of a message by another of its sessions: what it names is told of
 * first, and so is there. Else a MOVE would say OK and move nothing.
 */
static void
meet_named(struct imapd_session *session, const struct wire_imap_set *set)
{
	if (set->largest >= post_view_uid_next(session->selected->view))
		imapd_sync(session, NULL);
}

/* RFC 3501 9, seq-number: in an empty mailbox "*" is past the end too. */
bool
imapd_uids_named(struct imapd_session *session, struct wire_imap_set *set, bool uid,
	struct post_uids **uids, const char **fault)
{
	uint32_t count = post_view_count(session->selected->view);
	bool by_number = !uid && !set->saved && !imapd_is_on(session, IMAPD_UIDONLY);
	if (by_number && (set->largest > count || count == 0)) {
		*fault = "There is no message of that number";
		*uids = NULL;
		return false;
	}
	if (uid)
		meet_named(session, set);
	if (!imapd_uids_sought(session, set, uid, uids, fault))
		return false;
	post_uids_and(*uids, post_view_uids(session->selected->view));
	return true;
}

bool
imapd_uids_of_set(struct imapd_session *session, struct wire_imap_set *set, bool uid,
	struct post_uids **uids, const char **fault)
{
	if (!imapd_uids_named(session, set, uid, uids, fault))
		return false;
	imapd_limit(session, *uids);
	return true;
}

bool
imapd_names_expunged(const struct imapd_session *session, const struct post_uids *uids)
{
	if (session->call->uid)
		return false;
	SCOPED(post_view_release)
	struct post_view *newest = post_view_newest(session->selected->mailbox);
	SCOPED(post_uids_release) struct post_uids *gone = post_uids_copy(uids);
	post_uids_minus(gone, post_view_uids(newest));
	return !post_uids_empty(gone);
}

uint32_t
imapd_number_of(struct imapd_numbering *numbering, uint32_t uid)
{
	bool next = numbering->number && uid == numbering->uid + 1;
	numbering->number =
		next ? numbering->number + 1 : post_view_sequence(numbering->view, uid);
	numbering->uid = uid;
	return numbering->number;
}
