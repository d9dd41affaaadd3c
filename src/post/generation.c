#include "post/mailbox-internal.h"

/* Generations of an open mailbox: which is newest, what leads from one to the next. */

void
post_view_enlist(struct post_view *view)
{
	struct post_mailbox *mailbox = view->mailbox;
	pthread_mutex_lock(&mailbox->lock);
	view->older = mailbox->newest_living;
	*(view->older ? &view->older->newer : &mailbox->oldest_living) = view;
	mailbox->newest_living = view;
	pthread_mutex_unlock(&mailbox->lock);
}

static void
view_delist(struct post_view *view)
{
	struct post_mailbox *mailbox = view->mailbox;
	pthread_mutex_lock(&mailbox->lock);
	*(view->older ? &view->older->newer : &mailbox->oldest_living) = view->newer;
	*(view->newer ? &view->newer->older : &mailbox->newest_living) = view->older;
	pthread_mutex_unlock(&mailbox->lock);
}

struct post_view *
post_view_share(struct post_view *view)
{
	atomic_fetch_add_explicit(&view->references, 1, memory_order_relaxed);
	return view;
}

void
post_view_let(struct post_view *view)
{
	if (!view ||
		atomic_fetch_sub_explicit(&view->references, 1, memory_order_acq_rel) > 1)
		return;
	if (view->mailbox)
		view_delist(view);
	for (unsigned i = 0; i < view->numbers; i++)
		post_uids_destroy(view->flagged[i]);
	post_uids_destroy(view->uids);
	post_keywords_drop(view->keywords);
	post_modseqs_free(&view->modseqs);
	free(view);
}

void
post_view_let_scoped(struct post_view **view)
{
	post_view_let(*view);
	*view = NULL;
}

/* Changes of (after, until], held; the caller frees the list. */
static struct post_change **
changes_between(struct post_mailbox *mailbox, uint64_t after, uint64_t until, size_t *count)
{
	*count = 0;
	pthread_mutex_lock(&mailbox->lock);
	struct post_change **list =
		calloc(mailbox->change_count + 1, sizeof(struct post_change *));
	ASSERT(list);
	for (size_t i = 0; i < mailbox->change_count; i++) {
		struct post_change *change = mailbox->changes[i];
		if (change->modseq > after && change->modseq <= until)
			list[(*count)++] = post_change_hold(change);
	}
	pthread_mutex_unlock(&mailbox->lock);
	return list;
}

/* With building held: from a generation to the one that shows until; a new reference. */
static struct post_view *
advance(struct post_view *from, uint64_t until)
{
	size_t count;
	struct post_change **list =
		changes_between(from->mailbox, from->modseq, until, &count);
	struct post_view *view = NULL;
	if (count) {
		struct post_view_builder *builder = post_view_build(from);
		for (size_t i = 0; i < count; i++) {
			post_view_apply(builder, list[i]);
			post_change_drop(list[i]);
		}
		view = post_view_built(builder);
		post_view_enlist(view);
	}
	free(list);
	return view ? view : post_view_share(from);
}

static void
forget_changes(struct post_mailbox *mailbox, uint64_t until)
{
	size_t kept = 0;
	pthread_mutex_lock(&mailbox->lock);
	for (size_t i = 0; i < mailbox->change_count; i++) {
		struct post_change *change = mailbox->changes[i];
		if (change->modseq > until)
			mailbox->changes[kept++] = change;
		else
			post_change_drop(change);
	}
	mailbox->change_count = kept;
	pthread_mutex_unlock(&mailbox->lock);
}

static void
drop_tip(struct post_mailbox *mailbox)
{
	post_view_let(mailbox->tip);
	mailbox->tip = NULL;
}

