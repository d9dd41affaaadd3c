#ifndef CLI_OWNER_H
#define CLI_OWNER_H

#include "base/base.h"

/*
 * Root must not serve from another's data folder: as root it would leave files there that
 * their owner can't open again, as a third user it could open none. BASE_OK for a folder
 * that is still to be made, and when we are not root.
 */
enum base_failure cli_owner_check(
	const struct base_config *config, struct base_error *error) MUST_CHECK;

#endif
