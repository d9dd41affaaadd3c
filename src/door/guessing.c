#include "door/guessing.h"

#define HOUR_MS ((uint64_t)60 * 60 * 1000)
#define ATTEMPT HOUR_MS /* so that falling by the millisecond leaves no remainder */

uint64_t
door_guess_level(const struct door_guess *guess, uint32_t per_hour, uint64_t now_ms)
{
	uint64_t passed = now_ms > guess->at_ms ? now_ms - guess->at_ms : 0;
	/* Far more than any level; and the product below stays small. */
	if (passed > 100 * HOUR_MS)
		return 0;
	uint64_t fallen = passed * per_hour;
	return guess->level > fallen ? guess->level - fallen : 0;
}

static uint64_t
delay_after(uint64_t attempts)
{
	if (attempts < DOOR_GUESS_FREE)
		return 0;
	uint64_t doublings = attempts - DOOR_GUESS_FREE;
	if (doublings > 10)
		return DOOR_GUESS_DELAY_MOST_MS;
	uint64_t delay = (uint64_t)DOOR_GUESS_DELAY_MS << doublings;
	return delay < DOOR_GUESS_DELAY_MOST_MS ? delay : DOOR_GUESS_DELAY_MOST_MS;
}

static bool
has_room(uint64_t level, uint32_t per_hour)
{
	return level + ATTEMPT <= per_hour * ATTEMPT;
}

struct door_guess_verdict
door_guess_judge(const struct door_guess *guess, uint32_t per_hour, uint64_t now_ms)
{
	uint64_t level = door_guess_level(guess, per_hour, now_ms);
	if (!has_room(level, per_hour))
		return (struct door_guess_verdict){
			.refused = true, .delay_ms = DOOR_GUESS_DELAY_MOST_MS};
	return (struct door_guess_verdict){.delay_ms = delay_after(level / ATTEMPT)};
}

bool
door_guess_charge(struct door_guess *guess, uint32_t per_hour, uint64_t now_ms)
{
	uint64_t level = door_guess_level(guess, per_hour, now_ms);
	if (!has_room(level, per_hour))
		return false;
	guess->level = level + ATTEMPT;
	guess->at_ms = now_ms;
	return true;
}

void
door_guess_give_back(struct door_guess *guess, uint32_t per_hour, uint64_t now_ms)
{
	uint64_t level = door_guess_level(guess, per_hour, now_ms);
	guess->level = level > ATTEMPT ? level - ATTEMPT : 0;
	guess->at_ms = now_ms;
}

/* --- places --------------------------------------------------------------------------- */

struct door_guesses {
	struct map *places; /* address or network key → struct door_guess */
	uint32_t per_hour;
};

struct door_guesses *
door_guesses_create(uint32_t per_hour)
{
	struct door_guesses *guesses = calloc(1, sizeof *guesses);
	ASSERT(guesses);
	guesses->places = map_create();
	guesses->per_hour = per_hour;
	return guesses;
}

void
door_guesses_destroy(struct door_guesses *guesses)
{
	if (!guesses)
		return;
	size_t position = 0;
	struct slice key;
	void *guess;
	while (map_next(guesses->places, &position, &key, &guess))
		free(guess);
	map_destroy(guesses->places);
	free(guesses);
}

/* The /24 of an IPv4 address, the /48 of an IPv6 one; their lengths tell them apart. */
static struct slice
network_key(struct slice address_key)
{
	return slice_first(address_key, address_key.length == 4 ? 3 : 6);
}

static uint32_t
network_per_hour(const struct door_guesses *guesses)
{
	return guesses->per_hour > UINT32_MAX / DOOR_GUESS_NETWORK_FACTOR
		       ? UINT32_MAX
		       : guesses->per_hour * DOOR_GUESS_NETWORK_FACTOR;
}

static uint32_t
room_of(const struct door_guesses *guesses, struct slice key)
{
	return key.length == 3 || key.length == 6 ? network_per_hour(guesses)
						  : guesses->per_hour;
}

static void
forget_up_to(struct door_guesses *guesses, uint64_t level, uint64_t now_ms)
{
	size_t position = 0;
	struct slice key;
	void *value;
	while (map_next(guesses->places, &position, &key, &value)) {
		if (door_guess_level(value, room_of(guesses, key), now_ms) > level)
			continue;
		map_remove(guesses->places, key);
		free(value);
	}
}

void
door_guesses_sweep(struct door_guesses *guesses, uint64_t now_ms)
{
	forget_up_to(guesses, 0, now_ms);
}

size_t
door_guesses_count(const struct door_guesses *guesses)
{
	return map_count(guesses->places);
}

/* Down to three quarters, so that not every new place walks over all. */
static void
make_room(struct door_guesses *guesses, uint64_t now_ms)
{
	if (map_count(guesses->places) < DOOR_GUESS_PLACES_MOST)
		return;
	uint64_t level = 0;
	while (map_count(guesses->places) > DOOR_GUESS_PLACES_MOST / 4 * 3) {
		forget_up_to(guesses, level, now_ms);
		level = level ? level * 2 : ATTEMPT;
	}
}

static struct door_guess *
place(struct door_guesses *guesses, struct slice key, uint64_t now_ms)
{
	struct door_guess *guess = map_get(guesses->places, key);
	if (guess)
		return guess;
	make_room(guesses, now_ms);
	guess = calloc(1, sizeof *guess);
	ASSERT(guess);
	guess->at_ms = now_ms;
	map_put(guesses->places, key, guess);
	return guess;
}

struct door_guess_verdict
door_guesses_judge(
	const struct door_guesses *guesses, struct slice address_key, uint64_t now_ms)
{
	static const struct door_guess nothing;
	const struct door_guess *own = map_get(guesses->places, address_key);
	const struct door_guess *around =
		map_get(guesses->places, network_key(address_key));
	struct door_guess_verdict verdict = door_guess_judge(
		around ? around : &nothing, network_per_hour(guesses), now_ms);
	if (verdict.refused)
		return verdict;
	return door_guess_judge(own ? own : &nothing, guesses->per_hour, now_ms);
}

bool
door_guesses_charge(struct door_guesses *guesses, struct slice address_key, uint64_t now_ms)
{
	struct slice network = network_key(address_key);
	if (!door_guess_charge(
		    place(guesses, network, now_ms), network_per_hour(guesses), now_ms))
		return false;
	if (door_guess_charge(
		    place(guesses, address_key, now_ms), guesses->per_hour, now_ms))
		return true;
	door_guess_give_back(
		place(guesses, network, now_ms), network_per_hour(guesses), now_ms);
	return false;
}

void
door_guesses_give_back(
	struct door_guesses *guesses, struct slice address_key, uint64_t now_ms)
{
	struct slice network = network_key(address_key);
	door_guess_give_back(
		place(guesses, network, now_ms), network_per_hour(guesses), now_ms);
	door_guess_give_back(
		place(guesses, address_key, now_ms), guesses->per_hour, now_ms);
}
