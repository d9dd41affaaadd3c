#include "relay/slow.h"

static uint64_t
steady_ms(const struct relay_patience *patience)
{
	return base_clock_steady_ms(patience->relay->settings.clock);
}

void
relay_patience_begin(struct relay_patience *patience, struct relay *relay,
	struct relay_destination *destination)
{
	*patience = (struct relay_patience){
		.relay = relay, .destination = destination, .slow = destination->is_slow};
	relay->slow += patience->slow;
	relay_patience_renew(patience);
}

void
relay_patience_end(struct relay_patience *patience)
{
	patience->relay->slow -= patience->slow;
	patience->relay->apart -= patience->apart;
	if (patience->leaving)
		patience->relay->one_leaves = false;
	patience->slow = patience->apart = patience->leaving = false;
}

void
relay_patience_renew(struct relay_patience *patience)
{
	patience->until_ms = steady_ms(patience) + RELAY_SLOW_MS;
	patience->asked_ms = 0;
}

void
relay_patience_asked(struct relay_patience *patience, uint64_t ms)
{
	patience->asked_ms += ms;
}

bool
relay_patience_is_names(const struct relay_patience *patience)
{
	return steady_ms(patience) <= patience->until_ms + patience->asked_ms;
}

void
relay_patience_answered(struct relay_patience *patience)
{
	patience->until_ms += RELAY_SLOW_ONE;
}

void
relay_patience_sends(struct relay_patience *patience, uint64_t bytes)
{
	patience->until_ms += bytes * 1000 / RELAY_SLOW_RATE;
}

void
relay_patience_sent(struct relay_patience *patience)
{
	uint64_t most = steady_ms(patience) + RELAY_SLOW_MS;
	if (patience->until_ms > most)
		patience->until_ms = most;
}

void
relay_patience_reward(struct relay_patience *patience)
{
	struct relay *relay = patience->relay;
	if (!patience->slow || steady_ms(patience) > patience->until_ms)
		return;
	pthread_mutex_lock(&relay->lock);
	relay->slow--;
	patience->slow = false;
	relay_destination_set_slow(relay, patience->destination, false);
	pthread_mutex_unlock(&relay->lock);
}

static void
become_slow(struct relay_patience *patience)
{
	struct relay_destination *destination = patience->destination;
	if (patience->slow)
		return;
	patience->slow = true;
	patience->relay->slow++;
	bool for_names = relay_patience_is_names(patience);
	if (destination->is_slow) {
		destination->slow_for_names &= for_names;
		return;
	}
	destination->slow_for_names = for_names;
	LOG(patience->relay->settings.log, BASE_LOG_INFO, "relay.slow",
		LOG_TEXT("destination", slice_of(destination->name, destination->length)));
	relay_destination_set_slow(patience->relay, destination, true);
}

/* One at a time: each that leaves makes room for one of those who wait. */
static bool
is_to_leave(const struct relay_patience *patience)
{
	struct relay *relay = patience->relay;
	return !relay->one_leaves && relay->slow > relay->settings.connections_most / 2 &&
	       relay_others_wait(relay);
}

static void
leave(struct relay_patience *patience)
{
	patience->leaving = is_to_leave(patience);
	patience->relay->one_leaves |= patience->leaving;
}

/* One of those who wait begins at once, so that no more are set apart than need be. */
static void
set_apart(struct relay_patience *patience)
{
	struct relay *relay = patience->relay;
	if (relay->apart >= relay->settings.connections_most || !relay_others_wait(relay))
		return;
	relay->slow -= patience->slow;
	patience->slow = false;
	patience->apart = true;
	relay->apart++;
	relay_dispatch(relay);
}

bool
relay_patience_is_over(struct relay_patience *patience, bool may_leave)
{
	struct relay *relay = patience->relay;
	if (patience->leaving || patience->apart ||
		steady_ms(patience) <= patience->until_ms)
		return patience->leaving;
	pthread_mutex_lock(&relay->lock);
	become_slow(patience);
	if (may_leave)
		leave(patience);
	else
		set_apart(patience);
	pthread_mutex_unlock(&relay->lock);
	return patience->leaving;
}
