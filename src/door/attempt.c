#include "door/door-internal.h"

#define TEXT_MOST 4096 /* of what a peer says: an identity is never that long */

/* --- lifetime ------------------------------------------------------------------------- */

static struct slice
password_copy(struct slice password)
{
	char *copy = malloc(password.length ? password.length : 1);
	ASSERT(copy);
	if (password.length)
		memcpy(copy, password.data, password.length);
	return slice_of(copy, password.length);
}

static void
password_wipe(struct slice *password)
{
	void *bytes = (void *)(uintptr_t)password->data;
	if (password->length)
		explicit_bzero(bytes, password->length);
	free(bytes);
	*password = SLICE_NONE;
}

struct door_attempt *
door_attempt_create(struct door *door, const struct net_session *session,
	struct slice service, struct slice mechanism, struct slice identity,
	struct slice password)
{
	ASSERT(door->net);
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct door_attempt *attempt = ARENA_NEW(arena, struct door_attempt);
	char peer[NET_ADDRESS_TEXT_MOST];
	uint8_t key[8];
	atomic_init(&attempt->references, 1);
	atomic_init(&attempt->dropped, false);
	attempt->door = door;
	attempt->arena = arena;
	attempt->service = arena_copy(arena, service);
	attempt->mechanism = arena_copy(arena, mechanism);
	attempt->identity = arena_copy(arena, slice_first(identity, TEXT_MOST));
	attempt->peer = arena_copy(arena, net_address_text(net_peer(session), peer));
	attempt->address_key = arena_copy(arena, net_address_key(net_peer(session), key));
	attempt->password = password_copy(slice_first(password, TEXT_MOST));
	attempt->may_be_asked = door_may_ask(door, session);
	return attempt;
}

void
door_attempt_set_authzid(struct door_attempt *attempt, struct slice authzid)
{
	attempt->authzid = arena_copy(attempt->arena, slice_first(authzid, TEXT_MOST));
}

struct door_attempt *
door_attempt_hold(struct door_attempt *attempt)
{
	atomic_fetch_add(&attempt->references, 1);
	return attempt;
}

static void
unreference(struct door_attempt *attempt)
{
	int before = atomic_fetch_sub(&attempt->references, 1);
	ASSERT(before > 0);
	if (before > 1)
		return;
	password_wipe(&attempt->password);
	base_ticket_drop(attempt->ticket);
	arena_destroy(attempt->arena);
}

void
door_attempt_finish(struct door_attempt *attempt, enum base_failure outcome)
{
	base_ticket_complete(attempt->ticket, outcome);
	unreference(attempt);
}

/* True when it was in the list, and nobody else will finish it. */
static bool
take_from_delayed(struct door_attempt *attempt)
{
	struct door *door = attempt->door;
	pthread_mutex_lock(&door->lock);
	bool listed = attempt->before;
	if (listed) {
		*attempt->before = attempt->next;
		if (attempt->next)
			attempt->next->before = attempt->before;
		attempt->before = NULL;
	}
	pthread_mutex_unlock(&door->lock);
	return listed;
}

void
door_attempt_drop(struct door_attempt *attempt)
{
	if (!attempt)
		return;
	atomic_store(&attempt->dropped, true);
	if (take_from_delayed(attempt))
		door_attempt_finish(attempt, BASE_CANCELLED);
	unreference(attempt);
}

uint64_t
door_attempt_account(const struct door_attempt *attempt)
{
	return attempt->info.id;
}

struct slice
door_attempt_address(const struct door_attempt *attempt)
{
	return attempt->info.address;
}

/* --- the attempt ---------------------------------------------------------------------- */

/* RFC 4616 2: acting as somebody else is not offered. */
static bool
may_act_as(struct door_attempt *attempt)
{
	struct post_account_info other;
	if (slice_empty(attempt->authzid))
		return true;
	return post_account_find(attempt->door->post, attempt->authzid, attempt->arena,
		       &other) == BASE_OK &&
	       other.id == attempt->info.id;
}

