#include "imapd/resync.h"

enum base_failure
imapd_tell_vanished(
	struct imapd_session *session, const struct post_uids *uids, uint64_t since)
{
	struct post_uids *gone = NULL;
	enum base_failure failure =
		post_view_vanished_since(session->selected->view, since, &gone);
	if (failure)
		return failure;
	post_uids_and(gone, uids);
	/* What is there is not gone, whatever was written. */
	post_uids_minus(gone, post_view_uids(session->selected->view));
	imapd_put_vanished(session, gone, true);
	post_uids_destroy(gone);
	return BASE_OK;
}

/* RFC 7162 3.2.5.1: without a list it has all that there could be. */
static struct post_uids *
known_uids(struct imapd_session *session, const struct wire_imap_select *wanted)
{
	uint32_t next = post_view_uid_next(session->selected->view);
	struct post_uids *known = post_uids_create();
	if (!wanted->has_known && next > 1)
		post_uids_add_range(known, 1, next - 1);
	for (size_t i = 0; wanted->has_known && i < wanted->known.count; i++)
		post_uids_add_range(
			known, wanted->known.ranges[i].first, wanted->known.ranges[i].last);
	return known;
}

/*
 * RFC 7162 3.2.5.2: where the client's number of a message is still ours, nothing below it
 * is gone that the client still has.
 */
static uint32_t
matched_up_to(const struct post_view *view, const struct wire_imap_select *wanted)
{
	uint32_t matched = 0;
	for (size_t i = 0; i < wanted->match_count; i++) {
		uint32_t uid = wanted->match_uids[i];
		if (post_view_sequence(view, uid) != wanted->match_numbers[i])
			break;
		matched = uid;
	}
	return matched;
}

static enum base_failure
tell_gone(struct imapd_session *session, const struct wire_imap_select *wanted,
	const struct post_uids *known)
{
	uint32_t matched = matched_up_to(session->selected->view, wanted);
	SCOPED(post_uids_release) struct post_uids *asked = post_uids_copy(known);
	SCOPED(post_uids_release) struct post_uids *settled = post_uids_create();
	if (matched)
		post_uids_add_range(settled, 1, matched);
	post_uids_minus(asked, settled);
	return imapd_tell_vanished(session, asked, wanted->modseq);
}

enum base_failure
imapd_resync(struct imapd_session *session, const struct wire_imap_select *wanted)
{
	struct imapd_selected *selected = session->selected;
	/* RFC 7162 3.2.5: another UIDVALIDITY means that the client starts anew. */
	if (wanted->uid_validity != post_mailbox_uid_validity(selected->mailbox))
		return BASE_OK;
	SCOPED(post_uids_release) struct post_uids *known = known_uids(session, wanted);
	enum base_failure failure = tell_gone(session, wanted, known);
	if (failure)
		return failure;
	SCOPED(post_uids_release)
	struct post_uids *changed = post_view_changed_since(selected->view, wanted->modseq);
	post_uids_and(changed, known);
	imapd_put_flag_rows(session, selected->view, selected->view, changed);
	return BASE_OK;
}
