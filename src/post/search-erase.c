#include "post/search-store.h"

struct letting {
	struct store_turn *turn;
	struct arena *arena;
};

static void
let(struct store_turn *turn, const struct store_hash *hash, char kind, uint64_t number)
{
	char owner[SEARCH_OWNER_SIZE];
	store_dereference(turn, hash, search_owner(kind, number, owner));
}

static bool
let_row(void *argument, struct slice key, struct slice value)
{
	struct letting *letting = argument;
	struct search_pack pack;
	struct store_hash hash;
	uint64_t number;
	arena_reset(letting->arena);
	if (search_key_take_pack(key, &number) &&
		search_pack_unpack(letting->arena, value, &pack))
		let(letting->turn, &pack.hash, 'P', number);
	else if (search_key_take_dictionary(key, &number) &&
		 search_dictionary_unpack(value, &hash))
		let(letting->turn, &hash, 'D', number);
	else if (search_old_pack_unpack(key, value, &number, &hash))
		let(letting->turn, &hash, 'T', number);
	return true;
}

enum base_failure
search_erase(struct store_space *space, struct store_turn *turn)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(arena_release) struct arena *pack_arena = arena_create(ARENA_NO_CEILING);
	struct letting letting = {turn, pack_arena};
	struct search_state state;
	struct post_key from = post_key_of_row(POST_KEY_OF_SEARCH);
	struct post_key until = post_key_after_row(POST_KEY_OF_SEARCH);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	if (!search_state_read(space, arena, &state))
		for (size_t i = 0; i < state.part_count; i++)
			let(turn, &state.parts[i].hash, 'S', state.parts[i].number);
	enum base_failure failure = store_scan(space, &range, let_row, &letting, NULL);
	store_delete_range(turn, post_key_slice(&from), post_key_slice(&until));
	return failure;
}
