#include "post/uids-internal.h"

/* Walking a set: from a member to the next, with a cursor, and by ranges. */

struct post_uids_cursor {
	roaring_uint32_iterator_t at;
};

uint32_t
post_uids_next(const struct post_uids *uids, uint32_t after)
{
	roaring_uint32_iterator_t at;
	if (after == UINT32_MAX)
		return 0;
	roaring_init_iterator(uids->bitmap, &at);
	return roaring_move_uint32_iterator_equalorlarger(&at, after + 1) ? at.current_value
									  : 0;
}

struct post_uids_cursor *
post_uids_walk(const struct post_uids *uids)
{
	struct post_uids_cursor *cursor = malloc(sizeof *cursor);
	ASSERT(cursor);
	roaring_init_iterator(uids->bitmap, &cursor->at);
	return cursor;
}

uint32_t
post_uids_cursor_next(struct post_uids_cursor *cursor)
{
	if (!cursor->at.has_value)
		return 0;
	uint32_t uid = cursor->at.current_value;
	roaring_advance_uint32_iterator(&cursor->at);
	return uid;
}

void
post_uids_cursor_destroy(struct post_uids_cursor *cursor)
{
	free(cursor);
}

void
post_uids_cursor_release(struct post_uids_cursor **cursor)
{
	post_uids_cursor_destroy(*cursor);
	*cursor = NULL;
}

#define READ_AT_ONCE 256

struct post_uids *
post_uids_some(const struct post_uids *uids, uint32_t after, uint32_t most)
{
	uint32_t members[READ_AT_ONCE], got;
	struct post_uids *some = post_uids_create();
	roaring_uint32_iterator_t at;
	roaring_init_iterator(uids->bitmap, &at);
	if (after == UINT32_MAX ||
		!roaring_move_uint32_iterator_equalorlarger(&at, after + 1))
		return some;
	for (; most; most -= got) {
		got = roaring_read_uint32_iterator(
			&at, members, most < READ_AT_ONCE ? most : READ_AT_ONCE);
		if (!got)
			break;
		roaring_bitmap_add_many(some->bitmap, got, members);
	}
	return some;
}

static bool
is_whole(const struct post_uids *uids, uint32_t first, uint64_t last)
{
	return last <= UINT32_MAX &&
	       roaring_bitmap_contains_range(uids->bitmap, first, last + 1);
}

/* Doubling, then halving: a range of n members costs log n look-ups, not n. */
static uint32_t
range_end(const struct post_uids *uids, uint32_t first)
{
	uint64_t step = 1, end = first;
	while (is_whole(uids, first, end + step)) {
		end += step;
		step *= 2;
	}
	for (; step; step /= 2)
		if (is_whole(uids, first, end + step))
			end += step;
	return (uint32_t)end;
}

bool
post_uids_next_range(const struct post_uids *uids, uint32_t *first, uint32_t *last)
{
	uint32_t next = post_uids_next(uids, *last);
	if (!next)
		return false;
	*first = next;
	*last = range_end(uids, next);
	return true;
}
