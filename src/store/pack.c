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

/* One frame; it stays raw when it does not get shorter, so stored never passes length. */
static void
pack_frame(
	ZSTD_CCtx *context, struct slice part, struct buffer *packed, struct buffer *frames)
{
	char *into = buffer_reserve(packed, part.length);
	ASSERT(into);
	/* Room for one byte less than raw: a longer result is an error, and no loss. */
	size_t size = ZSTD_compressCCtx(
		context, into, part.length - 1, part.data, part.length, STORE_PACK_LEVEL);
	if (ZSTD_isError(size)) {
		memcpy(into, part.data, part.length);
		size = part.length;
	}
	put_frame(frames, slice_of(into, size));
	buffer_commit(packed, size);
}

bool
store_pack(struct slice body, struct buffer *packed, struct buffer *frames)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	struct slice rest = body;
	ASSERT(context);
	while (rest.length) {
		struct slice part = slice_first(rest, STORE_FRAME_SIZE);
		pack_frame(context, part, packed, frames);
		rest = slice_from(rest, part.length);
	}
	ZSTD_freeCCtx(context);
	return packed->length + body.length / 16 < body.length;
}
