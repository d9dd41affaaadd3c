#ifndef STORE_LOAD_PLAN_H
#define STORE_LOAD_PLAN_H

#include "store/store.h"

/*
 * What the load program does and the check program expects. Commit i (from 1) of thread t
 * is fixed by the two numbers, and each thread's commits become durable in order; so from
 * the last durable one follows all that must be there, and all that must not.
 */
#define PLAN_THREADS_MOST 64
#define PLAN_SHARED       2 /* spaces that sets go to, beside the thread's own */
#define PLAN_SHARED_ID    1000000
#define PLAN_FORGET_AFTER 6
#define PLAN_COMMON       5  /* blobs that all threads store */
#define PLAN_SMALL        32 /* threads from here on store small blobs, for kept stores */

struct plan {
	bool set;        /* own and shared spaces in one commit */
	bool spilled;    /* the blob comes by a spill */
	uint64_t forget; /* this commit's row and reference go; 0: none */
	uint64_t seed;   /* of the blob */
	size_t size;
};

static inline struct plan
plan_of(uint64_t thread, uint64_t i)
{
	static const size_t sizes[] = {300, 5000, 20000, 0, 140000};
	struct plan plan = {.set = i % 4 == 2, .spilled = i % 10 == 7};
	plan.forget = i % 3 == 0 && i > PLAN_FORGET_AFTER ? i - PLAN_FORGET_AFTER : 0;
	bool common = i % 8 == 5 && thread < PLAN_SMALL;
	plan.seed = common ? i % PLAN_COMMON : thread << 32 | i;
	plan.size = common ? 1000 : sizes[i % (sizeof sizes / sizeof sizes[0])];
	if (plan.spilled)
		plan.size = 300000;
	if (thread >= PLAN_SMALL)
		plan.size = plan.size / 1000 + i;
	return plan;
}

static inline bool
plan_is_forgotten(uint64_t i, uint64_t last)
{
	uint64_t by = i + PLAN_FORGET_AFTER;
	return by <= last && by % 3 == 0;
}

/* The blob's bytes, and its name. */
static inline struct store_hash
plan_blob(const struct plan *plan, struct buffer *into)
{
	struct store_hash hash;
	uint64_t state = plan->seed * 0x9E3779B97F4A7C15U + 1;
	/* Those that the store would compress do compress. */
	bool packs = plan->size > 128 * 1024 && (!plan->spilled || plan->seed % 20 == 7);
	char mask = packs ? 0x1F : (char)0xFF;
	char *bytes = plan->size ? buffer_reserve(into, plan->size) : NULL;
	for (size_t at = 0; at < plan->size; at++) {
		if (at % 8 == 0)
			state = state * 6364136223846793005U + 1442695040888963407U;
		bytes[at] = (char)(state >> (at % 8 * 8)) & mask;
	}
	buffer_commit(into, plan->size);
	base_sha256_of(buffer_slice(into), hash.bytes);
	return hash;
}

#define PLAN_NAME_SIZE 48
static inline struct slice
plan_row(char into[PLAN_NAME_SIZE], uint64_t i)
{
	return slice_of(into,
		(size_t)snprintf(into, PLAN_NAME_SIZE, "n/%08llu", (unsigned long long)i));
}

static inline struct slice
plan_shared_row(char into[PLAN_NAME_SIZE], uint64_t thread, uint64_t i)
{
	return slice_of(into, (size_t)snprintf(into, PLAN_NAME_SIZE, "set/%llu/%llu",
				      (unsigned long long)thread, (unsigned long long)i));
}

#endif
