#include "relay/manage.h"
#include "relay/parcel.h"
#include "relay/settle.h"
#include "wire/address.h"

/* --- which rows ------------------------------------------------------------------ */

/* With the lock held; false to stop. */
typedef bool visit_row(void *argument, struct relay_entry *row);

static bool
is_to_domain(const struct relay_entry *row, struct slice domain)
{
	struct slice address = relay_entry_address(row);
	size_t at = slice_find_last_byte(address, '@');
	return slice_equal_nocase(slice_from(address, at + 1), domain);
}

static bool
visit_letter(
	struct relay_queued *letter, struct slice domain, visit_row *visit, void *argument)
{
	struct relay_entry *row, *next;
	for (row = TAILQ_FIRST(&letter->rows); row; row = next) {
		next = TAILQ_NEXT(row, of_letter);
		if (!slice_absent(domain) && !is_to_domain(row, domain))
			continue;
		if (!visit(argument, row))
			return false;
	}
	return true;
}

static struct relay_entry *
row_of_id(struct relay *relay, struct slice text)
{
	char id[BASE_ID_LENGTH];
	uint32_t number;
	struct relay_entry *row;
	if (!relay_row_id_parse(text, id, &number))
		return NULL;
	struct relay_queued *letter =
		relay_queue_find(&relay->queue, slice_of(id, sizeof id));
	if (!letter)
		return NULL;
	TAILQ_FOREACH(row, &letter->rows, of_letter)
	if (row->number == number)
		return row;
	return NULL;
}

/* With the lock held. Nothing that visit does removes a letter. */
static void
visit_chosen(struct relay *relay, const struct relay_choice *choice, visit_row *visit,
	void *argument)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice domain = SLICE_NONE;
	struct relay_queued *letter;
	bool go_on = true;
	for (size_t i = 0; i < choice->count && go_on; i++) {
		struct relay_entry *row = row_of_id(relay, choice->ids[i]);
		go_on = !row || visit(argument, row);
	}
	if (choice->count > 0 || (slice_empty(choice->domain) && !choice->all))
		return;
	if (!slice_empty(choice->domain) &&
		wire_domain_canonical(arena, choice->domain, &domain))
		domain = choice->domain;
	TAILQ_FOREACH(letter, &relay->queue.by_arrival, of_queue)
	{
		if (!go_on)
			break;
		go_on = visit_letter(letter, domain, visit, argument);
	}
}

/* --- list ------------------------------------------------------------------------ */

struct listing {
	struct relay *relay;
	struct arena *arena;
	struct relay_row *rows;
	uint32_t *numbers;
	size_t count, room, limit;
};

static void
make_room(struct listing *listing)
{
	if (listing->count < listing->room)
		return;
	size_t room = listing->room ? 2 * listing->room : 64;
	struct relay_row *rows = ARENA_MANY(listing->arena, struct relay_row, room);
	uint32_t *numbers = ARENA_MANY(listing->arena, uint32_t, room);
	if (listing->count > 0) {
		memcpy(rows, listing->rows, listing->count * sizeof *rows);
		memcpy(numbers, listing->numbers, listing->count * sizeof *numbers);
	}
	listing->rows = rows;
	listing->numbers = numbers;
	listing->room = room;
}

static struct slice
route_of(const struct relay_entry *row)
{
	const struct relay_destination *destination = row->consignment->destination;
	return destination->target.way == RELAY_WAY_MX
		       ? SLICE("mx")
		       : slice_of(destination->name, destination->length);
}

