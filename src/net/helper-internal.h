#ifndef NET_HELPER_INTERNAL_H
#define NET_HELPER_INTERNAL_H

#include "base/clock.h"
#include "base/log.h"
#include "net/helper.h"
#include <sys/types.h>

/*
 * Both ends of the helper's socket (SEQPACKET). A request is one packet with three
 * descriptors: input, output, and the job's own socket. On that one the verdict comes back
 * as a packet; whoever closes it gives the job up, or is dead.
 */
enum { HELPER_INPUT, HELPER_OUTPUT, HELPER_LIFE, HELPER_DESCRIPTORS };

struct helper_request {
	uint32_t program;
};

struct helper_verdict {
	int32_t status, signal; /* signal 0: it left by itself, with that status */
};

struct helper_limits {
	unsigned seconds; /* of processor time */
	uint64_t ms;
	uint64_t memory;
};

/* What the process is born with; everything else that is open is closed. */
struct helper_birth {
	int socket;
	pid_t parent;
	const struct net_program *programs;
	size_t count;
	struct helper_limits limits;
	struct base_log *log;
};

/* The process's life (helper-process.c); leaves with NET_CHILD_EXIT_NO_RETRY without walls.
 */
_Noreturn void helper_live(const struct helper_birth *birth);

/* A program is started (helper-job.c); -1: it could not be. Closes no descriptor. */
pid_t helper_job_start(const struct helper_birth *birth, unsigned program,
	const int descriptors[HELPER_DESCRIPTORS]);

#endif
