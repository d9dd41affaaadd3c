#ifndef POST_SEARCH_CODEC_H
#define POST_SEARCH_CODEC_H

#include "base/base.h"

/*
 * Texts compressed in small frames, each readable alone: looking at one message then costs
 * one frame, some microseconds. What small frames lose, a dictionary of the account's own
 * texts brings back (4 KiB with it are smaller than 128 KiB without). For one thread.
 */
#define SEARCH_FRAME_BYTES     ((size_t)4 << 10) /* of texts; it ends behind the first */
#define SEARCH_FRAME_MOST      ((size_t)1 << 20)
#define SEARCH_DICTIONARY_MOST ((size_t)512 << 10)
#define SEARCH_SAMPLE_MOST     ((size_t)8 << 20) /* of texts to train one with */

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

/* The same, to be used until the next call; a third sooner with a dictionary. */
MUST_CHECK bool search_codec_read(struct search_codec *codec, struct slice stored,
	size_t length, struct slice *bytes);

/*
 * From count texts, one behind the other; of so many bytes or fewer. Stays empty when they
 * are too few or too alike.
 */
void search_dictionary_train(const char *texts, const size_t *lengths, unsigned count,
	size_t most, struct buffer *into);

#endif