static bool
list_row(void *argument, struct relay_entry *row)
{
	struct listing *listing = argument;
	struct arena *arena = listing->arena;
	const struct relay_queued *letter = row->letter;
	char id[RELAY_ROW_ID_MOST + 1];
	static const enum relay_state states[] = {[RELAY_ROW_WAITING] = RELAY_WAITING,
		[RELAY_ROW_LEASED] = RELAY_ACTIVE,
		[RELAY_ROW_HELD] = RELAY_HELD};
	make_room(listing);
	listing->numbers[listing->count] = row->number;
	listing->rows[listing->count++] = (struct relay_row){
		.id = arena_copy(
			arena, relay_row_id(relay_queued_id(letter), row->number, id)),
		.letter = arena_copy(arena, relay_queued_id(letter)),
		.sender = SLICE(""),
		.recipient = arena_copy(arena, relay_entry_address(row)),
		.state = states[row->place],
		.attempts = row->attempts,
		.arrived_ms = letter->arrived_ms,
		.next_ms = row->next_ms,
		.expires_ms = relay_schedule_expiry(
			&listing->relay->schedule, letter->arrived_ms),
		.size = letter->size,
		.last_reply = SLICE_NONE,
		.route = arena_copy(arena, route_of(row))};
	return listing->limit == 0 || listing->count < listing->limit;
}

/* What is not kept in memory. A row that is gone meanwhile stays as it was seen. */
static void
complete_row(struct listing *listing, size_t index)
{
	struct relay_row *row = &listing->rows[index];
	struct store_space *space = listing->relay->spaces[relay_space_of(row->letter)];
	struct relay_letter_record letter;
	struct relay_row_record record;
	struct slice value;
	char key[RELAY_KEY_MOST];
	if (!store_get(space, relay_key_letter(row->letter, key), listing->arena, &value) &&
		!relay_letter_unpack(value, &letter))
		row->sender = letter.sender;
	if (!store_get(space, relay_key_row(row->letter, listing->numbers[index], key),
		    listing->arena, &value) &&
		!relay_row_unpack(value, &record))
		row->last_reply = record.reply;
}

size_t
relay_list(struct relay *relay, const struct relay_choice *choice, size_t limit,
	struct arena *arena, struct relay_row **rows)
{
	struct listing listing = {.relay = relay, .arena = arena, .limit = limit};
	pthread_mutex_lock(&relay->lock);
	visit_chosen(relay, choice, list_row, &listing);
	pthread_mutex_unlock(&relay->lock);
	for (size_t i = 0; i < listing.count; i++)
		complete_row(&listing, i);
	*rows = listing.rows;
	return listing.count;
}

size_t
relay_count(struct relay *relay)
{
	pthread_mutex_lock(&relay->lock);
	size_t count = relay->queue.rows;
	pthread_mutex_unlock(&relay->lock);
	return count;
}

/* --- changing: lease what can be leased, then commit letter by letter ------------ */

struct changing {
	struct relay *relay;
	struct arena *arena;
	enum relay_wish wish;      /* NOTHING: try it now */
	struct relay_entry **rows; /* leased */
	size_t count, room;
	size_t changed;
	struct base_ticket **tickets;
	size_t ticket_count, ticket_room;
};

/* A list with room for one more. */
static void *
grown(struct arena *arena, void *list, size_t count, size_t *room, size_t size)
{
	ASSERT(list || *room == 0);
	if (count < *room)
		return list;
	*room = *room ? 2 * *room : 64;
	void *made = arena_take_many(arena, *room, size);
	if (count > 0)
		memcpy(made, list, count * size);
	return made;
}

static void
lease(struct changing *changing, struct relay_entry *row)
{
	struct relay *relay = changing->relay;
	if (row->wish && row->place == RELAY_ROW_HELD)
		TAILQ_REMOVE(&relay->wishing, row, wishing);
	row->wish = RELAY_WISH_NOTHING;
	row->place = RELAY_ROW_LEASED;
	relay_place(relay, row->consignment);
	changing->rows = grown(changing->arena, changing->rows, changing->count,
		&changing->room, sizeof(struct relay_entry *));
	changing->rows[changing->count++] = row;
}

static bool
retry_row(void *argument, struct relay_entry *row)
{
	struct changing *changing = argument;
	struct relay *relay = changing->relay;
	changing->changed++;
	relay_destination_wake(relay, row->consignment->destination);
	if (row->place == RELAY_ROW_HELD)
		lease(changing, row);
	if (row->place != RELAY_ROW_WAITING)
		return true;
	row->next_ms = relay_now(relay);
	relay_place(relay, row->consignment);
	return true;
}

