#ifndef NET_PARENT_INTERNAL_H
#define NET_PARENT_INTERNAL_H

#include "net/parent.h"
#include <sys/types.h>

/*
 * The parent's insides. parent.c waits and decides; parent-plan.c carries a plan out
 * (ports); parent-files.c reads keys; handover.c puts it on the wire to the child;
 * parent-user.c gives up rights; child.c is the other end.
 */
#define HANDOVER_BYTES_MOST (64 * 1024 * 1024)

/* A port that is bound, for as long as plans name its address. */
struct parent_port {
	struct slice name; /* in the plan's arena */
	struct net_address address;
	int descriptor;
	bool handed; /* the child of now has it */
};

/* What the newest plan that could be carried out came to. */
struct parent_state {
	struct arena *arena;
	struct net_plan plan;
	struct parent_port ports[NET_PLAN_LISTENERS_MOST];
	size_t port_count;
	struct net_handed_file files[NET_PLAN_FILES_MOST]; /* in the arena; keys: wipe */
	size_t file_count;
};

/*
 * Reads the plan, binds what is new, reads the files, and only then replaces *state; on
 * failure *state is as before. first: a port that can't be had fails the plan, but for one
 * that needs root; later it is logged and left out.
 */
enum base_failure parent_load(const struct net_parent *parent, struct parent_state *state,
	bool first, struct base_error *error) MUST_CHECK;
void parent_unload(struct parent_state *state); /* closes ports, wipes keys */

/*
 * The files of the plan. As root for another user: none that this user could have put
 * there, or led us to, or *error says so.
 */
enum base_failure parent_read_files(
	struct parent_state *state, struct base_error *error) MUST_CHECK;

/* --- the messages: a memory file, and the ports that are new to the child ----------- */

enum base_failure handover_send(
	int socket, struct parent_state *state, struct base_error *error) MUST_CHECK;
/* In the child; *handover lives in the arena. False when it is not a whole one. */
bool handover_receive(int socket, struct arena *arena, struct net_handover *handover);

/* --- who we are --------------------------------------------------------------------- */

#define PARENT_GROUPS_MOST 256
struct parent_user {
	uid_t id;
	gid_t groups[PARENT_GROUPS_MOST];
	int group_count;
};
enum base_failure parent_find_user(
	struct slice user, struct parent_user *found, struct base_error *error) MUST_CHECK;

/* Does this user exist, and may we become it? */
enum base_failure parent_check_user(struct slice user, struct base_error *error) MUST_CHECK;

/* --- the helper process (parent-helper.c) ------------------------------------------- */

#define PARENT_NO_TIME UINT64_MAX
struct parent_helper {
	int ends[2]; /* the child's, the helper's: both are kept for their successors */
	const struct net_program *programs;
	size_t count;
	pid_t process;
	uint64_t start_at, born, backoff; /* PARENT_NO_TIME: not to be started */
};
/* In the fork: only what is said here is its own. Never returns. */
typedef void parent_helper_leave(void *argument);

void parent_helper_open(struct parent_helper *helper, const struct net_plan *plan);
void parent_helper_start(struct parent_helper *helper, struct base_log *log, uint64_t now,
	parent_helper_leave *leave, void *argument);
/* True when it was the helper process that died. */
bool parent_helper_bury(struct parent_helper *helper, pid_t dead, int status,
	struct base_log *log, uint64_t now);
void parent_helper_end(struct parent_helper *helper);

/* --- the child's side --------------------------------------------------------------- */

struct child_birth {
	int socket; /* the child's end */
	pid_t parent;
	struct net_blame *blame;
	const struct net_culprit *culprit; /* or NULL */
	struct slice user;
	int helper; /* -1: there is none */
};
/* Never returns. */
_Noreturn void child_live(const struct net_parent *parent, const struct child_birth *birth);

#define CHILD_SAYS_READY 'R'

#endif
