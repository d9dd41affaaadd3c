/* The rows of the index: what unpacks packs to bytes that unpack to the same again. */
#include "post/attached-record.h"
#include "post/search-index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
same(const struct buffer *once, const struct buffer *twice)
{
	ASSERT(!buffer_failed(once) && !buffer_failed(twice));
	ASSERT(slice_equal(buffer_slice(once), buffer_slice(twice)));
}

static void
states(struct arena *arena, struct slice value, struct buffer *once, struct buffer *twice)
{
	struct search_state state;
	if (!search_state_unpack(arena, value, &state))
		return;
	search_state_pack(&state, once);
	ASSERT(search_state_unpack(arena, buffer_slice(once), &state));
	search_state_pack(&state, twice);
}

static void
packs(struct arena *arena, struct slice value, struct buffer *once, struct buffer *twice)
{
	struct search_pack pack;
	if (!search_pack_unpack(arena, value, &pack))
		return;
	search_pack_pack(&pack, once);
	ASSERT(search_pack_unpack(arena, buffer_slice(once), &pack));
	search_pack_pack(&pack, twice);
}

static void
chunks(struct arena *arena, struct slice value, struct buffer *once, struct buffer *twice)
{
	size_t count;
	struct search_pair *pairs = ARENA_MANY(arena, struct search_pair, SEARCH_CHUNK);
	if (!search_chunk_unpack(value, 3, pairs, &count))
		return;
	search_chunk_pack(pairs, count, once);
	ASSERT(search_chunk_unpack(buffer_slice(once), 3, pairs, &count));
	search_chunk_pack(pairs, count, twice);
}

/* Texts of a pack, whatever they are: the first bytes are the needle. */
static void
texts(struct slice value)
{
	struct search_leaf leaf = {.needle = slice_first(value, 2),
		.kinds = POST_TEXT_ANY,
		.field = SLICE("subject")};
	if (leaf.needle.length)
		(void)search_texts_contain(value, &leaf);
	leaf.field = SLICE_NONE;
	if (leaf.needle.length)
		(void)search_texts_contain(value, &leaf);
}

/* The compressed texts may differ, what they say may not. */
static void
attachments(struct arena *arena, struct slice value)
{
	struct post_attached attached, again;
	struct post_attached_state state;
	SCOPED(buffer_free) struct buffer packed = buffer_with(SIZE_MAX);
	if (post_attached_state_unpack(value, &state)) {
		post_attached_state_pack(&state, &packed);
		ASSERT(post_attached_state_unpack(buffer_slice(&packed), &state));
		buffer_clear(&packed);
	}
	if (!post_attached_unpack(arena, value, &attached))
		return;
	ASSERT(post_attached_pack(&attached, &packed));
	ASSERT(post_attached_unpack(arena, buffer_slice(&packed), &again));
	ASSERT(attached.count == again.count && attached.missing == again.missing);
	for (size_t i = 0; i < attached.count; i++)
		ASSERT(attached.texts[i].part == again.texts[i].part &&
			slice_equal(attached.texts[i].text, again.texts[i].text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t kind;
	struct slice value = slice_of(data, size);
	SCOPED(buffer_free) struct buffer once = buffer_with(SIZE_MAX);
	SCOPED(buffer_free) struct buffer twice = buffer_with(SIZE_MAX);
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	if (!take_byte(&value, &kind))
		return 0;
	if (kind == 'I')
		states(arena, value, &once, &twice);
	else if (kind == 'T')
		packs(arena, value, &once, &twice);
	else if (kind == 'U')
		chunks(arena, value, &once, &twice);
	else if (kind == 'B')
		attachments(arena, value);
	else
		texts(value);
	same(&once, &twice);
	return 0;
}
