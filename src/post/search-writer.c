#include "post/search-segment.h"

/* Segments as bytes; search-segment.h has the format. */

static const char MAGIC[4] = {'T', 'S', 'I', 'X'};

struct large {
	uint32_t at, length; /* in lists */
	uint32_t number;
};

struct search_writer {
	struct buffer documents, signatures, directory, words, singles, smalls, lists, list,
		scratch;
	struct large *larges;
	uint32_t large_count, large_room;
	uint32_t document_count, word_count, single_count;
	struct search_group group;
	uint64_t last_email;
};

struct search_writer *
search_writer_begin(void)
{
	struct search_writer *writer = calloc(1, sizeof *writer);
	ASSERT(writer);
	struct buffer *buffers[] = {&writer->documents, &writer->signatures,
		&writer->directory, &writer->words, &writer->singles, &writer->smalls,
		&writer->lists, &writer->list, &writer->scratch};
	for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
		*buffers[i] = buffer_with(SEARCH_SEGMENT_BYTES_MOST);
	buffer_put_byte(&writer->words, '\n');
	return writer;
}

void
search_writer_document(
	struct search_writer *writer, uint64_t email, bool unsure, struct slice signature)
{
	uint64_t step = email - writer->last_email;
	ASSERT(email > writer->last_email || !writer->document_count);
	ASSERT(writer->document_count < SEARCH_DOCUMENTS_MOST);
	buffer_put_varint(&writer->documents, step * 2 + unsure);
	buffer_put_varint(&writer->documents, signature.length);
	buffer_put(&writer->signatures, signature);
	writer->last_email = email;
	writer->document_count++;
}

/* --- words -----------------------------------------------------------------------------
 */

static void
put_group(struct search_writer *writer)
{
	const struct search_group *group = &writer->group;
	const uint32_t numbers[] = {group->words, group->is_single, group->is_large,
		group->singles, group->larges, group->small_offset};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		buffer_put_be32(&writer->directory, numbers[i]);
}

static void
begin_group(struct search_writer *writer)
{
	if (writer->word_count)
		put_group(writer);
	writer->group = (struct search_group){.words = (uint32_t)writer->words.length,
		.singles = writer->single_count,
		.larges = writer->large_count,
		.small_offset = (uint32_t)writer->smalls.length};
}

static void
keep_large(struct search_writer *writer)
{
	if (writer->large_count == writer->large_room) {
		writer->large_room = writer->large_room ? writer->large_room * 2 : 256;
		writer->larges = reallocarray(
			writer->larges, writer->large_room, sizeof *writer->larges);
		ASSERT(writer->larges);
	}
	writer->larges[writer->large_count] = (struct large){(uint32_t)writer->lists.length,
		(uint32_t)writer->list.length, writer->large_count};
	writer->large_count++;
	buffer_put(&writer->lists, buffer_slice(&writer->list));
}

static void
put_postings(struct search_writer *writer, const struct search_posting *postings,
	size_t count, uint32_t bit)
{
	if (count == 1) {
		writer->group.is_single |= bit;
		writer->single_count++;
		buffer_put_be32(&writer->singles,
			(uint32_t)postings->kinds << 26 | postings->document);
		return;
	}
	buffer_clear(&writer->list);
	search_list_put(
		writer->document_count, postings, count, &writer->scratch, &writer->list);
	if (writer->list.length <= SEARCH_SMALL_LIST) {
		buffer_put(&writer->smalls, buffer_slice(&writer->list));
		return;
	}
	writer->group.is_large |= bit;
	keep_large(writer);
}

void
search_writer_word(struct search_writer *writer, struct slice word,
	const struct search_posting *postings, size_t count)
{
	uint32_t index = writer->word_count % SEARCH_GROUP;
	if (!index)
		begin_group(writer);
	writer->word_count++;
	buffer_put(&writer->words, word);
	buffer_put_byte(&writer->words, '\n');
	put_postings(writer, postings, count, (uint32_t)1 << index);
}

/* --- the end ---------------------------------------------------------------------------
 */

static int
compare_larges(const void *a, const void *b)
{
	const struct large *left = a, *right = b;
	if (left->length != right->length)
		return left->length < right->length ? 1 : -1;
	return (left->number > right->number) - (left->number < right->number);
}

static void
put_be32_at(char *into, uint32_t number)
{
	for (unsigned i = 0; i < 4; i++)
		into[i] = (char)(number >> (24 - 8 * i));
}

/* The lists by falling length, and where each word's is then. */
static void
put_larges(struct search_writer *writer, struct buffer *table, struct buffer *lists)
{
	size_t size = (size_t)writer->large_count * 8;
	char *places = buffer_reserve(table, size);
	if (!size || !places)
		return;
	qsort(writer->larges, writer->large_count, sizeof *writer->larges, compare_larges);
	for (uint32_t i = 0; i < writer->large_count; i++) {
		const struct large *large = &writer->larges[i];
		put_be32_at(places + (size_t)large->number * 8, (uint32_t)lists->length);
		put_be32_at(places + (size_t)large->number * 8 + 4, large->length);
		buffer_put(lists,
			slice_part(buffer_slice(&writer->lists), large->at, large->length));
	}
	buffer_commit(table, size);
}

