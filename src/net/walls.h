#ifndef NET_WALLS_H
#define NET_WALLS_H

#include "base/base.h"

/*
 * What the child takes away from itself, so that whoever takes the child over has little.
 * Raised once, before the first thread, after the change of user. It can't be undone.
 *
 *   Landlock   files: write below `writable`; read below it, `readable` and a fixed list
 *              (libraries, certificates, resolver, time zones, see walls-paths.c).
 *              Links are followed first: rules belong to real files. Nothing executes.
 *   seccomp    exec, ptrace, mount, modules, bpf, namespaces, keys, clocks, reboot, other
 *              processes' memory, io_uring, raw sockets: EPERM, noted in the audit log.
 *              EPERM and not death: a library that tries one in passing must not take
 *              10,000 sessions along. clone3 is ENOSYS, as its flags can't be seen.
 *   also       no new privileges, not dumpable, no core files, as many descriptors as
 *              the hard limit allows.
 *
 * Descriptors that are open already stay usable: open what is elsewhere before.
 */
#define NET_WALLS_PATHS_MOST 64

struct net_walls {
	const char *const *writable; /* folders: data, control socket's; must exist */
	size_t writable_count;
	const char *const *readable; /* files and folders more than the fixed list */
	size_t readable_count;       /* those that don't exist are passed over */
	/*
	 * Folders of programs that may be started, and what these read. Then there are no
	 * sockets: it is the helper process (net/helper.h).
	 */
	const char *const *executable;
	size_t executable_count;
	bool dumpable; /* leave core files and debuggers possible */
};

struct net_walls_report {
	unsigned landlock; /* ABI in force; 0: none */
	bool seccomp;
	uint64_t descriptors; /* the limit in force */
	char missing[248];    /* what the kernel refused, for the log; "" when all stands */
};

/*
 * BASE_OK also when the kernel refuses Landlock or seccomp: then `missing` says so, and the
 * caller logs it once, loudly. Fails when a writable folder can't be opened
 * (BASE_NOT_FOUND, BASE_DENIED), with nothing raised.
 */
enum base_failure net_walls_raise(const struct net_walls *walls,
	struct net_walls_report *report, struct base_error *error) MUST_CHECK;

#endif
