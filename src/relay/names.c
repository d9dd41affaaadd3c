#include "relay/names.h"
#include "net/resolver.h"

bool
relay_names_are_silent(const struct relay *relay)
{
	return atomic_load(&relay->names.silent);
}

unsigned
relay_names_mark(const struct relay *relay)
{
	return atomic_load(&relay->names.returns) + 1;
}

void
relay_names_doubt(struct relay *relay)
{
	base_metric_add(relay->metrics.unanswered, 1);
	atomic_store(&relay->names.doubted, true);
}

/* --- they answer again; with the lock held ---------------------------------------- */

/* What was learnt of a destination while nobody could be asked is of no worth. */
static void
excuse(struct relay *relay, struct relay_destination *destination)
{
	if (destination->is_slow && destination->slow_for_names)
		relay_destination_set_slow(relay, destination, false);
	if (destination->is_resting && destination->rests_for_names)
		relay_destination_wake(relay, destination);
}

static bool
release(struct relay *relay, struct relay_entry *row)
{
	if (row->place != RELAY_ROW_WAITING || !row->unanswered)
		return false;
	row->unanswered = 0;
	row->next_ms = relay_now(relay);
	relay_place(relay, row->consignment);
	return true;
}

static size_t
release_all(struct relay *relay)
{
	size_t released = 0;
	struct relay_queued *letter;
	struct relay_entry *row;
	TAILQ_FOREACH(letter, &relay->queue.by_arrival, of_queue)
	TAILQ_FOREACH(row, &letter->rows, of_letter)
	{
		if (!row->consignment)
			continue;
		excuse(relay, row->consignment->destination);
		released += release(relay, row);
	}
	relay_dispatch(relay);
	return released;
}

/* --- asking ----------------------------------------------------------------------- */

static void
fall_silent(struct relay *relay, const char *why, uint64_t now)
{
	relay->names.since_ms = now;
	atomic_store(&relay->names.silent, true);
	base_metric_set(relay->metrics.silent, 1);
	LOG(relay->settings.log, BASE_LOG_WARN, "relay.names-silent",
		LOG_STRING("why", why),
		LOG_STRING("means", "mail to other servers waits, and goes on once the "
				    "name servers answer"));
}

static void
come_back(struct relay *relay, uint64_t now)
{
	atomic_fetch_add(&relay->names.returns, 1);
	atomic_store(&relay->names.silent, false);
	base_metric_set(relay->metrics.silent, 0);
	size_t released = release_all(relay);
	LOG(relay->settings.log, BASE_LOG_INFO, "relay.names-answer",
		LOG_NUMBER("silent_ms", (int64_t)(now - relay->names.since_ms)),
		LOG_NUMBER("rows", (int64_t)released));
}

static enum base_failure
ask(void *argument, struct arena *moved)
{
	struct relay *relay = argument;
	struct base_error why = {0};
	(void)moved;
	bool answers =
		net_resolver_probe(relay->settings.resolver, RELAY_NAMES_WAIT_MS, &why);
	uint64_t now = base_clock_steady_ms(relay->settings.clock);
	pthread_mutex_lock(&relay->lock);
	bool silent = relay_names_are_silent(relay);
	if (!answers && !silent && !relay_is_stopping(relay))
		fall_silent(relay, why.text, now);
	if (answers && silent)
		come_back(relay, now);
	relay->names.next_ms =
		now + (answers ? RELAY_NAMES_DOUBT_MS : RELAY_NAMES_SILENT_MS);
	relay->names.asks = false;
	pthread_mutex_unlock(&relay->lock);
	return BASE_OK;
}

static bool
is_time(struct relay *relay)
{
	struct relay_names *names = &relay->names;
	pthread_mutex_lock(&relay->lock);
	bool wanted = atomic_load(&names->doubted) || atomic_load(&names->silent);
	bool asks = wanted && !names->asks && !relay_is_stopping(relay) &&
		    base_clock_steady_ms(relay->settings.clock) >= names->next_ms;
	if (asks) {
		names->asks = true;
		atomic_store(&names->doubted, false);
	}
	pthread_mutex_unlock(&relay->lock);
	return asks;
}

static void
not_asked(struct relay *relay, struct arena *arena)
{
	pthread_mutex_lock(&relay->lock);
	relay->names.asks = false;
	pthread_mutex_unlock(&relay->lock);
	relay_names_doubt(relay);
	arena_destroy(arena);
}

void
relay_names_look(struct relay *relay)
{
	if (!is_time(relay))
		return;
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct base_ticket *ticket =
		net_errand(relay->settings.net, NET_LANE_DIRECTORY, ask, relay, arena);
	if (!ticket)
		not_asked(relay, arena);
	base_ticket_drop(ticket);
}
