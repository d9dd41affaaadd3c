#ifndef CLI_WAITING_H
#define CLI_WAITING_H

#include "net/net.h"
#include "net/parent.h"

/*
 * While the store can't be opened: every port answers that we are not there now (421, BYE,
 * -ERR, 503), so that other servers keep their mail and come again.
 */
struct cli_waiting;

/* NULL when not even that works. The handover's descriptors stay the caller's. */
struct cli_waiting *cli_waiting_begin(
	const struct net_handover *handover, struct base_log *log);
void cli_waiting_end(struct cli_waiting *waiting); /* NULL is fine */

#endif
