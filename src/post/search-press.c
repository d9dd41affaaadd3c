#include "post/search-press.h"
#include "post/search-shorten.h"

static const char MAGIC[4] = {'T', 'S', 'I', 'P'};

_Static_assert(SEARCH_PIECE % SEARCH_GROUP_SIZE == 0, "pieces are of whole records");

/* Of a group of words all that counts rises: the bits of its words do not. */
static const struct search_records records_of[SEARCH_SECTIONS] = {
	[SEARCH_DIRECTORY] = {6, 0x39}, [SEARCH_SINGLES] = {1, 0}, [SEARCH_TABLE] = {2, 0}};

/* --- writing ----------------------------------------------------------------------------
 */

static void
shorten(struct slice piece, unsigned section, struct buffer *into)
{
	buffer_clear(into);
	if (section == SEARCH_WORDS)
		search_lines_shorten(piece, into);
	else if (records_of[section].numbers)
		search_records_shorten(piece, records_of[section], into);
	else
		buffer_put(into, piece);
}

static bool
put_piece(struct search_codec *codec, struct slice shortened, struct buffer *scratch,
	struct buffer *into)
{
	buffer_clear(scratch);
	if (!search_codec_put(codec, shortened, scratch))
		return false;
	buffer_put_be32(into, (uint32_t)scratch->length);
	buffer_put_be32(into, (uint32_t)shortened.length);
	return buffer_put(into, buffer_slice(scratch));
}

static bool
put_section(struct search_codec *codec, struct slice bytes, unsigned section,
	struct buffer *into)
{
	bool whole = true;
	SCOPED(buffer_free) struct buffer scratch = buffer_with(2 * SEARCH_STORED_MOST);
	SCOPED(buffer_free) struct buffer shortened = buffer_with(SEARCH_STORED_MOST);
	for (; bytes.length && whole; bytes = slice_from(bytes, SEARCH_PIECE)) {
		shorten(slice_first(bytes, SEARCH_PIECE), section, &shortened);
		whole = !buffer_failed(&shortened) &&
			put_piece(codec, buffer_slice(&shortened), &scratch, into);
	}
	return whole;
}

bool
search_press(struct slice segment, struct buffer *into)
{
	size_t lengths[SEARCH_SECTIONS], at = SEARCH_SEGMENT_HEAD;
	bool whole = true;
	if (!search_segment_sections(segment, lengths))
		return false;
	struct search_codec *codec = search_codec_create();
	buffer_put(into, slice_of(MAGIC, sizeof MAGIC));
	buffer_put(into, slice_first(segment, SEARCH_SEGMENT_HEAD));
	for (unsigned i = 0; i < SEARCH_SIGNATURES && whole; i++) {
		whole = put_section(codec, slice_part(segment, at, lengths[i]), i, into);
		at += lengths[i];
	}
	search_codec_destroy(codec);
	buffer_put(into, slice_from(segment, at));
	return whole && !buffer_failed(into);
}

/* --- reading ----------------------------------------------------------------------------
 */

bool
search_press_head(struct slice bytes, struct slice *head, size_t *before_signatures)
{
	struct slice magic;
	*before_signatures = 0;
	return take_bytes(&bytes, sizeof MAGIC, &magic) &&
	       slice_equal(magic, slice_of(MAGIC, sizeof MAGIC)) &&
	       take_bytes(&bytes, SEARCH_SEGMENT_HEAD, head) &&
	       search_segment_size(*head, before_signatures);
}

/* Which section goes on there, and how far. */
static bool
find_piece(struct slice restored, struct search_piece *piece)
{
	size_t lengths[SEARCH_SECTIONS], until = SEARCH_SEGMENT_HEAD;
	if (!search_segment_sections(restored, lengths))
		return false;
	for (unsigned i = 0; i < SEARCH_SIGNATURES; i++) {
		until += lengths[i];
		if (restored.length >= until)
			continue;
		size_t left = until - restored.length;
		*piece = (struct search_piece){
			.section = i, .length = left < SEARCH_PIECE ? left : SEARCH_PIECE};
		return true;
	}
	return false;
}

bool
search_press_piece(struct slice restored, struct slice bytes, struct search_piece *piece)
{
	uint32_t stored, shortened;
	if (!find_piece(restored, piece) || !take_be32(&bytes, &stored) ||
		!take_be32(&bytes, &shortened) || !stored || stored > SEARCH_STORED_MOST ||
		!shortened || shortened > SEARCH_STORED_MOST)
		return false;
	piece->stored = stored;
	piece->shortened = shortened;
	return piece->section == SEARCH_WORDS || shortened == piece->length;
}

bool
search_press_take(struct search_codec *codec, const struct search_piece *piece,
	struct slice stored, struct buffer *restored)
{
	SCOPED(buffer_free) struct buffer shortened = buffer_with(SEARCH_STORED_MOST);
	bool is_words = piece->section == SEARCH_WORDS;
	if (!is_words && !records_of[piece->section].numbers)
		return search_codec_take(codec, stored, piece->length, restored);
	if (!search_codec_take(codec, stored, piece->shortened, &shortened))
		return false;
	if (is_words)
		return search_lines_restore(
			buffer_slice(&shortened), piece->length, restored);
	search_records_restore(
		buffer_slice(&shortened), records_of[piece->section], restored);
	return !buffer_failed(restored);
}
