#include "post/search-keep.h"

/* Which email id each UID has. Entries never change, so a chunk only grows. */

struct mailbox {
	uint32_t id, from, uid_next;
	struct search_pair *pairs;
	size_t count, room;
};

struct search_arrivals {
	uint64_t next, until;
	struct arena *arena; /* prefixes */
	struct slice *prefixes;
	struct mailbox *mailboxes;
	size_t count, room;
};

struct search_arrivals *
search_arrivals_create(uint64_t next, uint64_t until)
{
	struct search_arrivals *arrivals = calloc(1, sizeof *arrivals);
	ASSERT(arrivals);
	arrivals->next = next;
	arrivals->until = until;
	arrivals->arena = arena_create(ARENA_NO_CEILING);
	arrivals->prefixes = ARENA_MANY(arrivals->arena, struct slice, until - next + 1);
	return arrivals;
}

void
search_arrivals_release(struct search_arrivals **released)
{
	struct search_arrivals *arrivals = *released;
	if (!arrivals)
		return;
	for (size_t i = 0; i < arrivals->count; i++)
		free(arrivals->mailboxes[i].pairs);
	free(arrivals->mailboxes);
	arena_destroy(arrivals->arena);
	free(arrivals);
	*released = NULL;
}

struct slice
search_arrivals_prefix(const struct search_arrivals *arrivals, uint64_t email)
{
	return arrivals->prefixes[email - arrivals->next];
}

/* --- reading ---------------------------------------------------------------------------
 */

static bool
head_row(void *argument, struct slice key, struct slice value)
{
	struct search_arrivals *arrivals = argument;
	uint32_t id;
	(void)value;
	if (!post_key_take_mailbox(key, &id))
		return true;
	if (arrivals->count == arrivals->room) {
		arrivals->room = arrivals->room ? arrivals->room * 2 : 16;
		arrivals->mailboxes = reallocarray(
			arrivals->mailboxes, arrivals->room, sizeof *arrivals->mailboxes);
		ASSERT(arrivals->mailboxes);
	}
	arrivals->mailboxes[arrivals->count++] = (struct mailbox){.id = id, .from = 1};
	return true;
}

static enum base_failure
list_mailboxes(struct search_arrivals *arrivals, struct post_account *account)
{
	struct post_key from = post_key_of_row(POST_KEY_OF_HEAD);
	struct post_key until = post_key_after_row(POST_KEY_OF_HEAD);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	return store_scan(account->space, &range, head_row, arrivals, NULL);
}

struct reading {
	struct search_arrivals *arrivals;
	struct mailbox *mailbox;
	enum base_failure failure;
};

static void
keep_pair(struct mailbox *mailbox, struct search_pair pair)
{
	if (mailbox->count == mailbox->room) {
		mailbox->room = mailbox->room ? mailbox->room * 2 : 64;
		mailbox->pairs =
			reallocarray(mailbox->pairs, mailbox->room, sizeof *mailbox->pairs);
		ASSERT(mailbox->pairs);
	}
	mailbox->pairs[mailbox->count++] = pair;
	mailbox->uid_next = pair.uid + 1;
}

/* Stops at the first that this round does not index: its prefix is wanted later. */
static bool
entry_row(void *argument, struct slice key, struct slice value)
{
	struct reading *reading = argument;
	struct search_arrivals *arrivals = reading->arrivals;
	struct post_entry_record entry;
	struct search_pair pair;
	uint32_t mailbox;
	if (!post_key_take_entry(key, &mailbox, &pair.uid) ||
		post_entry_unpack(value, &entry)) {
		reading->failure = BASE_DAMAGED;
		return false;
	}
	pair.email = entry.email;
	if (pair.email >= arrivals->until)
		return false;
	if (pair.email >= arrivals->next)
		arrivals->prefixes[pair.email - arrivals->next] =
			arena_copy(arrivals->arena, entry.prefix);
	keep_pair(reading->mailbox, pair);
	return true;
}

