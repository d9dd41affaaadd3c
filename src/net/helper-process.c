/* The helper process: one loop that reads nothing but requests, and starts programs. */
#include "net/helper-internal.h"
#include "net/parent.h"
#include "net/walls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct running {
	pid_t process; /* 0: this place is free */
	int life;
	uint64_t kill_at; /* UINT64_MAX: it was */
};

struct helper {
	const struct helper_birth *birth;
	struct base_clock *clock;
	int signals;
	struct running jobs[NET_HELPER_JOBS];
};

/* --- walls ------------------------------------------------------------------------------
 */

/* Programs and what they read: libraries, character sets, fonts' names, time zones. */
static const char *const executable[] = {"/usr", "/bin", "/lib", "/lib64"};
static const char *const readable[] = {"/etc/alternatives", "/etc/fonts"};

/* The first to go when memory is short. It is written before the walls stand. */
static void
step_back(void)
{
	SCOPED(scoped_close)
	int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (file >= 0)
		(void)!write(file, "1000", 4);
	(void)!nice(5);
}

static enum base_failure
raise_walls(struct base_error *error)
{
	struct net_walls_report report;
	bool other_user = geteuid() == 0;
	step_back();
	enum base_failure failure = net_parent_become(SLICE(NET_HELPER_USER), error);
	if (!failure)
		failure = net_walls_raise(
			&(struct net_walls){.executable = executable,
				.executable_count = sizeof executable / sizeof *executable,
				.readable = readable,
				.readable_count = sizeof readable / sizeof *readable},
			&report, error);
	if (!failure && (!report.seccomp || (!report.landlock && !other_user)))
		failure = base_fail(error, BASE_DENIED, "%s", report.missing);
	return failure;
}

/* Nothing of the parent's is open here but the socket and what the log is written to. */
static void
close_others(int socket)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(nothing, STDIN_FILENO);
	dup2(nothing, STDOUT_FILENO);
	if (nothing > STDERR_FILENO)
		close(nothing);
	if (socket > STDERR_FILENO + 1)
		(void)close_range(STDERR_FILENO + 1, (unsigned)socket - 1, 0);
	(void)close_range((unsigned)socket + 1, ~0U, 0);
}

/* --- jobs -------------------------------------------------------------------------------
 */

static struct running *
free_place(struct helper *helper)
{
	for (size_t i = 0; i < NET_HELPER_JOBS; i++)
		if (!helper->jobs[i].process)
			return &helper->jobs[i];
	return NULL;
}

static void
begin(struct helper *helper, struct running *job, uint32_t program, int *descriptors)
{
	pid_t process = program < helper->birth->count
				? helper_job_start(helper->birth, program, descriptors)
				: -1;
	if (process <= 0)
		return;
	*job = (struct running){process, descriptors[HELPER_LIFE],
		base_clock_steady_ms(helper->clock) + helper->birth->limits.ms};
	descriptors[HELPER_LIFE] = -1;
}

static void
close_all(int (*descriptors)[HELPER_DESCRIPTORS])
{
	for (int i = 0; i < HELPER_DESCRIPTORS; i++)
		scoped_close(&(*descriptors)[i]);
}

static bool
receive(int socket, struct helper_request *request, int *descriptors)
{
	enum { SIZE = HELPER_DESCRIPTORS * sizeof(int) };
	_Alignas(struct cmsghdr) char room[CMSG_SPACE(SIZE)] = {0};
	struct iovec part = {request, sizeof *request};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof room};
	ssize_t got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (got < 0)
		return false;
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len > CMSG_LEN(SIZE))
		return false;
	memcpy(descriptors, CMSG_DATA(header), header->cmsg_len - CMSG_LEN(0));
	return got == (ssize_t)sizeof *request && header->cmsg_len == CMSG_LEN(SIZE);
}

static void
hear_server(struct helper *helper)
{
	SCOPED(close_all) int descriptors[HELPER_DESCRIPTORS] = {-1, -1, -1};
	struct helper_request request;
	struct running *place = free_place(helper);
	if (place && receive(helper->birth->socket, &request, descriptors))
		begin(helper, place, request.program, descriptors);
}

