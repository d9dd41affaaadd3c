#include "relay/deliver.h"
#include "relay/hosts.h"
#include <errno.h>

/* --- counting -------------------------------------------------------------------- */

static void
not_coming(struct relay_delivery *delivery)
{
	if (delivery->coming)
		delivery->destination->coming--;
	delivery->coming = false;
}

static void
note_open(struct relay_delivery *delivery)
{
	struct relay *relay = delivery->relay;
	struct relay_destination *destination = delivery->destination;
	pthread_mutex_lock(&relay->lock);
	destination->open++;
	destination->failures = 0;
	pthread_mutex_unlock(&relay->lock);
}

/* A letter was taken: the server can bear more of us. */
static void
note_delivered(struct relay_delivery *delivery)
{
	struct relay *relay = delivery->relay;
	struct relay_destination *destination = delivery->destination;
	delivery->lost = delivery->fruitless = 0;
	relay_patience_reward(&delivery->patience);
	if (delivery->client->letters > 1)
		return;
	pthread_mutex_lock(&relay->lock);
	if (destination->window < relay->settings.connections_per_destination)
		destination->window++;
	relay_destination_note(relay, destination);
	pthread_mutex_unlock(&relay->lock);
}

static void
close_client(struct relay_delivery *delivery)
{
	struct relay *relay = delivery->relay;
	if (!delivery->client)
		return;
	relay_patience_renew(&delivery->patience);
	pthread_mutex_lock(&relay->lock);
	delivery->destination->open--;
	pthread_mutex_unlock(&relay->lock);
	relay_client_close(delivery->client);
	arena_destroy(delivery->connection);
	delivery->client = NULL;
	delivery->connection = NULL;
}

/* --- what is next ---------------------------------------------------------------- */

static struct timespec
in_ms(uint64_t ms)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_nsec += (long)(ms % 1000) * 1000000;
	at.tv_sec += (time_t)(ms / 1000) + at.tv_nsec / 1000000000;
	at.tv_nsec %= 1000000000;
	return at;
}

/* Results that are not durable yet are bounded: the store is the brake. */
static void
wait_for_room(struct relay *relay)
{
	pthread_mutex_lock(&relay->lock);
	while (relay->under_way >= RELAY_SETTLING_MOST && !relay_is_stopping(relay)) {
		struct timespec until = in_ms(RELAY_IDLE_STEP_MS);
		pthread_cond_timedwait(&relay->settled, &relay->lock, &until);
	}
	pthread_mutex_unlock(&relay->lock);
}

static uint64_t
age_ms(const struct relay_delivery *delivery)
{
	return base_clock_steady_ms(delivery->relay->settings.clock) - delivery->began_ms;
}

static bool
has_had_its_turn(const struct relay_delivery *delivery)
{
	const struct relay_client *client = delivery->client;
	if (relay_is_stopping(delivery->relay) || delivery->patience.apart)
		return true;
	return client && (client->letters >= RELAY_LETTERS_MOST ||
				 age_ms(delivery) >= RELAY_CONNECTION_MS ||
				 (age_ms(delivery) >= RELAY_TURN_MS &&
					 relay_others_wait(delivery->relay)));
}

/* With an open connection and the lock: something may become ready soon. */
static void
wait_for_more(struct relay_delivery *delivery)
{
	struct relay *relay = delivery->relay;
	struct relay_destination *destination = delivery->destination;
	destination->idle++;
	for (int i = 0; i < RELAY_IDLE_MS / RELAY_IDLE_STEP_MS; i++) {
		if (destination->ready_count > 0 || relay_others_wait(relay) ||
			relay_is_stopping(relay))
			break;
		struct timespec until = in_ms(RELAY_IDLE_STEP_MS);
		pthread_cond_timedwait(&destination->arrived, &relay->lock, &until);
	}
	destination->idle--;
}

static bool
lease(struct relay_delivery *delivery, struct relay_parcel *parcel)
{
	struct relay *relay = delivery->relay;
	struct relay_entry *rows[RELAY_PARCEL_MOST];
	size_t count = 0;
	pthread_mutex_lock(&relay->lock);
	if (!has_had_its_turn(delivery)) {
		if (delivery->client && delivery->destination->ready_count == 0)
			wait_for_more(delivery);
		count = relay_queue_lease(
			&relay->queue, delivery->destination, relay_now(relay), rows);
	}
	if (count > 0)
		relay_parcel_of(relay, rows, count, delivery->letter, parcel);
	not_coming(delivery);
	pthread_mutex_unlock(&relay->lock);
	return count > 0;
}

