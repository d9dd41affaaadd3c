#ifndef NET_PARENT_H
#define NET_PARENT_H

#include "base/base.h"
#include "net/address.h"
#include "net/blame.h"
#include "net/helper.h"

/*
 * The small parent (DESIGN.md section 7). It reads keys, binds ports, hands both to a
 * child that has no powers, restarts the child after a crash, and does nothing else. Keys
 *and ports of a child that crashed are kept, so that its successor answers at once and
 * connections made meanwhile wait in the backlog.
 *
 *	static enum base_failure plan(void *program, struct arena *arena,
 *		struct net_plan *plan, struct base_error *error)
 *	{ parse troika.conf; list listeners, files, user, folder }
 *
 *	static int serve(void *program, struct net_child *child)
 *	{
 *		const struct net_handover *given = net_child_handover(child);
 *		raise the walls; create net, store, …; net_listen each given->listeners[i];
 *		net_child_ready(child);
 *		for (;;)
 *			switch (net_child_wait(child, -1)) {
 *			case NET_CHILD_RELOAD: given = net_child_handover(child); …
 *				net_child_ready(child); break;
 *			case NET_CHILD_STOP: net_stop(net); …; return 0;
 *			case NET_CHILD_NOTHING: break;
 *			}
 *	}
 *
 *	return net_parent_run(&(struct net_parent){ .read_plan = plan,
 *		.child_main = serve, .argument = program, .log = log });
 *
 * SIGTERM and SIGINT stop the child, then the parent; SIGHUP reads the plan again and
 * hands the news over. A plan that can't be read at a reload is logged, and the old one
 * stays. Under systemd (Type=notify) READY, RELOADING and STOPPING are told.
 * It stays in the foreground, always.
 *
 * As a plain user all of this works too, without changing user; a port that needs root
 * is then logged and left out.
 */
#define NET_PLAN_LISTENERS_MOST 128
#define NET_PLAN_FILES_MOST     256
#define NET_PLAN_FILE_BYTES     (4 * 1024 * 1024)  /* of one file */
#define NET_PLAN_BYTES_MOST     (60 * 1024 * 1024) /* of all files */
#define NET_PARENT_STOP_MS      40000 /* the child promises 30 s; then it is killed */
#define NET_PARENT_BACKOFF_MS   100   /* before the first restart; doubles */
#define NET_PARENT_BACKOFF_MOST 30000
#define NET_PARENT_STEADY_MS    60000 /* up this long: the back-off starts anew */
#define NET_PARENT_EXIT_FAILED  1
#define NET_CHILD_EXIT_NO_RETRY 78 /* EX_CONFIG: not restarted after it */

struct net_plan_listener {
	struct slice name; /* the configuration's: "submission" */
	struct net_address address;
};

struct net_plan_file {
	struct slice name; /* what the child knows it by: "certificate:0" */
	/* For root and a plan with a user: nothing on the way may be in that user's power.
	 */
	struct slice path;
	bool optional; /* left out when it does not exist */
};

struct net_plan {
	struct slice user;   /* the child's; empty: stay who we are */
	struct slice folder; /* made when missing, mode 0700, for the user; may be empty */
	const struct net_plan_listener *listeners;
	size_t listener_count;
	const struct net_plan_file *files;
	size_t file_count;
	/*
	 * What the helper process may start, for as long as the parent lives: those of the
	 * first plan count. None: there is no helper process.
	 */
	const struct net_program *programs;
	size_t program_count;
};

struct net_child;

struct net_parent {
	/* In the parent, at the start and at each SIGHUP. All of the plan in the arena. */
	enum base_failure (*read_plan)(void *argument, struct arena *arena,
		struct net_plan *plan, struct base_error *error);
	/* The plan that was read last is in force; may be NULL. Not called for one that
	 * fails. */
	void (*plan_taken)(void *argument);
	/* In the child, with its user's rights. The result is its exit code. */
	int (*child_main)(void *argument, struct net_child *child);
	void *argument;
	struct base_log *log;
};

/*
 * Returns the exit code of the program: the child's when it was told to stop, or when it
 * left before it was ready for the first time (a start that fails is not repeated);
 * NET_PARENT_EXIT_FAILED when no child could be started. Call it from a process without
 * threads. In the child it does not return.
 */
int net_parent_run(const struct net_parent *parent);

/*
 * What the parent does before it forks, for a program that works on the same data folder
 * without one. As a plain user neither changes who we are.
 */
enum base_failure net_parent_make_folder(
	struct slice folder, struct slice user, struct base_error *error) MUST_CHECK;
/* Groups, then user, for good. Call it from a process without threads. */
enum base_failure net_parent_become(struct slice user, struct base_error *error) MUST_CHECK;

/* --- in the child ------------------------------------------------------------------- */

struct net_handed_listener {
	struct slice name;
	struct net_address address;
	/*
	 * Bound and listening, the child's to keep; -1: the child has it from an earlier
	 * handover, known by its address. One that is not listed any more is to be closed.
	 */
	int descriptor;
};

struct net_handed_file {
	struct slice name;
	struct slice text;
};

struct net_handover {
	struct net_handed_listener *listeners;
	size_t listener_count;
	struct net_handed_file *files;
	size_t file_count;
};

/* Valid until net_child_wait returns NET_CHILD_RELOAD. */
const struct net_handover *net_child_handover(const struct net_child *child);
struct slice net_child_file(
	const struct net_child *child, struct slice name); /* absent: not handed */

/* Who killed the child before this one; NULL when it is the first. */
const struct net_culprit *net_child_culprit(const struct net_child *child);
struct net_blame *net_child_blame(struct net_child *child);
/* For net_helper_create: the way to the helper process, -1 when there is none. */
int net_child_helper(const struct net_child *child);

enum net_child_event { NET_CHILD_NOTHING, NET_CHILD_RELOAD, NET_CHILD_STOP };

/*
 * Waits for the parent's word or a signal: at most timeout_ms, -1: for ever. STOP also
 * when the parent is gone. The descriptor is readable when there is one to be had.
 */
enum net_child_event net_child_wait(struct net_child *child, int timeout_ms);
int net_child_descriptor(const struct net_child *child);

/* All listens: after the start and after each reload. */
void net_child_ready(struct net_child *child);

#endif
