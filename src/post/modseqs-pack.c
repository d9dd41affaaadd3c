#include "post/modseqs-internal.h"
#include "post/records.h"

/*
 * Modseqs as bytes:
 *
 *	all    varint chunks, then each: varint number, varint runs
 *	run    varint start, doubled, 1 added when rising; signed distance of its modseq to
 *	       the one of the run before (the first: to 0)
 */
static void
put_chunk(const struct post_modseq_chunk *chunk, struct buffer *into)
{
	uint64_t before = 0;
	buffer_put_varint(into, chunk->number);
	buffer_put_varint(into, chunk->runs);
	for (size_t i = 0; i < chunk->runs; i++) {
		const struct post_modseq_run *run = &chunk->run[i];
		buffer_put_varint(into, (uint64_t)run->start << 1 | run->rising);
		post_put_signed(into, (int64_t)(run->modseq - before));
		before = run->modseq;
	}
}

bool
post_modseqs_pack(const struct post_modseqs *modseqs, struct buffer *into)
{
	buffer_put_varint(into, modseqs->count);
	for (size_t i = 0; i < modseqs->count; i++)
		put_chunk(modseqs->chunks[i], into);
	return !buffer_failed(into);
}

static bool
take_run(struct slice *rest, struct post_modseq_chunk *chunk, size_t index)
{
	uint64_t packed;
	int64_t distance;
	struct post_modseq_run *run = &chunk->run[index];
	if (!take_varint(rest, &packed) || !post_take_signed(rest, &distance))
		return false;
	uint64_t start = packed >> 1, least = index ? chunk->run[index - 1].start + 1u : 0;
	if (start < least || start >= POST_MODSEQ_CHUNK)
		return false;
	run->start = (uint16_t)start;
	run->rising = packed & 1;
	run->modseq = (index ? chunk->run[index - 1].modseq : 0) + (uint64_t)distance;
	return true;
}

static struct post_modseq_chunk *
take_chunk(struct slice *rest, uint64_t least_number)
{
	uint64_t runs;
	uint32_t number;
	uint64_t dense[POST_MODSEQ_CHUNK];
	if (!post_take_u32(rest, &number) || number < least_number ||
		number > UINT32_MAX / POST_MODSEQ_CHUNK || !take_varint(rest, &runs) ||
		runs > POST_MODSEQ_CHUNK)
		return NULL;
	struct post_modseq_chunk *chunk = post_modseq_chunk_create(number, (uint32_t)runs);
	bool fits = true;
	for (size_t i = 0; i < runs && fits; i++)
		fits = take_run(rest, chunk, i);
	struct post_modseq_chunk *canonical = NULL;
	if (fits) {
		post_modseq_chunk_expand(chunk, dense);
		canonical = post_modseq_chunk_compress(number, dense);
	}
	post_modseq_chunk_drop(chunk);
	return canonical;
}

bool
post_modseqs_take(struct slice *rest, struct post_modseqs *modseqs)
{
	uint64_t count, least = 0;
	*modseqs = (struct post_modseqs){0};
	if (!take_varint(rest, &count) || count > rest->length)
		return false;
	modseqs->chunks = malloc((count + 1) * sizeof(struct post_modseq_chunk *));
	ASSERT(modseqs->chunks);
	for (uint64_t i = 0; i < count; i++) {
		struct post_modseq_chunk *chunk = take_chunk(rest, least);
		if (!chunk) {
			post_modseqs_free(modseqs);
			return false;
		}
		modseqs->chunks[modseqs->count++] = chunk;
		least = (uint64_t)chunk->number + 1;
	}
	return true;
}
