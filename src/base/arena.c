#include "base/arena.h"
#include "base/error.h"
#include <sanitizer/asan_interface.h>
#include <stdalign.h>

#define FIRST_BLOCK   ((size_t)4 << 10)
#define SMALL_BLOCK   ((size_t)512)
#define LARGEST_BLOCK ((size_t)256 << 10)
#define ALIGNMENT     alignof(max_align_t)

/* Under ASan a gap that may not be touched stands behind each piece. */
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define GAP ALIGNMENT
#else
#define GAP 0
#endif

struct block {
	struct block *before;
	size_t size; /* of data */
	size_t taken;
	alignas(ALIGNMENT) char data[];
};

struct on_release {
	struct on_release *before;
	void (*release)(void *);
	void *argument;
};

/* Lives at the start of its own first block, so that a small arena is one allocation. */
struct arena {
	struct block *newest;
	struct on_release *last;
	size_t ceiling;
	size_t used;
};

static size_t
aligned(size_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static struct block *
block_create(struct block *before, size_t size)
{
	struct block *block = malloc(sizeof *block + size);
	ASSERT(block);
	block->before = before;
	block->size = size;
	block->taken = 0;
	ASAN_POISON_MEMORY_REGION(block->data, size);
	return block;
}

static void
block_destroy(struct block *block)
{
	ASAN_UNPOISON_MEMORY_REGION(block->data, block->size);
	free(block);
}

static void *
block_take(struct block *block, size_t size)
{
	size_t stride = aligned(size) + GAP;
	if (stride > block->size - block->taken)
		return NULL;
	char *piece = block->data + block->taken;
	block->taken += stride;
	ASAN_UNPOISON_MEMORY_REGION(piece, size);
	return memset(piece, 0, size);
}

static struct arena *
create_with(size_t ceiling, size_t block)
{
	struct block *first = block_create(NULL, block - sizeof *first);
	struct arena *arena = block_take(first, sizeof *arena);
	arena->newest = first;
	arena->ceiling = ceiling;
	return arena;
}

struct arena *
arena_create(size_t ceiling)
{
	return create_with(ceiling, FIRST_BLOCK);
}

struct arena *
arena_create_small(size_t ceiling)
{
	return create_with(ceiling, SMALL_BLOCK);
}

static void
run_releases(struct arena *arena)
{
	while (arena->last) {
		struct on_release *release = arena->last;
		arena->last = release->before;
		release->release(release->argument);
	}
}

static struct block *
free_all_but_first(struct arena *arena)
{
	struct block *block = arena->newest;
	while (block->before) {
		struct block *before = block->before;
		block_destroy(block);
		block = before;
	}
	return block;
}

void
arena_destroy(struct arena *arena)
{
	if (!arena)
		return;
	run_releases(arena);
	block_destroy(free_all_but_first(arena));
}

void
arena_release(struct arena **arena)
{
	arena_destroy(*arena);
	*arena = NULL;
}

void
arena_reset(struct arena *arena)
{
	run_releases(arena);
	struct block *first = free_all_but_first(arena);
	first->taken = aligned(sizeof *arena) + GAP;
	ASAN_POISON_MEMORY_REGION(first->data + first->taken, first->size - first->taken);
	arena->newest = first;
	arena->used = 0;
}

/* What does not fit the usual size gets a block of its own. */
static void *
take_from_blocks(struct arena *arena, size_t size)
{
	void *piece = block_take(arena->newest, size);
	if (piece)
		return piece;
	size_t usual = (arena->newest->size + sizeof(struct block)) * 2;
	if (usual > LARGEST_BLOCK)
		usual = LARGEST_BLOCK;
	size_t room = usual - sizeof(struct block);
	size_t needed = aligned(size) + GAP;
	arena->newest = block_create(arena->newest, needed > room ? needed : room);
	return block_take(arena->newest, size);
}

bool
arena_has_room(const struct arena *arena, size_t size)
{
	size_t left = arena->ceiling - arena->used;
	return size <= left && size <= SIZE_MAX / 2 && aligned(size) <= left;
}

void *
arena_try(struct arena *arena, size_t size)
{
	if (!arena_has_room(arena, size))
		return NULL;
	arena->used += aligned(size);
	return take_from_blocks(arena, size);
}

void *
arena_take(struct arena *arena, size_t size)
{
	void *piece = arena_try(arena, size);
	ASSERT(piece);
	return piece;
}

void *
arena_take_many(struct arena *arena, size_t count, size_t size)
{
	size_t total;
	ASSERT(!__builtin_mul_overflow(count, size, &total));
	return arena_take(arena, total);
}

size_t
arena_used(const struct arena *arena)
{
	return arena->used;
}

void
arena_on_release(struct arena *arena, void (*release)(void *), void *argument)
{
	/* Not counted: a release must be possible to register at the ceiling, too. */
	struct on_release *entry = take_from_blocks(arena, sizeof *entry);
	*entry = (struct on_release){arena->last, release, argument};
	arena->last = entry;
}
