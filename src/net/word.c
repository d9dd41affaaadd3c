#include "net/runtime.h"
#include "net/session.h"

uint32_t
net_session_generation(const struct net_session *session)
{
	return (uint32_t)(atomic_load(&session->word) >> NET_GENERATION_SHIFT);
}

static enum net_session_state
state_of(uint64_t word)
{
	return (enum net_session_state)(word & NET_WORD_STATE);
}

static uint64_t
with_state(uint64_t word, enum net_session_state state)
{
	return (word & ~NET_WORD_STATE) | (uint64_t)state;
}

/*
 * Adds bits; a parked session changes to `taken_to`, and the result is true. Nothing is
 * done to a free slot.
 */
static bool
add_bits(struct net_session *session, uint64_t bits, const uint32_t *generation,
	enum net_session_state taken_to)
{
	uint64_t word = atomic_load(&session->word);
	for (;;) {
		if (state_of(word) == NET_FREE ||
			(generation && word >> NET_GENERATION_SHIFT != *generation))
			return false;
		bool parked = state_of(word) == NET_IDLE;
		uint64_t changed = parked ? with_state(word | bits, taken_to) : word | bits;
		if (atomic_compare_exchange_weak(&session->word, &word, changed))
			return parked;
	}
}

void
net_session_tell(struct net_session *session, uint64_t bits)
{
	if (add_bits(session, bits, NULL, NET_QUEUED))
		net_queue_push(&session->net->queue, session);
}

void
net_session_tell_if(struct net_session *session, uint32_t generation, uint64_t bits)
{
	if (add_bits(session, bits, &generation, NET_QUEUED))
		net_queue_push(&session->net->queue, session);
}

bool
net_session_claim(struct net_session *session, uint32_t generation, uint64_t bits)
{
	return add_bits(session, bits, &generation, NET_RUNNING);
}

/* The state is ours alone to change while the session is queued or running. */
static void
change_state(struct net_session *session, enum net_session_state state)
{
	uint64_t word = atomic_load(&session->word);
	while (!atomic_compare_exchange_weak(
		&session->word, &word, with_state(word, state)))
		;
}

void
net_session_begin(struct net_session *session)
{
	change_state(session, NET_RUNNING);
}

void
net_session_requeue(struct net_session *session)
{
	change_state(session, NET_QUEUED);
	net_queue_push(&session->net->queue, session);
}

bool
net_session_park(struct net_session *session)
{
	uint64_t blocks = NET_WORD_HAPPENED | (session->want.woken ? NET_WORD_WAKES : 0);
	uint64_t word = atomic_load(&session->word);
	do {
		if (word & blocks)
			return false;
	} while (!atomic_compare_exchange_weak(
		&session->word, &word, with_state(word, NET_IDLE)));
	return true;
}

uint64_t
net_session_happened(struct net_session *session)
{
	if (!(atomic_load(&session->word) & NET_WORD_HAPPENED))
		return 0;
	return atomic_fetch_and(&session->word, ~NET_WORD_HAPPENED) & NET_WORD_HAPPENED;
}

unsigned
net_session_wakes(struct net_session *session)
{
	if (!(atomic_load(&session->word) & NET_WORD_WAKES))
		return 0;
	uint64_t word = atomic_fetch_and(&session->word, ~NET_WORD_WAKES);
	return (unsigned)((word & NET_WORD_WAKES) >> NET_WAKES_SHIFT);
}
