#include "post/search-keep.h"
#include "post/attached-internal.h"
#include "post/text-walk.h"

struct keeping {
	struct post_account *account;
	struct arena *arena; /* of the round */
	struct arena *message_arena;
	struct search_state state;
	struct search_arrivals *arrivals;
	struct search_builder *builder;
	struct search_packing *packing;
	struct search_edit *edit;
	struct search_words words;
	uint8_t kind;                   /* of the words that are seen */
	struct buffer texts;            /* of the message under way */
	struct search_joint_set joints; /* of the message under way */
	uint64_t next, until;           /* the email under way; where to stop */
	uint64_t undecided;             /* from there on attachments may be (attached.h) */
	uint64_t deadline; /* steady ms: after it the round ends, however short it is */
	bool cut;          /* it ended before until */
	enum base_failure failure;
};

/* --- one message ------------------------------------------------------------------------
 */

static void
word_seen(void *argument, struct slice word)
{
	struct keeping *keeping = argument;
	search_builder_word(keeping->builder, word, keeping->kind);
}

static void
joint_seen(void *argument, uint32_t joint)
{
	struct keeping *keeping = argument;
	search_joint_set_add(&keeping->joints, joint);
}

static void
pair_seen(void *argument, struct slice pair)
{
	struct keeping *keeping = argument;
	search_builder_pair(keeping->builder, pair, keeping->kind);
}

static void
put_words(struct keeping *keeping, struct slice text, enum post_text_kind kind)
{
	keeping->kind = (uint8_t)kind;
	search_words_put(&keeping->words, text);
}

/* Texts stand in the pack each behind a line end and its kind; see search-text.c. */
static void
piece_seen(void *argument, const struct post_text_piece *piece)
{
	struct keeping *keeping = argument;
	if (piece->first) {
		search_words_end(&keeping->words);
		buffer_put_byte(&keeping->texts, '\n');
		buffer_put_byte(&keeping->texts, (char)piece->kind);
	}
	buffer_put(&keeping->texts, piece->folded);
	if (buffer_failed(&keeping->texts))
		return;
	if (piece->name_length) {
		put_words(keeping, slice_first(piece->folded, piece->name_length),
			POST_TEXT_OTHER);
		search_words_end(&keeping->words);
	}
	put_words(keeping, slice_from(piece->folded, piece->name_length), piece->kind);
}

/* Of all texts, which are whole only now. */
static void
put_joints(struct keeping *keeping)
{
	struct slice texts = buffer_slice(&keeping->texts);
	search_joint_set_clear(&keeping->joints);
	while (texts.length) {
		struct slice text = slice_cut(&texts, '\n');
		if (slice_empty(text))
			continue;
		keeping->kind = (uint8_t)text.data[0];
		text = slice_from(text, 1);
		search_joints_walk(text, joint_seen, keeping);
		search_pairs_walk(text, pair_seen, keeping);
	}
	search_builder_joints(keeping->builder, &keeping->joints);
}

static enum base_failure
read_texts(struct keeping *keeping, const struct post_message *message)
{
	struct post_text_origin origin = {.store = keeping->account->post->store,
		.space = keeping->account->space,
		.message = message};
	enum base_failure failure = post_message_fields(
		origin.store, NULL, message, keeping->message_arena, &origin.fields);
	if (failure)
		return failure;
	struct post_text_walk *walk = post_text_walk_begin(&origin, piece_seen, keeping);
	while (post_text_walk_step(walk, &failure) && !buffer_failed(&keeping->texts))
		continue;
	post_text_walk_end(walk);
	search_words_end(&keeping->words);
	return failure;
}

static enum base_failure
read_message(struct keeping *keeping, struct slice value, struct post_message *message)
{
	struct post_content_record content;
	struct slice prefix = search_arrivals_prefix(keeping->arrivals, keeping->next);
	enum base_failure failure = post_content_unpack(value, &content);
	if (failure)
		return failure;
	struct post_entry_record entry = {.email = keeping->next,
		.prefix = prefix,
		.size = prefix.length + content.trace.length + content.size};
	return post_message_of_records(
		1, &entry, &content, POST_WHOLE, keeping->message_arena, message);
}

