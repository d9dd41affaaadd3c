#include "post/search-keep.h"
#include "post/attached-internal.h"

struct keeping {
	struct post_account *account;
	struct arena *arena; /* of the round */
	struct search_state state;
	struct search_arrivals *arrivals;
	struct search_builder *builder;
	struct search_packing *packing;
	struct search_reading *reading;
	struct search_edit *edit;
	uint64_t next, until; /* the email under way; where to stop */
	uint64_t undecided;   /* from there on attachments may be (attached.h) */
	uint64_t deadline;    /* steady ms: after it the round ends, however short it is */
	bool cut;             /* it ended before until */
	enum base_failure failure;
};

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
	keeping->failure = search_reading_add(keeping->reading, email,
		search_arrivals_prefix(keeping->arrivals, email), value);
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
	SCOPED(search_edit_release) struct search_edit *edit = search_edit_create();
	SCOPED(search_packing_release)
	struct search_packing *packing = search_packing_create(account, edit);
	SCOPED(search_arrivals_release)
	struct search_arrivals *arrivals = search_arrivals_create(state->next, until);
	struct search_builder *builder = search_builder_create();
	struct keeping keeping = {.account = account,
		.arena = arena,
		.state = *state,
		.arrivals = arrivals,
		.builder = builder,
		.packing = packing,
		.reading = search_reading_create(account, builder, packing),
		.edit = edit,
		.deadline = base_clock_steady_ms(account->post->clock) + SEARCH_ROUND_MS,
		.undecided = post_attached_undecided_from(account),
		.until = until};
	enum base_failure failure = run_round(&keeping);
	*next = keeping.next;
	search_reading_destroy(keeping.reading);
	search_builder_destroy(builder);
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
