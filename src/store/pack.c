#include "store/pack.h"
#include <zstd.h>

static void
put_frame(struct buffer *frames, struct slice stored)
{
	struct store_frame frame = {(uint32_t)stored.length, base_crc32c(0, stored)};
	char entry[STORE_FRAME_ENTRY];
	store_frame_encode(&frame, entry);
	buffer_put(frames, slice_of(entry, sizeof entry));
}

void
store_frames_of_raw(struct slice body, struct buffer *frames)
{
	while (body.length) {
		struct slice part = slice_first(body, STORE_FRAME_SIZE);
		put_frame(frames, part);
		body = slice_from(body, part.length);
	}
}

struct store_packer {
	ZSTD_CCtx *context;
};

struct store_packer *
store_packer_create(void)
{
	struct store_packer *packer = malloc(sizeof *packer);
	ASSERT(packer);
	packer->context = ZSTD_createCCtx();
	ASSERT(packer->context);
	return packer;
}

void
store_packer_destroy(struct store_packer *packer)
{
	ZSTD_freeCCtx(packer->context);
	free(packer);
}

void
store_packer_release(struct store_packer **packer)
{
	store_packer_destroy(*packer);
}

/* It stays raw when it does not get shorter, so stored never passes length. */
void
store_packer_add(struct store_packer *packer, struct slice frame, struct buffer *packed,
	struct buffer *frames)
{
	char *into = buffer_reserve(packed, frame.length);
	ASSERT(into);
	/* Room for one byte less than raw: a longer result is an error, and no loss. */
	size_t size = ZSTD_compressCCtx(packer->context, into, frame.length - 1, frame.data,
		frame.length, STORE_PACK_LEVEL);
	if (ZSTD_isError(size)) {
		memcpy(into, frame.data, frame.length);
		size = frame.length;
	}
	put_frame(frames, slice_of(into, size));
	buffer_commit(packed, size);
}

bool
store_pack_is_worth_it(uint64_t packed, uint64_t length)
{
	return packed + length / 16 < length;
}

bool
store_pack(struct slice body, struct buffer *packed, struct buffer *frames)
{
	SCOPED(store_packer_release) struct store_packer *packer = store_packer_create();
	struct slice rest = body;
	while (rest.length) {
		struct slice frame = slice_first(rest, STORE_FRAME_SIZE);
		store_packer_add(packer, frame, packed, frames);
		rest = slice_from(rest, frame.length);
	}
	return store_pack_is_worth_it(packed->length, body.length);
}
