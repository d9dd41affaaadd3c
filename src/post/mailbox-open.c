#include "post/due.h"
#include "post/mailbox-internal.h"
#include "post/turn.h"

/* An open mailbox: made at the first open, gone with the last user. */

struct post_mailbox *
post_mailbox_opened(struct post_account *account, uint32_t id)
{
	struct post_mailbox *mailbox = account->mailboxes;
	while (mailbox && mailbox->id != id)
		mailbox = mailbox->next;
	return mailbox;
}

void
post_mailbox_append(struct post_mailbox *mailbox, struct post_change *change)
{
	pthread_mutex_lock(&mailbox->lock);
	if (mailbox->change_count == mailbox->change_room) {
		mailbox->change_room = mailbox->change_room ? mailbox->change_room * 2 : 8;
		mailbox->changes = reallocarray(
			mailbox->changes, mailbox->change_room, sizeof *mailbox->changes);
		ASSERT(mailbox->changes);
	}
	mailbox->changes[mailbox->change_count++] = post_change_hold(change);
	pthread_mutex_unlock(&mailbox->lock);
}

void
post_mailbox_take_back(struct post_mailbox *mailbox, const struct post_change *change)
{
	pthread_mutex_lock(&mailbox->lock);
	size_t kept = 0;
	for (size_t i = 0; i < mailbox->change_count; i++)
		if (mailbox->changes[i] != change)
			mailbox->changes[kept++] = mailbox->changes[i];
		else
			post_change_drop(mailbox->changes[i]);
	mailbox->change_count = kept;
	pthread_mutex_unlock(&mailbox->lock);
	/* After the change is gone: a tip that is built from now on does not show it. */
	atomic_store(&mailbox->tip_refused, true);
}

static void
append_under_way(void *argument, struct post_change *change)
{
	post_mailbox_append(argument, change);
}

static struct post_mailbox *
mailbox_create(struct post_account *account, uint32_t id, uint32_t uid_validity)
{
	struct post_mailbox *mailbox = calloc(1, sizeof *mailbox);
	ASSERT(mailbox);
	mailbox->account = post_account_hold(account);
	mailbox->id = id;
	mailbox->uid_validity = uid_validity;
	pthread_mutex_init(&mailbox->building, NULL);
	pthread_mutex_init(&mailbox->lock, NULL);
	pthread_mutex_init(&mailbox->watching, NULL);
	return mailbox;
}

static void
mailbox_destroy(struct post_mailbox *mailbox)
{
	ASSERT(!mailbox->watches);
	post_view_let(mailbox->tip);
	post_view_let(mailbox->newest);
	ASSERT(!mailbox->oldest_living);
	for (size_t i = 0; i < mailbox->change_count; i++)
		post_change_drop(mailbox->changes[i]);
	free(mailbox->changes);
	pthread_mutex_destroy(&mailbox->building);
	pthread_mutex_destroy(&mailbox->lock);
	pthread_mutex_destroy(&mailbox->watching);
	post_account_close(mailbox->account);
	free(mailbox);
}

/*
 * From now on each new change is appended; those under way already are copied. What is
 * durable by then is found by the load, which begins later.
 */
static struct post_mailbox *
find_or_register(struct post_account *account, uint32_t id, uint32_t uid_validity)
{
	struct post_mailbox *fresh = mailbox_create(account, id, uid_validity);
	pthread_mutex_lock(&account->lock);
	struct post_mailbox *mailbox = post_mailbox_opened(account, id);
	if (!mailbox) {
		mailbox = fresh;
		post_changes_under_way(account, id, append_under_way, mailbox);
		mailbox->next = account->mailboxes;
		account->mailboxes = mailbox;
		fresh = NULL;
	}
	mailbox->references++;
	pthread_mutex_unlock(&account->lock);
	if (fresh)
		mailbox_destroy(fresh);
	return mailbox;
}

static void
raise_durable(struct post_mailbox *mailbox, uint64_t modseq)
{
	unsigned long long known = atomic_load(&mailbox->durable);
	while (known < modseq &&
		!atomic_compare_exchange_weak(&mailbox->durable, &known, modseq))
		continue;
}

/* With mailbox->building held. */
static void
begin_with(
	struct post_mailbox *mailbox, const struct post_head *head, struct post_view *view)
{
	view->mailbox = mailbox;
	mailbox->recent_first = head->recent_first;
	mailbox->image = head->image;
	raise_durable(mailbox, view->modseq);
	post_view_enlist(view);
	mailbox->newest = view;
	mailbox->loaded = true;
}

