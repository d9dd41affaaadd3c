#ifndef POST_MODSEQS_INTERNAL_H
#define POST_MODSEQS_INTERNAL_H

#include "post/modseqs.h"
#include <stdatomic.h>

/* From start to the next run: modseq, or, when rising, one more with each UID. */
struct post_modseq_run {
	uint64_t modseq;
	uint16_t start;
	bool rising;
};

struct post_modseq_chunk {
	atomic_uint references;
	uint32_t number; /* UID / POST_MODSEQ_CHUNK */
	uint64_t most;
	uint32_t runs;
	struct post_modseq_run run[];
};

struct post_modseq_chunk *post_modseq_chunk_create(uint32_t number, uint32_t runs);
void post_modseq_chunk_drop(struct post_modseq_chunk *chunk);
void post_modseq_chunk_expand(
	const struct post_modseq_chunk *chunk, uint64_t dense[POST_MODSEQ_CHUNK]);
struct post_modseq_chunk *post_modseq_chunk_compress(
	uint32_t number, const uint64_t dense[POST_MODSEQ_CHUNK]);

#endif
