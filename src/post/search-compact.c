#include "post/search-keep.h"
#include "post/search-tidy.h"

#define PACKS_AT_ONCE 16 /* written in one commit */

/*
 * An email is alive as long as some entry, expunged ones included, speaks of it. One
 * without an entry never comes back.
 */
struct living {
	uint64_t next;
	uint64_t *bits;
	bool damaged;
};

static bool
entry_row(void *argument, struct slice key, struct slice value)
{
	struct living *living = argument;
	struct post_entry_record entry;
	(void)key;
	living->damaged = post_entry_unpack(value, &entry) != BASE_OK;
	if (!living->damaged && entry.email < living->next)
		living->bits[entry.email / 64] |= (uint64_t)1 << entry.email % 64;
	return !living->damaged;
}

static bool
is_alive(void *argument, uint64_t email)
{
	const struct living *living = argument;
	return email < living->next && living->bits[email / 64] >> email % 64 & 1;
}

static enum base_failure
read_living(struct store_space *space, struct arena *arena, uint64_t next,
	struct living *living)
{
	*living = (struct living){.next = next};
	living->bits = ARENA_MANY(arena, uint64_t, (size_t)(next + 63) / 64);
	struct post_key from = post_key_of_row(POST_KEY_OF_ENTRY);
	struct post_key until = post_key_after_row(POST_KEY_OF_ENTRY);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	enum base_failure failure = store_scan(space, &range, entry_row, living, NULL);
	return !failure && living->damaged ? BASE_UNAVAILABLE : failure;
}

/* --- packs ------------------------------------------------------------------------------
 */

struct packs {
	struct post_account *account;
	struct search_edit *edit;
	struct living *living;
	struct arena *arena;
	struct search_state *state;
	unsigned rewritten;
	enum base_failure failure;
};

static bool
has_dead(const struct search_pack *pack, struct living *living)
{
	for (size_t i = 0; i < pack->count; i++)
		if (!is_alive(living, pack->texts[i].email))
			return true;
	return false;
}

/* The old pack goes, the new one has the key of its first living email. */
static enum base_failure
rewrite(struct packs *packs, uint64_t number, const struct search_pack *pack)
{
	SCOPED(search_packing_release)
	struct search_packing *packing = search_packing_create(packs->account, packs->edit);
	struct post_key from = search_key_pack(number), until = search_key_pack(number - 1);
	search_edit_delete(packs->edit, &from, &until);
	search_edit_let(packs->edit, &pack->hash, 'P', number);
	enum base_failure failure = search_packing_like(packing);
	if (!failure)
		failure = search_packing_put_again(packing, pack, is_alive, packs->living);
	uint64_t last = 0;
	failure = failure ? failure : search_packing_end(packing, &last);
	/* The next round goes on with the newest: it may have another number, or be gone.
	 */
	if (number == packs->state->last_pack)
		packs->state->last_pack = last;
	packs->rewritten++;
	return failure;
}

static bool
pack_row(void *argument, struct slice key, struct slice value)
{
	struct packs *packs = argument;
	struct search_pack pack;
	uint64_t number;
	arena_reset(packs->arena);
	if (!search_key_take_pack(key, &number) ||
		!search_pack_unpack(packs->arena, value, &pack))
		packs->failure = BASE_DAMAGED;
	else if (has_dead(&pack, packs->living))
		packs->failure = rewrite(packs, number, &pack);
	packs->state->packs_from = number - 1;
	return !packs->failure && packs->rewritten < PACKS_AT_ONCE;
}

/* --- dictionaries -----------------------------------------------------------------------
 */

struct dictionaries {
	struct search_edit *edit;
	struct arena *arena;
	uint64_t *used;
	size_t count, room;
	bool newest_seen;
	enum base_failure failure;
};

static bool
is_used(const struct dictionaries *dictionaries, uint64_t number)
{
	for (size_t i = 0; i < dictionaries->count; i++)
		if (dictionaries->used[i] == number)
			return true;
	return false;
}

