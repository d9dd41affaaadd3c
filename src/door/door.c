#include "door/door-internal.h"

static void
register_metrics(struct door *door, struct base_metrics *metrics)
{
	static const char *const labels[DOOR_OUTCOMES] = {
		[DOOR_ACCEPTED] = "outcome=\"accepted\"",
		[DOOR_RECOGNISED] = "outcome=\"recognised\"",
		[DOOR_REFUSED] = "outcome=\"refused\"",
		[DOOR_LIMITED] = "outcome=\"limited\"",
		[DOOR_FAILED] = "outcome=\"failed\"",
	};
	for (size_t i = 0; i < DOOR_OUTCOMES; i++)
		door->outcomes[i] =
			base_metrics_counter(metrics, "troika_door_attempts_total",
				labels[i], "Sign-ins by what became of them.");
	door->hash_seconds = base_metrics_seconds(metrics, "troika_door_hash_seconds", "",
		"How long checking one password took.");
}

/* A hash nobody has a password for, of the same cost as a true one. */
static struct door_secret
secret_of_nobody(const struct door_cost *cost)
{
	struct door_secret secret = {
		.kind = DOOR_ARGON2ID,
		.memory_kib = cost->memory_kib,
		.passes = cost->passes,
		.lanes = 1,
		.salt_size = DOOR_SALT_SIZE,
		.hash_size = DOOR_HASH_SIZE,
	};
	base_random(secret.salt, DOOR_SALT_SIZE);
	base_random(secret.hash, DOOR_HASH_SIZE);
	return secret;
}

static enum base_failure
read_cost(const struct door_settings *settings, struct door_cost *cost,
	struct base_error *error)
{
	*cost = (struct door_cost){
		.memory_kib = settings->argon2_memory_kib ? settings->argon2_memory_kib
							  : DOOR_ARGON2_MEMORY_KIB,
		.passes = settings->argon2_passes ? settings->argon2_passes
						  : DOOR_ARGON2_PASSES,
	};
	if (cost->memory_kib < 8 || cost->memory_kib > DOOR_ARGON2_MEMORY_KIB_MOST ||
		cost->passes > DOOR_ARGON2_PASSES_MOST)
		return base_fail(error, BASE_INVALID,
			"argon2 takes 8 to %d KiB of memory and 1 to %d passes",
			DOOR_ARGON2_MEMORY_KIB_MOST, DOOR_ARGON2_PASSES_MOST);
	return BASE_OK;
}

static void
copy_networks(struct door *door, const struct door_settings *settings)
{
	size_t count = settings->clear_network_count;
	door->clear_networks = calloc(count + 1, sizeof *door->clear_networks);
	ASSERT(door->clear_networks);
	if (count)
		memcpy(door->clear_networks, settings->clear_networks,
			count * sizeof *door->clear_networks);
	door->clear_network_count = count;
}

/* --- delays --------------------------------------------------------------------------- */

static void
sweep(struct door *door, uint64_t now_ms)
{
	if (now_ms - door->swept_ms < DOOR_SWEEP_MS)
		return;
	door->swept_ms = now_ms;
	door_guesses_sweep(door->guesses, now_ms);
	door_remembered_sweep(door->remembered, now_ms);
}

/* Those whose time has come, taken out of the list. */
static struct door_attempt *
take_due(struct door *door, uint64_t now_ms)
{
	struct door_attempt *due = NULL, **at = &door->delayed;
	while (*at) {
		struct door_attempt *attempt = *at;
		if (attempt->due_ms > now_ms) {
			at = &attempt->next;
			continue;
		}
		*at = attempt->next;
		if (attempt->next)
			attempt->next->before = at;
		attempt->before = NULL;
		attempt->next = due;
		due = attempt;
	}
	return due;
}

static void
tick(void *argument)
{
	struct door *door = argument;
	uint64_t now_ms = base_clock_steady_ms(door->clock);
	pthread_mutex_lock(&door->lock);
	sweep(door, now_ms);
	struct door_attempt *due = take_due(door, now_ms);
	pthread_mutex_unlock(&door->lock);
	while (due) {
		struct door_attempt *next = due->next;
		due->next = NULL;
		door_attempt_due(due);
		due = next;
	}
}

/* --- lifetime ------------------------------------------------------------------------- */

enum base_failure
door_create(const struct door_settings *settings, struct door **created,
	struct base_error *error)
{
	struct door_cost cost;
	*created = NULL;
	enum base_failure failure = read_cost(settings, &cost, error);
	if (failure != BASE_OK)
		return failure;
	struct door *door = calloc(1, sizeof *door);
	ASSERT(door);
	door->post = settings->post;
	door->net = settings->net;
	door->clock = settings->clock;
	door->log = settings->log;
	door->cost = cost;
	door->nobody = secret_of_nobody(&cost);
	door->guesses = door_guesses_create(settings->failures_per_hour
						    ? settings->failures_per_hour
						    : DOOR_FAILURES_PER_HOUR);
	door->remembered = door_remembered_create();
	ASSERT(pthread_mutex_init(&door->lock, NULL) == 0);
	copy_networks(door, settings);
	register_metrics(door, settings->metrics);
	if (door->net)
		net_every(door->net, DOOR_TICK_MS, tick, door);
	*created = door;
	return BASE_OK;
}

void
door_destroy(struct door *door)
{
	if (!door)
		return;
	struct door_attempt *delayed = take_due(door, UINT64_MAX);
	while (delayed) {
		struct door_attempt *next = delayed->next;
		door_attempt_finish(delayed, BASE_CANCELLED);
		delayed = next;
	}
	door_guesses_destroy(door->guesses);
	door_remembered_destroy(door->remembered);
	pthread_mutex_destroy(&door->lock);
	free(door->clear_networks);
	free(door);
}

bool
door_may_ask(const struct door *door, const struct net_session *session)
{
	if (net_secured(session))
		return true;
	for (size_t i = 0; i < door->clear_network_count; i++)
		if (net_network_has(&door->clear_networks[i], net_peer(session)))
			return true;
	return false;
}

/* --- making secrets ------------------------------------------------------------------- */

enum base_failure
door_secret_of_password(struct door *door, struct slice password, struct arena *arena,
	struct slice *secret, struct base_error *error)
{
	struct door_secret made;
	*secret = SLICE_NONE;
	if (slice_empty(password))
		return base_fail(error, BASE_INVALID, "the password is empty");
	if (slice_find_byte(password, '\0') < password.length)
		return base_fail(error, BASE_INVALID, "a password can't have a NUL byte");
	if (password.length > DOOR_PASSWORD_MOST)
		return base_fail(error, BASE_TOO_LARGE, "a password has at most %d bytes",
			DOOR_PASSWORD_MOST);
	if (door_secret_make(&door->cost, password, &made) != BASE_OK)
		return base_fail(error, BASE_UNAVAILABLE,
			"there is no memory to hash the password (%u KiB)",
			door->cost.memory_kib);
	SCOPED(buffer_free) struct buffer packed = buffer_with(DOOR_SECRET_TEXT_MOST);
	ASSERT(door_secret_put(&made, &packed));
	*secret = arena_copy(arena, buffer_slice(&packed));
	return BASE_OK;
}

enum base_failure
door_secret_of_hash(struct slice hash, struct arena *arena, struct slice *secret,
	struct base_error *error)
{
	struct door_secret made;
	*secret = SLICE_NONE;
	enum base_failure failure = door_secret_parse(hash, &made, error);
	if (failure == BASE_OK)
		*secret = arena_copy(arena, made.text);
	return failure;
}