bool
search_writer_end(struct search_writer *writer, struct buffer *into)
{
	SCOPED(buffer_free) struct buffer table = buffer_with(SEARCH_SEGMENT_BYTES_MOST);
	SCOPED(buffer_free) struct buffer lists = buffer_with(SEARCH_SEGMENT_BYTES_MOST);
	struct buffer *parts[] = {&writer->documents, &writer->directory, &writer->words,
		&writer->singles, &table, &writer->smalls, &writer->signatures, &lists};
	bool whole = !buffer_failed(&writer->lists) && !buffer_failed(&writer->list);
	if (writer->word_count)
		put_group(writer);
	put_larges(writer, &table, &lists);
	buffer_put(into, slice_of(MAGIC, sizeof MAGIC));
	buffer_put_be32(into, SEARCH_SEGMENT_FORMAT);
	buffer_put_be32(into, writer->document_count);
	buffer_put_be32(into, writer->word_count);
	buffer_put_be32(into, writer->single_count);
	buffer_put_be32(into, writer->large_count);
	buffer_put_be32(into, (uint32_t)writer->documents.length);
	buffer_put_be32(into, (uint32_t)writer->signatures.length);
	buffer_put_be32(into, (uint32_t)writer->words.length);
	buffer_put_be32(into, (uint32_t)writer->smalls.length);
	buffer_put_be32(into, (uint32_t)lists.length);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		whole = whole && !buffer_failed(parts[i]);
		buffer_put(into, buffer_slice(parts[i]));
	}
	struct buffer *own[] = {&writer->documents, &writer->signatures, &writer->directory,
		&writer->words, &writer->singles, &writer->smalls, &writer->lists,
		&writer->list, &writer->scratch};
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		buffer_free(own[i]);
	free(writer->larges);
	free(writer);
	return whole && !buffer_failed(into);
}

/* --- the head, read again ----------------------------------------------------------------
 */

struct head {
	uint32_t documents, words, singles, larges, documents_length, signatures_length,
		words_length, smalls_length, lists_length;
};

static size_t
groups_of(const struct head *head)
{
	return (head->words + (size_t)SEARCH_GROUP - 1) / SEARCH_GROUP;
}

static bool
take_head(struct slice *rest, struct head *head)
{
	struct slice magic;
	uint32_t format;
	return take_bytes(rest, sizeof MAGIC, &magic) &&
	       slice_equal(magic, slice_of(MAGIC, sizeof MAGIC)) &&
	       take_be32(rest, &format) && format == SEARCH_SEGMENT_FORMAT &&
	       take_be32(rest, &head->documents) && take_be32(rest, &head->words) &&
	       take_be32(rest, &head->singles) && take_be32(rest, &head->larges) &&
	       take_be32(rest, &head->documents_length) &&
	       take_be32(rest, &head->signatures_length) &&
	       take_be32(rest, &head->words_length) &&
	       take_be32(rest, &head->smalls_length) &&
	       take_be32(rest, &head->lists_length) &&
	       head->documents <= head->documents_length &&
	       head->documents < SEARCH_DOCUMENTS_MOST;
}

bool
search_segment_sections(struct slice bytes, size_t lengths[SEARCH_SECTIONS])
{
	struct head head;
	size_t all = SEARCH_SEGMENT_HEAD;
	if (!take_head(&bytes, &head))
		return false;
	lengths[SEARCH_DOCUMENTS] = head.documents_length;
	lengths[SEARCH_DIRECTORY] = groups_of(&head) * SEARCH_GROUP_SIZE;
	lengths[SEARCH_WORDS] = head.words_length;
	lengths[SEARCH_SINGLES] = (size_t)head.singles * 4;
	lengths[SEARCH_TABLE] = (size_t)head.larges * 8;
	lengths[SEARCH_SMALL_LISTS] = head.smalls_length;
	lengths[SEARCH_SIGNATURES] = head.signatures_length;
	lengths[SEARCH_LISTS] = head.lists_length;
	for (unsigned i = 0; i < SEARCH_LISTS; i++)
		all += lengths[i];
	return all <= SEARCH_SEGMENT_BYTES_MOST;
}

bool
search_segment_size(struct slice bytes, size_t *before_signatures)
{
	size_t lengths[SEARCH_SECTIONS];
	*before_signatures = SEARCH_SEGMENT_HEAD;
	if (!search_segment_sections(bytes, lengths))
		return false;
	for (unsigned i = 0; i < SEARCH_SIGNATURES; i++)
		*before_signatures += lengths[i];
	return true;
}

bool
search_segment_parse(struct slice bytes, struct search_segment *segment)
{
	struct head head;
	size_t lengths[SEARCH_SECTIONS];
	*segment = (struct search_segment){0};
	if (!search_segment_size(bytes, &segment->signatures_at) ||
		!search_segment_sections(bytes, lengths) || !take_head(&bytes, &head))
		return false;
	segment->signatures_length = head.signatures_length;
	segment->lists_at = segment->signatures_at + head.signatures_length;
	segment->document_count = head.documents;
	segment->word_count = head.words;
	segment->group_count = (uint32_t)groups_of(&head);
	segment->lists_length = head.lists_length;
	struct slice *sections[] = {&segment->documents, &segment->directory,
		&segment->words, &segment->singles, &segment->table, &segment->small_lists};
	for (unsigned i = 0; i < SEARCH_SIGNATURES; i++)
		if (!take_bytes(&bytes, lengths[i], sections[i]))
			return false;
	if (!take_bytes(&bytes, head.signatures_length, &segment->signatures))
		segment->signatures = SLICE_NONE;
	return slice_starts(segment->words, SLICE("\n")) &&
	       slice_ends(segment->words, SLICE("\n"));
}
