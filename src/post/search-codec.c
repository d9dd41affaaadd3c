#include "post/search-codec.h"
#define ZDICT_STATIC_LINKING_ONLY
#include <zdict.h>
#include <zstd.h>

#define LEVEL 9

struct search_codec {
	ZSTD_CCtx *in;
	ZSTD_DCtx *out;
};

/* A frame says its length nowhere: the pack's row does. */
struct search_codec *
search_codec_create(void)
{
	struct search_codec *codec = calloc(1, sizeof *codec);
	ASSERT(codec);
	codec->in = ZSTD_createCCtx();
	codec->out = ZSTD_createDCtx();
	ASSERT(codec->in && codec->out);
	ZSTD_CCtx_setParameter(codec->in, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(codec->in, ZSTD_c_contentSizeFlag, 0);
	ZSTD_CCtx_setParameter(codec->in, ZSTD_c_dictIDFlag, 0);
	return codec;
}

void
search_codec_destroy(struct search_codec *codec)
{
	if (!codec)
		return;
	ZSTD_freeCCtx(codec->in);
	ZSTD_freeDCtx(codec->out);
	free(codec);
}

bool
search_codec_use(struct search_codec *codec, struct slice dictionary)
{
	return !ZSTD_isError(ZSTD_CCtx_loadDictionary(
		       codec->in, dictionary.data, dictionary.length)) &&
	       !ZSTD_isError(ZSTD_DCtx_loadDictionary(
		       codec->out, dictionary.data, dictionary.length));
}

bool
search_codec_put(struct search_codec *codec, struct slice plain, struct buffer *into)
{
	size_t room = ZSTD_compressBound(plain.length);
	char *bytes = buffer_reserve(into, room);
	if (!bytes)
		return false;
	size_t length = ZSTD_compress2(codec->in, bytes, room, plain.data, plain.length);
	ASSERT(!ZSTD_isError(length));
	buffer_commit(into, length);
	return true;
}

bool
search_codec_take(
	struct search_codec *codec, struct slice stored, size_t length, struct buffer *into)
{
	char *bytes = buffer_reserve(into, length);
	if (!bytes && length)
		return false;
	size_t got =
		ZSTD_decompressDCtx(codec->out, bytes, length, stored.data, stored.length);
	if (ZSTD_isError(got) || got != length)
		return false;
	buffer_commit(into, length);
	return true;
}

/*
 * ZDICT_trainFromBuffer tries five lengths of segments and compresses all texts with each:
 * of real mail, this one is as good as its choice, for a sixth of the time.
 */
static const ZDICT_fastCover_params_t training = {.d = 8, .k = 1025, .f = 20, .accel = 1};

void
search_dictionary_train(
	const char *texts, const size_t *lengths, unsigned count, struct buffer *into)
{
	size_t all = 0;
	for (unsigned i = 0; i < count; i++)
		all += lengths[i];
	size_t most = all / 8 < SEARCH_DICTIONARY_MOST ? all / 8 : SEARCH_DICTIONARY_MOST;
	char *bytes = buffer_reserve(into, most);
	if (!bytes || !most)
		return;
	size_t length = ZDICT_trainFromBuffer_fastCover(
		bytes, most, texts, lengths, count, training);
	if (!ZDICT_isError(length))
		buffer_commit(into, length);
}
