#include "post/attached-record.h"
#include "post/records.h"
#include "post/search-codec.h"

struct post_key
post_key_attached_state(void)
{
	return post_key_of_row(POST_KEY_OF_ATTACHED);
}

/* --- how far ----------------------------------------------------------------------------
 */

bool
post_attached_state_pack(const struct post_attached_state *state, struct buffer *into)
{
	buffer_put_byte(into, POST_RECORD_FORMAT);
	buffer_put_varint(into, state->version);
	buffer_put_varint(into, state->programs);
	buffer_put_varint(into, state->next);
	return buffer_put_byte(into, state->index_old);
}

bool
post_attached_state_unpack(struct slice value, struct post_attached_state *state)
{
	uint8_t old;
	*state = (struct post_attached_state){0};
	bool fits = post_take_format(&value) && take_varint(&value, &state->version) &&
		    take_varint(&value, &state->programs) &&
		    take_varint(&value, &state->next) && take_byte(&value, &old) &&
		    old <= 1 && slice_empty(value);
	state->index_old = fits && old;
	return fits;
}

/* --- texts ------------------------------------------------------------------------------
 */

static size_t
length_of(const struct post_attached *attached)
{
	size_t length = 0;
	for (size_t i = 0; i < attached->count; i++)
		length += attached->texts[i].text.length;
	return length;
}

static bool
pack_texts(const struct post_attached *attached, struct buffer *into)
{
	SCOPED(buffer_free) struct buffer all = buffer_with(POST_ATTACHED_ALL_MOST);
	struct search_codec *codec = search_codec_create();
	for (size_t i = 0; i < attached->count; i++)
		buffer_put(&all, attached->texts[i].text);
	bool packed =
		!buffer_failed(&all) && search_codec_put(codec, buffer_slice(&all), into);
	search_codec_destroy(codec);
	return packed;
}

bool
post_attached_pack(const struct post_attached *attached, struct buffer *into)
{
	buffer_put_byte(into, POST_RECORD_FORMAT);
	buffer_put_varint(into, attached->missing);
	buffer_put_varint(into, attached->count);
	for (size_t i = 0; i < attached->count; i++) {
		buffer_put_varint(into, attached->texts[i].part);
		buffer_put_varint(into, attached->texts[i].text.length);
	}
	return !buffer_failed(into) && (!attached->count || pack_texts(attached, into));
}

static bool
take_head(struct slice *rest, uint32_t *part, uint64_t *length)
{
	return post_take_u32(rest, part) && take_varint(rest, length) && *length > 0 &&
	       *length <= POST_ATTACHED_TEXT_MOST;
}

static bool
unpack_texts(struct arena *arena, struct slice stored, struct post_attached *attached)
{
	SCOPED(buffer_free) struct buffer all = buffer_with(POST_ATTACHED_ALL_MOST);
	struct search_codec *codec = search_codec_create();
	bool fits = search_codec_take(codec, stored, length_of(attached), &all);
	search_codec_destroy(codec);
	struct slice rest = fits ? arena_copy(arena, buffer_slice(&all)) : SLICE_NONE;
	for (size_t i = 0; i < attached->count && fits; i++)
		fits = take_bytes(
			&rest, attached->texts[i].text.length, &attached->texts[i].text);
	return fits;
}

bool
post_attached_unpack(
	struct arena *arena, struct slice value, struct post_attached *attached)
{
	uint64_t count, length;
	*attached = (struct post_attached){0};
	if (!post_take_format(&value) || !take_varint(&value, &attached->missing) ||
		!take_varint(&value, &count) || count > value.length)
		return false;
	attached->texts = ARENA_MANY(arena, struct post_attached_text, (size_t)count);
	for (; attached->count < count; attached->count++) {
		struct post_attached_text *text = &attached->texts[attached->count];
		if (!take_head(&value, &text->part, &length) ||
			(attached->count && text->part <= text[-1].part))
			return false;
		text->text.length = (size_t)length;
	}
	if (!count)
		return slice_empty(value);
	return length_of(attached) <= POST_ATTACHED_ALL_MOST &&
	       unpack_texts(arena, value, attached);
}
