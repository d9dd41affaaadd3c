#include "net/walls-internal.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/socket.h>

/* By name, so that a call that this libseccomp or machine lacks is passed over. */
static const char *const forbidden[] = {
	/* other processes */
	"ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd",
	"kcmp", "personality", "perf_event_open",
	/* the tree of files */
	"mount", "umount", "umount2", "move_mount", "mount_setattr", "open_tree", "fsopen",
	"fsmount", "fsconfig", "fspick", "pivot_root", "chroot", "open_by_handle_at",
	"quotactl", "quotactl_fd", "swapon", "swapoff", "acct", "mknod", "mknodat",
	/* the kernel */
	"init_module", "finit_module", "delete_module", "create_module", "kexec_load",
	"kexec_file_load", "bpf", "userfaultfd", "lookup_dcookie", "syslog", "iopl",
	"ioperm", "modify_ldt", "uselib", "vhangup", "nfsservctl", "reboot",
	"fanotify_init", "io_uring_setup", "io_uring_enter", "io_uring_register",
	/* keys, namespaces, identities, clocks, names */
	"keyctl", "add_key", "request_key", "unshare", "setns", "setuid", "setgid",
	"setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid",
	"setfsgid", "capset", "settimeofday", "stime", "clock_settime", "clock_adjtime",
	"adjtimex", "sethostname", "setdomainname", "vmsplice", NULL};

static const char *const programs[] = {"execve", "execveat", NULL};

/* Of the helper process and its programs. */
static const char *const network[] = {
	"socket", "connect", "bind", "listen", "accept", "accept4", NULL};

/* Of the programs alone. */
static const char *const others[] = {"fork", "vfork", "setsid", "setpgid", "kill", "tkill",
	"tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open", "pidfd_send_signal",
	"setpriority", "ioprio_set", "sched_setaffinity", "sched_setattr",
	"sched_setscheduler", "sched_setparam", "migrate_pages", "move_pages",
	"memfd_create", "memfd_secret", "shmget", "msgget", "semget", "mq_open",
	"socketpair", "inotify_init", "inotify_init1", NULL};

/* New namespaces give a process powers that it does not have outside. */
static const int namespaces[] = {CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET,
	CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP};

static int
forbid_calls(scmp_filter_ctx filter, const char *const *names)
{
	for (size_t i = 0; names[i] != NULL; i++) {
		int call = seccomp_syscall_resolve_name(names[i]);
		/* Negative: known by name, but not on this machine. */
		if (call < 0)
			continue;
		int failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
		if (failed != 0)
			return failed;
	}
	return 0;
}

static int
forbid_namespaces(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++) {
		scmp_datum_t flag = (scmp_datum_t)(unsigned)namespaces[i];
		int failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
			SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag));
		if (failed != 0)
			return failed;
	}
	/* Its flags lie in memory, out of a filter's sight; libc then takes clone. */
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

/* UNIX, IPv4, IPv6 and NETLINK (libc asks for addresses) are the numbers up to it. */
static int
forbid_families(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
		SCMP_A0(SCMP_CMP_GT, AF_NETLINK));
}

/* Into the terminal we were started from. */
static int
forbid_typing(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
		SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, 0x5412 /* TIOCSTI */));
}

/* Threads are no processes. */
static int
forbid_processes(scmp_filter_ctx filter)
{
	int failed = forbid_calls(filter, others);

	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
			SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_NE, 0));
	return failed;
}

static int
load(scmp_filter_ctx filter)
{
	/* Calls in another machine's numbering slip past a list by number. */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* A library or a sanitizer may have started a thread before us. */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	/* A log of what was refused; kernels without it do as well. */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return seccomp_load(filter);
}

static int
forbid(scmp_filter_ctx filter, bool starts_programs)
{
	int failed = forbid_calls(filter, forbidden);

	if (failed == 0)
		failed = forbid_calls(filter, starts_programs ? network : programs);
	if (failed == 0)
		failed = forbid_namespaces(filter);
	if (failed == 0)
		failed = forbid_typing(filter);
	if (failed == 0 && !starts_programs)
		failed = forbid_families(filter);
	return failed == 0 ? load(filter) : failed;
}

bool
walls_program(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	bool raised = filter != NULL && forbid_processes(filter) == 0 && load(filter) == 0;

	if (filter != NULL)
		seccomp_release(filter);
	return raised;
}

void
walls_seccomp(const struct net_walls *walls, struct net_walls_report *report)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int failed = filter == NULL ? -ENOMEM : forbid(filter, walls->executable_count > 0);

	if (filter != NULL)
		seccomp_release(filter);
	report->seccomp = failed == 0;
	if (failed != 0)
		walls_missing(report, "seccomp: %s", strerrordesc_np(-failed));
}
