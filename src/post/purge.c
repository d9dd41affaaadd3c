#include "post/purge.h"
#include "post/attached-internal.h"
#include "post/mailbox-internal.h"
#include "post/partial.h"
#include "post/search-tidy.h"
#include "post/uids-internal.h"

/* --- contents ----------------------------------------------------------------------- */

static int64_t
counter_of(struct slice value)
{
	uint64_t number = 0;
	for (size_t i = value.length; i-- > 0;)
		number = number << 8 | (unsigned char)value.data[i];
	return (int64_t)number;
}

static enum base_failure
purge_content(struct post_turn *turn, uint64_t email)
{
	struct slice value;
	struct store_hash hash;
	struct post_content_record content;
	struct post_key key = post_key_content(email);
	enum base_failure failure =
		store_turn_get(turn->turn, post_key_slice(&key), turn->arena, &value);
	if (!failure)
		failure = post_content_unpack(value, &content);
	if (failure)
		return failure;
	memcpy(hash.bytes, content.hash, sizeof hash.bytes);
	store_dereference(turn->turn, &hash, slice_from(post_key_slice(&key), 1));
	store_delete(turn->turn, post_key_slice(&key));
	post_attached_purge(turn->turn, email);
	search_count_removed(turn->turn);
	return BASE_OK;
}

/* One entry less: the last one takes the content along. */
static enum base_failure
release_content(struct post_turn *turn, uint64_t email)
{
	struct slice value;
	struct post_key copies = post_key_copies(email);
	enum base_failure failure =
		store_turn_get(turn->turn, post_key_slice(&copies), turn->arena, &value);
	if (failure == BASE_NOT_FOUND)
		return purge_content(turn, email);
	if (failure)
		return failure;
	if (counter_of(value) <= 1)
		store_delete(turn->turn, post_key_slice(&copies));
	else
		store_add(turn->turn, post_key_slice(&copies), -1);
	return BASE_OK;
}

static enum base_failure
purge_entries(
	struct post_turn *turn, uint32_t mailbox, const struct post_kept_entries *entries)
{
	enum base_failure failure = BASE_OK;
	for (size_t i = 0; i < entries->count && !failure; i++) {
		const struct post_kept_entry *entry = &entries->list[i];
		struct post_key key = post_key_entry(mailbox, entry->uid);
		store_delete(turn->turn, post_key_slice(&key));
		failure = release_content(turn, entry->record.email);
	}
	base_metric_add(turn->account->post->counters.purged, (int64_t)entries->count);
	return failure;
}

/* --- finding ------------------------------------------------------------------------ */

struct row_found {
	struct arena *arena;
	struct slice key, value;
};

static bool
take_row(void *argument, struct slice key, struct slice value)
{
	struct row_found *first = argument;
	first->key = arena_copy(first->arena, key);
	first->value = arena_copy(first->arena, value);
	return false;
}

static enum base_failure
first_row(struct store_space *space, const struct post_key *from,
	const struct post_key *until, struct arena *arena, struct slice *key,
	struct slice *value)
{
	struct row_found first = {.arena = arena};
	struct store_range range = {post_key_slice(from), post_key_slice(until), 1};
	enum base_failure failure = store_scan(space, &range, take_row, &first, NULL);
	*key = first.key;
	*value = first.value;
	return failure;
}

static void
lower(void *argument, struct post_change *change)
{
	uint64_t *least = argument;
	if (change->modseq - 1 < *least)
		*least = change->modseq - 1;
}

/*
 * The least modseq that a session shows, or still can come to show, as what is on disk is
 * not published yet. UINT64_MAX: none.
 */
static uint64_t
shown_of(struct post_account *account, uint32_t id)
{
	uint64_t shown = UINT64_MAX;
	pthread_mutex_lock(&account->lock);
	struct post_mailbox *mailbox = post_mailbox_opened(account, id);
	if (mailbox)
		shown = post_mailbox_pinned(mailbox);
	post_changes_under_way(account, id, lower, &shown);
	pthread_mutex_unlock(&account->lock);
	return shown;
}

static bool
is_open(struct post_account *account, uint32_t id)
{
	pthread_mutex_lock(&account->lock);
	bool open = post_mailbox_opened(account, id) != NULL;
	pthread_mutex_unlock(&account->lock);
	return open;
}

/* --- expunged messages -------------------------------------------------------------- */

