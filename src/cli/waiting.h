#ifndef CLI_WAITING_H
#define CLI_WAITING_H

#include "cli/certificates.h"
#include "cli/ports.h"

/*
 * While the store can't be opened: every port answers that we are not there now (421, BYE,
 * -ERR, 503), so that other servers keep their mail and come again.
 */
struct cli_waiting;

/* NULL when not even that works. The ports' descriptors stay theirs. */
struct cli_waiting *cli_waiting_begin(
	const struct cli_ports *ports, const struct cli_certificates *certificates);
void cli_waiting_end(struct cli_waiting *waiting); /* NULL is fine */

#endif
