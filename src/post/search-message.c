#include "post/message-internal.h"
#include "post/search-keep.h"
#include "post/text-walk.h"

/* One message after the other: its words and joints to a segment, its texts to a pack. */

struct search_reading {
	struct post_account *account;
	struct arena *arena; /* of the message under way */
	struct search_builder *builder;
	struct search_packing *packing;
	struct search_words words;
	uint8_t kind;                   /* of the words that are seen */
	struct buffer texts;            /* of the message under way */
	struct search_joint_set joints; /* of the message under way */
};

static void
word_seen(void *argument, struct slice word)
{
	struct search_reading *reading = argument;
	search_builder_word(reading->builder, word, reading->kind);
}

struct search_reading *
search_reading_create(struct post_account *account, struct search_builder *builder,
	struct search_packing *packing)
{
	struct search_reading *reading = calloc(1, sizeof *reading);
	ASSERT(reading);
	reading->account = account;
	reading->arena = arena_create(ARENA_NO_CEILING);
	reading->builder = builder;
	reading->packing = packing;
	reading->texts = buffer_with(SEARCH_DOCUMENT_MOST);
	reading->words = search_words_begin(word_seen, reading);
	return reading;
}

void
search_reading_destroy(struct search_reading *reading)
{
	search_joint_set_free(&reading->joints);
	buffer_free(&reading->texts);
	arena_destroy(reading->arena);
	free(reading);
}

static void
joint_seen(void *argument, uint32_t joint)
{
	struct search_reading *reading = argument;
	search_joint_set_add(&reading->joints, joint);
}

static void
pair_seen(void *argument, struct slice pair)
{
	struct search_reading *reading = argument;
	search_builder_pair(reading->builder, pair, reading->kind);
}

static void
put_words(struct search_reading *reading, struct slice text, enum post_text_kind kind)
{
	reading->kind = (uint8_t)kind;
	search_words_put(&reading->words, text);
}

/* Texts stand in the pack each behind a line end and its kind; see search-match.c. */
static void
piece_seen(void *argument, const struct post_text_piece *piece)
{
	struct search_reading *reading = argument;
	if (piece->first) {
		search_words_end(&reading->words);
		buffer_put_byte(&reading->texts, '\n');
		buffer_put_byte(&reading->texts, (char)piece->kind);
	}
	buffer_put(&reading->texts, piece->folded);
	if (buffer_failed(&reading->texts))
		return;
	if (piece->name_length) {
		put_words(reading, slice_first(piece->folded, piece->name_length),
			POST_TEXT_OTHER);
		search_words_end(&reading->words);
	}
	put_words(reading, slice_from(piece->folded, piece->name_length), piece->kind);
}

/* Of all texts, which are whole only now. */
static void
put_joints(struct search_reading *reading)
{
	struct slice texts = buffer_slice(&reading->texts);
	search_joint_set_clear(&reading->joints);
	while (texts.length) {
		struct slice text = slice_cut(&texts, '\n');
		if (slice_empty(text))
			continue;
		reading->kind = (uint8_t)text.data[0];
		text = slice_from(text, 1);
		search_joints_walk(text, joint_seen, reading);
		search_pairs_walk(text, pair_seen, reading);
	}
	search_builder_joints(reading->builder, &reading->joints);
}

static enum base_failure
read_texts(struct search_reading *reading, const struct post_message *message)
{
	struct post_text_origin origin = {.store = reading->account->post->store,
		.space = reading->account->space,
		.message = message};
	enum base_failure failure = post_message_fields(
		origin.store, NULL, message, reading->arena, &origin.fields);
	if (failure)
		return failure;
	struct post_text_walk *walk = post_text_walk_begin(&origin, piece_seen, reading);
	while (post_text_walk_step(walk, &failure) && !buffer_failed(&reading->texts))
		continue;
	post_text_walk_end(walk);
	search_words_end(&reading->words);
	return failure;
}

static enum base_failure
read_message(struct search_reading *reading, uint64_t email, struct slice prefix,
	struct slice value, struct post_message *message)
{
	struct post_content_record content;
	enum base_failure failure = post_content_unpack(value, &content);
	if (failure)
		return failure;
	struct post_entry_record entry = {.email = email,
		.prefix = prefix,
		.size = prefix.length + content.trace.length + content.size};
	return post_message_of_records(
		1, &entry, &content, POST_WHOLE, reading->arena, message);
}

enum base_failure
search_reading_add(struct search_reading *reading, uint64_t email, struct slice prefix,
	struct slice value)
{
	struct post_message message;
	arena_reset(reading->arena);
	buffer_clear(&reading->texts);
	search_builder_document(reading->builder, email);
	bool whole = !slice_absent(prefix) &&
		     !read_message(reading, email, prefix, value, &message) &&
		     !read_texts(reading, &message) && !buffer_failed(&reading->texts);
	if (whole) {
		put_joints(reading);
		return search_packing_add(
			reading->packing, email, buffer_slice(&reading->texts));
	}
	search_words_end(&reading->words);
	search_builder_unsure(reading->builder);
	return BASE_OK;
}
