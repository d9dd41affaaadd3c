#include "post/attached-internal.h"
#include "post/check.h"
#include "post/search-store.h"
#include "post/search-words.h"

/* The index: its blobs are there and fit its rows; its email ids are those of entries. */
struct search_check {
	struct post_checking *checking;
	struct arena *arena;
	struct search_state state;
	/* Of the chunk that is compared. */
	uint32_t mailbox, uid_next;
	struct search_pair *pairs;
	size_t count, at;
	bool differs;
};

static void
check_part(struct search_check *check, const struct search_part *part)
{
	struct search_opened opened;
	struct store *store = check->checking->account->post->store;
	if (search_opened_open(store, NULL, &part->hash, &opened)) {
		post_check_problem(check->checking, "search: segment %llu can't be read",
			(unsigned long long)part->number);
		return;
	}
	if (opened.segment.document_count != part->documents)
		post_check_problem(check->checking, "search: segment %llu has others",
			(unsigned long long)part->number);
	search_opened_close(&opened);
}

static bool
has_size(struct store *store, const struct search_pack *pack)
{
	struct store_reader *reader;
	if (!pack->count || store_reader_open(store, &pack->hash, &reader))
		return false;
	bool fits = pack->frame_count > 0;
	if (fits) {
		const struct search_frame *last = &pack->frames[pack->frame_count - 1];
		fits = store_reader_size(reader) ==
		       (uint64_t)last->stored_at + last->stored;
	}
	store_reader_close(reader);
	return fits;
}

static bool
pack_row(void *argument, struct slice key, struct slice value)
{
	struct search_check *check = argument;
	struct search_pack pack;
	uint64_t number;
	arena_reset(check->arena);
	if (!search_key_take_pack(key, &number) ||
		!search_pack_unpack(check->arena, value, &pack) ||
		!has_size(check->checking->account->post->store, &pack))
		post_check_problem(check->checking, "search: a pack can't be read");
	return true;
}

static bool
dictionary_row(void *argument, struct slice key, struct slice value)
{
	struct search_check *check = argument;
	struct store_hash hash;
	uint64_t number;
	SCOPED(buffer_free) struct buffer bytes = buffer_with(SEARCH_DICTIONARY_MOST);
	if (!search_key_take_dictionary(key, &number) ||
		!search_dictionary_unpack(value, &hash) ||
		search_blob_read(check->checking->account->post->store, &hash, &bytes))
		post_check_problem(check->checking, "search: a dictionary can't be read");
	return true;
}

/* --- attachments --------------------------------------------------------------------- */

static bool
attached_row(void *argument, struct slice key, struct slice value)
{
	struct search_check *check = argument;
	struct post_attached attached;
	struct post_attached_state state;
	struct post_key of_state = post_key_attached_state();
	arena_reset(check->arena);
	if (slice_equal(key, post_key_slice(&of_state))
			? !post_attached_state_unpack(value, &state)
			: !post_attached_unpack(check->arena, value, &attached))
		post_check_problem(
			check->checking, "search: texts of attachments can't be read");
	return true;
}

/* --- email ids ----------------------------------------------------------------------- */

static bool
entry_row(void *argument, struct slice key, struct slice value)
{
	struct search_check *check = argument;
	struct post_entry_record entry;
	uint32_t mailbox, uid;
	if (!post_key_take_entry(key, &mailbox, &uid) || post_entry_unpack(value, &entry) ||
		uid >= check->uid_next)
		return false;
	while (check->at < check->count && check->pairs[check->at].uid < uid)
		check->at++;
	check->differs = check->at == check->count || check->pairs[check->at].uid != uid ||
			 check->pairs[check->at].email != entry.email;
	return !check->differs;
}

static uint32_t
mapped_until(const struct search_state *state, uint32_t mailbox)
{
	for (size_t i = 0; i < state->mailbox_count; i++)
		if (state->mailboxes[i].mailbox == mailbox)
			return state->mailboxes[i].uid_next;
	return 0;
}

/* Entries that are purged stay in their chunk; those that are there must stand in it. */
static bool
chunk_row(void *argument, struct slice key, struct slice value)
{
	struct search_check *check = argument;
	uint32_t chunk;
	if (!search_key_take_chunk(key, &check->mailbox, &chunk) ||
		!search_chunk_unpack(value, chunk, check->pairs, &check->count)) {
		post_check_problem(check->checking, "search: a chunk can't be read");
		return true;
	}
	check->at = 0;
	check->differs = false;
	check->uid_next = mapped_until(&check->state, check->mailbox);
	struct post_key from = post_key_entry(check->mailbox, chunk * SEARCH_CHUNK);
	struct post_key until = post_key_entry(check->mailbox, (chunk + 1) * SEARCH_CHUNK);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	enum base_failure failure =
		store_scan(check->checking->account->space, &range, entry_row, check, NULL);
	if (failure || check->differs)
		post_check_problem(check->checking,
			"search: mailbox %lu has other messages than the index says",
			(unsigned long)check->mailbox);
	return true;
}

/* --- all ----------------------------------------------------------------------------- */

static enum base_failure
scan(struct search_check *check, struct post_key from, struct post_key until,
	store_row *row)
{
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	return store_scan(check->checking->account->space, &range, row, check, NULL);
}

static enum base_failure
check_index(struct search_check *check)
{
	for (size_t i = 0; i < check->state.part_count; i++)
		check_part(check, &check->state.parts[i]);
	enum base_failure failure = scan(
		check, search_key_pack(UINT64_MAX), search_key_after_packs(), pack_row);
	if (!failure)
		failure = scan(check, search_key_dictionary(UINT64_MAX),
			search_key_after_dictionaries(), dictionary_row);
	if (!failure)
		failure = scan(check, search_key_chunk(0, 0),
			search_key_chunk(UINT32_MAX, UINT32_MAX), chunk_row);
	return failure;
}

/* An index of another release is not asked, and is made anew: it has no faults. */
enum base_failure
post_check_search(struct post_checking *checking)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(arena_release) struct arena *row_arena = arena_create(ARENA_NO_CEILING);
	struct search_check check = {.checking = checking, .arena = row_arena};
	check.pairs = ARENA_MANY(arena, struct search_pair, SEARCH_CHUNK);
	enum base_failure failure =
		search_state_read(checking->account->space, arena, &check.state);
	if (failure == BASE_DAMAGED) {
		post_check_problem(checking, "search: the index can't be read");
		return BASE_OK;
	}
	if (!failure && check.state.words_version == SEARCH_WORDS_VERSION)
		failure = check_index(&check);
	if (!failure)
		failure = scan(&check, post_key_attached_state(),
			post_key_after_row(POST_KEY_OF_ATTACHED), attached_row);
	return failure;
}