/* One that can't be read, or of which no mailbox tells the prefix, is always looked at. */
static enum base_failure
index_message(struct keeping *keeping, struct slice value)
{
	struct post_message message;
	buffer_clear(&keeping->texts);
	search_builder_document(keeping->builder, keeping->next);
	bool whole =
		!slice_absent(search_arrivals_prefix(keeping->arrivals, keeping->next));
	whole = whole && !read_message(keeping, value, &message) &&
		!read_texts(keeping, &message) && !buffer_failed(&keeping->texts);
	if (whole) {
		put_joints(keeping);
		return search_packing_add(
			keeping->packing, keeping->next, buffer_slice(&keeping->texts));
	}
	search_words_end(&keeping->words);
	search_builder_unsure(keeping->builder);
	return BASE_OK;
}

/* --- a round ----------------------------------------------------------------------------
 */

/* What is left must be worth a round. */
static bool
is_full(const struct keeping *keeping)
{
	struct base_clock *clock = keeping->account->post->clock;
	return search_builder_memory(keeping->builder) >= SEARCH_ROUND_BYTES ||
	       (search_builder_documents(keeping->builder) >= SEARCH_WAITING &&
		       keeping->until - keeping->next >= SEARCH_WAITING &&
		       base_clock_steady_ms(clock) > keeping->deadline);
}

/* What its attachments say is not known yet: the round ends before it. */
static bool
must_wait(const struct keeping *keeping, uint64_t email, struct slice value)
{
	struct post_content_record content;
	return email >= keeping->undecided && !post_content_unpack(value, &content) &&
	       post_attached_is_undecided(keeping->account, email, &content);
}

static bool
content_row(void *argument, struct slice key, struct slice value)
{
	struct keeping *keeping = argument;
	uint64_t email;
	if (!post_key_take_content(key, &email) || email >= keeping->until)
		return false;
	keeping->next = email;
	keeping->cut = must_wait(keeping, email, value);
	if (keeping->cut)
		return false;
	arena_reset(keeping->message_arena);
	keeping->failure = index_message(keeping, value);
	keeping->next = email + 1;
	keeping->cut = is_full(keeping);
	return !keeping->failure && !keeping->cut;
}

/* Emails without a content are purged already: the next one may be far. */
static enum base_failure
index_messages(struct keeping *keeping)
{
	struct post_key from = post_key_content(keeping->state.next);
	struct post_key until = post_key_content(keeping->until);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	keeping->next = keeping->state.next;
	enum base_failure failure =
		store_scan(keeping->account->space, &range, content_row, keeping, NULL);
	if (!keeping->cut)
		keeping->next = keeping->until;
	return failure ? failure : keeping->failure;
}

static enum base_failure
put_segment(struct keeping *keeping)
{
	struct search_state *state = &keeping->state;
	struct store_blob *blob;
	struct search_part part = {.number = state->number_next++,
		.first = state->next,
		.last = keeping->next - 1,
		.documents = search_builder_documents(keeping->builder)};
	SCOPED(buffer_free) struct buffer bytes = buffer_with(SEARCH_SEGMENT_BYTES_MOST);
	if (!part.documents)
		return BASE_OK;
	if (!search_builder_end(keeping->builder, &bytes))
		return BASE_TOO_LARGE;
	enum base_failure failure = search_segment_make(
		keeping->account->post->store, buffer_slice(&bytes), &part, &blob);
	if (failure)
		return failure;
	base_metric_add(keeping->account->post->counters.index_bytes, (int64_t)part.bytes);
	search_edit_refer(keeping->edit, blob, 'S', part.number);
	struct search_part *parts =
		ARENA_MANY(keeping->arena, struct search_part, state->part_count + 1);
	if (state->part_count)
		memcpy(parts, state->parts, state->part_count * sizeof *parts);
	parts[state->part_count++] = part;
	state->parts = parts;
	return BASE_OK;
}

static enum base_failure
put_round(struct keeping *keeping)
{
	struct search_state *state = &keeping->state;
	enum base_failure failure = search_packing_end(keeping->packing, &state->last_pack);
	if (!failure)
		failure = put_segment(keeping);
	if (!failure)
		failure = search_arrivals_put(keeping->arrivals, keeping->account,
			keeping->edit, keeping->next, state);
	if (failure)
		return failure;
	state->next = keeping->next;
	search_edit_state(keeping->edit, state);
	failure = search_edit_submit(keeping->edit, keeping->account->space);
	if (!failure)
		base_metric_add(keeping->account->post->counters.indexed,
			(int64_t)search_builder_documents(keeping->builder));
	return failure;
}

