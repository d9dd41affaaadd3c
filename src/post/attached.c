/* Which messages are decided, and the deciding of the next one. */
#include "post/attached.h"
#include "post/attached-internal.h"
#include "post/mailbox-internal.h"
#include "post/search-store.h"

enum {
	ROWS_AT_ONCE = 1000,   /* contents looked at before others get the turn */
	CHORES_ACCOUNTS = 200, /* looked at in one call */
	CHORES_MS = 5000,      /* of one account in one call */
	BEHIND_MOST = 1000     /* messages without attachments that the row is behind */
};

static const struct post_attached_runner *
runner_of(const struct post_account *account)
{
	return &account->post->settings.attached;
}

/* --- what is known ----------------------------------------------------------------------
 */

static struct post_attached_state
state_of(struct slice value)
{
	struct post_attached_state state;
	if (slice_absent(value) || !post_attached_state_unpack(value, &state))
		return (struct post_attached_state){
			.version = POST_ATTACHED_VERSION, .next = 1};
	return state;
}

enum base_failure
post_attached_state_read(struct store_space *space, struct post_attached_state *state)
{
	struct slice value;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_key key = post_key_attached_state();
	enum base_failure failure = store_get(space, post_key_slice(&key), arena, &value);
	*state = state_of(failure ? SLICE_NONE : value);
	return failure == BASE_NOT_FOUND ? BASE_OK : failure;
}

static bool
read_row(struct store_space *space, uint64_t email, struct arena *arena,
	struct post_attached *attached)
{
	struct slice value;
	struct post_key key = post_key_attached(email);
	return !store_get(space, post_key_slice(&key), arena, &value) &&
	       post_attached_unpack(arena, value, attached);
}

void
post_attached_of(struct store_space *space, uint64_t email, struct arena *arena,
	struct post_attached *attached)
{
	if (!read_row(space, email, arena, attached))
		*attached = (struct post_attached){0};
}

bool
post_attached_some(const struct wire_message *structure)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	for (const struct wire_mime_part *part = structure->top; part;
		part = wire_mime_part_next(part)) {
		if (post_attached_what(arena, part).kind == POST_ATTACHED_PROGRAM)
			return true;
		arena_reset(arena);
	}
	return false;
}

static uint64_t
programs_there(const struct post_attached_runner *runner)
{
	uint64_t programs = 0;
	for (unsigned i = 0; i < POST_ATTACHED_PROGRAMS; i++)
		if (runner->has(runner->argument, i))
			programs |= (uint64_t)1 << i;
	return programs;
}

/* --- one message ------------------------------------------------------------------------
 */

/* What is looked for from the account's next on. */
struct finding {
	struct post_account *account;
	struct arena *arena;
	uint64_t programs, noted; /* that are there; or were, the row says */
	uint64_t durable, next;   /* the row's; where to look from */
	unsigned rows;
	bool found; /* message is to be decided */
	struct post_content_record content;
	struct post_message message;
};

/* Without what stands before it in a mailbox: the same in all of them. */
static bool
read_message(struct slice value, uint64_t email, struct finding *finding)
{
	struct post_entry_record entry = {.email = email};
	if (post_content_unpack(value, &finding->content))
		return false;
	entry.size = finding->content.trace.length + finding->content.size;
	return !post_message_of_records(1, &entry, &finding->content, POST_WHOLE,
		finding->arena, &finding->message);
}

static bool
is_decided(const struct finding *finding, uint64_t email)
{
	struct post_attached known;
	return read_row(finding->account->space, email, finding->arena, &known) &&
	       !(known.missing & finding->programs);
}

static bool
content_row(void *argument, struct slice key, struct slice value)
{
	struct finding *finding = argument;
	uint64_t email;
	if (!post_key_take_content(key, &email))
		return false;
	arena_reset(finding->arena);
	finding->found = read_message(arena_copy(finding->arena, value), email, finding) &&
			 post_attached_some(finding->message.structure) &&
			 !is_decided(finding, email);
	finding->next = email + !finding->found;
	return !finding->found && ++finding->rows < ROWS_AT_ONCE;
}

static bool
read_email_next(struct store_space *space, uint64_t *email_next)
{
	struct slice value;
	struct post_ledger ledger;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_key key = post_key_ledger();
	bool read = !store_get(space, post_key_slice(&key), arena, &value) &&
		    !post_ledger_unpack(value, &ledger);
	*email_next = read ? ledger.email_next : 0;
	return read;
}