/* The row as it stands now: an undelete may have been faster. */
static enum base_failure
expunged_in_turn(struct post_turn *turn, struct slice key, struct post_expunged *expunged)
{
	struct slice value;
	enum base_failure failure = store_turn_get(turn->turn, key, turn->arena, &value);
	return failure ? failure : post_expunged_unpack(value, expunged);
}

static void
shorten_row(struct post_turn *turn, struct slice key, struct post_expunged *expunged,
	const struct post_uids *purged)
{
	SCOPED(buffer_free) struct buffer value = buffer_with(STORE_VALUE_MOST);
	post_uids_minus(expunged->uids, purged);
	if (post_uids_empty(expunged->uids)) {
		store_delete(turn->turn, key);
		return;
	}
	for (size_t i = 0; i < expunged->group_count; i++)
		post_uids_minus(expunged->groups[i].uids, purged);
	for (size_t i = 0; i < expunged->keyword_count; i++)
		post_uids_minus(expunged->keywords[i].uids, purged);
	post_expunged_pack(expunged, &value);
	ASSERT(!buffer_failed(&value));
	store_put(turn->turn, key, buffer_slice(&value));
}

static enum base_failure
purge_in_turn(struct post_turn *turn, uint32_t mailbox, struct slice key,
	const struct post_uids *part, const struct post_kept_entries *entries)
{
	SCOPED(post_expunged_clear) struct post_expunged expunged = {0};
	enum base_failure failure = expunged_in_turn(turn, key, &expunged);
	for (size_t i = 0; i < entries->count && !failure; i++)
		if (!post_uids_has(expunged.uids, entries->list[i].uid))
			failure = BASE_CONFLICT;
	if (!failure)
		failure = purge_entries(turn, mailbox, entries);
	if (!failure)
		shorten_row(turn, key, &expunged, part);
	return failure;
}

static enum base_failure
purge_expunged(struct post_account *account, uint32_t mailbox, struct slice key,
	const struct post_expunged *expunged)
{
	SCOPED(post_entries_free) struct post_kept_entries entries = {0};
	SCOPED(post_turn_release) struct post_turn turn = {0};
	SCOPED(post_uids_release)
	struct post_uids *part = post_uids_first(expunged->uids, POST_PURGE_MESSAGES);
	enum base_failure failure =
		post_entries_load(account, mailbox, part, NULL, &entries);
	if (!failure)
		failure = post_turn_begin(&turn, account, STORE_CHANGE, NULL);
	if (!failure)
		failure = purge_in_turn(&turn, mailbox, key, part, &entries);
	if (!failure)
		failure = base_ticket_await(post_turn_submit(&turn));
	return failure == BASE_NOT_FOUND ? BASE_OK : failure;
}

/* Rows stand in the order in which they are due; one that is pinned lets others pass. */
static enum base_failure
purge_next_expunged(struct post_account *account, struct post_key *from, bool *more)
{
	struct slice key, value;
	uint32_t mailbox;
	uint64_t due, modseq;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(post_expunged_clear) struct post_expunged expunged = {0};
	struct post_key until =
		post_key_expunged((uint64_t)post_now_ms(account->post) + 1, 0, 0);
	enum base_failure failure =
		first_row(account->space, from, &until, arena, &key, &value);
	*more = !failure && !slice_absent(key);
	if (!*more)
		return failure;
	if (!post_key_take_expunged(key, &due, &mailbox, &modseq) ||
		post_expunged_unpack(value, &expunged))
		return BASE_DAMAGED;
	*from = post_key_expunged(due, mailbox, modseq + 1);
	if (shown_of(account, mailbox) < modseq)
		return BASE_OK;
	return purge_expunged(account, mailbox, key, &expunged);
}

/* --- deleted mailboxes -------------------------------------------------------------- */

static bool
collect_entry(void *argument, struct slice key, struct slice value)
{
	struct post_kept_entries *entries = argument;
	uint32_t mailbox, uid;
	struct post_entry_record record;
	if (!post_key_take_entry(key, &mailbox, &uid) || post_entry_unpack(value, &record))
		return true;
	post_entries_keep(entries, uid, &record);
	return true;
}

/* Feed and images are no use without entries; expunged rows find nothing and go when due.
 */
