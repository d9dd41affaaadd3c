#include "base/test.h"
#include "net/resolver.h"
#include "net/walls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <iconv.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The walls can't be lowered, so each test raises them in a child of its own. The child
 * goes through a list of deeds; what should have failed and did not, or the other way
 * round, is printed and makes its exit code.
 */
struct deed {
	const char *name;
	bool (*done)(void);
	bool allowed;
};

static char data_folder[64]; /* the child's current folder too */
static char elsewhere[64];

static bool
write_into(const char *path)
{
	int file = open(path, O_WRONLY | O_CREAT, 0600);
	bool wrote = file >= 0 && write(file, "x", 1) == 1 && fdatasync(file) == 0;

	if (file >= 0)
		close(file);
	return wrote;
}

static bool
can_read(const char *path)
{
	SCOPED(scoped_close) int file = open(path, O_RDONLY);
	char byte;

	return file >= 0 && (read(file, &byte, 1) >= 0 || errno == EISDIR);
}

/* --- what a store does -------------------------------------------------------------- */

static bool
writes_inside(void)
{
	return write_into("a");
}

static bool
makes_folders(void)
{
	return mkdir("one", 0700) == 0 && mkdir("two", 0700) == 0 &&
	       mkdir("two/gone", 0700) == 0 && rmdir("two/gone") == 0;
}

static bool
renames_across_folders(void)
{
	return write_into("one/b") && rename("one/b", "two/b") == 0 &&
	       write_into("one/c") && rename("one/c", "two/b") == 0;
}

static bool
links_across_folders(void)
{
	return link("two/b", "one/linked") == 0 && unlink("two/b") == 0 &&
	       can_read("one/linked");
}

static bool
links_nameless_file(const char *folder, const char *name)
{
	SCOPED(scoped_close) int file = open(folder, O_TMPFILE | O_RDWR, 0600);
	char self[64];

	snprintf(self, sizeof self, "/proc/self/fd/%d", file);
	return file >= 0 && write(file, "blob", 4) == 4 && fsync(file) == 0 &&
	       linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0 &&
	       can_read(name);
}

static bool
links_nameless_file_here(void)
{
	return links_nameless_file("one", "one/blob");
}

static bool
links_nameless_file_elsewhere_inside(void)
{
	return links_nameless_file("one", "two/blob");
}

static bool
truncates(void)
{
	return truncate("one/blob", 2) == 0;
}

static bool
syncs_a_folder(void)
{
	SCOPED(scoped_close) int folder = open("one", O_RDONLY | O_DIRECTORY);

	return folder >= 0 && fsync(folder) == 0;
}

static bool
has_a_control_socket(void)
{
	SCOPED(scoped_close) int s = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "control"};

	return bind(s, (struct sockaddr *)&at, sizeof at) == 0 && listen(s, 1) == 0 &&
	       unlink("control") == 0;
}

/* --- what a server does ------------------------------------------------------------- */

static void *
nothing(void *argument)
{
	return argument;
}

static bool
starts_threads(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, nothing, NULL) == 0 &&
	       pthread_join(thread, NULL) == 0;
}

static bool
decodes_charsets(void)
{
	/* A module of gconv: a file of /usr/lib that is loaded now. */
	iconv_t converter = iconv_open("UTF-8", "ISO-2022-JP");

	return converter != (iconv_t)-1 && iconv_close(converter) == 0;
}

static bool
reads_resolver(void)
{
	return can_read("/etc/resolv.conf") && can_read("/etc/hosts");
}

/* Each is a link to a link to a file elsewhere, where Debian's packages put them. */
static bool
reads_certificates(void)
{
	DIR *folder = opendir("/etc/ssl/certs");
	struct dirent *entry;
	bool all = true;

	if (folder == NULL)
		return errno == ENOENT;
	while ((entry = readdir(folder)) != NULL) {
		SCOPED(scoped_close)
		int file = openat(dirfd(folder), entry->d_name, O_RDONLY);
		all = all && (file >= 0 || errno == ENOENT);
	}
	closedir(folder);
	return all;
}

/* libunbound's threads, the root's keys, the system's resolver. */
static bool
resolves(void)
{
	SCOPED(arena_release) struct arena *arena = arena_create(64 * 1024);
	struct base_clock *clock = base_clock_create();
	struct slice zone = SLICE("test"), record = SLICE("a.test. 60 IN A 192.0.2.1");
	struct net_resolver *resolver;
	struct net_answer answer;
	struct base_error error;

	if (net_resolver_create(&(struct net_resolver_settings){.validate = true,
					.zones = &zone,
					.zone_count = 1,
					.records = &record,
					.record_count = 1,
					.clock = clock},
		    &resolver, &error) != BASE_OK) {
		fprintf(stderr, "%s\n", error.text);
		return false;
	}
	net_resolver_ask(resolver, SLICE("a.test"), NET_DNS_A, 20000, arena, &answer);
	net_resolver_destroy(resolver);
	base_clock_destroy(clock);
	return answer.status == NET_DNS_FOUND;
}