static enum base_failure
run_round(struct keeping *keeping)
{
	enum base_failure failure =
		search_arrivals_read(keeping->arrivals, keeping->account, &keeping->state);
	if (!failure)
		failure = search_packing_go_on(keeping->packing, keeping->state.last_pack);
	if (!failure)
		failure = index_messages(keeping);
	if (!failure && keeping->next > keeping->state.next)
		failure = put_round(keeping);
	return failure;
}

static enum base_failure
round_of(struct post_account *account, struct arena *arena,
	const struct search_state *state, uint64_t until, uint64_t *next)
{
	SCOPED(arena_release) struct arena *message_arena = arena_create(ARENA_NO_CEILING);
	SCOPED(search_edit_release) struct search_edit *edit = search_edit_create();
	SCOPED(search_packing_release)
	struct search_packing *packing = search_packing_create(account, edit);
	SCOPED(search_arrivals_release)
	struct search_arrivals *arrivals = search_arrivals_create(state->next, until);
	struct keeping keeping = {.account = account,
		.arena = arena,
		.message_arena = message_arena,
		.state = *state,
		.arrivals = arrivals,
		.builder = search_builder_create(),
		.packing = packing,
		.edit = edit,
		.texts = buffer_with(SEARCH_DOCUMENT_MOST),
		.deadline = base_clock_steady_ms(account->post->clock) + SEARCH_ROUND_MS,
		.undecided = post_attached_undecided_from(account),
		.until = until};
	keeping.words = search_words_begin(word_seen, &keeping);
	enum base_failure failure = run_round(&keeping);
	*next = keeping.next;
	search_builder_destroy(keeping.builder);
	search_joint_set_free(&keeping.joints);
	buffer_free(&keeping.texts);
	return failure;
}

/* --- what waits -------------------------------------------------------------------------
 */

static enum base_failure
read_ledger(struct store_space *space, struct arena *arena, uint64_t *email_next)
{
	struct slice value;
	struct post_ledger ledger;
	struct post_key key = post_key_ledger();
	enum base_failure failure = store_get(space, post_key_slice(&key), arena, &value);
	if (!failure)
		failure = post_ledger_unpack(value, &ledger);
	*email_next = failure ? 0 : ledger.email_next;
	return failure == BASE_NOT_FOUND ? BASE_OK : failure;
}

/* How many emails wait, and which the round takes. */
static uint64_t
waiting(const struct search_state *state, uint64_t email_next, uint64_t *until)
{
	if (email_next > SEARCH_EMAILS_MOST)
		email_next = SEARCH_EMAILS_MOST;
	uint64_t count = email_next > state->next ? email_next - state->next : 0;
	*until = state->next + (count < SEARCH_ROUND_MOST ? count : SEARCH_ROUND_MOST);
	return count;
}

enum base_failure
search_keep_account(struct post_account *account, bool *more)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct search_state state;
	uint64_t email_next, until;
	*more = false;
	enum base_failure failure = search_state_read(account->space, arena, &state);
	if (!failure)
		failure = read_ledger(account->space, arena, &email_next);
	if (failure || waiting(&state, email_next, &until) < SEARCH_WAITING)
		return failure;
	uint64_t from = state.next;
	failure = round_of(account, arena, &state, until, &state.next);
	*more = !failure && state.next > from &&
		waiting(&state, email_next, &until) >= SEARCH_WAITING;
	return failure;
}

static bool
read_both(struct post *post, uint64_t account, struct arena *arena,
	struct search_state *state, uint64_t *email_next)
{
	struct store_space *space = store_space_open(post->store, account);
	bool read = !search_state_read(space, arena, state) &&
		    !read_ledger(space, arena, email_next);
	store_space_close(space);
	return read;
}

bool
search_keep_has_work(struct post *post, uint64_t account)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct search_state state;
	uint64_t email_next, until;
	return !read_both(post, account, arena, &state, &email_next) ||
	       waiting(&state, email_next, &until) >= SEARCH_WAITING;
}

bool
search_keep_position(
	struct post *post, uint64_t account, uint64_t *next, uint64_t *email_next)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct search_state state = {0};
	*email_next = 0;
	bool read = read_both(post, account, arena, &state, email_next);
	*next = state.next;
	return read;
}
