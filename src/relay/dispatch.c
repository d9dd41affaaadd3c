#include "relay/deliver.h"
#include "relay/manage.h"
#include "relay/names.h"
#include "relay/settle.h"
#include "wire/address.h"

/* --- where mail to a domain goes ------------------------------------------------- */

struct slice
relay_address_domain(struct arena *arena, struct slice address)
{
	struct wire_path path;
	if (wire_path_parse_bare(arena, address, &path, NULL) || slice_empty(path.domain))
		return SLICE_NONE;
	return path.domain;
}

static struct slice
routed_name(struct relay *relay, struct slice domain, struct arena *arena)
{
	pthread_rwlock_rdlock(&relay->routes_lock);
	struct slice target = relay_route_table_find(relay->routes, domain);
	bool to_host = !slice_absent(target) && !slice_equal(target, SLICE("mx"));
	struct slice name = to_host ? arena_copy(arena, target)
				    : arena_printf(arena, "mx %.*s", SLICE_ARG(domain));
	pthread_rwlock_unlock(&relay->routes_lock);
	return name;
}

struct slice
relay_destination_name(struct relay *relay, struct slice domain, struct arena *arena)
{
	if (post_domain_is_local(relay->settings.post, domain))
		return SLICE("local");
	return routed_name(relay, domain, arena);
}

void
relay_route_entry(struct relay *relay, struct relay_entry *row)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice domain = relay_address_domain(arena, relay_entry_address(row));
	/* What has no domain was refused when it came; a local look-up says so again. */
	struct slice name = slice_absent(domain)
				    ? SLICE("local")
				    : relay_destination_name(relay, domain, arena);
	relay_queue_assign(&relay->queue, row, name);
}

/* --- whom to call ---------------------------------------------------------------- */

static bool
wants_connection(const struct relay *relay, const struct relay_destination *destination)
{
	return !destination->is_resting &&
	       destination->ready_count > destination->idle + destination->coming &&
	       destination->connections < destination->window &&
	       destination->connections < relay->settings.connections_per_destination;
}

static void
note_wanting(struct relay *relay, struct relay_destination *destination)
{
	struct relay_queue *queue = &relay->queue;
	if (destination->waits_in || !wants_connection(relay, destination))
		return;
	destination->waits_in =
		destination->is_slow ? &queue->wanting_slow : &queue->wanting;
	destination->turn = ++relay->turns;
	TAILQ_INSERT_TAIL(destination->waits_in, destination, wanting);
}

static void
leave_wanting(struct relay_destination *destination)
{
	if (destination->waits_in)
		TAILQ_REMOVE(destination->waits_in, destination, wanting);
	destination->waits_in = NULL;
}

void
relay_destination_set_slow(
	struct relay *relay, struct relay_destination *destination, bool is_slow)
{
	leave_wanting(destination);
	destination->is_slow = is_slow;
	note_wanting(relay, destination);
}

void
relay_place(struct relay *relay, struct relay_consignment *consignment)
{
	struct relay_destination *destination = consignment->destination;
	relay_queue_place(&relay->queue, consignment, relay_now(relay));
	if (!consignment->is_ready)
		return;
	if (destination->idle > 0)
		pthread_cond_signal(&destination->arrived);
	note_wanting(relay, destination);
}

/* Those in front of it have changed their minds. */
static struct relay_destination *
first_of(const struct relay *relay, struct relay_destinations *list)
{
	struct relay_destination *first;
	while ((first = TAILQ_FIRST(list)) && !wants_connection(relay, first))
		leave_wanting(first);
	return first;
}

static bool
slow_may_connect(const struct relay *relay)
{
	unsigned share = relay->settings.connections_most / 2;
	return relay->slow < (share > 0 ? share : 1);
}

/* Who waits longest, of those who may; NULL: nobody. */
static struct relay_destination *
next_wanting(struct relay *relay)
{
	struct relay_destination *quick = first_of(relay, &relay->queue.wanting);
	struct relay_destination *slow = NULL;
	if (slow_may_connect(relay))
		slow = first_of(relay, &relay->queue.wanting_slow);
	if (!quick || !slow)
		return quick ? quick : slow;
	return slow->turn < quick->turn ? slow : quick;
}

static bool
has_room(const struct relay *relay)
{
	return relay->connections - relay->apart < relay->settings.connections_most;
}

bool
relay_others_wait(struct relay *relay)
{
	return !has_room(relay) && next_wanting(relay) != NULL;
}

