#include "relay/settle.h"
#include "relay/names.h"

enum settle_kind { SETTLE_DELETE, SETTLE_PUT, SETTLE_FORGET };

struct settle_item {
	struct settle_item *next;
	enum settle_kind kind;
	struct relay_entry *row; /* NULL: of FORGET */
	struct slice id;
	struct store_hash hash;
	struct slice value; /* the packed row */
	uint32_t attempts;
	int64_t next_ms;
	bool held, delivered;
	bool last; /* of its letter's rows, with others of this commit */
};

struct relay_settle {
	TAILQ_ENTRY(relay_settle) unsaved;
	struct relay *relay;
	struct arena *arena;
	unsigned space;
	bool with_delivery; /* failing, the rows are tried again */
	struct settle_item *first, **end;
};

/* --- making ---------------------------------------------------------------------- */

struct relay_settle *
relay_settle_create(struct relay *relay, unsigned space)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct relay_settle *settle = ARENA_NEW(arena, struct relay_settle);
	*settle = (struct relay_settle){.relay = relay, .arena = arena, .space = space};
	settle->end = &settle->first;
	return settle;
}

void
relay_settle_destroy(struct relay_settle *settle)
{
	if (settle)
		arena_destroy(settle->arena);
}

bool
relay_settle_is_empty(const struct relay_settle *settle)
{
	return !settle->first;
}

static struct settle_item *
add(struct relay_settle *settle, enum settle_kind kind)
{
	struct settle_item *item = ARENA_NEW(settle->arena, struct settle_item);
	item->kind = kind;
	*settle->end = item;
	settle->end = &item->next;
	return item;
}

static struct settle_item *
add_row(struct relay_settle *settle, enum settle_kind kind, struct relay_entry *row)
{
	struct settle_item *item = add(settle, kind);
	item->row = row;
	item->id = arena_copy(settle->arena, relay_queued_id(row->letter));
	item->hash = row->letter->hash;
	return item;
}

void
relay_settle_delete(struct relay_settle *settle, struct relay_entry *row, bool delivered)
{
	add_row(settle, SETTLE_DELETE, row)->delivered = delivered;
}

void
relay_settle_put(struct relay_settle *settle, struct relay_entry *row,
	const struct relay_row_record *record)
{
	SCOPED(buffer_free) struct buffer packed = buffer_with(RELAY_ROW_MOST);
	ASSERT(relay_row_pack(record, &packed));
	struct settle_item *item = add_row(settle, SETTLE_PUT, row);
	item->value = arena_copy(settle->arena, buffer_slice(&packed));
	item->attempts = record->attempts;
	item->next_ms = record->next_ms;
	item->held = record->held;
}

void
relay_settle_forget(
	struct relay_settle *settle, struct slice id, const struct store_hash *hash)
{
	struct settle_item *item = add(settle, SETTLE_FORGET);
	item->id = arena_copy(settle->arena, id);
	item->hash = *hash;
}

/* --- the commit ------------------------------------------------------------------ */

/* The items of one letter stand one after the other. Marks those that are its last rows. */
static struct settle_item *
mark_last(struct settle_item *first)
{
	const struct relay_queued *letter = first->row->letter;
	struct settle_item *end = first;
	size_t deleted = 0;
	for (; end && end->row && end->row->letter == letter; end = end->next)
		deleted += end->kind == SETTLE_DELETE;
	for (struct settle_item *at = first; at != end; at = at->next)
		at->last = at == first && deleted == letter->count && !letter->has_damaged;
	return end;
}

/* In the turn, so that no other commit of the space decides at the same time. */
static void
decide_last(struct relay_settle *settle)
{
	pthread_mutex_lock(&settle->relay->lock);
	for (struct settle_item *at = settle->first; at;)
		at = at->row ? mark_last(at) : at->next;
	pthread_mutex_unlock(&settle->relay->lock);
}

static void
fill_item(const struct settle_item *item, struct store_turn *turn)
{
	char key[RELAY_KEY_MOST];
	if (item->kind == SETTLE_PUT)
		store_put(
			turn, relay_key_row(item->id, item->row->number, key), item->value);
	if (item->kind == SETTLE_DELETE)
		store_delete(turn, relay_key_row(item->id, item->row->number, key));
	if (item->last || item->kind == SETTLE_FORGET) {
		store_delete(turn, relay_key_letter(item->id, key));
		store_dereference(turn, &item->hash, item->id);
	}
}

/* --- memory follows, with the lock held ------------------------------------------ */

static void
wait_again(struct relay *relay, struct relay_entry *row, int64_t next_ms, bool held)
{
	/* Name servers that were silent have come back meanwhile. */
	bool may_go = row->unanswered && row->unanswered != relay_names_mark(relay);
	row->next_ms = may_go ? relay_now(relay) : next_ms;
	if (may_go)
		row->unanswered = 0;
	row->place = held || row->wish ? RELAY_ROW_HELD : RELAY_ROW_WAITING;
	if (row->wish)
		TAILQ_INSERT_TAIL(&relay->wishing, row, wishing);
	relay_place(relay, row->consignment);
}

/*
 * Two commits may each have deleted a part of a letter's rows, neither knowing how the
 * other would end: its record is still there then, and goes in a commit of its own.
 */
static void
forget_later(struct relay_settle *settle, const struct settle_item *item)
{
	struct relay_settle *rest = relay_settle_create(settle->relay, settle->space);
	relay_settle_forget(rest, item->id, &item->hash);
	TAILQ_INSERT_TAIL(&settle->relay->unsaved, rest, unsaved);
}

