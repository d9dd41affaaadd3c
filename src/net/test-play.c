#include "net/test-play.h"
#include "net/listen-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXPECT_MS 120000

/* --- in the parent and the child ---------------------------------------------------- */

/* Says that it is there, and stays until the test lets it go. */
static void
wait_at(struct gate *gate)
{
	while (gate->shut) {
		gate->reached = true;
		usleep(1000);
	}
}

static enum base_failure
read_plan(void *argument, struct arena *arena, struct net_plan *plan,
	struct base_error *error)
{
	struct play *play = argument;
	struct net_plan_listener *listeners =
		ARENA_MANY(arena, struct net_plan_listener, 2);
	size_t count = 2, times = (size_t)play->stage->times;
	struct net_plan_file *files = ARENA_MANY(arena, struct net_plan_file, 3 + times);

	wait_at(&play->stage->reading);
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
	if (play->stage->needs_missing_file)
		files[count++] = (struct net_plan_file){SLICE("missing"),
			arena_printf(arena, "%s/missing.pem", play->folder), false};
	for (size_t i = 0; i < times; i++)
		files[count++] =
			(struct net_plan_file){SLICE("again"), files[1].path, false};
	*plan = (struct net_plan){
		.user = play->stage->as_nobody ? SLICE("nobody") : SLICE_NONE,
		.folder = arena_printf(arena, "%s/deep/data", play->folder),
		.listeners = listeners,
		.listener_count = (size_t)play->stage->ports,
		.files = files,
		.file_count = count};
	return BASE_OK;
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
	dprintf(play->tell,
		"%s listeners=%zu fresh=%d certificate=%.*s extra=%d culprit=%s:%s:%d\n",
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
		dprintf(play->tell, "uid=%u root=%d\n", geteuid(), setuid(0) == 0);
		break;
	}
}

static int
child_main(void *argument, struct net_child *child)
{
	struct play *play = argument;
	int ears[2] = {-1, -1};

	play->stage->child = getpid();
	tell_handover(play, "start", child, ears);
	if (play->stage->no_start)
		return 3;
	wait_at(&play->stage->ready);
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
			dprintf(play->tell, "stopping\n");
			return 0;
		}
	}
}

/* --- in the test -------------------------------------------------------------------- */

void
play_write(const struct play *play, const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", play->folder, name);
	SCOPED(scoped_close) int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(file, text, strlen(text)), strlen(text));
}

void
play_start(struct play *play)
{
	int pipes[2];

	assert_return_code(pipe2(pipes, O_CLOEXEC), errno);
	scoped_close(&play->hear);
	play->hear = pipes[0];
	play->parent = fork();
	if (play->parent != 0) {
		close(pipes[1]);
		return;
	}
	close(play->hear);
	play->tell = pipes[1];
	play->log = base_log_create(play->tell, BASE_LOG_KEY_VALUE, BASE_LOG_INFO);
	_exit(net_parent_run(&(struct net_parent){.read_plan = read_plan,
		.child_main = child_main,
		.argument = play,
		.log = play->log}));
}

/* False: nobody is left who could say one. */
static bool
hear_line(const struct play *play, const char *wanted, char *line, size_t room)
{
	size_t used = 0;

	for (;;) {
		struct pollfd wait = {play->hear, POLLIN, 0};
		char next;

		if (poll(&wait, 1, EXPECT_MS) == 0)
			fail_msg("nothing was said for %d s, not \"%s\"", EXPECT_MS / 1000,
				wanted);
		if (read(play->hear, &next, 1) != 1)
			return false;
		if (next == '\n')
			break;
		if (used + 1 < room)
			line[used++] = next;
	}
	line[used] = '\0';
	return true;
}

/* What is heard is shown, so that a failure tells what was said instead. */
void
play_expect(const struct play *play, const char *wanted)
{
	char line[1024];

	do {
		if (!hear_line(play, wanted, line, sizeof line))
			fail_msg("parent and child are gone, without \"%s\"", wanted);
		print_message("\t%s\n", line);
	} while (strstr(line, wanted) == NULL);
}

size_t
play_count(const struct play *play, const char *counted, const char *wanted)
{
	char line[1024];
	size_t count = 0;

	for (;;) {
		if (!hear_line(play, wanted, line, sizeof line))
			fail_msg("parent and child are gone, without \"%s\"", wanted);
		if (strstr(line, wanted))
			return count;
		count += strstr(line, counted) != NULL;
	}
}

void
play_reach(const struct gate *gate)
{
	while (!gate->reached)
		usleep(1000);
}

static int
connect_to(const struct net_address *port)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);

	assert_return_code(
		connect(s, (const struct sockaddr *)&port->storage, port->length), errno);
	return s;
}

void
play_command(const struct net_address *port, char letter)
{
	SCOPED(scoped_close) int s = connect_to(port);

	assert_int_equal(write(s, &letter, 1), 1);
}

void
play_answers(const struct net_address *port)
{
	SCOPED(scoped_close) int s = connect_to(port);
	char answer[4];

	assert_int_equal(write(s, "p", 1), 1);
	assert_int_equal(recv(s, answer, sizeof answer, MSG_WAITALL), 4);
	assert_memory_equal(answer, "pong", 4);
}

int
play_end(const struct play *play)
{
	int status = 0;

	assert_int_equal(waitpid(play->parent, &status, 0), play->parent);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

void
play_stop(const struct play *play)
{
	kill(play->parent, SIGTERM);
	play_expect(play, "stopping");
	assert_int_equal(play_end(play), 0);
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

int
play_set_up(void **state)
{
	struct play *play = calloc(1, sizeof *play);

	*state = play;
	play->stage = mmap(NULL, sizeof *play->stage, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (play->stage == MAP_FAILED)
		return -1;
	play->stage->ports = 1;
	play->hear = -1;
	play->ports[0] = free_port();
	play->ports[1] = free_port();
	snprintf(play->folder, sizeof play->folder, "/tmp/parent-XXXXXX");
	if (mkdtemp(play->folder) == NULL || chmod(play->folder, 0755) != 0)
		return -1;
	play_write(play, "certificate.pem", "one");
	return 0;
}

int
play_tear_down(void **state)
{
	struct play *play = *state;
	char line[128];

	/* After a test that failed. */
	if (play->parent > 0 && waitpid(play->parent, NULL, WNOHANG) == 0) {
		kill(play->parent, SIGKILL);
		waitpid(play->parent, NULL, 0);
	}
	snprintf(line, sizeof line, "rm -rf %s", play->folder);
	int failed = system(line);
	scoped_close(&play->hear);
	munmap(play->stage, sizeof *play->stage);
	free(play);
	return failed;
}
