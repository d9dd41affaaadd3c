#include "net/parent.h"

#include "net/parent-internal.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define NO_TIME      PARENT_NO_TIME
#define CARRIED_MOST 16
#define TELL_MS      100 /* until a busy child is told again */

struct parent_life {
	const struct net_parent *given;
	struct base_clock *clock;
	int signals;
	struct parent_state state;
	struct net_blame *blame;
	struct parent_helper helper;

	pid_t child; /* 0: none */
	int socket;  /* to it, or -1 */
	bool ready;  /* once at least, any child */
	bool stopping;
	uint64_t born;       /* the child of now */
	uint64_t restart_at; /* NO_TIME: no restart is due */
	uint64_t kill_at;    /* NO_TIME: not asked to stop */
	uint64_t tell_at;    /* NO_TIME: the child was told the newest plan */
	uint64_t backoff;
	bool have_culprit;
	struct net_culprit culprit;

	bool finished;
	int exit_code;
};

static void
finish(struct parent_life *life, int exit_code)
{
	life->finished = true;
	life->exit_code = exit_code;
}

/* --- the child's birth -------------------------------------------------------------- */

/* A fork has copies of all of this: the child keeps its socket and the page. */
_Noreturn static void
become_child(struct parent_life *life, int socket, pid_t parent)
{
	char name[64];
	struct slice user = slice_first(life->state.plan.user, sizeof name);
	struct child_birth birth = {.socket = socket,
		.parent = parent,
		.blame = life->blame,
		.culprit = life->have_culprit ? &life->culprit : NULL,
		.helper = life->helper.ends[0],
		.user = slice_of(name, user.length)};

	if (user.length > 0)
		memcpy(name, user.data, user.length);
	parent_unload(&life->state);
	close(life->signals);
	close(life->socket);
	scoped_close(&life->helper.ends[1]);
	base_clock_destroy(life->clock);
	child_live(life->given, &birth);
}

static void
hang_up(struct parent_life *life)
{
	if (life->socket >= 0)
		close(life->socket);
	life->socket = -1;
}

static bool
fork_child(struct parent_life *life)
{
	pid_t parent = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	life->socket = pair[0];
	net_blame_reset(life->blame);
	life->child = fork();
	if (life->child == 0)
		become_child(life, pair[1], parent);
	close(pair[1]);
	if (life->child > 0)
		return true;
	life->child = 0;
	hang_up(life);
	return false;
}

static enum base_failure
hand_over(struct parent_life *life, bool log)
{
	struct base_error error;
	enum base_failure failure = handover_send(life->socket, &life->state, &error);

	if (failure && log)
		LOG(life->given->log, BASE_LOG_ERROR, "net.handover",
			LOG_STRING("why", error.text));
	return failure;
}

/*
 * The way to a child that is busy holds some hundred plans; then it is full. Only the
 * newest one matters, so that one is offered until the child has it.
 */
static void
tell_child(struct parent_life *life)
{
	bool first = life->tell_at == NO_TIME;

	life->tell_at = NO_TIME;
	if (life->socket >= 0 && hand_over(life, first) == BASE_UNAVAILABLE)
		life->tell_at = base_clock_steady_ms(life->clock) + TELL_MS;
}

static void
wait_before_restart(struct parent_life *life)
{
	uint64_t now = base_clock_steady_ms(life->clock);

	if (now - life->born > NET_PARENT_STEADY_MS)
		life->backoff = 0;
	life->backoff = life->backoff == 0 ? NET_PARENT_BACKOFF_MS : life->backoff * 2;
	if (life->backoff > NET_PARENT_BACKOFF_MOST)
		life->backoff = NET_PARENT_BACKOFF_MOST;
	life->restart_at = now + life->backoff;
}

static void
start_child(struct parent_life *life)
{
	life->restart_at = life->tell_at = NO_TIME;
	life->born = base_clock_steady_ms(life->clock);
	for (size_t i = 0; i < life->state.port_count; i++)
		life->state.ports[i].handed = false;
	if (fork_child(life)) {
		/* Without it the child gives up at once. */
		if (hand_over(life, true))
			hang_up(life);
		return;
	}
	LOG(life->given->log, BASE_LOG_ERROR, "net.child",
		LOG_STRING("why", strerrordesc_np(errno)));
	wait_before_restart(life);
	if (!life->ready)
		finish(life, NET_PARENT_EXIT_FAILED);
}

/* --- what the child says ------------------------------------------------------------ */

/* A child that died without reading all of ours is told of once, before its last words. */
static ssize_t
receive_word(int socket, char *word)
{
	ssize_t got = recv(socket, word, 1, MSG_DONTWAIT);

	if (got < 0 && errno == ECONNRESET)
		got = recv(socket, word, 1, MSG_DONTWAIT);
	return got;
}

/* False when there is nothing more for now. */
static bool
hear_child(struct parent_life *life)
{
	char word;
	ssize_t got = receive_word(life->socket, &word);

	if (got == 1 && word == CHILD_SAYS_READY) {
		life->ready = true;
		sd_notify(0, "READY=1");
	} else if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
		/* It is about to die; SIGCHLD tells how. */
		hang_up(life);
	}
	return got == 1;
}

/* It may have become ready and died while the parent did something else. */
static void
hear_last_words(struct parent_life *life)
{
	while (life->socket >= 0 && hear_child(life)) {
	}
}

/* --- and its death ------------------------------------------------------------------ */

static void
note_death(struct parent_life *life, int status)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct net_culprit *culprit = &life->culprit;

	life->have_culprit = true;
	net_blame_culprit(life->blame, culprit);
	culprit->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	culprit->status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	LOG(life->given->log, BASE_LOG_ERROR, "net.child-died",
		LOG_NUMBER("signal", culprit->signal),
		LOG_NUMBER("status", culprit->status), LOG_STRING("culprit", culprit->kind),
		LOG_STRING("id", culprit->id),
		LOG_TEXT("carried", net_blame_carried(life->blame, CARRIED_MOST, arena)));
}

