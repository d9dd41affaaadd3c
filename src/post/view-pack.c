#include "post/records.h"
#include "post/uids-internal.h"
#include "post/view-internal.h"

/*
 * The image: format, modseq, next UID, keywords (name and modseq of its number), UIDs,
 * flags (number + 1 and set, ended by 0), modseqs, CRC-32C of all before it. Format 1 had
 * no modseqs of keywords, and flags by their number alone, ended by 128.
 */
enum { IMAGE_FORMAT = 2, FIRST_FORMAT_END = 128 };

bool
post_view_pack(const struct post_view *view, struct buffer *into)
{
	size_t start = into->length;
	buffer_put_byte(into, IMAGE_FORMAT);
	buffer_put_varint(into, view->modseq);
	buffer_put_varint(into, view->uid_next);
	buffer_put_varint(into, view->keywords->count);
	for (unsigned i = 0; i < view->keywords->count; i++) {
		buffer_put_sized(into, view->keywords->list[i].name);
		buffer_put_varint(into, view->keywords->list[i].since);
	}
	post_uids_pack(view->uids, into);
	for (unsigned i = 0; i < view->numbers; i++) {
		if (!view->flagged[i])
			continue;
		buffer_put_varint(into, i + 1);
		post_uids_pack(view->flagged[i], into);
	}
	buffer_put_varint(into, 0);
	post_modseqs_pack(&view->modseqs, into);
	uint32_t sum = base_crc32c(0, slice_from(buffer_slice(into), start));
	return buffer_put_be32(into, sum);
}

static bool
take_keywords(struct slice *rest, uint8_t format, struct post_view *view)
{
	uint64_t count, since = 0;
	struct slice name;
	if (!take_varint(rest, &count) || count > POST_KEYWORDS_MOST)
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!take_sized(rest, &name) || slice_empty(name) ||
			(format == IMAGE_FORMAT && !take_varint(rest, &since)) ||
			!post_keywords_put(view->keywords, i, name, since))
			return false;
	view->numbers = POST_KEYWORD_FIRST + (unsigned)count;
	return true;
}

/* False at the end, and for what can't be taken. */
static bool
take_number(struct slice *rest, uint8_t format, uint64_t *number, bool *ended)
{
	bool taken = take_varint(rest, number);
	*ended = taken && *number == (format == IMAGE_FORMAT ? 0 : FIRST_FORMAT_END);
	*number -= format == IMAGE_FORMAT;
	return taken && !*ended;
}

static bool
take_flags(struct slice *rest, uint8_t format, struct post_view *view)
{
	uint64_t number;
	bool ended;
	while (take_number(rest, format, &number, &ended))
		if (number >= view->numbers || view->flagged[number] ||
			!post_uids_take(rest, &view->flagged[number]))
			return false;
	return ended;
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
	uint8_t format;
	SCOPED(post_view_let_scoped) struct post_view *view = post_view_blank();
	*unpacked = NULL;
	if (!sum_is_right(&value))
		return BASE_DAMAGED;
	post_uids_release(&view->uids);
	bool fits = take_byte(&value, &format) && format >= POST_RECORD_FORMAT &&
		    format <= IMAGE_FORMAT && take_varint(&value, &view->modseq) &&
		    post_take_u32(&value, &view->uid_next) &&
		    take_keywords(&value, format, view) &&
		    post_uids_take(&value, &view->uids) &&
		    take_flags(&value, format, view) &&
		    post_modseqs_take(&value, &view->modseqs) && slice_empty(value);
	if (!fits)
		return BASE_DAMAGED;
	*unpacked = view;
	view = NULL;
	return BASE_OK;
}