static bool
reads_what_it_was_given(void)
{
	char path[128];

	snprintf(path, sizeof path, "%s/given", elsewhere);
	return can_read(path);
}

static bool
opens_sockets(void)
{
	SCOPED(scoped_close) int v4 = socket(AF_INET, SOCK_STREAM, 0);
	SCOPED(scoped_close) int v6 = socket(AF_INET6, SOCK_DGRAM, 0);

	return v4 >= 0 && (v6 >= 0 || errno == EAFNOSUPPORT);
}

/* --- what an intruder would like ---------------------------------------------------- */

static bool
writes_outside(void)
{
	char path[128];

	snprintf(path, sizeof path, "%s/planted", elsewhere);
	return write_into(path);
}

static bool
reads_outside(void)
{
	char path[128];

	snprintf(path, sizeof path, "%s/secret", elsewhere);
	return can_read(path);
}

static bool
moves_outside(void)
{
	char path[128];

	snprintf(path, sizeof path, "%s/moved", elsewhere);
	return write_into("moving") && rename("moving", path) == 0;
}

static bool
writes_given_file(void)
{
	char path[128];

	snprintf(path, sizeof path, "%s/given", elsewhere);
	return write_into(path);
}

static bool
executes(void)
{
	char *const arguments[] = {(char[]){"true"}, NULL};
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		execv("/bin/true", arguments);
		_exit(1);
	}
	return waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

static bool
executes_from_memory(void)
{
	char *const arguments[] = {(char[]){"true"}, NULL};
	SCOPED(scoped_close) int file = memfd_create("program", 0);

	(void)fexecve(file, arguments, arguments);
	/* An empty program would fail with ENOEXEC, had the call been let through. */
	return errno == ENOEXEC;
}

static bool
traces(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool
reads_other_memory(void)
{
	return syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 0) == 0;
}

static bool
mounts(void)
{
	return mount("none", data_folder, "tmpfs", 0, NULL) == 0;
}

static bool
unshares(void)
{
	return unshare(CLONE_NEWUSER) == 0;
}

static bool
clones_into_namespace(void)
{
	long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);

	if (child == 0)
		_exit(0);
	return child > 0;
}

static bool
clones_by_clone3(void)
{
	return !(syscall(SYS_clone3, NULL, 0) == -1 && errno == ENOSYS);
}

static bool
sniffs(void)
{
	SCOPED(scoped_close) int s = socket(AF_PACKET, SOCK_RAW, 0);

	return s >= 0;
}

static bool
rings(void)
{
	return !(syscall(SYS_io_uring_setup, 1, NULL) == -1 && errno == EPERM);
}

static bool
becomes_another(void)
{
	/* Not libc's, which goes round all threads and wants them of one mind. */
	return syscall(SYS_setuid, geteuid()) == 0;
}

static bool
sets_the_clock(void)
{
	return !(syscall(SYS_clock_settime, -1, NULL) == -1 && errno == EPERM);
}

static bool
takes_core_files(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max != 0 ||
	       prctl(PR_GET_DUMPABLE) != 0;
}

static const struct deed deeds[] = {
	{"writes inside", writes_inside, true},
	{"makes folders", makes_folders, true},
	{"renames across folders", renames_across_folders, true},
	{"links across folders", links_across_folders, true},
	{"links a nameless file", links_nameless_file_here, true},
	{"links a nameless file across folders", links_nameless_file_elsewhere_inside,
		true},
	{"truncates", truncates, true},
	{"syncs a folder", syncs_a_folder, true},
	{"has a control socket", has_a_control_socket, true},
	{"starts threads", starts_threads, true},
	{"decodes charsets", decodes_charsets, true},
	{"reads the resolver's files", reads_resolver, true},
	{"reads certificates", reads_certificates, true},
	{"resolves", resolves, true},
	{"reads what it was given", reads_what_it_was_given, true},
	{"opens sockets", opens_sockets, true},
	{"writes outside", writes_outside, false},
	{"reads outside", reads_outside, false},
	{"moves a file outside", moves_outside, false},
	{"writes a file given to read", writes_given_file, false},
	{"executes", executes, false},
	{"executes from memory", executes_from_memory, false},
	{"traces", traces, false},
	{"reads another's memory", reads_other_memory, false},
	{"mounts", mounts, false},
	{"unshares", unshares, false},
	{"clones into a namespace", clones_into_namespace, false},
	{"clones by clone3", clones_by_clone3, false},
	{"sniffs", sniffs, false},
	{"rings", rings, false},
	{"becomes another", becomes_another, false},
	{"sets the clock", sets_the_clock, false},
	{"takes core files", takes_core_files, false},
};

