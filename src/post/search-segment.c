#include "post/search-segment.h"

/* What a segment's head says. */

bool
search_is_pair(struct slice word)
{
	return word.length > 1 && word.data[0] == ' ';
}

bool
search_segment_documents(
	const struct search_segment *segment, search_document_seen *seen, void *argument)
{
	struct slice rest = segment->documents;
	struct search_document document = {0};
	uint64_t step, length;
	for (uint32_t i = 0; i < segment->document_count; i++) {
		if (!take_varint(&rest, &step) || !take_varint(&rest, &length) ||
			step < 2 || step / 2 > UINT64_MAX - document.email)
			return false;
		document.signature_at += document.signature_length;
		if (length > segment->signatures_length - document.signature_at)
			return false;
		document.signature_length = (uint32_t)length;
		document.email += step / 2;
		document.unsure = step % 2;
		if (!seen(argument, i, &document))
			return false;
	}
	return slice_empty(rest) && document.signature_at + document.signature_length ==
					    segment->signatures_length;
}

bool
search_segment_group(
	const struct search_segment *segment, uint32_t number, struct search_group *group)
{
	struct slice rest = slice_part(
		segment->directory, (size_t)number * SEARCH_GROUP_SIZE, SEARCH_GROUP_SIZE);
	return take_be32(&rest, &group->words) && take_be32(&rest, &group->is_single) &&
	       take_be32(&rest, &group->is_large) && take_be32(&rest, &group->singles) &&
	       take_be32(&rest, &group->larges) && take_be32(&rest, &group->small_offset) &&
	       group->words < segment->words.length &&
	       group->small_offset <= segment->small_lists.length &&
	       !(group->is_single & group->is_large);
}

bool
search_segment_single(const struct search_segment *segment, uint32_t number,
	struct search_posting *posting)
{
	uint32_t value;
	struct slice rest = slice_part(segment->singles, (size_t)number * 4, 4);
	if (!take_be32(&rest, &value))
		return false;
	posting->document = value & (SEARCH_DOCUMENTS_MOST - 1);
	posting->kinds = (uint8_t)(value >> 26);
	return posting->document < segment->document_count;
}

bool
search_segment_large(const struct search_segment *segment, uint32_t number,
	uint32_t *offset, uint32_t *length)
{
	struct slice rest = slice_part(segment->table, (size_t)number * 8, 8);
	return take_be32(&rest, offset) && take_be32(&rest, length) &&
	       *offset <= segment->lists_length &&
	       *length <= segment->lists_length - *offset;
}
