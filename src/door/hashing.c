#include "door/door-internal.h"

void
door_log_accepted(const struct door_attempt *attempt, bool recognised)
{
	const struct door *door = attempt->door;
	base_metric_add(door->outcomes[recognised ? DOOR_RECOGNISED : DOOR_ACCEPTED], 1);
	LOG(door->log, BASE_LOG_INFO, "door.signed-in",
		LOG_TEXT("service", attempt->service),
		LOG_TEXT("mechanism", attempt->mechanism),
		LOG_TEXT("account", attempt->info.address),
		LOG_TEXT("address", attempt->peer));
}

void
door_log_refused(
	const struct door_attempt *attempt, enum door_outcome outcome, const char *reason)
{
	const struct door *door = attempt->door;
	base_metric_add(door->outcomes[outcome], 1);
	LOG(door->log, BASE_LOG_WARN, "door.refused", LOG_TEXT("service", attempt->service),
		LOG_TEXT("mechanism", attempt->mechanism),
		LOG_TEXT("account", attempt->identity), LOG_TEXT("address", attempt->peer),
		LOG_STRING("reason", reason));
}

/* Nobody's secret takes as long and never fits. */
static enum base_failure
verify(const struct door_attempt *attempt)
{
	struct door *door = attempt->door;
	struct door_secret secret;
	bool whole = attempt->known &&
		     door_secret_parse(attempt->info.secret, &secret, NULL) == BASE_OK;
	uint64_t start = base_clock_steady_ms(door->clock);
	enum base_failure outcome =
		door_secret_verify(whole ? &secret : &door->nobody, attempt->password);
	base_metric_observe_ms(
		door->hash_seconds, base_clock_steady_ms(door->clock) - start);
	return outcome == BASE_OK && !whole ? BASE_DENIED : outcome;
}

/* While the password is at hand: old hashes and weaker costs become what is made now. */
static void
renew_secret(struct door_attempt *attempt, struct arena *arena)
{
	struct door *door = attempt->door;
	struct door_secret secret;
	struct slice text;
	struct base_error error;
	if (door_secret_parse(attempt->info.secret, &secret, NULL) != BASE_OK ||
		!door_secret_is_weak(&secret, &door->cost) ||
		door_secret_of_password(door, attempt->password, arena, &text, &error) !=
			BASE_OK)
		return;
	struct base_ticket *ticket = post_account_renew_secret(door->post,
		attempt->info.address, attempt->info.secret_version, text, &error);
	if (ticket)
		LOG(door->log, BASE_LOG_INFO, "door.secret-renewed",
			LOG_TEXT("account", attempt->info.address));
	base_ticket_drop(ticket);
}

static bool
charge(struct door_attempt *attempt)
{
	struct door *door = attempt->door;
	pthread_mutex_lock(&door->lock);
	bool charged = door_guesses_charge(
		door->guesses, attempt->address_key, base_clock_steady_ms(door->clock));
	pthread_mutex_unlock(&door->lock);
	return charged;
}

static void
keep(struct door_attempt *attempt, bool right)
{
	struct door *door = attempt->door;
	uint64_t now_ms = base_clock_steady_ms(door->clock);
	pthread_mutex_lock(&door->lock);
	door_remembered_keep(door->remembered, &attempt->digest, right, now_ms);
	if (right)
		door_guesses_give_back(door->guesses, attempt->address_key, now_ms);
	pthread_mutex_unlock(&door->lock);
}

static void
give_back(struct door_attempt *attempt)
{
	struct door *door = attempt->door;
	pthread_mutex_lock(&door->lock);
	door_guesses_give_back(
		door->guesses, attempt->address_key, base_clock_steady_ms(door->clock));
	pthread_mutex_unlock(&door->lock);
}

static enum base_failure
refuse(const struct door_attempt *attempt, const char *reason)
{
	door_log_refused(attempt, DOOR_REFUSED, reason);
	return BASE_DENIED;
}

/* The password is right. */
static enum base_failure
let_in(struct door_attempt *attempt, struct arena *arena)
{
	if (!attempt->info.enabled)
		return refuse(attempt, "disabled");
	if (!attempt->authorised)
		return refuse(attempt, "not-authorised");
	keep(attempt, true);
	renew_secret(attempt, arena);
	door_log_accepted(attempt, false);
	return BASE_OK;
}

enum base_failure
door_attempt_hash(void *argument, struct arena *moved)
{
	struct door_attempt *attempt = argument;
	struct door *door = attempt->door;
	if (atomic_load(&attempt->dropped) || net_stopping(door->net))
		return BASE_CANCELLED;
	if (!charge(attempt)) {
		door_log_refused(attempt, DOOR_LIMITED, "too-many-guesses");
		return BASE_TOO_LARGE;
	}
	enum base_failure outcome = verify(attempt);
	if (outcome == BASE_OK)
		return let_in(attempt, moved);
	if (outcome == BASE_DENIED) {
		keep(attempt, false);
		return refuse(attempt, attempt->known ? "wrong-password" : "unknown");
	}
	give_back(attempt);
	door_log_refused(attempt, DOOR_FAILED, "no-memory");
	return BASE_UNAVAILABLE;
}
