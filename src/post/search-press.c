#include "post/search-press.h"

static const char MAGIC[4] = {'T', 'S', 'I', 'P'};

static bool
put_piece(struct search_codec *codec, struct slice piece, struct buffer *scratch,
	struct buffer *into)
{
	buffer_clear(scratch);
	if (!search_codec_put(codec, piece, scratch))
		return false;
	buffer_put_be32(into, (uint32_t)scratch->length);
	return buffer_put(into, buffer_slice(scratch));
}

bool
search_press(struct slice segment, struct buffer *into)
{
	size_t before_lists;
	SCOPED(buffer_free) struct buffer scratch = buffer_with(2 * SEARCH_PIECE);
	if (!search_segment_size(segment, &before_lists))
		return false;
	struct search_codec *codec = search_codec_create();
	struct slice head = slice_first(segment, before_lists);
	bool whole = true;
	buffer_put(into, slice_of(MAGIC, sizeof MAGIC));
	buffer_put_be32(into, (uint32_t)before_lists);
	for (; head.length && whole; head = slice_from(head, SEARCH_PIECE))
		whole = put_piece(codec, slice_first(head, SEARCH_PIECE), &scratch, into);
	search_codec_destroy(codec);
	buffer_put(into, slice_from(segment, before_lists));
	return whole && !buffer_failed(into);
}

bool
search_press_head(struct slice bytes, size_t *before_lists)
{
	struct slice magic;
	uint32_t length;
	*before_lists = 0;
	if (!take_bytes(&bytes, sizeof MAGIC, &magic) ||
		!slice_equal(magic, slice_of(MAGIC, sizeof MAGIC)) ||
		!take_be32(&bytes, &length) || length < SEARCH_SEGMENT_HEAD ||
		length > SEARCH_SEGMENT_BYTES_MOST)
		return false;
	*before_lists = length;
	return true;
}

/* Of what can't be compressed a piece is a little longer than it was. */
bool
search_press_piece(struct slice bytes, size_t *stored)
{
	uint32_t length;
	*stored = 0;
	if (!take_be32(&bytes, &length) || !length || length > SEARCH_PIECE + 64 * 1024)
		return false;
	*stored = length;
	return true;
}
