#include "post/uids.h"
#include "post/uids-internal.h"

static struct post_uids *
uids_of(roaring_bitmap_t *bitmap)
{
	struct post_uids *uids = malloc(sizeof *uids);
	ASSERT(uids && bitmap);
	*uids = (struct post_uids){.bitmap = bitmap};
	atomic_init(&uids->references, 1);
	return uids;
}

struct post_uids *
post_uids_create(void)
{
	return uids_of(roaring_bitmap_create());
}

struct post_uids *
post_uids_copy(const struct post_uids *uids)
{
	return uids_of(roaring_bitmap_copy(uids->bitmap));
}

struct post_uids *
post_uids_first(const struct post_uids *uids, uint32_t count)
{
	uint32_t last = post_uids_at(uids, count);
	struct post_uids *first = post_uids_copy(uids);
	if (last && last < UINT32_MAX)
		roaring_bitmap_remove_range(
			first->bitmap, (uint64_t)last + 1, (uint64_t)UINT32_MAX + 1);
	return first;
}

struct post_uids *
post_uids_share(const struct post_uids *uids)
{
	struct post_uids *shared = (struct post_uids *)(uintptr_t)uids;
	atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
	return shared;
}

void
post_uids_destroy(struct post_uids *uids)
{
	if (!uids ||
		atomic_fetch_sub_explicit(&uids->references, 1, memory_order_acq_rel) > 1)
		return;
	roaring_bitmap_free(uids->bitmap);
	free(uids);
}

void
post_uids_release(struct post_uids **uids)
{
	post_uids_destroy(*uids);
	*uids = NULL;
}

void
post_uids_settle(struct post_uids *uids)
{
	roaring_bitmap_run_optimize(uids->bitmap);
	roaring_bitmap_shrink_to_fit(uids->bitmap);
}

void
post_uids_add(struct post_uids *uids, uint32_t uid)
{
	roaring_bitmap_add(uids->bitmap, uid);
}

void
post_uids_add_range(struct post_uids *uids, uint32_t first, uint32_t last)
{
	roaring_bitmap_add_range_closed(uids->bitmap, first, last);
}

void
post_uids_remove(struct post_uids *uids, uint32_t uid)
{
	roaring_bitmap_remove(uids->bitmap, uid);
}

bool
post_uids_has(const struct post_uids *uids, uint32_t uid)
{
	return roaring_bitmap_contains(uids->bitmap, uid);
}

uint32_t
post_uids_count(const struct post_uids *uids)
{
	return (uint32_t)roaring_bitmap_get_cardinality(uids->bitmap);
}

bool
post_uids_empty(const struct post_uids *uids)
{
	return roaring_bitmap_is_empty(uids->bitmap);
}

uint32_t
post_uids_least(const struct post_uids *uids)
{
	return post_uids_empty(uids) ? 0 : roaring_bitmap_minimum(uids->bitmap);
}

uint32_t
post_uids_most(const struct post_uids *uids)
{
	return post_uids_empty(uids) ? 0 : roaring_bitmap_maximum(uids->bitmap);
}

uint32_t
post_uids_at(const struct post_uids *uids, uint32_t rank)
{
	uint32_t uid;
	bool found = rank && roaring_bitmap_select(uids->bitmap, rank - 1, &uid);
	return found ? uid : 0;
}

uint32_t
post_uids_rank(const struct post_uids *uids, uint32_t uid)
{
	return post_uids_has(uids, uid) ? (uint32_t)roaring_bitmap_rank(uids->bitmap, uid)
					: 0;
}

bool
post_uids_equal(const struct post_uids *a, const struct post_uids *b)
{
	return a == b || roaring_bitmap_equals(a->bitmap, b->bitmap);
}

void
post_uids_and(struct post_uids *into, const struct post_uids *other)
{
	if (into != other)
		roaring_bitmap_and_inplace(into->bitmap, other->bitmap);
}

void
post_uids_or(struct post_uids *into, const struct post_uids *other)
{
	if (into != other)
		roaring_bitmap_or_inplace(into->bitmap, other->bitmap);
}

void
post_uids_minus(struct post_uids *into, const struct post_uids *other)
{
	if (into == other)
		roaring_bitmap_clear(into->bitmap);
	else
		roaring_bitmap_andnot_inplace(into->bitmap, other->bitmap);
}

void
post_uids_xor(struct post_uids *into, const struct post_uids *other)
{
	if (into == other)
		roaring_bitmap_clear(into->bitmap);
	else
		roaring_bitmap_xor_inplace(into->bitmap, other->bitmap);
}
