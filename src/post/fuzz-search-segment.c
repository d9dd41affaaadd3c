/*
 * A segment of any bytes is asked and merged without harm; one that was merged from it is
 * a segment, and merging it again, or pressing and restoring it, changes nothing.
 */
#include "post/search-press.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DOCUMENTS_MOST 4096

static bool
read_postings(void *argument, uint32_t offset, uint32_t length, struct slice *bytes)
{
	const struct slice *all = argument;
	*bytes = slice_part(*all, offset, length);
	return bytes->length == length;
}

static bool
keep_all(void *argument, uint64_t email)
{
	(void)argument, (void)email;
	return true;
}

static bool
merge(struct slice bytes, struct buffer *into)
{
	struct search_segment segment;
	if (!search_segment_parse(bytes, &segment) ||
		segment.document_count > DOCUMENTS_MOST)
		return false;
	struct slice all = slice_from(bytes, segment.lists_at);
	struct search_postings postings = {read_postings, &all};
	struct search_input input = {&segment, &postings};
	return search_merge(&input, 1, keep_all, NULL, into);
}

static void
find(const struct search_segment *segment, const struct search_postings *postings,
	const struct search_term *term, uint64_t *bits)
{
	struct search_finding finding;
	search_finding_begin(&finding, segment, postings, term, 1, bits);
	while (search_finding_step(&finding))
		continue;
	search_finding_end(&finding);
}

static void
ask(struct slice bytes)
{
	static const struct search_term terms[] = {{SEARCH_PART, SLICE_INIT("a")},
		{SEARCH_ENDS, SLICE_INIT("e")}, {SEARCH_BEGINS, SLICE_INIT("t")},
		{SEARCH_WHOLE, SLICE_INIT("tea")}, {SEARCH_PAIR, SLICE_INIT("a t")}};
	uint64_t bits[DOCUMENTS_MOST / 64] = {0};
	struct search_segment segment;
	if (!search_segment_parse(bytes, &segment) ||
		segment.document_count > DOCUMENTS_MOST)
		return;
	struct slice all = slice_from(bytes, segment.lists_at);
	struct search_postings postings = {read_postings, &all};
	for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
		find(&segment, &postings, &terms[i], bits);
}

/* What stands before the signatures, piece by piece. */
static void
restore(struct slice pressed, struct buffer *restored)
{
	struct slice head, piece_head, stored;
	struct search_piece piece;
	size_t before_signatures;
	struct search_codec *codec = search_codec_create();
	ASSERT(search_press_head(pressed, &head, &before_signatures));
	buffer_put(restored, head);
	pressed = slice_from(pressed, SEARCH_PRESS_HEAD);
	while (restored->length < before_signatures) {
		ASSERT(take_bytes(&pressed, SEARCH_PIECE_HEAD, &piece_head));
		ASSERT(search_press_piece(buffer_slice(restored), piece_head, &piece));
		ASSERT(take_bytes(&pressed, piece.stored, &stored));
		ASSERT(search_press_take(codec, &piece, stored, restored));
	}
	buffer_put(restored, pressed);
	search_codec_destroy(codec);
}

static void
press(struct slice segment)
{
	SCOPED(buffer_free) struct buffer pressed = buffer_with(SIZE_MAX);
	SCOPED(buffer_free) struct buffer restored = buffer_with(SIZE_MAX);
	ASSERT(search_press(segment, &pressed));
	restore(buffer_slice(&pressed), &restored);
	ASSERT(slice_equal(buffer_slice(&restored), segment));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(buffer_free) struct buffer once = buffer_with(SIZE_MAX);
	SCOPED(buffer_free) struct buffer twice = buffer_with(SIZE_MAX);
	ask(slice_of(data, size));
	if (!merge(slice_of(data, size), &once))
		return 0;
	ask(buffer_slice(&once));
	press(buffer_slice(&once));
	ASSERT(merge(buffer_slice(&once), &twice));
	ASSERT(slice_equal(buffer_slice(&once), buffer_slice(&twice)));
	return 0;
}
