#include "popd/maildrop.h"

struct popd_maildrop {
	struct post_account *account;
	struct post_mailbox *mailbox;
	struct post_view *view;
	struct post_uids *marked;
	bool locked;
};

static enum base_failure
open_inbox(struct popd_maildrop *maildrop)
{
	if (!post_account_lock_maildrop(maildrop->account))
		return BASE_CONFLICT;
	maildrop->locked = true;
	enum base_failure failure =
		post_mailbox_open(maildrop->account, SLICE("INBOX"), &maildrop->mailbox);
	if (failure == BASE_OK)
		maildrop->view = post_view_newest(maildrop->mailbox);
	return failure;
}

enum base_failure
popd_maildrop_open(struct post *post, uint64_t account, struct popd_maildrop **opened)
{
	struct popd_maildrop *maildrop = calloc(1, sizeof *maildrop);
	ASSERT(maildrop);
	maildrop->marked = post_uids_create();
	enum base_failure failure = post_account_open(post, account, &maildrop->account);
	if (failure == BASE_OK)
		failure = open_inbox(maildrop);
	if (failure != BASE_OK) {
		popd_maildrop_close(maildrop);
		maildrop = NULL;
	}
	*opened = maildrop;
	return failure;
}

void
popd_maildrop_close(struct popd_maildrop *maildrop)
{
	if (!maildrop)
		return;
	post_uids_destroy(maildrop->marked);
	post_view_drop(maildrop->view);
	post_mailbox_close(maildrop->mailbox);
	if (maildrop->locked)
		post_account_unlock_maildrop(maildrop->account);
	post_account_close(maildrop->account);
	free(maildrop);
}

uint32_t
popd_maildrop_count(const struct popd_maildrop *maildrop)
{
	return post_view_count(maildrop->view);
}

uint32_t
popd_maildrop_uid(const struct popd_maildrop *maildrop, uint32_t number)
{
	uint32_t uid = post_view_uid(maildrop->view, number);
	return uid && !post_uids_has(maildrop->marked, uid) ? uid : 0;
}

uint32_t
popd_maildrop_uid_validity(const struct popd_maildrop *maildrop)
{
	return post_mailbox_uid_validity(maildrop->mailbox);
}

const struct post_view *
popd_maildrop_view(const struct popd_maildrop *maildrop)
{
	return maildrop->view;
}

void
popd_maildrop_mark(struct popd_maildrop *maildrop, uint32_t uid)
{
	post_uids_add(maildrop->marked, uid);
}

void
popd_maildrop_unmark_all(struct popd_maildrop *maildrop)
{
	post_uids_destroy(maildrop->marked);
	maildrop->marked = post_uids_create();
}

uint32_t
popd_maildrop_marked(const struct popd_maildrop *maildrop)
{
	return post_uids_count(maildrop->marked);
}

struct base_ticket *
popd_maildrop_expunge(struct popd_maildrop *maildrop, struct base_error *error)
{
	struct post_uids *expunged = NULL;
	struct base_ticket *ticket =
		post_expunge(maildrop->mailbox, maildrop->marked, false, &expunged, error);
	post_uids_destroy(expunged);
	return ticket;
}

enum base_failure
popd_maildrop_expunge_many(struct popd_maildrop *maildrop, post_stop *stop, void *argument)
{
	return post_expunge_many(
		maildrop->mailbox, maildrop->marked, false, stop, argument);
}

/* --- sizes ---------------------------------------------------------------------------- */

struct sizing {
	const struct post_view *view;
	popd_sized *sized;
	void *argument;
};

static bool
entry_seen(void *argument, const struct post_entry *entry)
{
	const struct sizing *sizing = argument;
	sizing->sized(sizing->argument, post_view_sequence(sizing->view, entry->uid),
		entry->size);
	return true;
}

enum base_failure
popd_maildrop_sizes(const struct popd_maildrop *maildrop, uint32_t first, uint32_t last,
	popd_sized *sized, void *argument)
{
	SCOPED(post_uids_release) struct post_uids *uids = post_uids_create();
	post_uids_add_range(uids, post_view_uid(maildrop->view, first),
		post_view_uid(maildrop->view, last));
	post_uids_and(uids, post_view_uids(maildrop->view));
	post_uids_minus(uids, maildrop->marked);
	struct sizing sizing = {maildrop->view, sized, argument};
	return post_entries_read(maildrop->view, uids, entry_seen, &sizing);
}
