/*
 * Every record of an account's space: the first byte says which. What unpacks must pack to
 * bytes that unpack to the same again.
 */
#include "post/feed.h"
#include "post/metadata-record.h"
#include "post/tree.h"
#include "post/uids-internal.h"
#include "post/url-key.h"
#include "post/view-internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
same(const struct buffer *once, const struct buffer *twice)
{
	ASSERT(!buffer_failed(once) && !buffer_failed(twice));
	ASSERT(slice_equal(buffer_slice(once), buffer_slice(twice)));
}

#define ROUND_TRIP(type, unpack, pack)                                                \
	do {                                                                          \
		type record, again;                                                   \
		if (unpack(value, &record) || !pack(&record, &once))                  \
			return;                                                       \
		ASSERT(!unpack(buffer_slice(&once), &again) && pack(&again, &twice)); \
	} while (0)

static void
url_keys(struct slice value, struct buffer *once, struct buffer *twice)
{
	uint8_t key[POST_URL_KEY_SIZE];
	if (post_url_key_unpack(value, key))
		return;
	post_url_key_pack(key, once);
	ASSERT(!post_url_key_unpack(buffer_slice(once), key));
	post_url_key_pack(key, twice);
}

static void
fixed_records(uint8_t kind, struct slice value)
{
	SCOPED(buffer_free) struct buffer once = buffer_with(SIZE_MAX);
	SCOPED(buffer_free) struct buffer twice = buffer_with(SIZE_MAX);
	switch (kind) {
	case 0:
		ROUND_TRIP(struct post_ledger, post_ledger_unpack, post_ledger_pack);
		break;
	case 1:
		ROUND_TRIP(struct post_letters, post_letters_unpack, post_letters_pack);
		break;
	case 2:
		ROUND_TRIP(struct post_head, post_head_unpack, post_head_pack);
		break;
	case 3:
		ROUND_TRIP(struct post_entry_record, post_entry_unpack, post_entry_pack);
		break;
	case 10:
		url_keys(value, &once, &twice);
		break;
	default:
		ROUND_TRIP(
			struct post_content_record, post_content_unpack, post_content_pack);
	}
	same(&once, &twice);
}

static void
changes(struct slice value)
{
	struct post_change *change, *again;
	SCOPED(buffer_free) struct buffer once = buffer_with(SIZE_MAX);
	SCOPED(buffer_free) struct buffer twice = buffer_with(SIZE_MAX);
	if (post_change_unpack(value, 1, 2, &change))
		return;
	post_change_pack(change, &once);
	ASSERT(!post_change_unpack(buffer_slice(&once), 1, 2, &again));
	post_change_pack(again, &twice);
	same(&once, &twice);
	post_change_drop(change);
	post_change_drop(again);
}

static void
expunged_rows(struct slice value)
{
	SCOPED(post_expunged_clear) struct post_expunged expunged = {0};
	SCOPED(post_expunged_clear) struct post_expunged again = {0};
	SCOPED(buffer_free) struct buffer once = buffer_with(SIZE_MAX);
	SCOPED(buffer_free) struct buffer twice = buffer_with(SIZE_MAX);
	if (post_expunged_unpack(value, &expunged))
		return;
	post_expunged_pack(&expunged, &once);
	ASSERT(!post_expunged_unpack(buffer_slice(&once), &again));
	post_expunged_pack(&again, &twice);
	same(&once, &twice);
}

static void
trees(struct slice value)
{
	SCOPED(post_tree_release) struct post_tree *tree = NULL;
	SCOPED(post_tree_release) struct post_tree *again = NULL;
	SCOPED(buffer_free) struct buffer once = buffer_with(SIZE_MAX);
	SCOPED(buffer_free) struct buffer twice = buffer_with(SIZE_MAX);
	if (post_tree_unpack(value, &tree))
		return;
	for (size_t i = 0; i < tree->count; i++)
		ASSERT(post_tree_find(tree, tree->nodes[i].name) == &tree->nodes[i]);
	post_tree_pack(tree, &once);
	ASSERT(!post_tree_unpack(buffer_slice(&once), &again));
	post_tree_pack(again, &twice);
	same(&once, &twice);
}

static void
images(struct slice value)
{
	SCOPED(post_view_let_scoped) struct post_view *view = NULL;
	SCOPED(post_view_let_scoped) struct post_view *again = NULL;
	SCOPED(buffer_free) struct buffer summed = buffer_with(SIZE_MAX);
	SCOPED(buffer_free) struct buffer once = buffer_with(SIZE_MAX);
	SCOPED(buffer_free) struct buffer twice = buffer_with(SIZE_MAX);
	buffer_put(&summed, value);
	buffer_put_be32(&summed, base_crc32c(0, value));
	if (post_view_unpack(buffer_slice(&summed), &view))
		return;
	post_view_pack(view, &once);
	ASSERT(!post_view_unpack(buffer_slice(&once), &again));
	post_view_pack(again, &twice);
	same(&once, &twice);
}

static void
sets(struct slice value)
{
	struct post_uids *uids, *again;
	SCOPED(buffer_free) struct buffer once = buffer_with(SIZE_MAX);
	if (!post_uids_unpack(value, &uids))
		return;
	post_uids_pack(uids, &once);
	ASSERT(post_uids_unpack(buffer_slice(&once), &again));
	ASSERT(post_uids_equal(uids, again));
	post_uids_destroy(uids);
	post_uids_destroy(again);
}

static void
annotations(struct slice value)
{
	struct post_metadata_entry *entries, *again;
	size_t count, count_again;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(buffer_free) struct buffer once = buffer_with(SIZE_MAX);
	SCOPED(buffer_free) struct buffer twice = buffer_with(SIZE_MAX);
	if (post_metadata_unpack(value, arena, &entries, &count))
		return;
	post_metadata_pack(entries, count, &once);
	ASSERT(!post_metadata_unpack(buffer_slice(&once), arena, &again, &count_again));
	post_metadata_pack(again, count_again, &twice);
	same(&once, &twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	struct slice value = slice_of(data + 1, size - 1);
	switch (data[0]) {
	case 5:
		changes(value);
		break;
	case 6:
		expunged_rows(value);
		break;
	case 7:
		trees(value);
		break;
	case 8:
		images(value);
		break;
	case 9:
		sets(value);
		break;
	case 11:
		annotations(value);
		break;
	default:
		fixed_records(data[0], value);
	}
	return 0;
}
