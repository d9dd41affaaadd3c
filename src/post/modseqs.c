#include "post/modseqs.h"
#include "base/error.h"
#include "post/modseqs-internal.h"
#include "post/uids-internal.h"

static uint32_t
number_of(uint32_t uid)
{
	return uid / POST_MODSEQ_CHUNK;
}

struct post_modseq_chunk *
post_modseq_chunk_create(uint32_t number, uint32_t runs)
{
	struct post_modseq_chunk *chunk =
		malloc(sizeof *chunk + runs * sizeof(struct post_modseq_run));
	ASSERT(chunk);
	atomic_init(&chunk->references, 1);
	chunk->number = number;
	chunk->most = 0;
	chunk->runs = runs;
	return chunk;
}

void
post_modseq_chunk_drop(struct post_modseq_chunk *chunk)
{
	if (chunk &&
		atomic_fetch_sub_explicit(&chunk->references, 1, memory_order_acq_rel) == 1)
		free(chunk);
}

struct post_modseqs
post_modseqs_share(const struct post_modseqs *modseqs)
{
	struct post_modseqs shared = {.count = modseqs->count};
	shared.chunks = malloc((shared.count + 1) * sizeof(struct post_modseq_chunk *));
	ASSERT(shared.chunks);
	for (size_t i = 0; i < shared.count; i++) {
		shared.chunks[i] = modseqs->chunks[i];
		atomic_fetch_add_explicit(
			&shared.chunks[i]->references, 1, memory_order_relaxed);
	}
	return shared;
}

void
post_modseqs_free(struct post_modseqs *modseqs)
{
	for (size_t i = 0; i < modseqs->count; i++)
		post_modseq_chunk_drop(modseqs->chunks[i]);
	free(modseqs->chunks);
	*modseqs = (struct post_modseqs){0};
}

