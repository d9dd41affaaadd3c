#include "post/search-segment.h"

/* Segments as bytes; search-segment.h has the format. */

static const char MAGIC[4] = {'T', 'S', 'I', 'X'};

struct search_writer {
	struct buffer documents, directory, words, postings, list;
	uint32_t document_count, word_count;
	uint64_t last_email;
};

struct search_writer *
search_writer_begin(void)
{
	struct search_writer *writer = calloc(1, sizeof *writer);
	ASSERT(writer);
	struct buffer *buffers[] = {&writer->documents, &writer->directory, &writer->words,
		&writer->postings, &writer->list};
	for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
		*buffers[i] = buffer_with(SEARCH_SEGMENT_BYTES_MOST);
	buffer_put_byte(&writer->words, '\n');
	return writer;
}

void
search_writer_document(struct search_writer *writer, uint64_t email, bool unsure)
{
	ASSERT(email > writer->last_email || !writer->document_count);
	buffer_put_varint(&writer->documents, (email - writer->last_email) * 2 + unsure);
	writer->last_email = email;
	writer->document_count++;
}

static void
put_bitmap(struct search_writer *writer, const struct search_posting *postings,
	size_t count, uint8_t kind)
{
	size_t size = (writer->document_count + 7) / 8;
	buffer_put_varint(&writer->postings, size);
	char *bits = buffer_reserve(&writer->postings, size);
	if (!bits)
		return;
	memset(bits, 0, size);
	for (size_t i = 0; i < count; i++)
		if (postings[i].kinds & kind)
			bits[postings[i].document / 8] |=
				(char)(1 << postings[i].document % 8);
	buffer_commit(&writer->postings, size);
}

static void
put_list(struct search_writer *writer, const struct search_posting *postings, size_t count,
	uint8_t kind)
{
	uint32_t next = 0;
	buffer_clear(&writer->list);
	for (size_t i = 0; i < count; i++) {
		if (!(postings[i].kinds & kind))
			continue;
		buffer_put_varint(&writer->list, postings[i].document - next);
		next = postings[i].document + 1;
	}
	if (writer->list.length < (writer->document_count + 7) / 8)
		buffer_put_sized(&writer->postings, buffer_slice(&writer->list));
	else
		put_bitmap(writer, postings, count, kind);
}

static void
put_postings(
	struct search_writer *writer, const struct search_posting *postings, size_t count)
{
	uint8_t kinds = 0;
	for (size_t i = 0; i < count; i++)
		kinds |= postings[i].kinds;
	if (count == 1) {
		buffer_put_byte(&writer->postings, (char)(kinds | SEARCH_SINGLE));
		buffer_put_varint(&writer->postings, postings->document);
		return;
	}
	buffer_put_byte(&writer->postings, (char)kinds);
	for (uint8_t kind = 1; kind < SEARCH_SINGLE; kind = (uint8_t)(kind << 1))
		if (kinds & kind)
			put_list(writer, postings, count, kind);
}

void
search_writer_word(struct search_writer *writer, struct slice word,
	const struct search_posting *postings, size_t count)
{
	if (writer->word_count++ % SEARCH_GROUP == 0) {
		buffer_put_be32(&writer->directory, (uint32_t)writer->words.length);
		buffer_put_be32(&writer->directory, (uint32_t)writer->postings.length);
	}
	buffer_put(&writer->words, word);
	buffer_put_byte(&writer->words, '\n');
	put_postings(writer, postings, count);
}

bool
search_writer_end(struct search_writer *writer, struct buffer *into)
{
	struct buffer *parts[] = {
		&writer->documents, &writer->directory, &writer->words, &writer->postings};
	bool whole = true;
	buffer_put(into, slice_of(MAGIC, sizeof MAGIC));
	buffer_put_be32(into, SEARCH_SEGMENT_FORMAT);
	buffer_put_be32(into, writer->document_count);
	buffer_put_be32(into, writer->word_count);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		buffer_put_be32(into, (uint32_t)parts[i]->length);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		whole = whole && !buffer_failed(parts[i]);
		buffer_put(into, buffer_slice(parts[i]));
		buffer_free(parts[i]);
	}
	buffer_free(&writer->list);
	free(writer);
	return whole && !buffer_failed(into);
}

/* --- the head, read again ----------------------------------------------------------------
 */

struct head {
	uint32_t documents, words, documents_length, directory_length, words_length,
		postings_length;
};

static bool
take_head(struct slice *rest, struct head *head)
{
	struct slice magic;
	uint32_t format;
	return take_bytes(rest, sizeof MAGIC, &magic) &&
	       slice_equal(magic, slice_of(MAGIC, sizeof MAGIC)) &&
	       take_be32(rest, &format) && format == SEARCH_SEGMENT_FORMAT &&
	       take_be32(rest, &head->documents) && take_be32(rest, &head->words) &&
	       take_be32(rest, &head->documents_length) &&
	       take_be32(rest, &head->directory_length) &&
	       take_be32(rest, &head->words_length) &&
	       take_be32(rest, &head->postings_length) &&
	       head->documents <= head->documents_length;
}

bool
search_segment_size(struct slice bytes, size_t *before_postings)
{
	struct head head;
	if (!take_head(&bytes, &head))
		return false;
	*before_postings = (size_t)SEARCH_SEGMENT_HEAD + head.documents_length +
			   head.directory_length + head.words_length;
	return *before_postings <= SEARCH_SEGMENT_BYTES_MOST;
}

bool
search_segment_parse(struct slice bytes, struct search_segment *segment)
{
	struct head head;
	*segment = (struct search_segment){0};
	size_t groups;
	if (!search_segment_size(bytes, &segment->postings_at) || !take_head(&bytes, &head))
		return false;
	segment->document_count = head.documents;
	segment->word_count = head.words;
	groups = (head.words + (size_t)SEARCH_GROUP - 1) / SEARCH_GROUP;
	segment->group_count = (uint32_t)groups;
	segment->postings_length = head.postings_length;
	return take_bytes(&bytes, head.documents_length, &segment->documents) &&
	       take_bytes(&bytes, head.directory_length, &segment->directory) &&
	       take_bytes(&bytes, head.words_length, &segment->words) &&
	       segment->directory.length == 8 * groups &&
	       slice_starts(segment->words, SLICE("\n")) &&
	       slice_ends(segment->words, SLICE("\n"));
}
