#include "post/records.h"
#include "post/uids-internal.h"
#include "post/view-internal.h"

/*
 * The image: format, modseq, next UID, keywords, UIDs, flags (number and set, ended by
 * POST_FLAG_NUMBERS), modseqs, CRC-32C of all before it.
 */

bool
post_view_pack(const struct post_view *view, struct buffer *into)
{
	size_t start = into->length;
	buffer_put_byte(into, POST_RECORD_FORMAT);
	buffer_put_varint(into, view->modseq);
	buffer_put_varint(into, view->uid_next);
	buffer_put_varint(into, view->keywords->count);
	for (unsigned i = 0; i < view->keywords->count; i++)
		buffer_put_sized(into, view->keywords->names[i]);
	post_uids_pack(view->uids, into);
	for (unsigned i = 0; i < view->numbers; i++) {
		if (!view->flagged[i])
			continue;
		buffer_put_varint(into, i);
		post_uids_pack(view->flagged[i], into);
	}
	buffer_put_varint(into, POST_FLAG_NUMBERS);
	post_modseqs_pack(&view->modseqs, into);
	uint32_t sum = base_crc32c(0, slice_from(buffer_slice(into), start));
	return buffer_put_be32(into, sum);
}

static bool
take_keywords(struct slice *rest, struct post_view *view)
{
	uint64_t count;
	struct slice name;
	if (!take_varint(rest, &count) || count > POST_KEYWORDS_MOST)
		return false;
	for (uint64_t i = 0; i < count; i++)
		if (!take_sized(rest, &name) || slice_empty(name) ||
			!post_keywords_add(view->keywords, name))
			return false;
	view->numbers = POST_KEYWORD_FIRST + (unsigned)count;
	return true;
}

static bool
take_flags(struct slice *rest, struct post_view *view)
{
	uint64_t number;
	while (take_varint(rest, &number) && number < POST_FLAG_NUMBERS)
		if (number >= view->numbers || view->flagged[number] ||
			!post_uids_take(rest, &view->flagged[number]))
			return false;
	return number == POST_FLAG_NUMBERS;
}

static bool
sum_is_right(struct slice *value)
{
	uint32_t stored;
	if (value->length < 4)
		return false;
	struct slice end = slice_from(*value, value->length - 4);
	*value = slice_first(*value, value->length - 4);
	return take_be32(&end, &stored) && stored == base_crc32c(0, *value);
}

enum base_failure
post_view_unpack(struct slice value, struct post_view **unpacked)
{
	SCOPED(post_view_let_scoped) struct post_view *view = post_view_blank();
	*unpacked = NULL;
	if (!sum_is_right(&value))
		return BASE_DAMAGED;
	post_uids_release(&view->uids);
	bool fits = post_take_format(&value) && take_varint(&value, &view->modseq) &&
		    post_take_u32(&value, &view->uid_next) && take_keywords(&value, view) &&
		    post_uids_take(&value, &view->uids) && take_flags(&value, view) &&
		    post_modseqs_take(&value, &view->modseqs) && slice_empty(value);
	if (!fits)
		return BASE_DAMAGED;
	*unpacked = view;
	view = NULL;
	return BASE_OK;
}
