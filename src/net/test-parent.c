#include "base/test.h"
#include "net/listen-socket.h"
#include "net/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Each test starts a parent in a process of its own. Parent and child tell what they do by
 * lines in one pipe (the log is written there too), which the test waits for. The child
 * takes commands of one letter by TCP on its ports.
 */
struct stage {
	_Atomic int ports;     /* listeners in the plan */
	_Atomic bool broken;   /* the plan can't be read */
	_Atomic bool no_start; /* the child leaves with 3 before it is ready */
	_Atomic bool needs_missing_file;
	bool as_nobody;
};

struct play {
	struct stage *stage; /* shared with parent and child */
	char folder[64];
	struct net_address ports[2];
	int tell; /* write end */
	int hear;
	pid_t parent;
	struct base_log *log;
};

/* --- in the parent and the child ---------------------------------------------------- */

static enum base_failure
read_plan(void *argument, struct arena *arena, struct net_plan *plan,
	struct base_error *error)
{
	struct play *play = argument;
	struct net_plan_listener *listeners =
		ARENA_MANY(arena, struct net_plan_listener, 2);
	struct net_plan_file *files = ARENA_MANY(arena, struct net_plan_file, 3);

	if (play->stage->broken)
		return base_fail(error, BASE_INVALID, "troika.conf:7: no such key");
	for (int i = 0; i < 2; i++) {
		listeners[i].name = i == 0 ? SLICE("first") : SLICE("second");
		listeners[i].address = play->ports[i];
	}
	files[0] = (struct net_plan_file){SLICE("certificate"),
		arena_printf(arena, "%s/certificate.pem", play->folder), false};
	files[1] = (struct net_plan_file){
		SLICE("extra"), arena_printf(arena, "%s/extra.pem", play->folder), true};
	files[2] = (struct net_plan_file){SLICE("missing"),
		arena_printf(arena, "%s/missing.pem", play->folder), false};
	*plan = (struct net_plan){
		.user = play->stage->as_nobody ? SLICE("nobody") : SLICE_NONE,
		.folder = arena_printf(arena, "%s/deep/data", play->folder),
		.listeners = listeners,
		.listener_count = (size_t)play->stage->ports,
		.files = files,
		.file_count = play->stage->needs_missing_file ? 3 : 2};
	return BASE_OK;
}

__attribute__((format(printf, 2, 3))) static void
tell(const struct play *play, const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	(void)!write(play->tell, line, (size_t)length);
}

/* What it was handed; and the new ports' descriptors. */
static void
tell_handover(
	const struct play *play, const char *what, struct net_child *child, int ears[2])
{
	const struct net_handover *given = net_child_handover(child);
	const struct net_culprit *culprit = net_child_culprit(child);
	struct slice certificate = net_child_file(child, SLICE("certificate"));
	int fresh = 0;

	for (size_t i = 0; i < given->listener_count; i++)
		if (given->listeners[i].descriptor >= 0) {
			ears[slice_equal(given->listeners[i].name, SLICE("second"))] =
				given->listeners[i].descriptor;
			fresh++;
		}
	tell(play, "%s listeners=%zu fresh=%d certificate=%.*s extra=%d culprit=%s:%s:%d\n",
		what, given->listener_count, fresh, SLICE_ARG(certificate),
		!slice_absent(net_child_file(child, SLICE("extra"))),
		culprit == NULL ? "" : culprit->kind, culprit == NULL ? "" : culprit->id,
		culprit == NULL ? 0 : culprit->signal);
}

static void
crash(struct net_child *child)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	net_blame_note(net_child_blame(child), 0, "queue", SLICE("row-17"));
	abort();
}

static void
serve_one(const struct play *play, struct net_child *child, int ear)
{
	SCOPED(scoped_close) int peer = accept(ear, NULL, NULL);
	char command = 0;

	if (peer < 0 || read(peer, &command, 1) != 1)
		return;
	switch (command) {
	case 'p':
		(void)!write(peer, "pong", 4);
		break;
	case 'a':
		crash(child);
		break;
	case 'x':
		_exit(NET_CHILD_EXIT_NO_RETRY);
	case 'z':
		_exit(0);
	case 'u':
		tell(play, "uid=%u root=%d\n", geteuid(), setuid(0) == 0);
		break;
	case 'i':
		tell(play, "pid=%d\n", getpid());
		break;
	}
}

