#include "post/publication.h"
#include "post/mailbox-internal.h"
#include "post/news-internal.h"

static void
publication_free(struct post_publication *publication)
{
	for (size_t i = 0; i < publication->change_count; i++)
		post_change_drop(publication->changes[i]);
	post_tree_drop(publication->tree);
	if (publication->annotated)
		arena_destroy(publication->annotated->arena);
	post_mailbox_close(publication->kept);
	free(publication);
}

void
post_publications_drop(struct post_account *account)
{
	for (struct post_publication *next; account->under_way; account->under_way = next) {
		next = account->under_way->next;
		publication_free(account->under_way);
	}
}

void
post_changes_under_way(struct post_account *account, uint32_t mailbox,
	void (*seen)(void *argument, struct post_change *change), void *argument)
{
	for (struct post_publication *at = account->under_way; at; at = at->next)
		for (size_t i = 0; i < at->change_count; i++)
			if (at->changes[i]->mailbox == mailbox)
				seen(argument, at->changes[i]);
}

/* Mailboxes to tell, held, so that the account's lock need not be. */
struct touched_mailboxes {
	struct post_mailbox *mailbox[POST_TURN_MAILBOXES + 1];
	size_t count;
};

static struct post_mailbox *
touch(struct touched_mailboxes *touched, struct post_account *account, uint32_t id)
{
	struct post_mailbox *mailbox = post_mailbox_opened(account, id);
	if (mailbox) {
		mailbox->references++;
		touched->mailbox[touched->count++] = mailbox;
	}
	return mailbox;
}

/* Somebody's rights in a mailbox are others: of a mailbox that has another list. */
static bool
has_other_rights(const struct post_tree *before, const struct post_tree *after, uint32_t id)
{
	const struct post_node *then = post_tree_by_id(before, id);
	const struct post_node *now = post_tree_by_id(after, id);
	return then && now &&
	       !post_acl_equal(post_tree_acl(before, then), post_tree_acl(after, now));
}

static void
mark_other_rights(struct post_account *account, const struct post_tree *before,
	const struct post_tree *after)
{
	if (!before || (!before->acl_count && !after->acl_count))
		return;
	for (struct post_mailbox *at = account->mailboxes; at; at = at->next)
		if (has_other_rights(before, after, at->id)) {
			atomic_fetch_add(&at->rights_version, 1);
			at->rights_changed = true;
		}
}

/* The next that is marked, held. */
static struct post_mailbox *
take_marked(struct post_account *account)
{
	pthread_mutex_lock(&account->lock);
	struct post_mailbox *mailbox = account->mailboxes;
	while (mailbox && !mailbox->rights_changed)
		mailbox = mailbox->next;
	if (mailbox) {
		mailbox->rights_changed = false;
		mailbox->references++;
	}
	pthread_mutex_unlock(&account->lock);
	return mailbox;
}

static void
tell_other_rights(struct post_account *account)
{
	for (struct post_mailbox *mailbox; (mailbox = take_marked(account));) {
		post_mailbox_call_watches(mailbox);
		post_mailbox_close(mailbox);
	}
}

static void
publish_locked(struct post_publication *publication, struct touched_mailboxes *touched)
{
	struct post_account *account = publication->account;
	ASSERT(account->under_way == publication);
	account->under_way = publication->next;
	if (!account->under_way)
		account->under_way_end = &account->under_way;
	for (size_t i = 0; i < publication->change_count; i++) {
		const struct post_change *change = publication->changes[i];
		struct post_mailbox *mailbox = touch(touched, account, change->mailbox);
		if (mailbox)
			atomic_store(&mailbox->durable, change->modseq);
	}
	if (publication->deleted) {
		struct post_mailbox *mailbox =
			touch(touched, account, publication->deleted);
		if (mailbox)
			atomic_store(&mailbox->gone, true);
	}
	if (publication->tree) {
		struct post_tree *before = account->tree;
		mark_other_rights(account, before, publication->tree);
		account->tree = publication->tree;
		publication->tree = before;
	}
}

/* On the committer thread. */
static void
publish(void *argument)
{
	struct post_publication *publication = argument;
	struct post_account *account = publication->account;
	struct touched_mailboxes touched = {.count = 0};
	bool told_rights = publication->tree;
	pthread_mutex_lock(&account->lock);
	publish_locked(publication, &touched);
	pthread_mutex_unlock(&account->lock);
	post_news_tell(account, publication);
	for (size_t i = 0; i < touched.count; i++) {
		post_mailbox_call_watches(touched.mailbox[i]);
		post_mailbox_close(touched.mailbox[i]);
	}
	if (told_rights)
		tell_other_rights(account);
	publication_free(publication);
	post_account_close(account);
}

static void
take_from_list(struct post_publication *publication)
{
	struct post_account *account = publication->account;
	struct post_publication **link = &account->under_way;
	while (*link != publication)
		link = &(*link)->next;
	*link = publication->next;
	if (!*link)
		account->under_way_end = link;
}

/* The store's locks are held: nothing of it is called. */
static void
refused(void *argument)
{
	struct post_publication *publication = argument;
	struct post_account *account = publication->account;
	pthread_mutex_lock(&account->lock);
	take_from_list(publication);
	for (size_t i = 0; i < publication->change_count; i++) {
		struct post_change *change = publication->changes[i];
		struct post_mailbox *mailbox =
			post_mailbox_opened(account, change->mailbox);
		if (mailbox)
			post_mailbox_take_back(mailbox, change);
	}
	pthread_mutex_unlock(&account->lock);
	atomic_store(&account->ran_ahead, true);
	publication_free(publication);
	post_account_close(account);
}

void
post_publish_later(struct post_turn *turn)
{
	struct post_account *account = turn->account;
	struct post_publication *publication = calloc(1, sizeof *publication);
	ASSERT(publication);
	publication->account = post_account_hold(account);
	publication->deleted = turn->deleted;
	publication->tree = turn->tree ? post_tree_hold(turn->tree) : NULL;
	publication->changes_tree = turn->tree;
	publication->annotated = turn->annotated;
	turn->annotated = NULL;
	publication->kept = turn->kept;
	turn->kept = NULL;
	for (size_t i = 0; i < turn->touched_count; i++)
		if (turn->touched[i].change)
			publication->changes[publication->change_count++] =
				post_change_hold(turn->touched[i].change);
	pthread_mutex_lock(&account->lock);
	*account->under_way_end = publication;
	account->under_way_end = &publication->next;
	for (size_t i = 0; i < publication->change_count; i++) {
		struct post_change *change = publication->changes[i];
		struct post_mailbox *mailbox =
			post_mailbox_opened(account, change->mailbox);
		if (mailbox)
			post_mailbox_append(mailbox, change);
	}
	pthread_mutex_unlock(&account->lock);
	store_on_durable(turn->turn, publish, publication);
	store_on_refused(turn->turn, refused, publication);
}

static void
count_done(void *argument, enum base_failure outcome)
{
	(void)outcome;
	atomic_fetch_sub((atomic_uint *)argument, 1);
}

void
post_await_later(struct post *post, struct base_ticket *ticket)
{
	atomic_fetch_add(&post->under_way, 1);
	base_ticket_then(ticket, count_done, &post->under_way);
}