static void
bury(struct parent_life *life, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : NET_PARENT_EXIT_FAILED;

	life->child = 0;
	hear_last_words(life);
	hang_up(life);
	if (code != 0)
		note_death(life, status);
	/* Leaving with 0 is leaving on purpose. A start that fails is not repeated. */
	if (life->stopping || code == 0 || code == NET_CHILD_EXIT_NO_RETRY || !life->ready)
		finish(life, code);
	else
		wait_before_restart(life);
}

static void
reap(struct parent_life *life)
{
	int status;
	pid_t dead;

	/* Not only ours: as the first process of a container we inherit orphans. */
	while ((dead = waitpid(-1, &status, WNOHANG)) > 0)
		if (dead == life->child)
			bury(life, status);
		else
			(void)parent_helper_bury(&life->helper, dead, status,
				life->given->log, base_clock_steady_ms(life->clock));
}

/* --- the helper process -------------------------------------------------------------- */

/* It must not know what the parent and the child do: keys, the page, the way between. */
static void
leave_parent(void *argument)
{
	struct parent_life *life = argument;

	parent_unload(&life->state);
	net_blame_destroy(life->blame);
}

static void
start_helper(struct parent_life *life)
{
	parent_helper_start(&life->helper, life->given->log,
		base_clock_steady_ms(life->clock), leave_parent, life);
}

/* --- what happens meanwhile --------------------------------------------------------- */

static void
stop(struct parent_life *life)
{
	if (life->stopping)
		return;
	life->stopping = true;
	life->restart_at = NO_TIME;
	sd_notify(0, "STOPPING=1");
	if (life->child == 0) {
		finish(life, 0);
		return;
	}
	life->kill_at = base_clock_steady_ms(life->clock) + NET_PARENT_STOP_MS;
	kill(life->child, SIGTERM);
}

static void
reload(struct parent_life *life)
{
	struct base_error error;

	if (life->stopping)
		return;
	/* systemd matches the word to its signal by this time, sd_notify(3). */
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
		(unsigned long long)base_clock_steady_ms(life->clock) * 1000);
	if (parent_load(life->given, &life->state, false, &error) != BASE_OK) {
		LOG(life->given->log, BASE_LOG_ERROR, "net.reload-failed",
			LOG_STRING("why", error.text));
		sd_notify(0, "READY=1");
		return;
	}
	LOG(life->given->log, BASE_LOG_INFO, "net.reload",
		LOG_NUMBER("listeners", life->state.port_count));
	tell_child(life);
}

static void
hear_signals(struct parent_life *life)
{
	struct signalfd_siginfo info;

	while (!life->finished &&
		read(life->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGCHLD)
			reap(life);
		else if (info.ssi_signo == SIGHUP)
			reload(life);
		else
			stop(life);
	}
}

static int
until_next(const struct parent_life *life)
{
	uint64_t next = life->restart_at < life->kill_at ? life->restart_at : life->kill_at;
	if (life->helper.start_at < next)
		next = life->helper.start_at;
	if (life->tell_at < next)
		next = life->tell_at;
	uint64_t now = base_clock_steady_ms(life->clock);

	if (next == NO_TIME)
		return -1;
	return next <= now ? 0 : (int)(next - now);
}

static void
do_what_is_due(struct parent_life *life)
{
	uint64_t now = base_clock_steady_ms(life->clock);

	if (now >= life->kill_at && life->child != 0) {
		LOG(life->given->log, BASE_LOG_ERROR, "net.child-killed",
			LOG_STRING("why", "it did not stop in time"));
		life->kill_at = NO_TIME;
		kill(life->child, SIGKILL);
	}
	if (now >= life->tell_at)
		tell_child(life);
	if (now >= life->restart_at)
		start_child(life);
	if (now >= life->helper.start_at)
		start_helper(life);
}

static void
live(struct parent_life *life)
{
	parent_helper_open(&life->helper, &life->state.plan);
	if (life->helper.start_at != NO_TIME)
		start_helper(life);
	start_child(life);
	while (!life->finished) {
		struct pollfd waits[] = {
			{life->signals, POLLIN, 0}, {life->socket, POLLIN, 0}};
		if (poll(waits, 2, until_next(life)) > 0) {
			if (waits[1].revents != 0)
				(void)hear_child(life);
			if (waits[0].revents != 0)
				hear_signals(life);
		}
		if (!life->finished)
			do_what_is_due(life);
	}
	parent_helper_end(&life->helper);
}

/* --- start and end ------------------------------------------------------------------ */

static int
take_signals(sigset_t *before)
{
	sigset_t wanted;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGHUP);
	sigprocmask(SIG_BLOCK, &wanted, before);
	return signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
net_parent_run(const struct net_parent *parent)
{
	struct base_error error;
	sigset_t before;
	struct parent_life life = {.given = parent,
		.clock = base_clock_create(),
		.signals = take_signals(&before),
		.socket = -1,
		.restart_at = NO_TIME,
		.kill_at = NO_TIME,
		.tell_at = NO_TIME,
		.exit_code = NET_PARENT_EXIT_FAILED};

	if (parent_load(parent, &life.state, true, &error) != BASE_OK) {
		LOG(parent->log, BASE_LOG_ERROR, "net.start-failed",
			LOG_STRING("why", error.text));
	} else {
		life.blame = net_blame_create();
		live(&life);
		net_blame_destroy(life.blame);
		parent_unload(&life.state);
	}
	close(life.signals);
	base_clock_destroy(life.clock);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return life.exit_code;
}