static uint32_t
mapped_until(const struct search_state *state, uint32_t mailbox)
{
	for (size_t i = 0; i < state->mailbox_count; i++)
		if (state->mailboxes[i].mailbox == mailbox)
			return state->mailboxes[i].uid_next;
	return 1;
}

enum base_failure
search_arrivals_read(struct search_arrivals *arrivals, struct post_account *account,
	const struct search_state *state)
{
	enum base_failure failure = list_mailboxes(arrivals, account);
	for (size_t i = 0; i < arrivals->count && !failure; i++) {
		struct mailbox *mailbox = &arrivals->mailboxes[i];
		struct reading reading = {.arrivals = arrivals, .mailbox = mailbox};
		mailbox->from = mailbox->uid_next = mapped_until(state, mailbox->id);
		struct post_key from = post_key_entry(mailbox->id, mailbox->from);
		struct post_key until =
			post_key_after_mailbox(POST_KEY_OF_ENTRY, mailbox->id);
		struct store_range range = {
			post_key_slice(&from), post_key_slice(&until), 0};
		failure = store_scan(account->space, &range, entry_row, &reading, NULL);
		failure = failure ? failure : reading.failure;
	}
	return failure;
}

/* --- writing ---------------------------------------------------------------------------
 */

/* The round ended earlier than it was meant to. */
static void
cut(struct mailbox *mailbox, uint64_t until)
{
	for (size_t i = 0; i < mailbox->count; i++)
		if (mailbox->pairs[i].email >= until) {
			mailbox->count = i;
			mailbox->uid_next = mailbox->pairs[i].uid;
		}
}

static enum base_failure
read_chunk(struct post_account *account, struct arena *arena, uint32_t mailbox,
	uint32_t number, struct search_pair *pairs, size_t *count)
{
	struct slice value;
	struct post_key key = search_key_chunk(mailbox, number);
	enum base_failure failure =
		store_get(account->space, post_key_slice(&key), arena, &value);
	*count = 0;
	if (failure)
		return failure == BASE_NOT_FOUND ? BASE_OK : failure;
	return search_chunk_unpack(value, number, pairs, count) ? BASE_OK : BASE_DAMAGED;
}

/* From the pair at *from on, those of one chunk, behind what it has. */
static enum base_failure
put_chunk(struct post_account *account, struct search_edit *edit,
	const struct mailbox *mailbox, size_t *from)
{
	uint32_t number = mailbox->pairs[*from].uid / SEARCH_CHUNK;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct search_pair *pairs = ARENA_MANY(arena, struct search_pair, SEARCH_CHUNK);
	size_t count;
	SCOPED(buffer_free) struct buffer value = buffer_with(STORE_VALUE_MOST);
	enum base_failure failure =
		read_chunk(account, arena, mailbox->id, number, pairs, &count);
	if (failure)
		return failure;
	while (count && pairs[count - 1].uid >= mailbox->pairs[*from].uid)
		count--;
	for (; *from < mailbox->count; ++*from) {
		if (mailbox->pairs[*from].uid / SEARCH_CHUNK != number)
			break;
		pairs[count++] = mailbox->pairs[*from];
	}
	search_chunk_pack(pairs, count, &value);
	struct post_key key = search_key_chunk(mailbox->id, number);
	search_edit_put(edit, &key, &value);
	return BASE_OK;
}

enum base_failure
search_arrivals_put(struct search_arrivals *arrivals, struct post_account *account,
	struct search_edit *edit, uint64_t until, struct search_state *state)
{
	struct search_mapped *mapped =
		ARENA_MANY(search_edit_arena(edit), struct search_mapped, arrivals->count);
	enum base_failure failure = BASE_OK;
	for (size_t i = 0; i < arrivals->count && !failure; i++) {
		struct mailbox *mailbox = &arrivals->mailboxes[i];
		cut(mailbox, until);
		for (size_t at = 0; at < mailbox->count && !failure;)
			failure = put_chunk(account, edit, mailbox, &at);
		mapped[i] = (struct search_mapped){mailbox->id, mailbox->uid_next};
	}
	state->mailboxes = mapped;
	state->mailbox_count = arrivals->count;
	return failure;
}
