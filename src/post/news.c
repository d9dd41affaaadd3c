#include "post/news-internal.h"

struct post_news {
	struct post_account *account; /* held; its watching guards all of the rest */
	struct post_news *next, **link;
	void (*happened)(void *argument);
	void *argument;
	struct post_news_batch batch; /* allocated */
	size_t mailbox_room, entry_room;
};

struct post_news *
post_news_begin(
	struct post_account *account, void (*happened)(void *argument), void *argument)
{
	struct post_news *news = calloc(1, sizeof *news);
	ASSERT(news);
	news->account = post_account_hold(account);
	news->happened = happened;
	news->argument = argument;
	pthread_mutex_lock(&account->watching);
	news->next = account->news;
	news->link = &account->news;
	if (news->next)
		news->next->link = &news->next;
	account->news = news;
	pthread_mutex_unlock(&account->watching);
	return news;
}

static void
forget(struct post_news *news)
{
	for (size_t i = 0; i < news->batch.entry_count; i++)
		free((void *)(uintptr_t)news->batch.entries[i].name.data);
	free(news->batch.entries);
	free(news->batch.mailboxes);
	news->batch = (struct post_news_batch){0};
	news->mailbox_room = news->entry_room = 0;
}

void
post_news_end(struct post_news *news)
{
	if (!news)
		return;
	struct post_account *account = news->account;
	pthread_mutex_lock(&account->watching);
	*news->link = news->next;
	if (news->next)
		news->next->link = news->link;
	pthread_mutex_unlock(&account->watching);
	forget(news);
	free(news);
	post_account_close(account);
}

static void
copy(const struct post_news_batch *from, struct arena *arena, struct post_news_batch *to)
{
	*to = *from;
	to->mailboxes = ARENA_MANY(arena, struct post_news_mailbox, from->mailbox_count);
	to->entries = ARENA_MANY(arena, struct post_news_entry, from->entry_count);
	if (from->mailbox_count)
		memcpy(to->mailboxes, from->mailboxes,
			from->mailbox_count * sizeof *to->mailboxes);
	for (size_t i = 0; i < from->entry_count; i++) {
		to->entries[i] = from->entries[i];
		to->entries[i].name = arena_copy(arena, from->entries[i].name);
	}
}

void
post_news_take(struct post_news *news, struct arena *arena, struct post_news_batch *batch)
{
	pthread_mutex_lock(&news->account->watching);
	copy(&news->batch, arena, batch);
	batch->gone = atomic_load(&news->account->gone);
	forget(news);
	pthread_mutex_unlock(&news->account->watching);
}

void
post_news_call(struct post_account *account)
{
	pthread_mutex_lock(&account->watching);
	for (struct post_news *news = account->news; news; news = news->next)
		news->happened(news->argument);
	pthread_mutex_unlock(&account->watching);
}

/* --- on the committer thread -----------------------------------------------------------
 */

/* Room for one more in an array that grows by half; NULL past most. */
static void *
more_room(void *array, size_t count, size_t *room, size_t size, size_t most)
{
	if (count == most)
		return NULL;
	if (count < *room)
		return array;
	*room = *room ? *room * 2 : 4;
	void *moved = reallocarray(array, *room, size);
	ASSERT(moved);
	return moved;
}

static struct post_news_mailbox *
mailbox_of(struct post_news *news, uint64_t id)
{
	struct post_news_batch *batch = &news->batch;
	/* The last one first: much that happens at once happens in one mailbox. */
	for (size_t i = batch->mailbox_count; i-- > 0;)
		if (batch->mailboxes[i].id == id)
			return &batch->mailboxes[i];
	void *moved = more_room(batch->mailboxes, batch->mailbox_count, &news->mailbox_room,
		sizeof *batch->mailboxes, POST_NEWS_MAILBOXES_MOST);
	if (!moved) {
		batch->missed = true;
		return NULL;
	}
	batch->mailboxes = moved;
	struct post_news_mailbox *fresh = &batch->mailboxes[batch->mailbox_count++];
	*fresh = (struct post_news_mailbox){.id = id};
	return fresh;
}

/* Flags that messages arrive with are no change of theirs. */
static bool
changes_flags(const struct post_change *change)
{
	for (size_t i = 0; i < change->group_count; i++)
		if (!change->arrived_first ||
			post_uids_least(change->groups[i].uids) < change->arrived_first)
			return true;
	return false;
}

static void
add_change(struct post_news *news, const struct post_change *change)
{
	struct post_news_mailbox *mailbox = mailbox_of(news, change->mailbox);
	if (!mailbox)
		return;
	if (change->arrived_first)
		mailbox->arrived += change->arrived_last - change->arrived_first + 1;
	mailbox->expunged |= change->expunged && !post_uids_empty(change->expunged);
	mailbox->flagged |= changes_flags(change);
}

static bool
renews_entry(struct post_news_batch *batch, const struct post_annotated *annotated,
	struct slice name)
{
	for (size_t i = 0; i < batch->entry_count; i++) {
		struct post_news_entry *entry = &batch->entries[i];
		if (entry->mailbox != annotated->mailbox ||
			!slice_equal_nocase(entry->name, name))
			continue;
		entry->serial = annotated->serial;
		return true;
	}
	return false;
}

static void
add_entry(struct post_news *news, const struct post_annotated *annotated, struct slice name)
{
	struct post_news_batch *batch = &news->batch;
	if (renews_entry(batch, annotated, name))
		return;
	void *moved = more_room(batch->entries, batch->entry_count, &news->entry_room,
		sizeof *batch->entries, POST_NEWS_ENTRIES_MOST);
	if (!moved) {
		batch->missed = true;
		return;
	}
	char *kept = malloc(name.length + 1);
	ASSERT(kept);
	memcpy(kept, name.data, name.length);
	batch->entries = moved;
	batch->entries[batch->entry_count++] = (struct post_news_entry){
		annotated->mailbox, slice_of(kept, name.length), annotated->serial};
}

static void
add(struct post_news *news, const struct post_publication *publication)
{
	for (size_t i = 0; i < publication->change_count; i++)
		add_change(news, publication->changes[i]);
	const struct post_annotated *annotated = publication->annotated;
	for (size_t i = 0; annotated && i < annotated->count; i++)
		add_entry(news, annotated, annotated->names[i]);
	news->batch.names |= publication->changes_tree;
}

void
post_news_tell(struct post_account *account, const struct post_publication *publication)
{
	pthread_mutex_lock(&account->watching);
	for (struct post_news *news = account->news; news; news = news->next) {
		add(news, publication);
		news->happened(news->argument);
	}
	pthread_mutex_unlock(&account->watching);
}
