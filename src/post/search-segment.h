#ifndef POST_SEARCH_SEGMENT_H
#define POST_SEARCH_SEGMENT_H

#include "post/search-joints.h"

/*
 * A segment of the index: the words of some messages, and which word is in which. Bytes
 * that never change; made from messages or from other segments. Pure.
 *
 *	head		magic, format, and the counts and lengths of what follows
 *	documents	for each, by rising email id: varint of (id minus the one before)
 *			* 2, and 1 if it must be looked at whatever its words are
 *			(unsure); varint of the length of its signature
 *	directory	for each group of SEARCH_GROUP words a struct search_group
 *	words		'\n', then each word, by rising bytes, and '\n'
 *	singles		for each word that one document has: 6 bits of kinds
 *(post_text_kind), 26 of the document
 *	table		for each word with a large list: its offset and length in the lists
 *	small lists	those of up to SEARCH_SMALL_LIST bytes, in the order of the words
 *	signatures	one behind the other (search-joints.h)
 *	large lists	the largest first
 *
 * A list has a byte of kinds (and 0x40 when distances are packed), and for each kind a
 *sized list: distances as varints, or in a long list packed (search-distances.h); or, when
 *it has as many bytes as a bitmap of all documents, that bitmap. Numbers are big-endian.
 *
 * Documents are numbered from 0 within their segment. A part of a word is found by one
 * pass over the words, which are therefore kept together, without anything between them.
 * Most words have a few documents or most postings: the former are kept in memory with the
 * words, the latter are read when they are wanted, those that say most first. Signatures
 *are the half of all, and only what is searched across words wants them.
 */
#define SEARCH_SEGMENT_FORMAT     5
#define SEARCH_SEGMENT_HEAD       44
#define SEARCH_GROUP              32
#define SEARCH_GROUP_SIZE         24
#define SEARCH_SMALL_LIST         64
#define SEARCH_KINDS              0x3f
#define SEARCH_DOCUMENTS_MOST     ((uint32_t)1 << 26) /* exclusive */
#define SEARCH_SEGMENT_BYTES_MOST (256 * 1024 * 1024)

struct search_group {
	uint32_t words;               /* offset of its first word */
	uint32_t is_single, is_large; /* a bit for each word, the first lowest */
	uint32_t singles, larges,
		small_offset; /* before it: of singles, of the table; bytes */
};

struct search_posting {
	uint32_t document;
	uint8_t kinds;
};

struct search_document {
	uint64_t email;
	bool unsure;
	uint32_t signature_at, signature_length; /* among the signatures */
};

/*
 * Pairs of words that stand in so large a part of the messages that looking at these would
 * take long are words as well, with a blank before them. A message that has one may be
 * missing in its list.
 */
#define SEARCH_PAIR_LEAST  3
#define SEARCH_PAIR_SHARE  32  /* of new messages a pair must be in one of so many … */
#define SEARCH_PAIR_MERGED 64  /* … and of merged ones */
#define SEARCH_PAIR_NEW    256 /* documents after which no new pairs are noted */
bool search_is_pair(struct slice word);

/* --- making ----------------------------------------------------------------------------
 */

/* Documents by rising email id, then words by rising bytes, then the end. */
struct search_writer;
struct search_writer *search_writer_begin(void);
void search_writer_document(
	struct search_writer *writer, uint64_t email, bool unsure, struct slice signature);
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
void search_builder_pair(struct search_builder *builder, struct slice pair, uint8_t kind);
void search_builder_joints(
	struct search_builder *builder, const struct search_joint_set *joints);
/* The document under way: its words are not kept whole. */
void search_builder_unsure(struct search_builder *builder);
uint32_t search_builder_documents(const struct search_builder *builder);
size_t search_builder_memory(const struct search_builder *builder); /* about */
MUST_CHECK bool search_builder_end(struct search_builder *builder, struct buffer *into);
void search_builder_destroy(struct search_builder *builder); /* NULL is fine */

/* --- reading ---------------------------------------------------------------------------
 */