/* Where the chunk of that number is, or would be. */
static size_t
place_of(const struct post_modseqs *modseqs, uint32_t number)
{
	size_t low = 0, high = modseqs->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (modseqs->chunks[middle]->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct post_modseq_chunk *
chunk_of(const struct post_modseqs *modseqs, uint32_t number)
{
	size_t place = place_of(modseqs, number);
	bool there = place < modseqs->count && modseqs->chunks[place]->number == number;
	return there ? modseqs->chunks[place] : NULL;
}

static uint64_t
run_value(const struct post_modseq_run *run, uint32_t offset)
{
	return run->modseq + (run->rising ? offset - run->start : 0);
}

uint64_t
post_modseqs_of(const struct post_modseqs *modseqs, uint32_t uid)
{
	const struct post_modseq_chunk *chunk = chunk_of(modseqs, number_of(uid));
	uint32_t offset = uid % POST_MODSEQ_CHUNK;
	size_t low = 0, high = chunk ? chunk->runs : 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (chunk->run[middle].start <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? run_value(&chunk->run[low - 1], offset) : 0;
}

static uint32_t
run_stop(const struct post_modseq_chunk *chunk, size_t run)
{
	return run + 1 < chunk->runs ? chunk->run[run + 1].start : POST_MODSEQ_CHUNK;
}

/* The first offset of the run whose modseq is greater; the run's end when there is none. */
static uint32_t
first_newer(const struct post_modseq_run *run, uint32_t stop, uint64_t since)
{
	if (run->modseq > since)
		return run->start;
	uint64_t away = since - run->modseq + 1;
	return run->rising && away < stop - run->start ? run->start + (uint32_t)away : stop;
}

/* By runs, as a mailbox of a million has few. */
static void
chunk_since(const struct post_modseq_chunk *chunk, uint64_t since, struct post_uids *found)
{
	uint32_t base = chunk->number * POST_MODSEQ_CHUNK;
	for (size_t i = 0; i < chunk->runs; i++) {
		uint32_t stop = run_stop(chunk, i);
		uint32_t first = first_newer(&chunk->run[i], stop, since);
		if (first < stop)
			post_uids_add_range(found, base + first, base + stop - 1);
	}
}

void
post_modseqs_since(const struct post_modseqs *modseqs, uint64_t since,
	const struct post_uids *live, struct post_uids *found)
{
	SCOPED(post_uids_release) struct post_uids *newer = post_uids_create();
	for (size_t i = 0; i < modseqs->count; i++)
		if (modseqs->chunks[i]->most > since)
			chunk_since(modseqs->chunks[i], since, newer);
	post_uids_and(newer, live);
	post_uids_or(found, newer);
}

/* The last member of uids from first to last, both in; 0: none. */
static uint32_t
last_within(const struct post_uids *uids, uint32_t first, uint32_t last)
{
	uint64_t rank = roaring_bitmap_rank(uids->bitmap, last);
	uint32_t uid = rank ? post_uids_at(uids, (uint32_t)rank) : 0;
	return uid >= first ? uid : 0;
}

static uint64_t
chunk_highest(const struct post_modseq_chunk *chunk, const struct post_uids *uids,
	uint64_t highest)
{
	uint32_t base = chunk->number * POST_MODSEQ_CHUNK;
	for (size_t i = 0; i < chunk->runs; i++) {
		const struct post_modseq_run *run = &chunk->run[i];
		uint32_t stop = run_stop(chunk, i);
		if (run_value(run, stop - 1) <= highest)
			continue;
		uint32_t uid = last_within(uids, base + run->start, base + stop - 1);
		uint64_t modseq = uid ? run_value(run, uid - base) : 0;
		highest = modseq > highest ? modseq : highest;
	}
	return highest;
}

uint64_t
post_modseqs_highest(const struct post_modseqs *modseqs, const struct post_uids *uids)
{
	uint64_t highest = 0;
	for (size_t i = 0; i < modseqs->count; i++)
		if (modseqs->chunks[i]->most > highest)
			highest = chunk_highest(modseqs->chunks[i], uids, highest);
	return highest;
}

/* --- changing ------------------------------------------------------------------------- */

void
post_modseq_chunk_expand(
	const struct post_modseq_chunk *chunk, uint64_t dense[POST_MODSEQ_CHUNK])
{
	uint32_t offset = 0;
	for (size_t i = 0; i < chunk->runs; i++) {
		const struct post_modseq_run *run = &chunk->run[i];
		uint32_t end =
			i + 1 < chunk->runs ? chunk->run[i + 1].start : POST_MODSEQ_CHUNK;
		for (; offset < run->start; offset++)
			dense[offset] = 0;
		for (; offset < end; offset++)
			dense[offset] = run_value(run, offset);
	}
	for (; offset < POST_MODSEQ_CHUNK; offset++)
		dense[offset] = 0;
}

/* The end of the run that starts at offset. */
static uint32_t
run_end(const uint64_t *dense, uint32_t start, bool *rising)
{
	uint32_t end = start + 1;
	*rising = end < POST_MODSEQ_CHUNK && dense[end] == dense[start] + 1;
	while (end < POST_MODSEQ_CHUNK && dense[end] == dense[end - 1] + *rising)
		end++;
	return end;
}

struct post_modseq_chunk *
post_modseq_chunk_compress(uint32_t number, const uint64_t dense[POST_MODSEQ_CHUNK])
{
	struct post_modseq_run runs[POST_MODSEQ_CHUNK];
	uint32_t count = 0;
	uint64_t most = 0;
	for (uint32_t offset = 0; offset < POST_MODSEQ_CHUNK; count++) {
		bool rising;
		uint32_t end = run_end(dense, offset, &rising);
		runs[count] =
			(struct post_modseq_run){dense[offset], (uint16_t)offset, rising};
		most = dense[offset] > most ? dense[offset] : most;
		most = dense[end - 1] > most ? dense[end - 1] : most;
		offset = end;
	}
	struct post_modseq_chunk *chunk = post_modseq_chunk_create(number, count);
	memcpy(chunk->run, runs, count * sizeof *runs);
	chunk->most = most;
	return chunk;
}

void
post_modseqs_edit(struct post_modseqs_editor *editor, struct post_modseqs owned)
{
	editor->modseqs = owned;
	editor->open = false;
}

static void
put_chunk(struct post_modseqs *modseqs, struct post_modseq_chunk *chunk)
{
	size_t place = place_of(modseqs, chunk->number);
	if (place < modseqs->count && modseqs->chunks[place]->number == chunk->number) {
		post_modseq_chunk_drop(modseqs->chunks[place]);
		modseqs->chunks[place] = chunk;
		return;
	}
	modseqs->chunks = reallocarray(modseqs->chunks, modseqs->count + 1, sizeof chunk);
	ASSERT(modseqs->chunks);
	memmove(modseqs->chunks + place + 1, modseqs->chunks + place,
		(modseqs->count - place) * sizeof chunk);
	modseqs->chunks[place] = chunk;
	modseqs->count++;
}

static void
close_chunk(struct post_modseqs_editor *editor)
{
	if (editor->open)
		put_chunk(&editor->modseqs,
			post_modseq_chunk_compress(editor->number, editor->dense));
	editor->open = false;
}

static void
open_chunk(struct post_modseqs_editor *editor, uint32_t number)
{
	if (editor->open && editor->number == number)
		return;
	close_chunk(editor);
	const struct post_modseq_chunk *chunk = chunk_of(&editor->modseqs, number);
	if (chunk)
		post_modseq_chunk_expand(chunk, editor->dense);
	else
		memset(editor->dense, 0, sizeof editor->dense);
	editor->number = number;
	editor->open = true;
}

void
post_modseqs_set(struct post_modseqs_editor *editor, uint32_t uid, uint64_t modseq)
{
	open_chunk(editor, number_of(uid));
	editor->dense[uid % POST_MODSEQ_CHUNK] = modseq;
}

static void
set_range(
	struct post_modseqs_editor *editor, uint32_t first, uint32_t last, uint64_t modseq)
{
	uint32_t number = number_of(first);
	uint32_t from = first % POST_MODSEQ_CHUNK, until = last % POST_MODSEQ_CHUNK;
	if (until - from == POST_MODSEQ_CHUNK - 1) {
		close_chunk(editor);
		struct post_modseq_chunk *chunk = post_modseq_chunk_create(number, 1);
		chunk->run[0] = (struct post_modseq_run){modseq, 0, false};
		chunk->most = modseq;
		put_chunk(&editor->modseqs, chunk);
		return;
	}
	open_chunk(editor, number);
	for (uint32_t offset = from; offset <= until; offset++)
		editor->dense[offset] = modseq;
}

void
post_modseqs_set_all(
	struct post_modseqs_editor *editor, const struct post_uids *uids, uint64_t modseq)
{
	uint32_t first, last = 0;
	while (post_uids_next_range(uids, &first, &last))
		for (uint32_t at = first, stop; at && at <= last; at = stop + 1) {
			stop = at | (POST_MODSEQ_CHUNK - 1);
			stop = stop < last ? stop : last;
			set_range(editor, at, stop, modseq);
		}
}

static bool
is_live(const struct post_modseq_chunk *chunk, const struct post_uids *live)
{
	uint32_t first = chunk->number * POST_MODSEQ_CHUNK;
	uint32_t next = post_uids_next(live, first ? first - 1 : 0);
	return next && next - first < POST_MODSEQ_CHUNK;
}

struct post_modseqs
post_modseqs_edited(struct post_modseqs_editor *editor, const struct post_uids *live)
{
	struct post_modseqs *modseqs = &editor->modseqs;
	size_t kept = 0;
	close_chunk(editor);
	for (size_t i = 0; i < modseqs->count; i++)
		if (!live || is_live(modseqs->chunks[i], live))
			modseqs->chunks[kept++] = modseqs->chunks[i];
		else
			post_modseq_chunk_drop(modseqs->chunks[i]);
	modseqs->count = kept;
	return *modseqs;
}
