#include "post/search-store.h"

enum change_kind { CHANGE_PUT, CHANGE_DELETE, CHANGE_REFER, CHANGE_LET };

struct change {
	struct change *next;
	enum change_kind kind;
	struct slice key, value; /* DELETE: from, until */
	struct store_blob *blob;
	struct store_hash hash;
	char owner[SEARCH_OWNER_SIZE];
};

struct search_edit {
	struct arena *arena;
	struct change *first, **end;
};

struct search_edit *
search_edit_create(void)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct search_edit *edit = ARENA_NEW(arena, struct search_edit);
	edit->arena = arena;
	edit->end = &edit->first;
	return edit;
}

void
search_edit_release(struct search_edit **released)
{
	struct search_edit *edit = *released;
	if (!edit)
		return;
	for (struct change *at = edit->first; at; at = at->next)
		store_blob_drop(at->blob);
	arena_destroy(edit->arena);
	*released = NULL;
}

struct arena *
search_edit_arena(struct search_edit *edit)
{
	return edit->arena;
}

static struct change *
add(struct search_edit *edit, enum change_kind kind)
{
	struct change *change = ARENA_NEW(edit->arena, struct change);
	change->kind = kind;
	*edit->end = change;
	edit->end = &change->next;
	return change;
}

void
search_edit_put(
	struct search_edit *edit, const struct post_key *key, const struct buffer *value)
{
	struct change *change = add(edit, CHANGE_PUT);
	ASSERT(!buffer_failed(value));
	change->key = arena_copy(edit->arena, post_key_slice(key));
	change->value = arena_copy(edit->arena, buffer_slice(value));
}

void
search_edit_delete(
	struct search_edit *edit, const struct post_key *from, const struct post_key *until)
{
	struct change *change = add(edit, CHANGE_DELETE);
	change->key = arena_copy(edit->arena, post_key_slice(from));
	change->value = arena_copy(edit->arena, post_key_slice(until));
}

void
search_edit_refer(
	struct search_edit *edit, struct store_blob *blob, char kind, uint64_t number)
{
	struct change *change = add(edit, CHANGE_REFER);
	change->blob = blob;
	(void)search_owner(kind, number, change->owner);
}

void
search_edit_let(
	struct search_edit *edit, const struct store_hash *hash, char kind, uint64_t number)
{
	struct change *change = add(edit, CHANGE_LET);
	change->hash = *hash;
	(void)search_owner(kind, number, change->owner);
}

void
search_edit_state(struct search_edit *edit, const struct search_state *state)
{
	struct post_key key = search_key_state();
	SCOPED(buffer_free) struct buffer value = buffer_with(STORE_VALUE_MOST);
	search_state_pack(state, &value);
	search_edit_put(edit, &key, &value);
}

static void
apply(const struct change *change, struct store_turn *turn)
{
	struct slice owner = slice_of(change->owner, SEARCH_OWNER_SIZE);
	switch (change->kind) {
	case CHANGE_PUT:
		store_put(turn, change->key, change->value);
		break;
	case CHANGE_DELETE:
		store_delete_range(turn, change->key, change->value);
		break;
	case CHANGE_REFER:
		store_reference(turn, change->blob, owner);
		break;
	case CHANGE_LET:
		store_dereference(turn, &change->hash, owner);
		break;
	}
}

enum base_failure
search_edit_submit(struct search_edit *edit, struct store_space *space)
{
	struct store_turn *turn;
	enum base_failure failure = store_begin(space, STORE_NEW_MAIL, &turn);
	if (failure)
		return failure;
	for (const struct change *at = edit->first; at; at = at->next)
		apply(at, turn);
	return base_ticket_await(store_submit(&turn));
}