static void
look_up(struct door_attempt *attempt)
{
	attempt->known = post_account_find(attempt->door->post, attempt->identity,
				 attempt->arena, &attempt->info) == BASE_OK;
	attempt->authorised = attempt->known && may_act_as(attempt);
	struct door_password password = {
		.account = attempt->info.id,
		.secret_version = attempt->info.secret_version,
		.identity = attempt->known ? SLICE_NONE : attempt->identity,
		.address_key = attempt->address_key,
		.password = attempt->password,
	};
	door_remembered_digest(attempt->door->remembered, &password, &attempt->digest);
}

static void
hashed(void *argument, enum base_failure outcome)
{
	door_attempt_finish(argument, outcome);
}

/* The reference goes on to the errand. */
static void
begin_hash(struct door_attempt *attempt)
{
	struct arena *moved = arena_create(ARENA_NO_CEILING);
	SCOPED(base_ticket_release)
	struct base_ticket *errand = net_errand(
		attempt->door->net, NET_LANE_HASH, door_attempt_hash, attempt, moved);
	if (errand) {
		base_ticket_then(errand, hashed, attempt);
		return;
	}
	arena_destroy(moved);
	door_log_refused(attempt, DOOR_FAILED, "too-many-hashes");
	door_attempt_finish(attempt, BASE_UNAVAILABLE);
}

static void
delay(struct door_attempt *attempt, uint64_t now_ms, uint64_t delay_ms)
{
	struct door *door = attempt->door;
	attempt->due_ms = now_ms + delay_ms;
	attempt->next = door->delayed;
	attempt->before = &door->delayed;
	if (attempt->next)
		attempt->next->before = &attempt->next;
	door->delayed = attempt;
}

void
door_attempt_due(struct door_attempt *attempt)
{
	if (atomic_load(&attempt->dropped))
		door_attempt_finish(attempt, BASE_CANCELLED);
	else if (attempt->limited)
		door_attempt_finish(attempt, BASE_TOO_LARGE);
	else if (attempt->repeated)
		door_attempt_finish(attempt, BASE_DENIED);
	else
		begin_hash(attempt);
}

enum way { WAY_RECOGNISED, WAY_DELAYED, WAY_HASH };

/* Under the lock: what is remembered, then how much guessing came from there. */
static enum way
judge(struct door_attempt *attempt)
{
	struct door *door = attempt->door;
	uint64_t now_ms = base_clock_steady_ms(door->clock);
	enum door_memory memory =
		door_remembered_look(door->remembered, &attempt->digest, now_ms);
	bool welcome = attempt->known && attempt->authorised && attempt->info.enabled;
	if (memory == DOOR_WAS_RIGHT && welcome)
		return WAY_RECOGNISED;
	if (memory == DOOR_WAS_WRONG) {
		attempt->repeated = true;
		delay(attempt, now_ms, DOOR_GUESS_DELAY_MS);
		return WAY_DELAYED;
	}
	struct door_guess_verdict verdict =
		door_guesses_judge(door->guesses, attempt->address_key, now_ms);
	attempt->limited = verdict.refused;
	if (!verdict.delay_ms)
		return WAY_HASH;
	delay(attempt, now_ms, verdict.delay_ms);
	return WAY_DELAYED;
}

struct base_ticket *
door_attempt_start(struct door_attempt *attempt)
{
	struct door *door = attempt->door;
	ASSERT(!attempt->ticket);
	attempt->ticket = base_ticket_create();
	struct base_ticket *ticket = base_ticket_hold(attempt->ticket);
	door_attempt_hold(attempt);
	if (!attempt->may_be_asked) {
		door_log_refused(attempt, DOOR_REFUSED, "in-the-clear");
		door_attempt_finish(attempt, BASE_DENIED);
		return ticket;
	}
	look_up(attempt);
	pthread_mutex_lock(&door->lock);
	enum way way = judge(attempt);
	pthread_mutex_unlock(&door->lock);
	if (attempt->limited)
		door_log_refused(attempt, DOOR_LIMITED, "too-many-guesses");
	if (attempt->repeated)
		door_log_refused(attempt, DOOR_REFUSED, "wrong-again");
	if (way == WAY_HASH)
		begin_hash(attempt);
	if (way == WAY_RECOGNISED) {
		door_log_accepted(attempt, true);
		door_attempt_finish(attempt, BASE_OK);
	}
	return ticket;
}
