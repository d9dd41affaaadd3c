#include "post/search-tidy.h"
#include "post/attached-internal.h"

/* --- what was removed -------------------------------------------------------------------
 */

void
search_count_removed(struct store_turn *turn)
{
	struct post_key key = search_key_removed();
	store_add(turn, post_key_slice(&key), 1);
}

static enum base_failure
read_removed(struct store_space *space, struct arena *arena, uint64_t *removed)
{
	struct slice value;
	struct post_key key = search_key_removed();
	enum base_failure failure = store_get(space, post_key_slice(&key), arena, &value);
	*removed = 0;
	for (size_t i = value.length; i-- > 0;)
		*removed = *removed << 8 | (unsigned char)value.data[i];
	return failure == BASE_NOT_FOUND ? BASE_OK : failure;
}

static bool
compaction_due(const struct search_state *state, uint64_t removed)
{
	uint64_t documents = 0;
	for (size_t i = 0; i < state->part_count; i++)
		documents += state->parts[i].documents;
	return removed > documents / 4 + SEARCH_REMOVED_MOST;
}

/* --- merging ----------------------------------------------------------------------------
 */

static unsigned
level_of(uint64_t bytes)
{
	unsigned level = 0;
	for (; bytes > SEARCH_LEAST_LEVEL; bytes /= SEARCH_FANOUT)
		level++;
	return level;
}

bool
search_merge_due(const struct search_state *state, size_t *first)
{
	uint64_t bytes = 0;
	size_t at = state->part_count;
	if (!at)
		return false;
	unsigned level = level_of(state->parts[at - 1].bytes);
	while (at && level_of(state->parts[at - 1].bytes) <= level &&
		bytes + state->parts[at - 1].bytes <= SEARCH_MERGE_MOST)
		bytes += state->parts[--at].bytes;
	*first = at;
	/* Large ones can't wait for a whole level: it would pass what is merged at once. */
	size_t wanted = bytes > SEARCH_MERGE_MOST / SEARCH_FANOUT ? 2 : SEARCH_FANOUT;
	return state->part_count - at >= wanted;
}

static void
replace_parts(struct search_edit *edit, struct search_state *state, size_t first,
	size_t until, const struct search_part *merged)
{
	struct search_part *parts = ARENA_MANY(
		search_edit_arena(edit), struct search_part, state->part_count + 1);
	size_t count = 0;
	for (size_t i = 0; i < first; i++)
		parts[count++] = state->parts[i];
	if (merged->documents)
		parts[count++] = *merged;
	for (size_t i = until; i < state->part_count; i++)
		parts[count++] = state->parts[i];
	for (size_t i = first; i < until; i++)
		search_edit_let(edit, &state->parts[i].hash, 'S', state->parts[i].number);
	state->parts = parts;
	state->part_count = count;
}

static enum base_failure
open_inputs(struct post_account *account, const struct search_state *state, size_t first,
	size_t count, struct search_opened *opened, struct search_input *inputs)
{
	enum base_failure failure = BASE_OK;
	for (size_t i = 0; i < count && !failure; i++) {
		failure = search_opened_open(account->post->store, NULL,
			&state->parts[first + i].hash, &opened[i]);
		inputs[i] = (struct search_input){&opened[i].segment, &opened[i].postings};
	}
	return failure;
}

/* Merged bytes to a blob, unless nothing is left of them. */
static enum base_failure
put_merged(struct post_account *account, struct search_edit *edit, struct buffer *bytes,
	struct search_part *merged)
{
	struct store_blob *blob;
	struct search_segment segment;
	if (!search_segment_parse(buffer_slice(bytes), &segment))
		return BASE_DAMAGED;
	merged->documents = segment.document_count;
	if (!merged->documents)
		return BASE_OK;
	enum base_failure failure = search_segment_make(
		account->post->store, buffer_slice(bytes), merged, &blob);
	if (failure)
		return failure;
	base_metric_add(account->post->counters.index_bytes, (int64_t)merged->bytes);
	search_edit_refer(edit, blob, 'S', merged->number);
	return BASE_OK;
}