static void
note_blame(const struct relay_delivery *delivery, const struct relay_entry *row)
{
	char id[RELAY_ROW_ID_MOST + 1];
	net_blame_note(delivery->relay->settings.blame, delivery->blame_slot, "queue",
		relay_row_id(relay_queued_id(row->letter), row->number, id));
}

bool
relay_delivery_next(struct relay_delivery *delivery, struct relay_parcel *parcel)
{
	do {
		arena_reset(delivery->letter);
		net_blame_clear(delivery->relay->settings.blame, delivery->blame_slot);
		wait_for_room(delivery->relay);
		if (!lease(delivery, parcel))
			return false;
		note_blame(delivery, parcel->rows[0]);
	} while (!relay_parcel_load(parcel));
	return true;
}

/* --- connecting ------------------------------------------------------------------ */

/* While a server may still be reached later, nothing is final. */
static void
remember(struct relay_verdict *why, const struct relay_verdict *verdict)
{
	if (!why->status[0] || verdict->event == RELAY_POSTPONED)
		*why = *verdict;
}

static struct relay_client *
try_peers(struct relay_delivery *delivery, const struct relay_peer *peers, size_t count,
	struct relay_verdict *why, bool *loop)
{
	struct relay_verdict verdict;
	for (size_t i = 0; i < count; i++) {
		struct relay_client *client = relay_client_open(&delivery->patience,
			&peers[i], delivery->connection, &verdict, loop);
		if (client)
			return client;
		remember(why, &verdict);
		if (*loop || delivery->patience.leaving)
			break;
	}
	return NULL;
}

/*
 * The resolver may have taken all the time there was. Then some hosts were not asked, and
 * what was wrong with those before them is not the last word.
 */
static bool
is_given_up(struct relay_delivery *delivery, struct relay_verdict *why)
{
	if (!relay_patience_is_over(&delivery->patience, true))
		return false;
	if (why->event != RELAY_POSTPONED)
		*why = relay_verdict_own(delivery->connection, RELAY_POSTPONED, "4.4.1",
			"%.*s: %s", (int)delivery->destination->length,
			delivery->destination->name, RELAY_SLOW_WHY);
	why->unanswered |= relay_patience_is_names(&delivery->patience);
	return true;
}

static struct relay_client *
try_hosts(struct relay_delivery *delivery, const struct relay_hosts *hosts,
	struct relay_verdict *why)
{
	struct relay_peer *peers =
		ARENA_MANY(delivery->connection, struct relay_peer, RELAY_ADDRESSES_MOST);
	size_t tried = 0;
	bool loop = false;
	for (size_t i = 0; i < hosts->count && tried < RELAY_ADDRESSES_MOST && !loop; i++) {
		struct relay_verdict verdict;
		size_t count = relay_host_peers(&delivery->patience, hosts, i,
			delivery->connection, peers + tried,
			relay_hosts_tries(hosts->count - i, RELAY_ADDRESSES_MOST - tried),
			&verdict);
		if (is_given_up(delivery, why))
			break;
		if (count == 0)
			remember(why, &verdict);
		struct relay_client *client =
			try_peers(delivery, peers + tried, count, why, &loop);
		if (client)
			return client;
		tried += count;
	}
	if (loop) {
		why->event = RELAY_REFUSED;
		snprintf(why->status, sizeof why->status, "5.4.6");
	}
	return NULL;
}

static bool
connect_somewhere(struct relay_delivery *delivery, struct relay_verdict *why)
{
	struct relay_hosts hosts;
	*why = (struct relay_verdict){0};
	delivery->connection = arena_create(ARENA_NO_CEILING);
	if (relay_hosts_find(&delivery->patience, delivery->connection, &hosts, why))
		delivery->client = try_hosts(delivery, &hosts, why);
	if (delivery->client)
		note_open(delivery);
	return delivery->client != NULL;
}

/* --- a destination that can't be reached ----------------------------------------- */

/*
 * Others of us are served there, so it is only one connection too many: the letter goes
 * back, and fewer are made.
 */
static bool
is_one_too_many(struct relay_delivery *delivery, const struct relay_verdict *why)
{
	struct relay *relay = delivery->relay;
	struct relay_destination *destination = delivery->destination;
	pthread_mutex_lock(&relay->lock);
	bool too_many = why->event == RELAY_POSTPONED && destination->open > 0;
	if (why->unanswered)
		relay_destination_rest_for_names(relay, destination);
	else if (too_many)
		destination->window = destination->open;
	else if (why->event == RELAY_POSTPONED)
		relay_destination_rest(relay, destination);
	pthread_mutex_unlock(&relay->lock);
	return too_many;
}

static void
settle(const struct relay_delivery *delivery, struct relay_parcel *parcel)
{
	parcel->given_up = delivery->patience.leaving;
	base_ticket_drop(relay_parcel_settle(parcel));
}

