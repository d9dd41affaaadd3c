#ifndef BASE_ID_H
#define BASE_ID_H

#include "base/slice.h"

/*
 * The id of a letter, from MAIL to its final delivery: 20 characters of 0-9 and A-Z
 * without vowels' look-alikes (Crockford's base 32): 10 of wall time in milliseconds, so
 * that ids sort by age and a trace knows where to begin, then 10 of chance.
 */
#define BASE_ID_LENGTH 20

void base_id_make(int64_t wall_ms, char into[BASE_ID_LENGTH]);
MUST_CHECK bool base_id_time(struct slice id, int64_t *wall_ms);

#endif
