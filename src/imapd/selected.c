/* The selected mailbox: opening (RFC 3501 6.3.1, 6.3.2) and leaving it. */
#include "imapd/notify.h"
#include "imapd/resync.h"
#include "imapd/rights.h"
#include "imapd/rows-due.h"
#include "imapd/sync.h"

enum { LINE_MOST = 1024 };

void
imapd_unselect(struct imapd_session *session)
{
	struct imapd_selected *selected = session->selected;
	session->selected = NULL;
	imapd_rows_due_drop(session, NULL);
	if (session->state == IMAPD_SELECTED)
		session->state = IMAPD_SIGNED_IN;
	if (!selected)
		return;
	post_watch_end(selected->watch);
	/* What it was told of meanwhile stays claimed when the mailbox is forgotten. */
	if (!selected->read_only && post_view_uid_next(selected->view) > selected->uid_next)
		post_recent_claim(selected->mailbox, selected->view);
	post_view_drop(selected->view);
	post_uids_destroy(selected->recent);
	post_uids_destroy(selected->flags_due);
	post_uids_destroy(selected->own_arrivals);
	post_uids_destroy(selected->saved);
	imapd_standing_end_all(session, selected);
	post_mailbox_close(selected->mailbox);
	free(selected);
}

/* Who isn't idle is woken only to be told that there is nothing left to speak of. */
static void
changed(void *argument)
{
	struct imapd_selected *selected = argument;
	if (atomic_load(&selected->idling) || post_mailbox_gone(selected->mailbox) ||
		post_mailbox_rights_version(selected->mailbox) !=
			atomic_load(&selected->rights_version))
		net_wake(selected->handle, 1);
}

static struct imapd_selected *
selected_new(struct imapd_session *session, struct post_mailbox *mailbox, bool read_only)
{
	struct imapd_selected *selected = calloc(1, sizeof *selected);
	ASSERT(selected);
	selected->mailbox = mailbox;
	atomic_init(&selected->rights_version, post_mailbox_rights_version(mailbox));
	selected->rights = post_mailbox_rights(mailbox, session->account_id);
	read_only = read_only || imapd_rights_are_read_only(selected->rights);
	selected->read_only = read_only;
	selected->view = post_view_newest(mailbox);
	selected->recent = post_uids_create();
	imapd_settle_recent(selected, selected->view,
		read_only ? post_recent_peek(mailbox)
			  : post_recent_claim(mailbox, selected->view));
	selected->uid_next = post_view_uid_next(selected->view);
	selected->handle = net_handle(session->net);
	selected->watch = post_mailbox_watch(mailbox, changed, selected);
	return selected;
}

bool
imapd_is_selected_mailbox(
	const struct imapd_session *session, uint64_t account, uint64_t id)
{
	const struct imapd_selected *selected = session->selected;
	return selected && post_mailbox_id(selected->mailbox) == id &&
	       post_mailbox_account_id(selected->mailbox) == account;
}

static uint32_t
first_unseen(const struct post_view *view)
{
	SCOPED(post_uids_release)
	struct post_uids *unseen = post_uids_copy(post_view_uids(view));
	const struct post_uids *seen = post_view_flagged(view, POST_SEEN);
	if (seen)
		post_uids_minus(unseen, seen);
	uint32_t uid = post_uids_least(unseen);
	return uid ? post_view_sequence(view, uid) : 0;
}

static void
put_number(struct imapd_session *session, const char *code, uint64_t number,
	const char *sentence)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(LINE_MOST);
	buffer_printf(&text, "[%s %llu] %s", code, (unsigned long long)number, sentence);
	imapd_put_said(session, "* OK ", buffer_slice(&text));
}

void
imapd_put_highest(struct imapd_session *session, const struct post_view *view)
{
	put_number(session, "HIGHESTMODSEQ", post_view_modseq(view), "The highest");
}

static void
put_id(struct imapd_session *session, const struct imapd_selected *selected)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(LINE_MOST);
	buffer_put_byte(&text, '[');
	imapd_put_mailbox_id(session, &text, post_mailbox_account_id(selected->mailbox),
		post_mailbox_id(selected->mailbox));
	buffer_put_text(&text, "] Its name for good");
	imapd_put_said(session, "* OK ", buffer_slice(&text));
}

static void
put_numbers(struct imapd_session *session)
{
	const struct imapd_selected *selected = session->selected;
	const struct post_view *view = selected->view;
	imapd_put_exists(session, view);
	/* RFC 9051 6.3.2 has no UNSEEN, and RFC 9586 3 no numbers. */
	uint32_t unseen =
		imapd_is_on(session, IMAPD_REV2 | IMAPD_UIDONLY) ? 0 : first_unseen(view);
	if (unseen)
		put_number(session, "UNSEEN", unseen, "The first unseen");
	put_number(session, "UIDVALIDITY", post_mailbox_uid_validity(selected->mailbox),
		"UIDs are valid");
	put_number(session, "UIDNEXT", post_view_uid_next(view), "The next UID");
	imapd_put_highest(session, view);
	put_id(session, selected);
}

/* The former mailbox is closed whatever comes of this one (RFC 3501 6.3.1, 7162 3.2.11). */
static void
leave_former(struct imapd_session *session)
{
	if (session->selected)
		imapd_put_said(
			session, "* OK ", SLICE("[CLOSED] The former mailbox is closed"));
	imapd_unselect(session);
}

static enum net_next
opened(struct imapd_session *session, const struct wire_imap_select *wanted)
{
	imapd_put_mailbox_flags(session, session->selected->view);
	put_numbers(session);
	/* RFC 9051 6.3.2: its name, as it is. */
	imapd_put_old_name(session, imapd_mailbox_name(wanted->name), wanted->name);
	if (wanted->qresync) {
		enum base_failure failure = imapd_resync(session, wanted);
		if (failure) {
			/* RFC 3501 6.3.1: after a SELECT that fails there is none. */
			imapd_unselect(session);
			return imapd_failed(session, failure);
		}
	}
	bool read_only = session->selected->read_only;
	return imapd_ok(session, read_only ? "[READ-ONLY] Opened" : "[READ-WRITE] Opened");
}

enum net_next
imapd_open_mailbox(struct imapd_session *session, struct imapd_call *call, bool read_only)
{
	struct wire_imap_select wanted;
	struct post_place place;
	struct post_mailbox *mailbox = NULL;
	if (!wire_imap_select_parse(&call->cursor, &wanted))
		return imapd_unparsed(session);
	/* RFC 7162 3.2.5 */
	if (wanted.qresync && !imapd_is_on(session, IMAPD_QRESYNC))
		return imapd_bad(session, "Say ENABLE QRESYNC first");
	if (wanted.match_count && imapd_is_on(session, IMAPD_UIDONLY))
		return imapd_bad(session, IMAPD_UID_REQUIRED);
	leave_former(session);
	if (wanted.condstore)
		imapd_turn_on(session, IMAPD_CONDSTORE);
	enum base_failure failure = imapd_open_place(
		session->account, wanted.name, IMAPD_READS, call->arena, &place, &mailbox);
	if (failure)
		return imapd_no_place(session, failure);
	session->selected = selected_new(session, mailbox, read_only);
	imapd_notify_listen(session, false);
	session->state = IMAPD_SELECTED;
	return opened(session, &wanted);
}