enum base_failure
search_merge_parts(struct post_account *account, struct search_edit *edit,
	struct search_state *state, size_t first, size_t until, search_keep *keep,
	void *argument)
{
	size_t count = until - first;
	struct search_opened *opened = calloc(count, sizeof *opened);
	struct search_input *inputs = calloc(count, sizeof *inputs);
	ASSERT(opened && inputs);
	SCOPED(buffer_free) struct buffer bytes = buffer_with(SEARCH_SEGMENT_BYTES_MOST);
	struct search_part merged = {.number = state->number_next++,
		.first = state->parts[first].first,
		.last = state->parts[until - 1].last};
	enum base_failure failure =
		open_inputs(account, state, first, count, opened, inputs);
	if (!failure && !search_merge(inputs, count, keep, argument, &bytes))
		failure = BASE_DAMAGED;
	if (!failure)
		failure = put_merged(account, edit, &bytes, &merged);
	if (!failure)
		replace_parts(edit, state, first, until, &merged);
	for (size_t i = 0; i < count; i++)
		search_opened_close(&opened[i]);
	free(opened);
	free(inputs);
	return failure;
}

static bool
keep_all(void *argument, uint64_t email)
{
	(void)argument, (void)email;
	return true;
}

/* --- a step -----------------------------------------------------------------------------
 */

/* It is made again from the first message. */
static enum base_failure
drop_index(struct post_account *account)
{
	SCOPED(store_turn_release) struct store_turn *turn = NULL;
	enum base_failure failure = store_begin(account->space, STORE_CHANGE, &turn);
	if (!failure)
		failure = search_erase(account->space, turn);
	if (!failure)
		failure = post_attached_index_new(turn);
	if (failure)
		return failure;
	failure = base_ticket_await(store_submit(&turn));
	base_metric_add(account->post->counters.index_drops, 1);
	LOG(account->post->log, BASE_LOG_WARN, "post.search.dropped",
		LOG_NUMBER("account", account->id));
	return failure;
}

static enum base_failure
tidy(struct post_account *account, struct search_state *state, uint64_t removed, bool *more)
{
	size_t first;
	SCOPED(search_edit_release) struct search_edit *edit = search_edit_create();
	enum base_failure failure;
	if (state->packs_from)
		failure = search_compact_packs(account, edit, state);
	else if (compaction_due(state, removed))
		failure = search_compact_parts(account, edit, state);
	else if (search_merge_due(state, &first))
		failure = search_merge_parts(
			account, edit, state, first, state->part_count, keep_all, NULL);
	else
		return BASE_OK;
	if (failure)
		return failure;
	*more = true;
	search_edit_state(edit, state);
	return search_edit_submit(edit, account->space);
}

void
search_note_damage(struct post_account *account)
{
	atomic_store(&account->post->search_damaged, account->id);
}

static bool
is_damaged(struct post *post, uint64_t account)
{
	return atomic_load(&post->search_damaged) == account;
}

/* What the rows say; BASE_DAMAGED when it is to be dropped. */
static enum base_failure
look(struct store_space *space, struct arena *arena, struct search_state *state,
	uint64_t *removed)
{
	struct post_attached_state attached;
	enum base_failure failure = search_state_read(space, arena, state);
	if (!failure)
		failure = post_attached_state_read(space, &attached);
	if (!failure &&
		(state->words_version != SEARCH_WORDS_VERSION || attached.index_old))
		failure = BASE_DAMAGED;
	return failure ? failure : read_removed(space, arena, removed);
}

bool
search_tidy_has_work(struct post *post, uint64_t account)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct search_state state;
	uint64_t removed;
	struct store_space *space = store_space_open(post->store, account);
	enum base_failure failure = look(space, arena, &state, &removed);
	store_space_close(space);
	size_t first;
	return is_damaged(post, account) || failure || state.packs_from ||
	       compaction_due(&state, removed) || search_merge_due(&state, &first);
}

/* Damage to what can be made again is no reason to go without it. */
enum base_failure
search_tidy_account(struct post_account *account, bool *more)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct search_state state;
	uint64_t removed = 0, id = account->id;
	*more = false;
	enum base_failure failure = look(account->space, arena, &state, &removed);
	if (!failure && is_damaged(account->post, id))
		failure = BASE_DAMAGED;
	if (!failure)
		failure = tidy(account, &state, removed, more);
	if (failure != BASE_DAMAGED && failure != BASE_NOT_FOUND)
		return failure;
	(void)atomic_compare_exchange_strong(&account->post->search_damaged, &id, 0);
	return drop_index(account);
}
