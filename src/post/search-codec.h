#ifndef POST_SEARCH_CODEC_H
#define POST_SEARCH_CODEC_H

#include "base/base.h"

/*
 * Texts compressed in small frames, each readable alone: looking at one message then costs
 * one frame, some microseconds. What small frames lose, a dictionary of the account's own
 * texts brings back (8 KiB with it are as small as 128 KiB without). For one thread.
 */
#define SEARCH_FRAME_BYTES     ((size_t)8 << 10) /* of texts; it ends behind the first */
#define SEARCH_DICTIONARY_MOST ((size_t)112 << 10)

struct search_codec;
struct search_codec *search_codec_create(void);
void search_codec_destroy(struct search_codec *codec); /* NULL is fine */
/* From now on with that dictionary, which is copied; empty: without one. */
MUST_CHECK bool search_codec_use(struct search_codec *codec, struct slice dictionary);
MUST_CHECK bool search_codec_put(
	struct search_codec *codec, struct slice plain, struct buffer *into);
/* Appends; false when it isn't a frame of exactly that length. */
MUST_CHECK bool search_codec_take(struct search_codec *codec, struct slice stored,
	size_t length, struct buffer *into);

/* From count texts, one behind the other. Stays empty when they are too few or too alike.
 */
void search_dictionary_train(
	const char *texts, const size_t *lengths, unsigned count, struct buffer *into);

#endif
