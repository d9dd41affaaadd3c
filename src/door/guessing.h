#ifndef DOOR_GUESSING_H
#define DOOR_GUESSING_H

#include "base/base.h"
#include "net/address.h"

/*
 * How fast somebody may guess. Each address (of IPv6 the /64) has a level that rises by one
 * with each password that is checked and falls by per_hour in an hour; a right one gives
 * its own back. The network around it (/24, /48) has a level too, with
 * DOOR_GUESS_NETWORK_FACTOR times the room.
 *
 * The first few attempts pass at once, so that mistyping costs nothing; then each waits
 * longer than the one before; at per_hour, attempts are refused until the level has fallen.
 *
 * An attempt is judged when it comes and charged when its password is about to be hashed,
 * in a lane with a thread a core. So a hundred people behind one address may come back at
 * the same moment, and a thousand guesses at once are still stopped at per_hour.
 *
 * Judging is pure: state, event, now. Times are steady milliseconds.
 */
#define DOOR_FAILURES_PER_HOUR    30
#define DOOR_GUESS_NETWORK_FACTOR 8
#define DOOR_GUESS_FREE           4     /* attempts that need not wait */
#define DOOR_GUESS_DELAY_MS       500   /* of the next; doubles with each */
#define DOOR_GUESS_DELAY_MOST_MS  16000 /* also what a refusal takes */
#define DOOR_GUESS_PLACES_MOST    100000

struct door_guess {
	uint64_t level; /* of which an attempt is 3,600,000 */
	uint64_t at_ms; /* when that was its level */
};

struct door_guess_verdict {
	bool refused;
	uint64_t delay_ms; /* before the hash, or before the refusal is said */
};

/* The level at now. */
uint64_t door_guess_level(
	const struct door_guess *guess, uint32_t per_hour, uint64_t now_ms);
struct door_guess_verdict door_guess_judge(
	const struct door_guess *guess, uint32_t per_hour, uint64_t now_ms);
/* False, and nothing is charged, when there is no room. */
bool door_guess_charge(struct door_guess *guess, uint32_t per_hour, uint64_t now_ms);
/* It was no guess after all. */
void door_guess_give_back(struct door_guess *guess, uint32_t per_hour, uint64_t now_ms);

/*
 * All places from where attempts came lately. When there are more than the most, those with
 * the lowest levels are forgotten. Not for two threads at once.
 */
struct door_guesses;

struct door_guesses *door_guesses_create(uint32_t per_hour);
void door_guesses_destroy(struct door_guesses *guesses); /* NULL is fine */
struct door_guess_verdict door_guesses_judge(
	const struct door_guesses *guesses, struct slice address_key, uint64_t now_ms);
bool door_guesses_charge(
	struct door_guesses *guesses, struct slice address_key, uint64_t now_ms);
void door_guesses_give_back(
	struct door_guesses *guesses, struct slice address_key, uint64_t now_ms);
/* Forgets places whose level has fallen to nothing. */
void door_guesses_sweep(struct door_guesses *guesses, uint64_t now_ms);
size_t door_guesses_count(const struct door_guesses *guesses);

#endif