static bool
may_connect(const struct relay *relay)
{
	return relay->started && has_room(relay) && !relay_is_stopping(relay);
}

void
relay_dispatch(struct relay *relay)
{
	struct relay_destination *first;
	while (may_connect(relay) && (first = next_wanting(relay))) {
		leave_wanting(first);
		bool began = relay_delivery_start(relay, first);
		note_wanting(relay, first);
		if (!began)
			break;
	}
}

void
relay_destination_note(struct relay *relay, struct relay_destination *destination)
{
	note_wanting(relay, destination);
	relay_dispatch(relay);
}

static void
rest(struct relay *relay, struct relay_destination *destination, unsigned failures)
{
	uint64_t pause = relay_schedule_rest(&relay->schedule, failures, base_random_u64());
	destination->rest_until_ms = relay_now(relay) + (int64_t)pause;
	if (!destination->is_resting)
		TAILQ_INSERT_TAIL(&relay->queue.resting, destination, resting);
	destination->is_resting = true;
}

void
relay_destination_rest(struct relay *relay, struct relay_destination *destination)
{
	rest(relay, destination, ++destination->failures);
	destination->window = destination->window > 1 ? destination->window / 2 : 1;
	destination->rests_for_names = false;
}

void
relay_destination_rest_for_names(struct relay *relay, struct relay_destination *destination)
{
	if (destination->is_resting)
		return;
	rest(relay, destination, 1);
	destination->rests_for_names = true;
}

void
relay_destination_wake(struct relay *relay, struct relay_destination *destination)
{
	if (!destination->is_resting)
		return;
	TAILQ_REMOVE(&relay->queue.resting, destination, resting);
	destination->is_resting = false;
	note_wanting(relay, destination);
	relay_destination_drop(&relay->queue, destination);
}

/* --- the timer's ----------------------------------------------------------------- */

static void
look_at_resting(struct relay *relay, int64_t now)
{
	struct relay_destination *at, *next;
	for (at = TAILQ_FIRST(&relay->queue.resting); at; at = next) {
		next = TAILQ_NEXT(at, resting);
		if (at->rest_until_ms <= now)
			relay_destination_wake(relay, at);
	}
}

/* Routes and domains may have changed since the row was put there. */
static void
reroute(struct relay *relay, struct relay_consignment *consignment)
{
	struct relay_entry *row = TAILQ_FIRST(&consignment->rows), *next;
	struct relay_consignment *before = consignment;
	size_t left = 0;
	TAILQ_FOREACH(next, &consignment->rows, of_consignment)
	left++;
	for (; left > 0; left--, row = next) {
		next = TAILQ_NEXT(row, of_consignment);
		relay_route_entry(relay, row);
		if (row->consignment != before)
			relay_place(relay, row->consignment);
	}
}

static void
look_at_due(struct relay *relay, int64_t now)
{
	struct relay_consignment *due;
	while ((due = relay_queue_due(&relay->queue, now))) {
		relay_place(relay, due);
		reroute(relay, due);
	}
}

/* The clock was set: what was to come in an hour still comes in an hour. */
static void
look_at_clock(struct relay *relay)
{
	int64_t wall = base_clock_wall_ms(relay->settings.clock);
	int64_t steady = (int64_t)base_clock_steady_ms(relay->settings.clock);
	int64_t jump = (wall - relay->wall_ms) - (steady - relay->since_ms);
	relay->wall_ms = wall;
	relay->since_ms = steady;
	if (jump > -RELAY_CLOCK_JUMP_MS && jump < RELAY_CLOCK_JUMP_MS)
		return;
	LOG(relay->settings.log, BASE_LOG_WARN, "relay.clock-was-set",
		LOG_NUMBER("by_ms", jump));
	relay_queue_shift(&relay->queue, jump);
}

void
relay_tick(void *argument)
{
	struct relay *relay = argument;
	relay_settle_unsaved(relay);
	relay_grant_wishes(relay);
	relay_names_look(relay);
	pthread_mutex_lock(&relay->lock);
	look_at_clock(relay);
	int64_t now = relay_now(relay);
	look_at_resting(relay, now);
	look_at_due(relay, now);
	relay_dispatch(relay);
	base_metric_set(relay->metrics.rows, (int64_t)relay->queue.rows);
	base_metric_set(relay->metrics.connections, relay->connections);
	pthread_mutex_unlock(&relay->lock);
}