/* What is true of this letter is true of all that is ready there. */
static void
judge_everybody(struct relay_delivery *delivery, struct relay_parcel *parcel,
	const struct relay_verdict *why)
{
	if (relay_is_stopping(delivery->relay) || is_one_too_many(delivery, why)) {
		relay_parcel_put_back(parcel, 0);
		return;
	}
	do {
		relay_parcel_judge(parcel, why);
		settle(delivery, parcel);
	} while (relay_delivery_next(delivery, parcel));
}

/* --- the errand ------------------------------------------------------------------ */

static bool
any_verdict(const struct relay_parcel *parcel, enum relay_event event)
{
	for (size_t i = 0; i < parcel->count; i++)
		if (parcel->verdicts[i].event == event && !parcel->verdicts[i].untried)
			return true;
	return false;
}

/* Enough of this destination for now; always false. */
static bool
let_rest(struct relay_delivery *delivery)
{
	struct relay *relay = delivery->relay;
	pthread_mutex_lock(&relay->lock);
	relay_destination_rest(relay, delivery->destination);
	pthread_mutex_unlock(&relay->lock);
	return false;
}

static bool
after_loss(struct relay_delivery *delivery)
{
	close_client(delivery);
	return ++delivery->lost < RELAY_LOST_IN_A_ROW || let_rest(delivery);
}

/* False: the errand is over. */
static bool
carry(struct relay_delivery *delivery, struct relay_parcel *parcel)
{
	struct relay_verdict why;
	relay_patience_renew(&delivery->patience);
	if (!delivery->client && !connect_somewhere(delivery, &why)) {
		judge_everybody(delivery, parcel, &why);
		arena_destroy(delivery->connection);
		delivery->connection = NULL;
		return false;
	}
	bool usable = relay_client_deliver(delivery->client, parcel);
	if (any_verdict(parcel, RELAY_DELIVERED))
		note_delivered(delivery);
	else if (any_verdict(parcel, RELAY_POSTPONED))
		delivery->fruitless++;
	settle(delivery, parcel);
	if (delivery->patience.leaving || delivery->fruitless >= RELAY_FRUITLESS_IN_A_ROW)
		return let_rest(delivery);
	return usable || after_loss(delivery);
}

static enum base_failure
run(void *argument, struct arena *arena)
{
	struct relay_delivery *delivery = argument;
	struct relay_parcel parcel;
	(void)arena;
	delivery->blame_slot = net_thread_slot();
	delivery->letter = arena_create(ARENA_NO_CEILING);
	if (delivery->destination->target.way == RELAY_WAY_LOCAL)
		relay_deliver_locally(delivery);
	else
		while (relay_delivery_next(delivery, &parcel) && carry(delivery, &parcel))
			;
	close_client(delivery);
	arena_destroy(delivery->letter);
	net_blame_clear(delivery->relay->settings.blame, delivery->blame_slot);
	return BASE_OK;
}

/* With the errand's arena, so also when it never ran. */
static void
ended(void *argument)
{
	struct relay_delivery *delivery = argument;
	struct relay *relay = delivery->relay;
	struct relay_destination *destination = delivery->destination;
	if (!destination)
		return;
	pthread_mutex_lock(&relay->lock);
	not_coming(delivery);
	relay_patience_end(&delivery->patience);
	destination->connections--;
	relay->connections--;
	relay_destination_note(relay, destination);
	relay_destination_drop(&relay->queue, destination);
	pthread_mutex_unlock(&relay->lock);
}

/* The lane is full: as if it had not been tried. */
static bool
not_started(struct relay_delivery *delivery, struct arena *arena)
{
	not_coming(delivery);
	relay_patience_end(&delivery->patience);
	delivery->destination->connections--;
	delivery->relay->connections--;
	delivery->destination = NULL;
	arena_destroy(arena);
	return false;
}

bool
relay_delivery_start(struct relay *relay, struct relay_destination *destination)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct relay_delivery *delivery = ARENA_NEW(arena, struct relay_delivery);
	*delivery = (struct relay_delivery){.relay = relay,
		.destination = destination,
		.coming = true,
		.began_ms = base_clock_steady_ms(relay->settings.clock)};
	relay_patience_begin(&delivery->patience, relay, destination);
	destination->connections++;
	destination->coming++;
	relay->connections++;
	arena_on_release(arena, ended, delivery);
	struct base_ticket *ticket =
		net_errand(relay->settings.net, NET_LANE_DELIVERY, run, delivery, arena);
	if (!ticket)
		return not_started(delivery, arena);
	base_ticket_drop(ticket);
	return true;
}