static void
purge_rest(struct post_turn *turn, uint32_t mailbox)
{
	static const enum post_key_kind kinds[] = {
		POST_KEY_OF_ENTRY, POST_KEY_OF_FEED, POST_KEY_OF_IMAGE};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct post_key from = post_key_of_mailbox(kinds[i], mailbox);
		struct post_key until = post_key_after_mailbox(kinds[i], mailbox);
		store_delete_range(
			turn->turn, post_key_slice(&from), post_key_slice(&until));
	}
	struct post_key chunks = search_key_chunk(mailbox, 0);
	struct post_key after = search_key_chunk(mailbox, UINT32_MAX);
	store_delete_range(turn->turn, post_key_slice(&chunks), post_key_slice(&after));
	struct post_key doomed = post_key_doomed(mailbox);
	store_delete(turn->turn, post_key_slice(&doomed));
}

static enum base_failure
purge_mailbox(struct post_account *account, uint32_t mailbox)
{
	SCOPED(post_entries_free) struct post_kept_entries entries = {0};
	SCOPED(post_turn_release) struct post_turn turn = {0};
	struct post_key from = post_key_of_mailbox(POST_KEY_OF_ENTRY, mailbox);
	struct post_key until = post_key_after_mailbox(POST_KEY_OF_ENTRY, mailbox);
	struct store_range range = {
		post_key_slice(&from), post_key_slice(&until), POST_PURGE_MESSAGES};
	enum base_failure failure =
		store_scan(account->space, &range, collect_entry, &entries, NULL);
	if (!failure)
		failure = post_turn_begin(&turn, account, STORE_CHANGE, NULL);
	if (!failure)
		failure = purge_entries(&turn, mailbox, &entries);
	if (failure)
		return failure;
	if (!entries.count)
		purge_rest(&turn, mailbox);
	return base_ticket_await(post_turn_submit(&turn));
}

static enum base_failure
purge_next_mailbox(struct post_account *account, struct post_key *from, bool *more)
{
	struct slice key, value;
	uint32_t mailbox;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_key until = post_key_after_row(POST_KEY_OF_DOOMED);
	enum base_failure failure =
		first_row(account->space, from, &until, arena, &key, &value);
	*more = !failure && !slice_absent(key);
	if (!*more)
		return failure;
	if (!post_key_take_mailbox(key, &mailbox))
		return BASE_DAMAGED;
	if (!is_open(account, mailbox))
		return purge_mailbox(account, mailbox);
	*from = post_key_doomed(mailbox + 1);
	return BASE_OK;
}

/* --- copies that were cut short ------------------------------------------------------- */

static enum base_failure
purge_next_partial(struct post_account *account, bool *more)
{
	struct slice key, value;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_key from = post_key_of_row(POST_KEY_OF_PARTIAL);
	struct post_key until = post_key_after_row(POST_KEY_OF_PARTIAL);
	*more = !atomic_load(&account->copying);
	if (!*more)
		return BASE_OK;
	enum base_failure failure =
		first_row(account->space, &from, &until, arena, &key, &value);
	*more = !failure && !slice_absent(key);
	return *more ? post_partial_take_back(account, key, value) : failure;
}

enum base_failure
post_purge_account(struct post_account *account, unsigned *steps)
{
	struct post_key expunged = post_key_of_row(POST_KEY_OF_EXPUNGED);
	struct post_key doomed = post_key_of_row(POST_KEY_OF_DOOMED);
	enum base_failure failure = BASE_OK;
	for (bool more = true; more && *steps && !failure; --*steps)
		failure = purge_next_expunged(account, &expunged, &more);
	for (bool more = true; more && *steps && !failure; --*steps)
		failure = purge_next_mailbox(account, &doomed, &more);
	for (bool more = true; more && *steps && !failure; --*steps)
		failure = purge_next_partial(account, &more);
	return failure;
}

static bool
has_row(struct store_space *space, struct post_key from, struct post_key until)
{
	struct slice key, value;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	return !first_row(space, &from, &until, arena, &key, &value) && !slice_absent(key);
}

bool
post_purge_has_work(struct post *post, uint64_t account)
{
	struct store_space *space = store_space_open(post->store, account);
	bool some = has_row(space, post_key_of_row(POST_KEY_OF_EXPUNGED),
			    post_key_expunged((uint64_t)post_now_ms(post) + 1, 0, 0)) ||
		    has_row(space, post_key_of_row(POST_KEY_OF_DOOMED),
			    post_key_after_row(POST_KEY_OF_DOOMED)) ||
		    has_row(space, post_key_of_row(POST_KEY_OF_PARTIAL),
			    post_key_after_row(POST_KEY_OF_PARTIAL));
	store_space_close(space);
	return some;
}
