#ifndef NET_HELPER_H
#define NET_HELPER_H

#include "base/base.h"

/*
 * Programs of others, run by a third process (DESIGN.md section 7): what the server must
 * not read itself, as a PDF, goes in by a descriptor, what the program makes of it comes
 * out by another. The helper process is forked early by the parent, has another user when
 * there is a choice (NET_HELPER_USER), and starts nothing but the programs of the plan's
 * table. Each one has:
 *
 *	no network, no way to signal, trace or start other processes (seccomp)
 *	no file to write, and none to read but programs, libraries and their data (Landlock)
 *	NET_HELPER_SECONDS of processor time, NET_HELPER_MS, NET_HELPER_MEMORY, few
 *descriptors
 *
 * Without walls that keep it from the store and the network there is no helper process: the
 * log says so, and net_helper_has is false for all.
 */
#define NET_HELPER_USER    "nobody"
#define NET_HELPER_NAME    "troika-helper" /* as ps shows it */
#define NET_HELPER_JOBS    8               /* at once; more wait */
#define NET_HELPER_SECONDS 10
#define NET_HELPER_MS      30000
#define NET_HELPER_MEMORY  ((uint64_t)1 << 30)

/* In the plan, by number; for as long as parent and child live. */
struct net_program {
	const char *const *arguments; /* NULL ends them; the first is an absolute path */
};

struct net_helper;

/* The child's end, as net_child_helper has it, or -1: there is none. Stays the caller's. */
struct net_helper *net_helper_create(
	int socket, const struct net_program *programs, size_t count);
void net_helper_destroy(struct net_helper *helper); /* NULL is fine */

/* Installed, and there is a helper process to run it. Any thread. */
bool net_helper_has(const struct net_helper *helper, unsigned program);

enum net_helper_end {
	NET_HELPER_DONE,
	NET_HELPER_CUT,         /* it had more to say than there was room */
	NET_HELPER_FAILED,      /* by its exit code */
	NET_HELPER_KILLED,      /* by a signal, as past its limits; or it took too long */
	NET_HELPER_GONE,        /* the helper process died meanwhile */
	NET_HELPER_UNAVAILABLE, /* it is not there now, or go_on said no: try again later */
};

struct net_helper_call {
	unsigned program;
	int input;                     /* a file, read from its start; stays the caller's */
	bool (*go_on)(void *argument); /* asked now and then; false: it is given up */
	void *argument;
};

/*
 * Appends what the program wrote; what came before a failure stays. The buffer's ceiling is
 * that of the output. Waits for the program: for an errand.
 */
enum net_helper_end net_helper_run(const struct net_helper *helper,
	const struct net_helper_call *call, struct buffer *into);

#endif