static bool
note_used(void *argument, struct slice key, struct slice value)
{
	struct dictionaries *dictionaries = argument;
	struct search_pack pack;
	(void)key;
	arena_reset(dictionaries->arena);
	if (!search_pack_unpack(dictionaries->arena, value, &pack)) {
		dictionaries->failure = BASE_DAMAGED;
		return false;
	}
	if (is_used(dictionaries, pack.dictionary))
		return true;
	if (dictionaries->count == dictionaries->room) {
		dictionaries->room = dictionaries->room * 2 + 16;
		dictionaries->used = reallocarray(
			dictionaries->used, dictionaries->room, sizeof *dictionaries->used);
		ASSERT(dictionaries->used);
	}
	dictionaries->used[dictionaries->count++] = pack.dictionary;
	return true;
}

/* The newest, which is the first, is what packs to come use. */
static bool
drop_unused(void *argument, struct slice key, struct slice value)
{
	struct dictionaries *dictionaries = argument;
	struct store_hash hash;
	uint64_t number;
	if (!search_key_take_dictionary(key, &number) ||
		!search_dictionary_unpack(value, &hash)) {
		dictionaries->failure = BASE_DAMAGED;
		return false;
	}
	if (dictionaries->newest_seen && !is_used(dictionaries, number)) {
		struct post_key from = search_key_dictionary(number),
				until = search_key_dictionary(number - 1);
		search_edit_delete(dictionaries->edit, &from, &until);
		search_edit_let(dictionaries->edit, &hash, 'D', number);
	}
	dictionaries->newest_seen = true;
	return true;
}

enum base_failure
search_drop_dictionaries(struct store_space *space, struct search_edit *edit)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct dictionaries dictionaries = {.edit = edit, .arena = arena};
	struct post_key packs = search_key_pack(UINT64_MAX),
			after_packs = search_key_after_packs();
	struct post_key from = search_key_dictionary(UINT64_MAX),
			until = search_key_after_dictionaries();
	struct store_range range = {
		post_key_slice(&packs), post_key_slice(&after_packs), 0};
	enum base_failure failure =
		store_scan(space, &range, note_used, &dictionaries, NULL);
	range = (struct store_range){post_key_slice(&from), post_key_slice(&until), 0};
	if (!failure && !dictionaries.failure)
		failure = store_scan(space, &range, drop_unused, &dictionaries, NULL);
	free(dictionaries.used);
	return failure ? failure : dictionaries.failure;
}

/* Which dictionaries are used is known when the last of the packs was written. */
enum base_failure
search_compact_packs(
	struct post_account *account, struct search_edit *edit, struct search_state *state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(arena_release) struct arena *pack_arena = arena_create(ARENA_NO_CEILING);
	struct living living;
	struct packs packs = {account, edit, &living, pack_arena, state, 0, BASE_OK};
	struct post_key from = search_key_pack(state->packs_from);
	struct post_key until = search_key_after_packs();
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	enum base_failure failure =
		read_living(account->space, arena, state->next, &living);
	if (!failure)
		failure = store_scan(account->space, &range, pack_row, &packs, NULL);
	failure = failure ? failure : packs.failure;
	if (failure || packs.rewritten == PACKS_AT_ONCE)
		return failure;
	state->packs_from = packs.rewritten ? 1 : 0;
	return packs.rewritten ? BASE_OK : search_drop_dictionaries(account->space, edit);
}

/* --- segments ---------------------------------------------------------------------------
 */

enum base_failure
search_compact_parts(
	struct post_account *account, struct search_edit *edit, struct search_state *state)
{
	struct post_key from = search_key_removed(), until = search_key_after_removed();
	struct living living;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	enum base_failure failure =
		read_living(account->space, arena, state->next, &living);
	for (size_t i = 0; i < state->part_count && !failure;) {
		size_t before = state->part_count;
		failure = search_merge_parts(
			account, edit, state, i, i + 1, is_alive, &living);
		i += state->part_count == before;
	}
	state->packs_from = SEARCH_EMAILS_MOST;
	if (!failure)
		search_edit_delete(edit, &from, &until);
	return failure;
}