static bool
wish_row(void *argument, struct relay_entry *row)
{
	struct changing *changing = argument;
	if (changing->wish == RELAY_WISH_HOLD && row->place == RELAY_ROW_HELD)
		return true;
	changing->changed++;
	if (row->place == RELAY_ROW_LEASED)
		row->wish = changing->wish;
	else
		lease(changing, row);
	return true;
}

/* The store takes only so many commits at once. */
static void
keep_ticket(struct changing *changing, struct base_ticket *ticket)
{
	pthread_mutex_lock(&changing->relay->lock);
	bool full = changing->relay->under_way >= RELAY_SETTLING_MOST;
	pthread_mutex_unlock(&changing->relay->lock);
	if (full)
		base_ticket_wait(ticket);
	changing->tickets =
		grown(changing->arena, changing->tickets, changing->ticket_count,
			&changing->ticket_room, sizeof(struct base_ticket *));
	changing->tickets[changing->ticket_count++] = ticket;
}

static struct base_ticket *
drop_quietly(struct relay_parcel *parcel)
{
	struct relay_settle *settle = relay_settle_create(parcel->relay, parcel->space);
	for (size_t i = 0; i < parcel->count; i++)
		relay_settle_delete(settle, parcel->rows[i], true);
	return relay_settle_submit(settle);
}

static struct base_ticket *
drop_with_report(struct relay_parcel *parcel)
{
	struct relay_verdict verdict = relay_verdict_own(
		parcel->arena, RELAY_REFUSED, "5.7.0", "a person took it out of the queue");
	relay_parcel_judge(parcel, &verdict);
	parcel->server = parcel->tls = SLICE("");
	return relay_parcel_settle(parcel);
}

static struct base_ticket *
put_rows(struct relay_parcel *parcel, bool held)
{
	struct relay_settle *settle = relay_settle_create(parcel->relay, parcel->space);
	for (size_t i = 0; i < parcel->count; i++) {
		struct relay_row_record *record = &parcel->records[i];
		record->held = held;
		if (!held) {
			record->crashes = 0;
			record->next_ms = relay_now(parcel->relay);
		}
		relay_settle_put(settle, parcel->rows[i], record);
	}
	return relay_settle_submit(settle);
}

static void
change_parcel(struct changing *changing, struct relay_parcel *parcel)
{
	if (changing->wish == RELAY_WISH_DROP_QUIETLY) {
		keep_ticket(changing, drop_quietly(parcel));
		return;
	}
	if (!relay_parcel_load(parcel))
		return;
	if (changing->wish == RELAY_WISH_DROP)
		keep_ticket(changing, drop_with_report(parcel));
	else
		keep_ticket(changing, put_rows(parcel, changing->wish == RELAY_WISH_HOLD));
}

/* Rows of one letter stand one after the other, unless a person named them otherwise. */
static size_t
run_length(struct relay_entry *const *rows, size_t count)
{
	size_t length = 1;
	while (length < count && length < RELAY_PARCEL_MOST &&
		rows[length]->letter == rows[0]->letter)
		length++;
	return length;
}

static void
change_leased(struct changing *changing)
{
	size_t length;
	for (size_t i = 0; i < changing->count; i += length) {
		SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
		struct relay_parcel parcel;
		length = run_length(changing->rows + i, changing->count - i);
		pthread_mutex_lock(&changing->relay->lock);
		relay_parcel_of(
			changing->relay, changing->rows + i, length, arena, &parcel);
		pthread_mutex_unlock(&changing->relay->lock);
		change_parcel(changing, &parcel);
	}
}

static struct base_ticket *
change(struct relay *relay, const struct relay_choice *choice, enum relay_wish wish,
	size_t *changed)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct changing changing = {.relay = relay, .arena = arena, .wish = wish};
	pthread_mutex_lock(&relay->lock);
	visit_chosen(relay, choice, wish ? wish_row : retry_row, &changing);
	relay_dispatch(relay);
	pthread_mutex_unlock(&relay->lock);
	change_leased(&changing);
	*changed = changing.changed;
	return base_ticket_all(changing.tickets, changing.ticket_count);
}

