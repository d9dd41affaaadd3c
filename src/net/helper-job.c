/* One program: between fork and exec it loses what it does not need. */
#include "net/helper-internal.h"
#include "net/walls-internal.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DESCRIPTORS_MOST = 32, EXIT_NOT_STARTED = 127 };

static bool
limit(int resource, uint64_t most)
{
	struct rlimit limits = {most, most};
	return setrlimit((__rlimit_resource_t)resource, &limits) == 0;
}

static bool
set_limits(const struct helper_limits *limits)
{
	return limit(RLIMIT_CPU, limits->seconds) && limit(RLIMIT_AS, limits->memory) &&
	       limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_CORE, 0) &&
	       limit(RLIMIT_NOFILE, DESCRIPTORS_MOST);
}

static bool
set_descriptors(const int *descriptors)
{
	int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
	return nothing >= 0 && dup2(descriptors[HELPER_INPUT], STDIN_FILENO) >= 0 &&
	       dup2(descriptors[HELPER_OUTPUT], STDOUT_FILENO) >= 0 &&
	       dup2(nothing, STDERR_FILENO) >= 0 &&
	       close_range(STDERR_FILENO + 1, ~0U, 0) == 0 &&
	       lseek(STDIN_FILENO, 0, SEEK_SET) == 0;
}

static void
set_signals(void)
{
	sigset_t none;
	signal(SIGPIPE, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGINT, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn static void
become(const struct helper_birth *birth, unsigned program, const int *descriptors,
	pid_t helper)
{
	static char path[] = "PATH=/usr/bin:/bin", locale[] = "LC_ALL=C.UTF-8",
		    home[] = "HOME=/nonexistent";
	char *const environment[] = {path, locale, home, NULL};
	const char *const *arguments = birth->programs[program].arguments;
	set_signals();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == helper &&
		set_descriptors(descriptors) && walls_program() &&
		set_limits(&birth->limits))
		execve(arguments[0], (char *const *)(uintptr_t)arguments, environment);
	_exit(EXIT_NOT_STARTED);
}

pid_t
helper_job_start(const struct helper_birth *birth, unsigned program,
	const int descriptors[HELPER_DESCRIPTORS])
{
	pid_t helper = getpid();
	pid_t process = fork();
	if (process == 0)
		become(birth, program, descriptors, helper);
	return process;
}