/* The last ones may be purged already, so it goes on from the next email that will come. */
static enum base_failure
find(struct finding *finding)
{
	uint64_t email_next;
	if (!read_email_next(finding->account->space, &email_next))
		return BASE_OK;
	struct post_key from = post_key_content(finding->next);
	struct post_key until = post_key_after_row(POST_KEY_OF_CONTENT);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	enum base_failure failure =
		store_scan(finding->account->space, &range, content_row, finding, NULL);
	if (!failure && !finding->found && finding->rows < ROWS_AT_ONCE &&
		finding->next < email_next)
		finding->next = email_next;
	return failure;
}

static void
put_state(struct store_turn *turn, const struct post_attached_state *state)
{
	struct post_key key = post_key_attached_state();
	SCOPED(buffer_free) struct buffer value = buffer_with(STORE_VALUE_MOST);
	post_attached_state_pack(state, &value);
	store_put(turn, post_key_slice(&key), buffer_slice(&value));
}

/* As it stands in the turn: the chores may have made the index new. */
static enum base_failure
state_in_turn(struct store_turn *turn, struct post_attached_state *state)
{
	struct slice value;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_key key = post_key_attached_state();
	enum base_failure failure =
		store_turn_get(turn, post_key_slice(&key), arena, &value);
	*state = state_of(failure ? SLICE_NONE : value);
	return failure == BASE_NOT_FOUND ? BASE_OK : failure;
}

/* Purged meanwhile: then nothing is put. */
static bool
is_there(struct store_turn *turn, uint64_t email)
{
	struct slice value;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_key key = post_key_content(email);
	return !store_turn_get(turn, post_key_slice(&key), arena, &value);
}

static bool
is_indexed(struct post_account *account, uint64_t email)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct search_state index;
	return !search_state_read(account->space, arena, &index) && index.part_count &&
	       email < index.next;
}

static enum base_failure
put(struct post_account *account, uint64_t email, const struct post_attached *attached,
	uint64_t programs)
{
	struct post_attached_state state;
	struct post_key key = post_key_attached(email);
	SCOPED(store_turn_release) struct store_turn *turn = NULL;
	SCOPED(buffer_free) struct buffer value = buffer_with(STORE_VALUE_MOST);
	if (!post_attached_pack(attached, &value))
		return BASE_TOO_LARGE;
	bool indexed = attached->count && is_indexed(account, email);
	enum base_failure failure = store_begin(account->space, STORE_CHANGE, &turn);
	if (!failure)
		failure = state_in_turn(turn, &state);
	if (failure)
		return failure;
	state.next = email + 1;
	state.programs = programs;
	state.index_old = state.index_old || indexed;
	if (is_there(turn, email))
		store_put(turn, post_key_slice(&key), buffer_slice(&value));
	put_state(turn, &state);
	return base_ticket_await(store_submit(&turn));
}

/* --- an account -------------------------------------------------------------------------
 */

static enum base_failure
put_progress(struct post_account *account, uint64_t next, uint64_t programs)
{
	struct post_attached_state state;
	SCOPED(store_turn_release) struct store_turn *turn = NULL;
	enum base_failure failure = store_begin(account->space, STORE_CHANGE, &turn);
	if (!failure)
		failure = state_in_turn(turn, &state);
	if (failure)
		return failure;
	state.version = POST_ATTACHED_VERSION;
	state.programs = programs;
	state.next = next;
	put_state(turn, &state);
	return base_ticket_await(store_submit(&turn));
}

/*
 * Where to go on: a program that was installed since, or tables that say other things, are
 * a reason to begin anew; what is decided is passed over then.
 */
static enum base_failure
begin(struct post_account *account, struct finding *finding)
{
	struct post_attached_state state;
	enum base_failure failure = post_attached_state_read(account->space, &state);
	if (failure)
		return failure;
	finding->programs = programs_there(runner_of(account));
	finding->noted = finding->programs | state.programs;
	if (state.version != POST_ATTACHED_VERSION ||
		(state.next > 1 && finding->noted != state.programs)) {
		atomic_store(&account->attached_next, 1);
		failure = put_progress(account, 1, finding->noted);
		state.next = 1;
	}
	uint64_t ahead = atomic_load(&account->attached_next);
	finding->durable = state.next;
	finding->next = ahead > state.next ? ahead : state.next;
	return failure;
}

static enum base_failure
decide(struct post_account *account, struct finding *finding)
{
	struct post_attached attached;
	uint64_t email = finding->message.email_id;
	enum base_failure failure = post_attached_extract(
		account, &finding->message, finding->arena, &attached);
	if (!failure)
		failure = put(account, email, &attached, finding->noted);
	finding->next = email + !failure;
	return failure;
}

/*
 * The next message that is to be decided, or some that need not be: the row is that many
 * behind at most.
 */
