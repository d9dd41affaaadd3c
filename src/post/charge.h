#ifndef POST_CHARGE_H
#define POST_CHARGE_H

#include "post/turn.h"

/*
 * Letters an account sends, against its limit of an hour. The hour slides: of the one
 * before, as much counts as still lies within the last sixty minutes.
 */

/* As far as it is durable, before anything is begun. */
enum base_failure post_charge_ask(
	struct post_account *account, uint32_t letters) MUST_CHECK;
/* In the turn: counts, or BASE_QUOTA. */
enum base_failure post_charge(struct post_turn *turn, uint32_t letters) MUST_CHECK;

#endif