static int
child_main(void *argument, struct net_child *child)
{
	struct play *play = argument;
	int ears[2] = {-1, -1};

	tell_handover(play, "start", child, ears);
	if (play->stage->no_start)
		return 3;
	net_child_ready(child);
	for (;;) {
		struct pollfd waits[] = {{net_child_descriptor(child), POLLIN, 0},
			{ears[0], POLLIN, 0}, {ears[1], POLLIN, 0}};
		poll(waits, 3, -1);
		for (int i = 0; i < 2; i++)
			if (waits[i + 1].revents != 0)
				serve_one(play, child, ears[i]);
		enum net_child_event event = net_child_wait(child, 0);
		if (event == NET_CHILD_RELOAD) {
			tell_handover(play, "reload", child, ears);
			net_child_ready(child);
		} else if (event == NET_CHILD_STOP) {
			tell(play, "stopping\n");
			return 0;
		}
	}
}

/* --- in the test -------------------------------------------------------------------- */

static void
write_file(const struct play *play, const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", play->folder, name);
	SCOPED(scoped_close) int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(file, text, strlen(text)), strlen(text));
}

static void
start(struct play *play)
{
	play->parent = fork();
	if (play->parent != 0)
		return;
	close(play->hear);
	_exit(net_parent_run(&(struct net_parent){.read_plan = read_plan,
		.child_main = child_main,
		.argument = play,
		.log = play->log}));
}

/* Waits for a line that has all of `wanted` in it; copies it when asked. */
static void
expect(const struct play *play, const char *wanted, char *copy, size_t room)
{
	char line[1024];
	size_t used = 0;

	for (;;) {
		assert_int_equal(read(play->hear, line + used, 1), 1);
		if (line[used] != '\n' && used + 1 < sizeof line) {
			used++;
			continue;
		}
		line[used] = '\0';
		used = 0;
		if (strstr(line, wanted) == NULL)
			continue;
		if (copy != NULL)
			snprintf(copy, room, "%.*s", (int)room - 1, line);
		return;
	}
}

static int
connect_to(const struct net_address *port)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);

	assert_return_code(
		connect(s, (const struct sockaddr *)&port->storage, port->length), errno);
	return s;
}

static void
command(const struct net_address *port, char letter)
{
	SCOPED(scoped_close) int s = connect_to(port);

	assert_int_equal(write(s, &letter, 1), 1);
}

static void
assert_answers(const struct net_address *port)
{
	SCOPED(scoped_close) int s = connect_to(port);
	char answer[4];

	assert_int_equal(write(s, "p", 1), 1);
	assert_int_equal(recv(s, answer, sizeof answer, MSG_WAITALL), 4);
	assert_memory_equal(answer, "pong", 4);
}

