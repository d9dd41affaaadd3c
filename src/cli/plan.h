#ifndef CLI_PLAN_H
#define CLI_PLAN_H

#include "base/config.h"
#include "net/parent.h"

/*
 * What the configuration asks of the parent: ports to bind, keys to read, the child's user
 * and folder. Listener names are cli_listener_word's; files are "chain:0", "key:0", …
 * Without listeners in the file the usual ports are meant. All of the plan lives in the
 * arena.
 */
enum base_failure cli_plan_make(const struct base_config *config, struct arena *arena,
	struct net_plan *plan, struct base_error *error) MUST_CHECK;

#endif
