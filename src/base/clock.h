#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/*
 * Time is an argument: whoever needs it is handed a clock. Tests advance theirs.
 * Wall time is milliseconds since 1970 in UTC; steady time never goes back, also when the
 * administrator sets the date. Both move by what base_clock_advance has added.
 */
struct base_clock;

struct base_clock *base_clock_create(void);
void base_clock_destroy(struct base_clock *clock);
int64_t base_clock_wall_ms(const struct base_clock *clock);
uint64_t base_clock_steady_ms(const struct base_clock *clock);
/* To a steady time; 1 at least, as a deadline of 0 is none. */
uint64_t base_clock_left_ms(const struct base_clock *clock, uint64_t until);
void base_clock_advance(struct base_clock *clock, int64_t ms); /* any thread; tests */

#endif