static int
end_of(const struct play *play)
{
	int status = 0;

	assert_int_equal(waitpid(play->parent, &status, 0), play->parent);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
stop(const struct play *play)
{
	kill(play->parent, SIGTERM);
	expect(play, "stopping", NULL, 0);
	assert_int_equal(end_of(play), 0);
}

/* Below those that the kernel gives to clients, so that nobody takes it before a reload. */
static struct net_address
free_port(void)
{
	static unsigned turn;
	struct net_address found;
	SCOPED(scoped_close) int s = -1;
	enum base_failure failure;

	do {
		unsigned port = 4000 + ((unsigned)getpid() * 32 + turn++) % 6000;
		assert_true(net_address_parse(SLICE("127.0.0.1"), (uint16_t)port, &found));
		failure = net_listen_socket(&found, &s, NULL);
	} while (failure);
	return found;
}

static int
set_up(void **state)
{
	struct play *play = calloc(1, sizeof *play);
	int pipes[2];

	*state = play;
	play->stage = mmap(NULL, sizeof *play->stage, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	play->stage->ports = 1;
	if (play->stage == MAP_FAILED || pipe2(pipes, O_CLOEXEC) != 0)
		return -1;
	play->hear = pipes[0];
	play->tell = pipes[1];
	play->ports[0] = free_port();
	play->ports[1] = free_port();
	play->log = base_log_create(play->tell, BASE_LOG_KEY_VALUE, BASE_LOG_INFO);
	snprintf(play->folder, sizeof play->folder, "/tmp/parent-XXXXXX");
	if (mkdtemp(play->folder) == NULL || chmod(play->folder, 0755) != 0)
		return -1;
	write_file(play, "certificate.pem", "one");
	return 0;
}

static int
tear_down(void **state)
{
	struct play *play = *state;
	char line[128];

	snprintf(line, sizeof line, "rm -rf %s", play->folder);
	int failed = system(line);
	close(play->hear);
	close(play->tell);
	base_log_destroy(play->log);
	munmap(play->stage, sizeof *play->stage);
	free(play);
	return failed;
}

/* --- the tests ---------------------------------------------------------------------- */

static void
it_hands_over_serves_and_stops(void **state)
{
	struct play *play = *state;
	struct stat status;
	char path[128];

	start(play);
	expect(play, "start listeners=1 fresh=1 certificate=one extra=0 culprit=::0", NULL,
		0);
	assert_answers(&play->ports[0]);
	snprintf(path, sizeof path, "%s/deep/data", play->folder);
	assert_return_code(stat(path, &status), errno);
	assert_int_equal(status.st_mode & 07777, 0700);
	stop(play);
}

static void
a_crash_is_survived_and_blamed(void **state)
{
	struct play *play = *state;

	start(play);
	expect(play, "start ", NULL, 0);
	for (int i = 0; i < 3; i++) {
		command(&play->ports[0], 'a');
		/* At once: the port never closes, so this waits in the backlog. */
		assert_answers(&play->ports[0]);
		expect(play, "culprit=queue id=row-17", NULL, 0);
		expect(play,
			"start listeners=1 fresh=1 certificate=one extra=0 "
			"culprit=queue:row-17:6",
			NULL, 0);
	}
	stop(play);
}

static void
a_reload_brings_ports_and_keys(void **state)
{
	struct play *play = *state;

	start(play);
	expect(play, "start listeners=1 fresh=1 certificate=one extra=0", NULL, 0);
	play->stage->ports = 2;
	write_file(play, "certificate.pem", "two");
	write_file(play, "extra.pem", "");
	kill(play->parent, SIGHUP);
	expect(play, "reload listeners=2 fresh=1 certificate=two extra=1", NULL, 0);
	assert_answers(&play->ports[0]);
	assert_answers(&play->ports[1]);

	/* A child that comes later gets all of it. */
	command(&play->ports[1], 'a');
	expect(play, "start listeners=2 fresh=2 certificate=two extra=1", NULL, 0);

	play->stage->ports = 1;
	kill(play->parent, SIGHUP);
	expect(play, "reload listeners=1 fresh=0", NULL, 0);
	assert_answers(&play->ports[0]);
	stop(play);
}

static void
a_broken_plan_changes_nothing(void **state)
{
	struct play *play = *state;

	start(play);
	expect(play, "start ", NULL, 0);
	play->stage->broken = true;
	play->stage->ports = 2;
	kill(play->parent, SIGHUP);
	expect(play, "troika.conf:7: no such key", NULL, 0);
	assert_answers(&play->ports[0]);

	play->stage->broken = false;
	play->stage->needs_missing_file = true;
	kill(play->parent, SIGHUP);
	expect(play, "missing.pem", NULL, 0);
	assert_answers(&play->ports[0]);

	play->stage->needs_missing_file = false;
	kill(play->parent, SIGHUP);
	expect(play, "reload listeners=2 fresh=1", NULL, 0);
	stop(play);
}

static void
a_port_taken_at_reload_is_left_out(void **state)
{
	struct play *play = *state;
	SCOPED(scoped_close) int taker = -1;

	start(play);
	expect(play, "start ", NULL, 0);
	assert_int_equal(net_listen_socket(&play->ports[1], &taker, NULL), BASE_OK);
	play->stage->ports = 2;
	kill(play->parent, SIGHUP);
	expect(play, "in use by another program", NULL, 0);
	expect(play, "reload listeners=1 fresh=0", NULL, 0);
	assert_answers(&play->ports[0]);

	close(taker);
	taker = -1;
	kill(play->parent, SIGHUP);
	expect(play, "reload listeners=2 fresh=1", NULL, 0);
	stop(play);
}

static void
a_port_taken_at_the_start_is_fatal(void **state)
{
	struct play *play = *state;
	SCOPED(scoped_close) int taker = -1;

	assert_int_equal(net_listen_socket(&play->ports[0], &taker, NULL), BASE_OK);
	start(play);
	expect(play, "in use by another program", NULL, 0);
	assert_int_equal(end_of(play), NET_PARENT_EXIT_FAILED);
}

static void
a_plan_that_cannot_be_read_is_fatal(void **state)
{
	struct play *play = *state;

	play->stage->broken = true;
	start(play);
	expect(play, "troika.conf:7: no such key", NULL, 0);
	assert_int_equal(end_of(play), NET_PARENT_EXIT_FAILED);
}

static void
a_start_that_fails_is_not_repeated(void **state)
{
	struct play *play = *state;

	play->stage->no_start = true;
	start(play);
	assert_int_equal(end_of(play), 3);
}

static void
a_child_may_leave_for_good(void **state)
{
	struct play *play = *state;

	start(play);
	expect(play, "start ", NULL, 0);
	command(&play->ports[0], 'x');
	assert_int_equal(end_of(play), NET_CHILD_EXIT_NO_RETRY);

	start(play);
	expect(play, "start ", NULL, 0);
	command(&play->ports[0], 'z');
	assert_int_equal(end_of(play), 0);
}

static void
a_killed_child_is_replaced_without_blame(void **state)
{
	struct play *play = *state;
	char line[64];
	uint32_t child;

	start(play);
	expect(play, "start ", NULL, 0);
	command(&play->ports[0], 'i');
	expect(play, "pid=", line, sizeof line);
	assert_true(slice_to_u32(slice_of_text(line + 4), &child));
	kill((pid_t)child, SIGKILL);
	expect(play, "start listeners=1 fresh=1 certificate=one extra=0 culprit=::9", NULL,
		0);
	stop(play);
}

static void
the_child_leaves_with_its_parent(void **state)
{
	struct play *play = *state;
	int status;

	start(play);
	expect(play, "start ", NULL, 0);
	assert_answers(&play->ports[0]);
	kill(play->parent, SIGKILL);
	expect(play, "stopping", NULL, 0);
	assert_int_equal(waitpid(play->parent, &status, 0), play->parent);
}

static void
the_child_has_no_rights(void **state)
{
	struct play *play = *state;
	struct stat status;
	char path[128];

	if (geteuid() != 0)
		skip();
	play->stage->as_nobody = true;
	start(play);
	/* The key is root's, mode 0600: only the parent could read it. */
	expect(play, "start listeners=1 fresh=1 certificate=one", NULL, 0);
	command(&play->ports[0], 'u');
	expect(play, "uid=65534 root=0", NULL, 0);
	snprintf(path, sizeof path, "%s/deep/data", play->folder);
	assert_return_code(stat(path, &status), errno);
	assert_int_equal(status.st_uid, 65534);
	stop(play);
}

/* Through a link of its own the child would be read the shadow file. */
static void
the_child_chooses_no_file_for_root(void **state)
{
	struct play *play = *state;
	char path[128];

	if (geteuid() != 0)
		skip();
	play->stage->as_nobody = true;
	snprintf(path, sizeof path, "%s/extra.pem", play->folder);
	assert_return_code(symlink("/etc/hostname", path), errno);
	start(play);
	expect(play, "extra=1", NULL, 0);
	assert_return_code(lchown(path, 65534, 65534), errno);
	kill(play->parent, SIGHUP);
	expect(play, "could put another file in its place", NULL, 0);
	assert_return_code(unlink(path), errno);
	kill(play->parent, SIGHUP);
	expect(play, "reload listeners=1 fresh=0 certificate=one extra=0", NULL, 0);
	assert_return_code(chown(play->folder, 65534, 65534), errno);
	kill(play->parent, SIGHUP);
	expect(play, "could put another file in its place", NULL, 0);
	assert_answers(&play->ports[0]);
	assert_return_code(chown(play->folder, 0, 0), errno);
	stop(play);
}

static void
expect_notice(int socket, const char *wanted)
{
	char text[512];
	ssize_t length = recv(socket, text, sizeof text - 1, 0);

	assert_true(length > 0);
	text[length] = '\0';
	if (strncmp(text, wanted, strlen(wanted)) != 0)
		fail_msg("systemd was told %s, not %s", text, wanted);
}

static void
systemd_is_told(void **state)
{
	struct play *play = *state;
	SCOPED(scoped_close) int notices = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	snprintf(at.sun_path, sizeof at.sun_path, "%s/notify", play->folder);
	assert_return_code(bind(notices, (struct sockaddr *)&at, sizeof at), errno);
	setenv("NOTIFY_SOCKET", at.sun_path, 1);
	start(play);
	unsetenv("NOTIFY_SOCKET");
	expect_notice(notices, "READY=1");
	kill(play->parent, SIGHUP);
	expect_notice(notices, "RELOADING=1\nMONOTONIC_USEC=");
	expect_notice(notices, "READY=1");
	kill(play->parent, SIGTERM);
	expect_notice(notices, "STOPPING=1");
	assert_int_equal(end_of(play), 0);
}

#define PLAY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAY(it_hands_over_serves_and_stops),
		PLAY(a_crash_is_survived_and_blamed),
		PLAY(a_reload_brings_ports_and_keys),
		PLAY(a_broken_plan_changes_nothing),
		PLAY(a_port_taken_at_reload_is_left_out),
		PLAY(a_port_taken_at_the_start_is_fatal),
		PLAY(a_plan_that_cannot_be_read_is_fatal),
		PLAY(a_start_that_fails_is_not_repeated),
		PLAY(a_child_may_leave_for_good),
		PLAY(a_killed_child_is_replaced_without_blame),
		PLAY(the_child_leaves_with_its_parent),
		PLAY(the_child_has_no_rights),
		PLAY(the_child_chooses_no_file_for_root),
		PLAY(systemd_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