static enum base_failure
step(struct post_account *account, uint64_t behind_most, bool *more)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct finding finding = {.account = account, .arena = arena};
	enum base_failure failure = begin(account, &finding);
	if (!failure)
		failure = find(&finding);
	if (!failure && finding.found)
		failure = decide(account, &finding);
	else if (!failure && finding.next - finding.durable >= behind_most)
		failure = put_progress(account, finding.next, finding.noted);
	atomic_store(&account->attached_next, finding.next);
	*more = !failure && (finding.found || finding.rows == ROWS_AT_ONCE);
	return failure;
}

static bool
may_go_on(const struct post_attached_runner *runner)
{
	return !runner->go_on || runner->go_on(runner->argument);
}

/* Two that read the same account take turns, message by message. */
static void
work(struct post_account *account, uint64_t within_ms, uint64_t behind_most)
{
	struct base_clock *clock = account->post->clock;
	uint64_t until = base_clock_steady_ms(clock) + within_ms;
	enum base_failure failure = BASE_OK;
	bool more = true;
	while (more && !failure && may_go_on(runner_of(account)) &&
		base_clock_steady_ms(clock) < until) {
		pthread_mutex_lock(&account->attaching);
		failure = step(account, behind_most, &more);
		pthread_mutex_unlock(&account->attaching);
	}
	if (failure && failure != BASE_UNAVAILABLE && failure != BASE_NOT_FOUND)
		LOG(account->post->log, BASE_LOG_WARN, "post.chore.failed",
			LOG_STRING("chore", "attachments"),
			LOG_NUMBER("account", account->id), LOG_FAILURE(failure));
}

/* --- for others -------------------------------------------------------------------------
 */

uint64_t
post_attached_undecided_from(struct post_account *account)
{
	struct post_attached_state state;
	if (!runner_of(account)->has || post_attached_state_read(account->space, &state))
		return UINT64_MAX;
	uint64_t ahead = atomic_load(&account->attached_next);
	return ahead > state.next ? ahead : state.next;
}

bool
post_attached_is_undecided(struct post_account *account, uint64_t email,
	const struct post_content_record *content)
{
	struct post_attached known;
	const struct wire_message *structure;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	return !wire_mime_unpack(arena, content->structure, 0, &structure) &&
	       post_attached_some(structure) &&
	       !read_row(account->space, email, arena, &known);
}

bool
post_attached_waits(struct post *post, uint64_t id)
{
	uint64_t email_next;
	if (!post->settings.attached.has)
		return false;
	struct post_account *account = post_account_get(post, id);
	bool waits = read_email_next(account->space, &email_next) &&
		     post_attached_undecided_from(account) < email_next;
	post_account_close(account);
	return waits;
}

void
post_attached_read(struct post *post, uint64_t id, uint64_t within_ms)
{
	struct post_account *account = post_account_get(post, id);
	if (post->settings.attached.has)
		work(account, within_ms, BEHIND_MOST);
	post_account_close(account);
}

static bool
has_work(struct post *post, uint64_t id)
{
	uint64_t email_next;
	struct post_attached_state state;
	struct store_space *space = store_space_open(post->store, id);
	bool behind = read_email_next(space, &email_next) &&
		      !post_attached_state_read(space, &state) &&
		      (state.next < email_next ||
			      (state.next > 1 && programs_there(&post->settings.attached) &
							 ~state.programs));
	store_space_close(space);
	return behind;
}

void
post_attached_chores(struct post *post)
{
	const struct post_attached_runner *runner = &post->settings.attached;
	if (!runner->has || atomic_exchange(&post->attached_busy, true))
		return;
	uint64_t id = atomic_load(&post->attached_after);
	for (int i = 0; i < CHORES_ACCOUNTS && may_go_on(runner); i++) {
		id = post_directory_account_after(post, id);
		if (!id)
			break;
		if (!has_work(post, id))
			continue;
		struct post_account *account = post_account_get(post, id);
		work(account, CHORES_MS, 1);
		post_account_close(account);
	}
	atomic_store(&post->attached_after, id);
	atomic_store(&post->attached_busy, false);
}

void
post_attached_purge(struct store_turn *turn, uint64_t email)
{
	struct post_key key = post_key_attached(email);
	store_delete(turn, post_key_slice(&key));
}

enum base_failure
post_attached_index_new(struct store_turn *turn)
{
	struct post_attached_state state;
	enum base_failure failure = state_in_turn(turn, &state);
	if (failure || !state.index_old)
		return failure;
	state.index_old = false;
	put_state(turn, &state);
	return BASE_OK;
}
