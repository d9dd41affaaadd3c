#include "post/search-segment.h"

/* Words of messages, gathered in memory and sorted at the end. */

struct word {
	const char *text; /* in the arena */
	uint32_t length;
	uint32_t last;  /* its last posting, as index + 1 */
	uint32_t count; /* of its postings */
};

struct gathered {
	uint32_t word;
	struct search_posting posting;
};

struct document {
	uint64_t email;
	bool unsure;
	struct slice signature; /* in the arena */
};

struct search_builder {
	struct arena *arena;
	uint8_t key[16];
	uint32_t *table; /* index of the word + 1; 0: free */
	size_t table_size;
	struct word *words;
	size_t word_count, word_room;
	struct gathered *gathered;
	size_t gathered_count, gathered_room;
	struct document *documents;
	size_t document_count, document_room;
};

static void *
grown(void *list, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return list;
	*room = *room ? *room * 2 : 1024;
	list = reallocarray(list, *room, size);
	ASSERT(list);
	return list;
}

struct search_builder *
search_builder_create(void)
{
	struct search_builder *builder = calloc(1, sizeof *builder);
	ASSERT(builder);
	builder->arena = arena_create(ARENA_NO_CEILING);
	builder->table_size = 1 << 14;
	builder->table = calloc(builder->table_size, sizeof *builder->table);
	ASSERT(builder->table);
	base_random(builder->key, sizeof builder->key);
	return builder;
}

void
search_builder_destroy(struct search_builder *builder)
{
	if (!builder)
		return;
	arena_destroy(builder->arena);
	free(builder->table);
	free(builder->words);
	free(builder->gathered);
	free(builder->documents);
	free(builder);
}

void
search_builder_document(struct search_builder *builder, uint64_t email)
{
	builder->documents = grown(builder->documents, builder->document_count,
		&builder->document_room, sizeof *builder->documents);
	builder->documents[builder->document_count++] = (struct document){.email = email};
}

void
search_builder_unsure(struct search_builder *builder)
{
	ASSERT(builder->document_count);
	builder->documents[builder->document_count - 1].unsure = true;
}

uint32_t
search_builder_documents(const struct search_builder *builder)
{
	return (uint32_t)builder->document_count;
}

size_t
search_builder_memory(const struct search_builder *builder)
{
	return arena_used(builder->arena) + builder->word_room * sizeof *builder->words +
	       builder->gathered_room * sizeof *builder->gathered +
	       builder->table_size * sizeof *builder->table;
}

/* --- words ------------------------------------------------------------------------------
 */

static struct slice
text_of(const struct word *word)
{
	return slice_of(word->text, word->length);
}

static size_t
slot_of(const struct search_builder *builder, struct slice word)
{
	size_t at = base_siphash(word, builder->key) & (builder->table_size - 1);
	while (builder->table[at] &&
		!slice_equal(text_of(&builder->words[builder->table[at] - 1]), word))
		at = (at + 1) & (builder->table_size - 1);
	return at;
}

static void
grow_table(struct search_builder *builder)
{
	free(builder->table);
	builder->table_size *= 2;
	builder->table = calloc(builder->table_size, sizeof *builder->table);
	ASSERT(builder->table);
	for (size_t i = 0; i < builder->word_count; i++)
		builder->table[slot_of(builder, text_of(&builder->words[i]))] =
			(uint32_t)i + 1;
}

static uint32_t
number_of(struct search_builder *builder, struct slice text)
{
	size_t slot = slot_of(builder, text);
	if (builder->table[slot])
		return builder->table[slot] - 1;
	builder->words = grown(builder->words, builder->word_count, &builder->word_room,
		sizeof *builder->words);
	builder->words[builder->word_count] =
		(struct word){.text = arena_copy(builder->arena, text).data,
			.length = (uint32_t)text.length};
	builder->table[slot] = (uint32_t)++builder->word_count;
	if (builder->word_count * 2 > builder->table_size)
		grow_table(builder);
	return (uint32_t)builder->word_count - 1;
}

void
search_builder_word(struct search_builder *builder, struct slice text, uint8_t kind)
{
	uint32_t document = (uint32_t)builder->document_count - 1;
	uint32_t number = number_of(builder, text);
	struct word *word = &builder->words[number];
	if (word->last && builder->gathered[word->last - 1].posting.document == document) {
		builder->gathered[word->last - 1].posting.kinds |= kind;
		return;
	}
	builder->gathered = grown(builder->gathered, builder->gathered_count,
		&builder->gathered_room, sizeof *builder->gathered);
	builder->gathered[builder->gathered_count++] =
		(struct gathered){number, {document, kind}};
	word->last = (uint32_t)builder->gathered_count;
	word->count++;
}

/* Those that are frequent were among the first messages already. */
void
search_builder_pair(struct search_builder *builder, struct slice pair, uint8_t kind)
{
	if (builder->document_count <= SEARCH_PAIR_NEW ||
		builder->table[slot_of(builder, pair)])
		search_builder_word(builder, pair, kind);
}

void
search_builder_joints(struct search_builder *builder, const struct search_joint_set *joints)
{
	SCOPED(buffer_free) struct buffer signature = buffer_with(SIZE_MAX);
	ASSERT(builder->document_count);
	search_signature_put(joints, &signature);
	builder->documents[builder->document_count - 1].signature =
		arena_copy(builder->arena, buffer_slice(&signature));
}

static bool
is_rare_pair(const struct search_builder *builder, const struct word *word)
{
	size_t share = builder->document_count / SEARCH_PAIR_SHARE;
	return search_is_pair(text_of(word)) &&
	       word->count < (share > SEARCH_PAIR_LEAST ? share : SEARCH_PAIR_LEAST);
}

/* --- the end ----------------------------------------------------------------------------
 */

static int
compare_words(const void *a, const void *b)
{
	const struct word *const *left = a, *const *right = b;
	return slice_compare(text_of(*left), text_of(*right));
}

/* Postings by word: last becomes the index behind the word's own. */
static struct search_posting *
by_word(struct search_builder *builder, struct word **sorted)
{
	struct search_posting *all = calloc(builder->gathered_count + 1, sizeof *all);
	ASSERT(all);
	uint32_t at = 0;
	for (size_t i = 0; i < builder->word_count; i++) {
		sorted[i]->last = at;
		at += sorted[i]->count;
	}
	for (size_t i = 0; i < builder->gathered_count; i++)
		all[builder->words[builder->gathered[i].word].last++] =
			builder->gathered[i].posting;
	return all;
}

bool
search_builder_end(struct search_builder *builder, struct buffer *into)
{
	struct search_writer *writer = search_writer_begin();
	struct word **sorted = calloc(builder->word_count + 1, sizeof *sorted);
	ASSERT(sorted);
	for (size_t i = 0; i < builder->word_count; i++)
		sorted[i] = &builder->words[i];
	qsort(sorted, builder->word_count, sizeof *sorted, compare_words);
	struct search_posting *all = by_word(builder, sorted);
	for (size_t i = 0; i < builder->document_count; i++)
		search_writer_document(writer, builder->documents[i].email,
			builder->documents[i].unsure, builder->documents[i].signature);
	for (size_t i = 0; i < builder->word_count; i++)
		if (!is_rare_pair(builder, sorted[i]))
			search_writer_word(writer, text_of(sorted[i]),
				all + sorted[i]->last - sorted[i]->count, sorted[i]->count);
	free(all);
	free(sorted);
	return search_writer_end(writer, into);
}