struct base_ticket *
relay_retry(struct relay *relay, const struct relay_choice *choice, size_t *changed)
{
	return change(relay, choice, RELAY_WISH_NOTHING, changed);
}

struct base_ticket *
relay_hold(struct relay *relay, const struct relay_choice *choice, size_t *changed)
{
	return change(relay, choice, RELAY_WISH_HOLD, changed);
}

struct base_ticket *
relay_drop(struct relay *relay, const struct relay_choice *choice, bool report,
	size_t *changed)
{
	return change(
		relay, choice, report ? RELAY_WISH_DROP : RELAY_WISH_DROP_QUIETLY, changed);
}

static bool
has_wishes(struct relay *relay)
{
	pthread_mutex_lock(&relay->lock);
	bool some = !TAILQ_EMPTY(&relay->wishing);
	pthread_mutex_unlock(&relay->lock);
	return some;
}

void
relay_grant_wishes(struct relay *relay)
{
	if (!has_wishes(relay))
		return;
	for (enum relay_wish wish = RELAY_WISH_HOLD; wish <= RELAY_WISH_DROP_QUIETLY;
		wish++) {
		SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
		struct changing changing = {.relay = relay, .arena = arena, .wish = wish};
		struct relay_entry *row, *next;
		pthread_mutex_lock(&relay->lock);
		for (row = TAILQ_FIRST(&relay->wishing); row; row = next) {
			next = TAILQ_NEXT(row, wishing);
			if (row->wish == wish)
				lease(&changing, row);
		}
		pthread_mutex_unlock(&relay->lock);
		change_leased(&changing);
		base_ticket_drop(base_ticket_all(changing.tickets, changing.ticket_count));
	}
}

/* --- rows that take the server down with them ------------------------------------ */

static void
note_crash(struct relay_parcel *parcel, size_t index)
{
	struct relay_row_record *record = &parcel->records[index];
	char id[RELAY_ROW_ID_MOST + 1];
	if (++record->crashes < RELAY_CRASHES_MOST)
		return;
	record->held = true;
	record->server = SLICE_NONE;
	record->reply = SLICE("held: the server crashed twice while delivering it");
	LOG(parcel->relay->settings.log, BASE_LOG_ERROR, "relay.held-after-crashes",
		LOG_TEXT("row", relay_row_id(parcel->id, parcel->rows[index]->number, id)),
		LOG_TEXT("to", record->address));
}

static struct base_ticket *
count_crash(struct relay_parcel *parcel)
{
	if (!relay_parcel_load(parcel))
		return base_ticket_completed(BASE_DAMAGED);
	struct relay_settle *settle = relay_settle_create(parcel->relay, parcel->space);
	for (size_t i = 0; i < parcel->count; i++) {
		note_crash(parcel, i);
		relay_settle_put(settle, parcel->rows[i], &parcel->records[i]);
	}
	return relay_settle_submit(settle);
}

/* What travelled with it: the first one's id is noted for all of a parcel. */
static void
lease_parcel(struct changing *changing, struct relay_entry *row)
{
	for (; row && changing->count < RELAY_PARCEL_MOST;
		row = TAILQ_NEXT(row, of_consignment))
		if (row->place == RELAY_ROW_WAITING)
			lease(changing, row);
}

struct base_ticket *
relay_blamed(struct relay *relay, struct slice row_id)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct changing changing = {.relay = relay, .arena = arena};
	struct relay_parcel parcel;
	pthread_mutex_lock(&relay->lock);
	struct relay_entry *row = row_of_id(relay, row_id);
	if (row)
		lease_parcel(&changing, row);
	if (changing.count)
		relay_parcel_of(relay, changing.rows, changing.count, arena, &parcel);
	pthread_mutex_unlock(&relay->lock);
	if (!row)
		return base_ticket_completed(BASE_NOT_FOUND);
	return changing.count ? count_crash(&parcel) : base_ticket_completed(BASE_CONFLICT);
}