/* With mailbox->building held. */
static enum base_failure
load_once(struct post_mailbox *mailbox)
{
	struct post_head head;
	struct post_view *view;
	if (mailbox->loaded)
		return BASE_OK;
	enum base_failure failure =
		post_mailbox_load(mailbox->account, mailbox->id, &head, &view);
	if (failure)
		return failure;
	begin_with(mailbox, &head, view);
	base_metric_add(mailbox->account->post->counters.loads, 1);
	return BASE_OK;
}

enum base_failure
post_mailbox_open_id(struct post_account *account, uint32_t id, uint32_t uid_validity,
	struct post_mailbox **mailbox)
{
	struct post_mailbox *shared = find_or_register(account, id, uid_validity);
	pthread_mutex_lock(&shared->building);
	enum base_failure failure = load_once(shared);
	pthread_mutex_unlock(&shared->building);
	if (failure)
		post_mailbox_close(shared);
	*mailbox = failure ? NULL : shared;
	return failure;
}

struct post_mailbox *
post_mailbox_open_new(struct post_account *account, uint32_t id, uint32_t uid_validity)
{
	struct post_mailbox *mailbox = find_or_register(account, id, uid_validity);
	struct post_head head = post_head_new();
	pthread_mutex_lock(&mailbox->building);
	begin_with(mailbox, &head, post_view_blank());
	pthread_mutex_unlock(&mailbox->building);
	return mailbox;
}

enum base_failure
post_mailbox_open(
	struct post_account *account, struct slice name, struct post_mailbox **mailbox)
{
	const struct post_node *node;
	SCOPED(post_tree_release) struct post_tree *tree = NULL;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	*mailbox = NULL;
	enum base_failure failure = post_account_tree(account, &tree);
	failure = failure ? failure : post_tree_named(tree, arena, name, &node);
	if (failure)
		return failure;
	if (node->kind == POST_NODE_NAME)
		return BASE_DENIED;
	return post_mailbox_open_id(account, node->id, node->uid_validity, mailbox);
}

struct post_mailbox *
post_mailbox_hold(struct post_mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->account->lock);
	mailbox->references++;
	pthread_mutex_unlock(&mailbox->account->lock);
	return mailbox;
}

static bool
is_feed_long(struct post_mailbox *mailbox)
{
	uint64_t rows = atomic_load(&mailbox->durable) - mailbox->image;
	if (!rows || rows >= POST_IMAGE_AT_CLOSE)
		return rows;
	SCOPED(post_view_let_scoped) struct post_view *view = post_mailbox_newest(mailbox);
	SCOPED(post_uids_release)
	struct post_uids *changed = post_view_changed_since(view, mailbox->image);
	return post_uids_count(changed) >= POST_IMAGE_MESSAGES;
}

/* Whoever opens it next shall not read a long feed again. */
static void
note_long_feed(struct post_mailbox *mailbox)
{
	if (mailbox->loaded && is_feed_long(mailbox))
		post_due_note(
			mailbox->account->post->due, mailbox->account->id, mailbox->id);
}

static void
unlink_mailbox(struct post_mailbox *mailbox)
{
	struct post_mailbox **link = &mailbox->account->mailboxes;
	while (*link != mailbox)
		link = &(*link)->next;
	*link = mailbox->next;
}

void
post_mailbox_close(struct post_mailbox *mailbox)
{
	if (!mailbox)
		return;
	pthread_mutex_lock(&mailbox->account->lock);
	ASSERT(mailbox->references);
	bool last = --mailbox->references == 0;
	if (last)
		unlink_mailbox(mailbox);
	pthread_mutex_unlock(&mailbox->account->lock);
	if (!last)
		return;
	note_long_feed(mailbox);
	mailbox_destroy(mailbox);
}

void
post_mailbox_let_scoped(struct post_mailbox **mailbox)
{
	post_mailbox_close(*mailbox);
	*mailbox = NULL;
}

uint64_t
post_mailbox_account_id(const struct post_mailbox *mailbox)
{
	return mailbox->account->id;
}

uint64_t
post_mailbox_id(const struct post_mailbox *mailbox)
{
	return mailbox->id;
}

uint32_t
post_mailbox_uid_validity(const struct post_mailbox *mailbox)
{
	return mailbox->uid_validity;
}

bool
post_mailbox_gone(const struct post_mailbox *mailbox)
{
	return atomic_load(&mailbox->gone);
}

enum base_failure
post_mailbox_open_by_id(
	struct post_account *account, uint32_t id, struct post_mailbox **mailbox)
{
	SCOPED(post_tree_release) struct post_tree *tree = NULL;
	enum base_failure failure = post_account_tree(account, &tree);
	if (failure)
		return failure;
	const struct post_node *node = post_tree_by_id(tree, id);
	return node ? post_mailbox_open_id(account, id, node->uid_validity, mailbox)
		    : BASE_NOT_FOUND;
}