/* --- children ----------------------------------------------------------------------- */

static int
raise_walls(struct net_walls_report *report)
{
	char given[80], missing_file[80];
	const char *writable[] = {data_folder}, *readable[] = {given, missing_file};
	struct base_error error;

	snprintf(given, sizeof given, "%s/given", elsewhere);
	snprintf(missing_file, sizeof missing_file, "%s/nothing", elsewhere);
	int failure = (int)net_walls_raise(&(struct net_walls){.writable = writable,
						   .writable_count = 1,
						   .readable = readable,
						   .readable_count = 2},
		report, &error);
	if (failure != BASE_OK)
		fprintf(stderr, "%s\n", error.text);
	return failure;
}

static int
do_deeds(void)
{
	int wrong = 0;

	for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++)
		if (deeds[i].done() != deeds[i].allowed) {
			fprintf(stderr, "%s: %s (%s)\n", deeds[i].name,
				deeds[i].allowed ? "can't" : "can", strerror(errno));
			wrong++;
		}
	return wrong;
}

static int
live_behind_walls(void)
{
	struct net_walls_report report;

	if (chdir(data_folder) != 0 || raise_walls(&report) != BASE_OK)
		return 100;
	if (report.missing[0] != '\0') {
		fprintf(stderr, "not raised: %s\n", report.missing);
		return 101;
	}
	return report.seccomp && report.landlock >= 2 ? do_deeds() : 102;
}

static int
live_as_nobody(void)
{
	struct passwd *nobody = getpwnam("nobody");

	if (nobody == NULL || chown(data_folder, nobody->pw_uid, nobody->pw_gid) != 0 ||
		setgroups(0, NULL) != 0 || setgid(nobody->pw_gid) != 0 ||
		setuid(nobody->pw_uid) != 0)
		return 103;
	return live_behind_walls();
}

/* A kernel that knows neither: both calls are refused before the walls ask. */
static int
live_on_an_old_kernel(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	struct net_walls_report report;

	seccomp_rule_add(
		filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0);
	seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0);
	seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
		SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP));
	if (seccomp_load(filter) != 0)
		return 104;
	seccomp_release(filter);
	if (raise_walls(&report) != BASE_OK || report.seccomp || report.landlock != 0)
		return 105;
	return strstr(report.missing, "Landlock") != NULL &&
			       strstr(report.missing, "seccomp") != NULL
		       ? 0
		       : 106;
}

static int
in_child(int (*life)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(life());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
only_the_data_folder_and_no_powers(void **state)
{
	(void)state;
	assert_int_equal(in_child(live_behind_walls), 0);
}

static void
the_same_as_an_unprivileged_user(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(in_child(live_as_nobody), 0);
}

static void
an_old_kernel_is_said_and_not_fatal(void **state)
{
	(void)state;
	assert_int_equal(in_child(live_on_an_old_kernel), 0);
}

static void
a_missing_data_folder_is_an_error(void **state)
{
	(void)state;
	const char *writable[] = {"/nonexistent/data"};
	struct net_walls_report report;
	struct base_error error;

	int status = 0;
	pid_t child = fork();
	if (child == 0)
		_exit((int)net_walls_raise(
			&(struct net_walls){.writable = writable, .writable_count = 1},
			&report, &error));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), BASE_NOT_FOUND);
}

/* --- folders ------------------------------------------------------------------------ */

static int
make_folders(void **state)
{
	char path[128];

	(void)state;
	snprintf(data_folder, sizeof data_folder, "/tmp/walls-data-XXXXXX");
	snprintf(elsewhere, sizeof elsewhere, "/tmp/walls-else-XXXXXX");
	if (mkdtemp(data_folder) == NULL || mkdtemp(elsewhere) == NULL)
		return -1;
	chmod(elsewhere, 0777);
	snprintf(path, sizeof path, "%s/secret", elsewhere);
	bool wrote = write_into(path) && chmod(path, 0666) == 0;
	snprintf(path, sizeof path, "%s/given", elsewhere);
	return wrote && write_into(path) && chmod(path, 0666) == 0 ? 0 : -1;
}

static int
remove_folders(void **state)
{
	char command[192];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s %s", data_folder, elsewhere);
	return system(command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			only_the_data_folder_and_no_powers, make_folders, remove_folders),
		cmocka_unit_test_setup_teardown(
			the_same_as_an_unprivileged_user, make_folders, remove_folders),
		cmocka_unit_test_setup_teardown(
			an_old_kernel_is_said_and_not_fatal, make_folders, remove_folders),
		cmocka_unit_test(a_missing_data_folder_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
