#ifndef POST_MUST_H
#define POST_MUST_H

#include "base/base.h"

/* For the programs that measure and load: what can't fail there ends them. */

static inline void
must(enum base_failure failure, const char *what)
{
	if (!failure)
		return;
	fprintf(stderr, "%s: %s\n", what, base_failure_name(failure));
	exit(EXIT_FAILURE);
}

static inline void
must_be_done(struct base_ticket *ticket, const char *what)
{
	must(ticket ? base_ticket_wait(ticket) : BASE_INVALID, what);
	base_ticket_drop(ticket);
}

#endif
