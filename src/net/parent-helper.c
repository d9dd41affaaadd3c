/* The parent's care for the helper process: started first, started again after its death.
 */
#include "net/helper-internal.h"
#include "net/parent-internal.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct helper_limits limits = {
	NET_HELPER_SECONDS, NET_HELPER_MS, NET_HELPER_MEMORY};

static void
close_ends(struct parent_helper *helper)
{
	scoped_close(&helper->ends[0]);
	scoped_close(&helper->ends[1]);
}

void
parent_helper_open(struct parent_helper *helper, const struct net_plan *plan)
{
	*helper = (struct parent_helper){.ends = {-1, -1},
		.programs = plan->programs,
		.count = plan->program_count,
		.start_at = PARENT_NO_TIME};
	if (plan->program_count &&
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, helper->ends) == 0)
		helper->start_at = 0;
}

static void
wait_before_start(struct parent_helper *helper, uint64_t now)
{
	if (now - helper->born > NET_PARENT_STEADY_MS)
		helper->backoff = 0;
	helper->backoff = helper->backoff ? helper->backoff * 2 : NET_PARENT_BACKOFF_MS;
	if (helper->backoff > NET_PARENT_BACKOFF_MOST)
		helper->backoff = NET_PARENT_BACKOFF_MOST;
	helper->start_at = now + helper->backoff;
}

void
parent_helper_start(struct parent_helper *helper, struct base_log *log, uint64_t now,
	parent_helper_leave *leave, void *argument)
{
	struct helper_birth birth = {.socket = helper->ends[1],
		.parent = getpid(),
		.programs = helper->programs,
		.count = helper->count,
		.limits = limits,
		.log = log};
	helper->born = now;
	helper->start_at = PARENT_NO_TIME;
	helper->process = fork();
	if (helper->process == 0) {
		leave(argument);
		helper_live(&birth);
	}
	if (helper->process > 0)
		return;
	helper->process = 0;
	LOG(log, BASE_LOG_ERROR, "net.helper", LOG_STRING("why", strerrordesc_np(errno)));
	wait_before_start(helper, now);
}

bool
parent_helper_bury(struct parent_helper *helper, pid_t dead, int status,
	struct base_log *log, uint64_t now)
{
	if (dead != helper->process)
		return false;
	helper->process = 0;
	/* It has said why. The child's end tells that nobody will come. */
	if (WIFEXITED(status) && WEXITSTATUS(status) == NET_CHILD_EXIT_NO_RETRY) {
		scoped_close(&helper->ends[1]);
		return true;
	}
	LOG(log, BASE_LOG_ERROR, "net.helper-died",
		LOG_NUMBER("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
		LOG_NUMBER("status", WIFEXITED(status) ? WEXITSTATUS(status) : 0));
	wait_before_start(helper, now);
	return true;
}

void
parent_helper_end(struct parent_helper *helper)
{
	if (helper->process > 0) {
		kill(helper->process, SIGKILL);
		(void)waitpid(helper->process, NULL, 0);
	}
	helper->process = 0;
	close_ends(helper);
}
