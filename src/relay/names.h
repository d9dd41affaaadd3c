#ifndef RELAY_NAMES_H
#define RELAY_NAMES_H

#include "relay/relay-internal.h"

/*
 * Whether our name servers answer. One domain without an answer may have itself to blame,
 * so after such a look-up something else is asked (net_resolver_probe). Without an answer
 * to that they are *silent*: said once, in the log and as a metric, and asked again and
 * again. What was postponed meanwhile counts as no attempt, and no destination is the
 * worse for it; once they answer, all that waits for a look-up goes on at once.
 */
#define RELAY_NAMES_WAIT_MS   ((uint64_t)10 * 1000) /* for the answer */
#define RELAY_NAMES_DOUBT_MS  ((uint64_t)60 * 1000) /* from one doubt to the next */
#define RELAY_NAMES_SILENT_MS ((uint64_t)15 * 1000) /* while they are silent */

/* Any errand, without the lock: a look-up had no answer. */
void relay_names_doubt(struct relay *relay);
/* The timer's: is it time to ask? */
void relay_names_look(struct relay *relay);

bool relay_names_are_silent(const struct relay *relay);
/*
 * What a row that was postponed for want of an answer is marked with. It is another one
 * once they answer again: then the row need not wait.
 */
unsigned relay_names_mark(const struct relay *relay);

#endif
