#ifndef POST_SEARCH_SEGMENT_H
#define POST_SEARCH_SEGMENT_H

#include "post/search-words.h"

/*
 * A segment of the index: the words of some messages, and which word is in which. Bytes
 * that never change; made from messages or from other segments. Pure.
 *
 *	head		magic, format, and the counts and lengths of what follows
 *	documents	for each, by rising email id: varint of (id minus the one before) *
 *2, and 1 if it must be looked at whatever its words are (unsure) directory	for each
 *group of SEARCH_GROUP words: where it begins in the words and in the postings, two
 *big-endian 32-bit numbers words		'\n', then each word, by rising bytes, and
 *'\n' postings	for each word a byte of kinds (post_text_kind). One document: it has
 *			SEARCH_SINGLE, too, and its number follows. Else for each kind
 *			a sized list: varints of distances; or, when it has as many bytes as
 *			a bitmap of all documents, that bitmap
 *
 * Documents are numbered from 0 within their segment. A part of a word is found by one
 * pass over the words, which are therefore kept together, without anything between them.
 */
#define SEARCH_SEGMENT_FORMAT     1
#define SEARCH_SEGMENT_HEAD       32
#define SEARCH_GROUP              32
#define SEARCH_SINGLE             0x40
#define SEARCH_KINDS              0x3f
#define SEARCH_SEGMENT_BYTES_MOST (256 * 1024 * 1024)

struct search_posting {
	uint32_t document;
	uint8_t kinds;
};

/* --- making ----------------------------------------------------------------------------
 */

/* Documents by rising email id, then words by rising bytes, then the end. */
struct search_writer;
struct search_writer *search_writer_begin(void);
void search_writer_document(struct search_writer *writer, uint64_t email, bool unsure);
/* Postings by rising document, not empty. */
void search_writer_word(struct search_writer *writer, struct slice word,
	const struct search_posting *postings, size_t count);
/* Destroys the writer; false: it would be too large. */
MUST_CHECK bool search_writer_end(struct search_writer *writer, struct buffer *into);

/* From messages: their words in any order. */
struct search_builder;
struct search_builder *search_builder_create(void);
void search_builder_document(struct search_builder *builder, uint64_t email);
void search_builder_word(struct search_builder *builder, struct slice text, uint8_t kind);
/* The document under way: its words are not kept whole. */
void search_builder_unsure(struct search_builder *builder);
uint32_t search_builder_documents(const struct search_builder *builder);
size_t search_builder_memory(const struct search_builder *builder); /* about */
MUST_CHECK bool search_builder_end(struct search_builder *builder, struct buffer *into);
void search_builder_destroy(struct search_builder *builder); /* NULL is fine */

/* --- reading ---------------------------------------------------------------------------
 */

/* The bytes before the postings. Slices point into what was parsed. */
struct search_segment {
	uint32_t document_count, word_count, group_count;
	uint32_t postings_length;
	size_t postings_at; /* offset of the postings */
	struct slice documents, directory, words;
};
/* How many bytes stand before the postings, from the first SEARCH_SEGMENT_HEAD ones. */
MUST_CHECK bool search_segment_size(struct slice bytes, size_t *before_postings);
/* All bytes before the postings, or more. False for what no writer made. */
MUST_CHECK bool search_segment_parse(struct slice bytes, struct search_segment *segment);

typedef bool search_document_seen(
	void *argument, uint32_t document, uint64_t email, bool unsure);
/* False on damage, or when seen said so. */
MUST_CHECK bool search_segment_documents(
	const struct search_segment *segment, search_document_seen *seen, void *argument);

/* Gives a part of the postings, to be used until the next call. */
struct search_postings {
	bool (*read)(void *argument, uint32_t offset, uint32_t length, struct slice *bytes);
	void *argument;
};

/* Adds to bits the documents that have, in one of kinds, a word that matches. */
MUST_CHECK bool search_segment_find(const struct search_segment *segment,
	const struct search_postings *postings, const struct search_term *term,
	uint8_t kinds, uint64_t *bits);

/* All words, one after the other: word is absent at the end. */
struct search_walk {
	const struct search_segment *segment;
	const struct search_postings *postings;
	struct slice word;
	struct slice words, list; /* not walked yet; list: of this group */
	uint32_t index;           /* of the word */
};
/* kinds: one of them or more; a document may come several times. */
typedef void search_posting_seen(void *argument, uint32_t document, uint8_t kinds);
void search_walk_begin(struct search_walk *walk, const struct search_segment *segment,
	const struct search_postings *postings);
/* Says the word's postings and goes on to the next; false on damage. */
MUST_CHECK bool search_walk_take(
	struct search_walk *walk, search_posting_seen *seen, void *argument);

/*
 * Merging: inputs by rising email ids, none of them in two. Documents for which keep says
 * false are left out, and so are words that only they had.
 */
struct search_input {
	const struct search_segment *segment;
	const struct search_postings *postings;
};
typedef bool search_keep(void *argument, uint64_t email);
MUST_CHECK bool search_merge(const struct search_input *inputs, size_t count,
	search_keep *keep, void *argument, struct buffer *into);

#endif