/* With building held. */
static void
bring_newest_up(struct post_mailbox *mailbox)
{
	if (atomic_exchange(&mailbox->tip_refused, false))
		drop_tip(mailbox);
	uint64_t durable = atomic_load(&mailbox->durable);
	struct post_view *from = mailbox->newest;
	if (from->modseq >= durable)
		return;
	if (mailbox->tip && mailbox->tip->modseq <= durable &&
		mailbox->tip->modseq > from->modseq)
		from = mailbox->tip;
	struct post_view *view = advance(from, durable);
	post_view_let(mailbox->newest);
	mailbox->newest = view;
	if (mailbox->tip && mailbox->tip->modseq <= view->modseq)
		drop_tip(mailbox);
	forget_changes(mailbox, view->modseq);
}

struct post_view *
post_mailbox_newest(struct post_mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->building);
	bring_newest_up(mailbox);
	struct post_view *view = post_view_share(mailbox->newest);
	pthread_mutex_unlock(&mailbox->building);
	return view;
}

struct post_view *
post_mailbox_tip(struct post_mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->building);
	bring_newest_up(mailbox);
	struct post_view *from = mailbox->tip ? mailbox->tip : mailbox->newest;
	struct post_view *view = advance(from, UINT64_MAX);
	if (view != from && view != mailbox->newest) {
		post_view_let(mailbox->tip);
		mailbox->tip = post_view_share(view);
	}
	pthread_mutex_unlock(&mailbox->building);
	return view;
}

static bool
has_much(struct post_mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->lock);
	bool much = mailbox->change_count >= POST_CHANGES_SETTLE;
	pthread_mutex_unlock(&mailbox->lock);
	return much;
}

void
post_account_settle(struct post_account *account)
{
	pthread_mutex_lock(&account->lock);
	struct post_mailbox *mailbox = account->mailboxes;
	while (mailbox && !has_much(mailbox))
		mailbox = mailbox->next;
	if (mailbox)
		mailbox->references++;
	pthread_mutex_unlock(&account->lock);
	if (!mailbox)
		return;
	post_view_let(post_mailbox_newest(mailbox));
	post_mailbox_close(mailbox);
}

uint64_t
post_mailbox_pinned(struct post_mailbox *mailbox)
{
	uint64_t least = UINT64_MAX;
	pthread_mutex_lock(&mailbox->lock);
	for (const struct post_view *view = mailbox->oldest_living; view;
		view = view->newer)
		if (atomic_load(&view->pins) && view->modseq < least)
			least = view->modseq;
	pthread_mutex_unlock(&mailbox->lock);
	return least;
}

/* --- pins --------------------------------------------------------------------------------
 */

static void
pin(struct post_view *view)
{
	atomic_fetch_add(&view->pins, 1);
}

/*
 * It is pinned, and still the newest then: so the purge, which looks for pins after what it
 * takes away was published, either sees the pin, or the view doesn't show it any more.
 */
struct post_view *
post_view_newest(struct post_mailbox *mailbox)
{
	post_mailbox_hold(mailbox);
	pthread_mutex_lock(&mailbox->building);
	bring_newest_up(mailbox);
	pin(mailbox->newest);
	while (mailbox->newest->modseq < atomic_load(&mailbox->durable)) {
		atomic_fetch_sub(&mailbox->newest->pins, 1);
		bring_newest_up(mailbox);
		pin(mailbox->newest);
	}
	struct post_view *view = post_view_share(mailbox->newest);
	pthread_mutex_unlock(&mailbox->building);
	return view;
}

struct post_view *
post_view_hold(struct post_view *view)
{
	post_mailbox_hold(view->mailbox);
	pin(view);
	return post_view_share(view);
}

void
post_view_drop(struct post_view *view)
{
	if (!view)
		return;
	struct post_mailbox *mailbox = view->mailbox;
	atomic_fetch_sub(&view->pins, 1);
	post_view_let(view);
	post_mailbox_close(mailbox);
}

void
post_view_release(struct post_view **view)
{
	post_view_drop(*view);
	*view = NULL;
}
