/*
 * Any bytes as a segment's blob: what stands before the signatures is restored piece by
 * piece without harm, as long as was said, and pressing what is a segment gives one again.
 */
#include "post/search-press.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
restore_piece(struct search_codec *codec, struct slice *pressed, struct buffer *restored)
{
	struct slice head, stored;
	struct search_piece piece;
	size_t before = restored->length;
	if (!take_bytes(pressed, SEARCH_PIECE_HEAD, &head) ||
		!search_press_piece(buffer_slice(restored), head, &piece) ||
		!take_bytes(pressed, piece.stored, &stored) ||
		!search_press_take(codec, &piece, stored, restored))
		return false;
	ASSERT(restored->length == before + piece.length);
	return true;
}

static bool
restore(struct slice pressed, struct buffer *restored)
{
	struct slice head;
	size_t before_signatures;
	if (!search_press_head(pressed, &head, &before_signatures))
		return false;
	restored->ceiling = before_signatures;
	buffer_put(restored, head);
	pressed = slice_from(pressed, SEARCH_PRESS_HEAD);
	struct search_codec *codec = search_codec_create();
	bool whole = true;
	while (whole && restored->length < before_signatures)
		whole = restore_piece(codec, &pressed, restored);
	search_codec_destroy(codec);
	restored->ceiling = SIZE_MAX;
	return whole && buffer_put(restored, pressed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(buffer_free) struct buffer first = buffer_with(SIZE_MAX);
	SCOPED(buffer_free) struct buffer pressed = buffer_with(SIZE_MAX);
	SCOPED(buffer_free) struct buffer second = buffer_with(SIZE_MAX);
	if (!restore(slice_of(data, size), &first))
		return 0;
	ASSERT(search_press(buffer_slice(&first), &pressed));
	ASSERT(restore(buffer_slice(&pressed), &second));
	ASSERT(slice_equal(buffer_slice(&first), buffer_slice(&second)));
	return 0;
}