/* Returns the item behind the letter's. */
static const struct settle_item *
apply_letter(struct relay_settle *settle, const struct settle_item *first)
{
	const struct relay_queued *letter = first->row->letter;
	const struct settle_item *at = first;
	bool forget = !first->last && !letter->has_damaged, gone = false;
	for (; at && at->row && !gone && at->row->letter == letter; at = at->next) {
		if (at->kind == SETTLE_DELETE) {
			gone = relay_queue_remove(&settle->relay->queue, at->row);
			continue;
		}
		at->row->attempts = at->attempts;
		wait_again(settle->relay, at->row, at->next_ms, at->held);
	}
	if (gone && forget)
		forget_later(settle, first);
	return at;
}

static void
apply(struct relay_settle *settle)
{
	const struct settle_item *at = settle->first;
	while (at)
		at = at->row ? apply_letter(settle, at) : at->next;
}

/* On the committer's thread, before anybody sees the ticket complete. */
static void
durable(void *argument)
{
	struct relay_settle *settle = argument;
	struct relay *relay = settle->relay;
	pthread_mutex_lock(&relay->lock);
	apply(settle);
	relay_dispatch(relay);
	pthread_mutex_unlock(&relay->lock);
}

/* Only what was delivered stays in the settle. */
static void
give_back(struct relay_settle *settle)
{
	struct relay *relay = settle->relay;
	struct settle_item **link = &settle->first;
	while (*link) {
		struct settle_item *item = *link;
		if (item->delivered) {
			link = &item->next;
			continue;
		}
		wait_again(relay, item->row, relay_now(relay) + RELAY_PUT_BACK_MS, false);
		*link = item->next;
	}
	settle->with_delivery = false;
}

/* False: it is not done with, and waits for the tick. */
static bool
end(struct relay_settle *settle, enum base_failure outcome)
{
	struct relay *relay = settle->relay;
	if (outcome == BASE_OK)
		return true;
	LOG(relay->settings.log, BASE_LOG_ERROR, "relay.unsaved", LOG_FAILURE(outcome));
	if (settle->with_delivery)
		give_back(settle);
	if (relay_settle_is_empty(settle))
		return true;
	TAILQ_INSERT_TAIL(&relay->unsaved, settle, unsaved);
	return false;
}

static void
settled(void *argument, enum base_failure outcome)
{
	struct relay_settle *settle = argument;
	struct relay *relay = settle->relay;
	pthread_mutex_lock(&relay->lock);
	bool done = end(settle, outcome);
	relay_dispatch(relay);
	relay->under_way--;
	pthread_cond_broadcast(&relay->settled);
	pthread_mutex_unlock(&relay->lock);
	if (done)
		relay_settle_destroy(settle);
}

/* --- submitting ------------------------------------------------------------------ */

static enum base_failure
fill(void *argument, struct store_turn *turn, struct store_blob *blob)
{
	struct relay_settle *settle = argument;
	(void)blob;
	decide_last(settle);
	for (const struct settle_item *at = settle->first; at; at = at->next)
		fill_item(at, turn);
	store_on_durable(turn, durable, settle);
	return BASE_OK;
}

static void
count_in(struct relay *relay)
{
	pthread_mutex_lock(&relay->lock);
	relay->under_way++;
	pthread_mutex_unlock(&relay->lock);
}

struct base_ticket *
relay_settle_submit(struct relay_settle *settle)
{
	struct relay *relay = settle->relay;
	struct store_turn *turn;
	count_in(relay);
	enum base_failure failure =
		store_begin(relay->spaces[settle->space], STORE_CHANGE, &turn);
	if (failure) {
		settled(settle, failure);
		return base_ticket_completed(failure);
	}
	fill(settle, turn, NULL);
	struct base_ticket *ticket = store_submit(&turn);
	base_ticket_then(ticket, settled, settle);
	return ticket;
}

struct base_ticket *
relay_settle_submit_with(struct relay_settle *settle, struct post_delivery **delivery,
	struct base_error *error)
{
	struct relay *relay = settle->relay;
	settle->with_delivery = true;
	count_in(relay);
	post_delivery_also(*delivery, relay->spaces[settle->space], fill, settle);
	struct base_ticket *ticket = post_delivery_submit(delivery, error);
	if (ticket) {
		base_ticket_then(ticket, settled, settle);
		return ticket;
	}
	settle->with_delivery = false;
	pthread_mutex_lock(&relay->lock);
	relay->under_way--;
	pthread_cond_broadcast(&relay->settled);
	pthread_mutex_unlock(&relay->lock);
	return NULL;
}

struct relay_settle *
relay_settle_take_unsaved(struct relay *relay)
{
	pthread_mutex_lock(&relay->lock);
	struct relay_settle *first = TAILQ_FIRST(&relay->unsaved);
	if (first)
		TAILQ_REMOVE(&relay->unsaved, first, unsaved);
	pthread_mutex_unlock(&relay->lock);
	return first;
}

/* Those that fail again are behind the others: each is tried once. */
void
relay_settle_unsaved(struct relay *relay)
{
	struct relay_settle *settle;
	size_t count = 0;
	pthread_mutex_lock(&relay->lock);
	TAILQ_FOREACH(settle, &relay->unsaved, unsaved)
	count++;
	pthread_mutex_unlock(&relay->lock);
	while (count-- > 0 && (settle = relay_settle_take_unsaved(relay)))
		base_ticket_drop(relay_settle_submit(settle));
}

/* --- leased, and nothing came of it ---------------------------------------------- */

void
relay_put_back(struct relay *relay, struct relay_entry *const *rows, size_t count,
	int64_t pause_ms)
{
	if (count == 0)
		return;
	pthread_mutex_lock(&relay->lock);
	for (size_t i = 0; i < count; i++)
		wait_again(relay, rows[i], relay_now(relay) + pause_ms, false);
	relay_dispatch(relay);
	pthread_mutex_unlock(&relay->lock);
}