static void
reap(struct helper *helper)
{
	int status;
	pid_t dead;
	struct signalfd_siginfo info;
	while (read(helper->signals, &info, sizeof info) > 0)
		continue;
	while ((dead = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < NET_HELPER_JOBS; i++) {
			struct running *job = &helper->jobs[i];
			struct helper_verdict verdict = {
				.status = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
				.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0};
			if (job->process != dead)
				continue;
			(void)send(job->life, &verdict, sizeof verdict,
				MSG_NOSIGNAL | MSG_DONTWAIT);
			close(job->life);
			*job = (struct running){0};
		}
}

static void
put_down(struct running *job)
{
	kill(job->process, SIGKILL);
	job->kill_at = UINT64_MAX;
}

/* --- the loop ---------------------------------------------------------------------------
 */

static int
until_next(const struct helper *helper)
{
	uint64_t next = UINT64_MAX, now = base_clock_steady_ms(helper->clock);
	for (size_t i = 0; i < NET_HELPER_JOBS; i++)
		if (helper->jobs[i].process && helper->jobs[i].kill_at < next)
			next = helper->jobs[i].kill_at;
	if (next == UINT64_MAX)
		return -1;
	return next <= now ? 0 : (int)(next - now);
}

/* Who gave up a job, or died, has closed its socket: nobody writes there. */
static void
look_at_jobs(struct helper *helper, const struct pollfd *lives)
{
	uint64_t now = base_clock_steady_ms(helper->clock);
	for (size_t i = 0; i < NET_HELPER_JOBS; i++) {
		struct running *job = &helper->jobs[i];
		if (job->process && job->kill_at != UINT64_MAX &&
			(lives[i].revents || now >= job->kill_at))
			put_down(job);
	}
}

static void
loop(struct helper *helper)
{
	for (;;) {
		struct pollfd waits[2 + NET_HELPER_JOBS] = {{helper->signals, POLLIN, 0},
			{free_place(helper) ? helper->birth->socket : -1, POLLIN, 0}};
		for (size_t i = 0; i < NET_HELPER_JOBS; i++) {
			const struct running *job = &helper->jobs[i];
			bool waiting = job->process && job->kill_at != UINT64_MAX;
			waits[2 + i] = (struct pollfd){waiting ? job->life : -1, POLLIN, 0};
		}
		if (poll(waits, 2 + NET_HELPER_JOBS, until_next(helper)) < 0)
			continue;
		look_at_jobs(helper, waits + 2);
		if (waits[0].revents)
			reap(helper);
		if (waits[1].revents & (POLLHUP | POLLERR))
			exit(0);
		if (waits[1].revents)
			hear_server(helper);
	}
}

static int
take_signals(void)
{
	sigset_t wanted, others;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	/* Typed at a terminal they reach all of us; the parent ends this process. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&others);
	sigaddset(&others, SIGTERM);
	sigprocmask(SIG_UNBLOCK, &others, NULL);
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	sigprocmask(SIG_BLOCK, &wanted, NULL);
	return signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
}

_Noreturn void
helper_live(const struct helper_birth *birth)
{
	struct base_error error = {0};
	(void)prctl(PR_SET_NAME, NET_HELPER_NAME);
	close_others(birth->socket);
	struct helper helper = {
		.birth = birth, .clock = base_clock_create(), .signals = take_signals()};
	if (raise_walls(&error)) {
		LOG(birth->log, BASE_LOG_WARN, "net.helper-off",
			LOG_STRING("why", error.text),
			LOG_STRING("hint", "attachments are not searched"));
		exit(NET_CHILD_EXIT_NO_RETRY);
	}
	/* Changing user forgets it, so it is asked for afterwards. */
	if (helper.signals < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
		getppid() != birth->parent)
		exit(NET_PARENT_EXIT_FAILED);
	loop(&helper);
	exit(0);
}
