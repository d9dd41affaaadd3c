#include "net/parent-internal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHILD_ARENA_MOST (HANDOVER_BYTES_MOST + 1024 * 1024)

struct net_child {
	int socket;  /* -1: the parent is gone */
	int signals; /* SIGTERM and SIGINT, which no thread of ours takes otherwise */
	int both;    /* an epoll of the two, for whoever waits elsewhere */
	bool stopping;
	struct arena *arena;
	struct net_handover handover;
	const struct net_culprit *culprit;
	struct net_blame *blame;
	int helper;
};

const struct net_handover *
net_child_handover(const struct net_child *child)
{
	return &child->handover;
}

struct slice
net_child_file(const struct net_child *child, struct slice name)
{
	for (size_t i = 0; i < child->handover.file_count; i++)
		if (slice_equal(child->handover.files[i].name, name))
			return child->handover.files[i].text;
	return SLICE_NONE;
}

const struct net_culprit *
net_child_culprit(const struct net_child *child)
{
	return child->culprit;
}

struct net_blame *
net_child_blame(struct net_child *child)
{
	return child->blame;
}

int
net_child_helper(const struct net_child *child)
{
	return child->helper;
}

int
net_child_descriptor(const struct net_child *child)
{
	return child->both;
}

void
net_child_ready(struct net_child *child)
{
	char word = CHILD_SAYS_READY;

	if (child->socket >= 0)
		(void)send(child->socket, &word, 1, MSG_NOSIGNAL);
}

static void
wipe(struct net_handover *handover)
{
	for (size_t i = 0; i < handover->file_count; i++)
		explicit_bzero((void *)(uintptr_t)handover->files[i].text.data,
			handover->files[i].text.length);
}

/* The parent speaks, or is gone. */
static enum net_child_event
hear_parent(struct net_child *child)
{
	struct arena *arena = arena_create(CHILD_ARENA_MOST);
	struct net_handover fresh;

	if (handover_receive(child->socket, arena, &fresh)) {
		wipe(&child->handover);
		arena_destroy(child->arena);
		child->arena = arena;
		child->handover = fresh;
		return NET_CHILD_RELOAD;
	}
	arena_destroy(arena);
	close(child->socket);
	child->socket = -1;
	child->stopping = true;
	return NET_CHILD_STOP;
}

enum net_child_event
net_child_wait(struct net_child *child, int timeout_ms)
{
	struct pollfd waits[] = {{child->signals, POLLIN, 0}, {child->socket, POLLIN, 0}};
	struct signalfd_siginfo signal_info;

	if (child->stopping)
		return NET_CHILD_STOP;
	if (poll(waits, 2, timeout_ms) <= 0)
		return NET_CHILD_NOTHING;
	if (read(child->signals, &signal_info, sizeof signal_info) > 0) {
		child->stopping = true;
		return NET_CHILD_STOP;
	}
	return waits[1].revents != 0 ? hear_parent(child) : NET_CHILD_NOTHING;
}

/* --- birth -------------------------------------------------------------------------- */

/*
 * SIGTERM and SIGINT stay blocked, as in the parent, and come through the descriptor;
 * SIGHUP is the parent's; a peer that is gone is an error of write, no signal.
 */
static int
take_signals(void)
{
	sigset_t wanted, not_wanted;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&not_wanted);
	sigaddset(&not_wanted, SIGCHLD);
	sigaddset(&not_wanted, SIGHUP);
	sigprocmask(SIG_UNBLOCK, &not_wanted, NULL);
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGINT);
	sigprocmask(SIG_BLOCK, &wanted, NULL);
	return signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool
watch(int set, int descriptor)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};

	return epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

/* Changing user forgets the death signal, so it is asked for afterwards. */
static bool
die_with_parent(pid_t parent)
{
	return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent;
}

static bool
open_ears(struct net_child *child)
{
	child->signals = take_signals();
	child->both = epoll_create1(EPOLL_CLOEXEC);
	return child->signals >= 0 && child->both >= 0 &&
	       watch(child->both, child->signals) && watch(child->both, child->socket);
}

_Noreturn void
child_live(const struct net_parent *parent, const struct child_birth *birth)
{
	struct net_child child = {.socket = birth->socket,
		.culprit = birth->culprit,
		.blame = birth->blame,
		.helper = birth->helper,
		.arena = arena_create(CHILD_ARENA_MOST)};
	struct base_error error;

	if (net_parent_become(birth->user, &error) != BASE_OK) {
		LOG(parent->log, BASE_LOG_ERROR, "net.child",
			LOG_STRING("why", error.text));
		exit(NET_CHILD_EXIT_NO_RETRY);
	}
	if (!die_with_parent(birth->parent) || !open_ears(&child) ||
		!handover_receive(child.socket, child.arena, &child.handover))
		exit(NET_PARENT_EXIT_FAILED);
	net_blame_watch_faults(child.blame);

	int code = parent->child_main(parent->argument, &child);
	wipe(&child.handover);
	arena_destroy(child.arena);
	net_blame_destroy(child.blame);
	exit(code);
}
