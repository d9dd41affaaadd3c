#ifndef BASE_TEXTS_INTERNAL_H
#define BASE_TEXTS_INTERNAL_H

#include "base/arena.h"
#include "base/map.h"
#include "base/texts.h"

struct base_texts {
	struct arena *arena;
	struct map *translations; /* English to a text of the arena */
};

/* Reads the entries of a .po file. */
enum base_failure texts_fill(struct base_texts *texts, struct slice po, const char *name,
	struct base_error *error) MUST_CHECK;

/* Cuts up to behind the next conversion of printf; absent when there is none. */
struct slice texts_next_conversion(struct slice *rest);

/* Do both texts hold the same conversions for printf, in the same order? */
bool texts_conversions_agree(struct slice a, struct slice b);

#endif