/* The bytes before the signatures. Slices point into what was parsed. */
struct search_segment {
	uint32_t document_count, word_count, group_count;
	uint32_t signatures_length, lists_length; /* lists: the large ones */
	size_t signatures_at, lists_at;           /* their offsets */
	struct slice documents, directory, words, singles, table, small_lists;
	struct slice signatures; /* absent: not in memory */
};
/* The sections behind the head, in their order. */
enum {
	SEARCH_DOCUMENTS,
	SEARCH_DIRECTORY,
	SEARCH_WORDS,
	SEARCH_SINGLES,
	SEARCH_TABLE,
	SEARCH_SMALL_LISTS,
	SEARCH_SIGNATURES,
	SEARCH_LISTS,
	SEARCH_SECTIONS
};
/* Their lengths, from the first SEARCH_SEGMENT_HEAD bytes; or more. */
MUST_CHECK bool search_segment_sections(
	struct slice bytes, size_t lengths[SEARCH_SECTIONS]);
/* How many bytes stand before the signatures, from as many. */
MUST_CHECK bool search_segment_size(struct slice bytes, size_t *before_signatures);
/* All bytes before the signatures, or more. False for what no writer made. */
MUST_CHECK bool search_segment_parse(struct slice bytes, struct search_segment *segment);

typedef bool search_document_seen(
	void *argument, uint32_t number, const struct search_document *document);
/* False on damage, or when seen said so. */
MUST_CHECK bool search_segment_documents(
	const struct search_segment *segment, search_document_seen *seen, void *argument);

/* Gives a part of the large lists, to be used until the next call. */
struct search_postings {
	bool (*read)(void *argument, uint32_t offset, uint32_t length, struct slice *bytes);
	void *argument;
};

/* Of a group, and whether there is one. */
MUST_CHECK bool search_segment_group(
	const struct search_segment *segment, uint32_t number, struct search_group *group);

/* The numbered ones of singles and of the table; false on damage. */
MUST_CHECK bool search_segment_single(const struct search_segment *segment, uint32_t number,
	struct search_posting *posting);
MUST_CHECK bool search_segment_large(const struct search_segment *segment, uint32_t number,
	uint32_t *offset, uint32_t *length);

/* Where sought (not empty) is in bytes, at or behind a place; or bytes' length. */
size_t search_scan(struct slice bytes, struct slice sought, size_t at);
uint32_t search_count_byte(struct slice bytes, char byte);

/*
 * Adds to bits the documents that have, in one of kinds, a word that matches: begun, then
 * steps of a millisecond or so, and ended. What it is given must outlive it.
 */
struct search_large {
	uint32_t offset, length;
};
struct search_finding {
	const struct search_segment *segment;
	const struct search_postings *postings;
	struct search_term term;
	char pattern[SEARCH_WORD_MOST + 1];
	uint8_t kinds;
	uint64_t *bits;
	bool damaged;
	bool whole; /* set by the caller: nothing is left to looking */
	/* After the last step: so few others may have one, too, that looking at them is
	 * less work than reading on. */
	bool rest;
	/* Where it goes on. */
	bool words_done, larges_sorted;
	size_t at, counted, until; /* offsets in the words; counted: a word at index */
	uint32_t group_number, index;
	/* The group whose lists are read, and what stands first in them. */
	uint32_t entered, small_index;
	struct search_group group;
	struct slice small;
	struct search_large *larges;
	size_t large_count, large_room, large_at;
	uint64_t large_bytes; /* not read yet */
};
void search_finding_begin(struct search_finding *finding,
	const struct search_segment *segment, const struct search_postings *postings,
	const struct search_term *term, uint8_t kinds, uint64_t *bits);
bool search_finding_step(struct search_finding *finding); /* true: there is more */
void search_finding_end(struct search_finding *finding);

/* One list, for what writes and reads them: its kinds, then for each its documents. */
void search_list_put(uint32_t document_count, const struct search_posting *postings,
	size_t count, struct buffer *scratch, struct buffer *into);
/* kinds: one of them or more; a document may come several times. */
typedef void search_posting_seen(void *argument, uint32_t document, uint8_t kinds);
MUST_CHECK bool search_list_walk(uint32_t document_count, struct slice *rest,
	search_posting_seen *seen, void *argument);
/* Takes it from the front; adds the documents that have one of kinds. */
MUST_CHECK bool search_list_unite(
	uint32_t document_count, struct slice *rest, uint8_t kinds, uint64_t *bits);

/* All words, one after the other: word is absent at the end. */
struct search_walk {
	const struct search_segment *segment;
	const struct search_postings *postings;
	struct slice word;
	struct slice words, list; /* not walked yet; list: small ones of this group */
	uint32_t index;           /* of the word */
	struct search_group group;
	uint32_t singles, larges; /* before this word */
};
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
