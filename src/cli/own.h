#ifndef CLI_OWN_H
#define CLI_OWN_H

#include "base/base.h"
#include <sys/types.h>

/*
 * A server for one command, while none runs: a process of ours that opens the store with
 * the server's rights, without listeners, deliveries or chores, behind the server's walls.
 * We keep the person's rights, for the files of import and export.
 */
struct cli_own {
	pid_t process;
	int life; /* it stops when this is closed, however we end */
};

/*
 * *socket: the connection for the call. BASE_CONFLICT: somebody else has the store. Call it
 * before any thread is started. storeless: opens none, for what is to make it.
 */
enum base_failure cli_own_start(const struct base_config *config, const char *config_path,
	bool storeless, struct cli_own *own, int *socket,
	struct base_error *error) MUST_CHECK;
/* Waits until the store is closed. */
void cli_own_end(struct cli_own *own);

#endif
