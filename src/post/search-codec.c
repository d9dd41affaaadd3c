#include "post/search-codec.h"
#define ZDICT_STATIC_LINKING_ONLY
#define ZSTD_STATIC_LINKING_ONLY
#include <zdict.h>
#include <zstd.h>

#define LEVEL 9

/*
 * A dictionary has room for a frame behind it: what is unpacked there is for zstd one piece
 * with it, so that what is copied from the one or the other need not be told apart.
 */
struct search_codec {
	ZSTD_CCtx *in;
	ZSTD_DCtx *out;
	ZSTD_DDict *shared; /* of the bytes of memory; NULL: none */
	char *memory;       /* NULL: not needed yet */
	size_t dictionary;  /* bytes of it */
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
	ZSTD_freeDDict(codec->shared);
	free(codec->memory);
	free(codec);
}

static void
make_memory(struct search_codec *codec, struct slice dictionary)
{
	free(codec->memory);
	codec->memory = malloc(dictionary.length + SEARCH_FRAME_MOST);
	ASSERT(codec->memory);
	if (dictionary.length)
		memcpy(codec->memory, dictionary.data, dictionary.length);
	codec->dictionary = dictionary.length;
}

bool
search_codec_use(struct search_codec *codec, struct slice dictionary)
{
	ZSTD_freeDDict(codec->shared);
	make_memory(codec, dictionary);
	codec->shared = dictionary.length ? ZSTD_createDDict_byReference(
						    codec->memory, dictionary.length)
					  : NULL;
	return (codec->shared || !dictionary.length) &&
	       !ZSTD_isError(ZSTD_DCtx_refDDict(codec->out, codec->shared)) &&
	       !ZSTD_isError(ZSTD_CCtx_loadDictionary_byReference(
		       codec->in, codec->memory, dictionary.length));
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

static bool
unpack(struct search_codec *codec, struct slice stored, size_t length, char *into)
{
	size_t got =
		ZSTD_decompressDCtx(codec->out, into, length, stored.data, stored.length);
	return !ZSTD_isError(got) && got == length;
}

bool
search_codec_take(
	struct search_codec *codec, struct slice stored, size_t length, struct buffer *into)
{
	char *bytes = buffer_reserve(into, length);
	if ((!bytes && length) || !unpack(codec, stored, length, bytes))
		return false;
	buffer_commit(into, length);
	return true;
}

bool
search_codec_read(
	struct search_codec *codec, struct slice stored, size_t length, struct slice *bytes)
{
	if (length > SEARCH_FRAME_MOST)
		return false;
	if (!codec->memory)
		make_memory(codec, SLICE_NONE);
	*bytes = slice_of(codec->memory + codec->dictionary, length);
	return unpack(codec, stored, length, codec->memory + codec->dictionary);
}

/*
 * ZDICT_trainFromBuffer tries five lengths of segments and compresses all texts with each:
 * of real mail, this one is as good as its choice, for a sixth of the time.
 */
static const ZDICT_fastCover_params_t training = {
	.d = 8, .k = 513, .f = 20, .accel = 1, .zParams = {.compressionLevel = LEVEL}};

#define SHARE 8 /* of what it was trained with, a dictionary is so small a part */

void
search_dictionary_train(const char *texts, const size_t *lengths, unsigned count,
	size_t most, struct buffer *into)
{
	size_t all = 0;
	for (unsigned i = 0; i < count; i++)
		all += lengths[i];
	if (most > all / SHARE)
		most = all / SHARE;
	char *bytes = buffer_reserve(into, most);
	if (!bytes || !most)
		return;
	size_t length = ZDICT_trainFromBuffer_fastCover(
		bytes, most, texts, lengths, count, training);
	if (!ZDICT_isError(length))
		buffer_commit(into, length);
}
