#include "base/test.h"
#include "net/listen-socket.h"
#include "net/test-play.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void
it_hands_over_serves_and_stops(void **state)
{
	struct play *play = *state;
	struct stat status;
	char path[128];

	play_start(play);
	play_expect(play, "start listeners=1 fresh=1 certificate=one extra=0 culprit=::0");
	play_answers(&play->ports[0]);
	snprintf(path, sizeof path, "%s/deep/data", play->folder);
	assert_return_code(stat(path, &status), errno);
	assert_int_equal(status.st_mode & 07777, 0700);
	play_stop(play);
}

static void
a_crash_is_survived_and_blamed(void **state)
{
	struct play *play = *state;

	play_start(play);
	play_expect(play, "start ");
	for (int i = 0; i < 3; i++) {
		play_command(&play->ports[0], 'a');
		/* At once: the port never closes, so this waits in the backlog. */
		play_answers(&play->ports[0]);
		play_expect(play, "culprit=queue id=row-17");
		play_expect(play, "start listeners=1 fresh=1 certificate=one extra=0 "
				  "culprit=queue:row-17:6");
	}
	play_stop(play);
}

static void
a_reload_brings_ports_and_keys(void **state)
{
	struct play *play = *state;

	play_start(play);
	play_expect(play, "start listeners=1 fresh=1 certificate=one extra=0");
	play->stage->ports = 2;
	play_write(play, "certificate.pem", "two");
	play_write(play, "extra.pem", "");
	kill(play->parent, SIGHUP);
	play_expect(play, "reload listeners=2 fresh=1 certificate=two extra=1");
	play_answers(&play->ports[0]);
	play_answers(&play->ports[1]);

	/* A child that comes later gets all of it. */
	play_command(&play->ports[1], 'a');
	play_expect(play, "start listeners=2 fresh=2 certificate=two extra=1");

	play->stage->ports = 1;
	kill(play->parent, SIGHUP);
	play_expect(play, "reload listeners=1 fresh=0");
	play_answers(&play->ports[0]);
	play_stop(play);
}

/* Until it is dead, not only gone from its ports. */
static void
await_death(pid_t child)
{
	SCOPED(scoped_close) int process = (int)syscall(SYS_pidfd_open, child, 0);
	struct pollfd wait = {process, POLLIN, 0};

	if (process >= 0)
		assert_int_equal(poll(&wait, 1, -1), 1);
}

/* The child is ready and crashes while the parent reads a plan: it hears of both later. */
static void
crash_unheard(struct play *play)
{
	play->stage->reading.shut = true;
	kill(play->parent, SIGHUP);
	play_reach(&play->stage->reading);
	play_command(&play->ports[0], 'a');
	play->stage->ready.shut = false;
	await_death(play->stage->child);
	play->stage->reading.shut = false;
}

static void
expect_successor(const struct play *play)
{
	play_expect(play, "culprit=queue id=row-17");
	play_expect(play, "start listeners=1");
	play_answers(&play->ports[0]);
	play_stop(play);
}

static void
a_child_that_was_ready_unheard_is_replaced(void **state)
{
	struct play *play = *state;

	play->stage->ready.shut = true;
	play_start(play);
	play_reach(&play->stage->ready);
	crash_unheard(play);
	expect_successor(play);
}

static void
so_is_one_that_never_read_the_news(void **state)
{
	struct play *play = *state;

	play->stage->ready.shut = true;
	play_start(play);
	play_reach(&play->stage->ready);
	kill(play->parent, SIGHUP);
	play_expect(play, "net.reload");
	/* No handover, whose failure would be told instead. */
	play->stage->broken = true;
	crash_unheard(play);
	expect_successor(play);
}

/* The way to it holds some 280. */
#define MANY_RELOADS 1000

static void
of_many_reloads_the_last_one_counts(void **state)
{
	struct play *play = *state;

	play->stage->ready.shut = true;
	play_start(play);
	play_reach(&play->stage->ready);
	for (int i = 0; i <= MANY_RELOADS; i++) {
		play->stage->ports = i < MANY_RELOADS ? 1 : 2;
		kill(play->parent, SIGHUP);
		(void)play_count(play, "", "net.reload");
	}
	play->stage->ready.shut = false;
	assert_true(play_count(play, "reload listeners=1", "reload listeners=2 fresh=1") <
		    MANY_RELOADS);
	play_answers(&play->ports[1]);
	play_stop(play);
}

static void
a_broken_plan_changes_nothing(void **state)
{
	struct play *play = *state;

	play_start(play);
	play_expect(play, "start ");
	play->stage->broken = true;
	play->stage->ports = 2;
	kill(play->parent, SIGHUP);
	play_expect(play, "troika.conf:7: no such key");
	play_answers(&play->ports[0]);

	play->stage->broken = false;
	play->stage->needs_missing_file = true;
	kill(play->parent, SIGHUP);
	play_expect(play, "missing.pem");
	play_answers(&play->ports[0]);

	play->stage->needs_missing_file = false;
	kill(play->parent, SIGHUP);
	play_expect(play, "reload listeners=2 fresh=1");
	play_stop(play);
}

/* Nor does it when a child comes later, which could not be told of it. */
static void
a_plan_that_is_too_large_changes_nothing(void **state)
{
	struct play *play = *state;
	SCOPED(scoped_free) char *text = malloc(NET_PLAN_FILE_BYTES + 1);

	assert_non_null(text);
	memset(text, 'x', NET_PLAN_FILE_BYTES);
	text[NET_PLAN_FILE_BYTES] = '\0';
	play_write(play, "extra.pem", text);
	play_start(play);
	play_expect(play, "start ");
	play_answers(&play->ports[0]);
	play->stage->times = NET_PLAN_BYTES_MOST / NET_PLAN_FILE_BYTES;
	play->stage->ports = 2;
	kill(play->parent, SIGHUP);
	play_expect(play, "certificates and keys have more than 60 MiB together");
	play_command(&play->ports[0], 'a');
	play_expect(play, "start listeners=1");
	play_answers(&play->ports[0]);
	play_stop(play);
}

static void
a_port_taken_at_reload_is_left_out(void **state)
{
	struct play *play = *state;
	SCOPED(scoped_close) int taker = -1;

	play_start(play);
	play_expect(play, "start ");
	assert_int_equal(net_listen_socket(&play->ports[1], &taker, NULL), BASE_OK);
	play->stage->ports = 2;
	kill(play->parent, SIGHUP);
	play_expect(play, "in use by another program");
	play_expect(play, "reload listeners=1 fresh=0");
	play_answers(&play->ports[0]);

	close(taker);
	taker = -1;
	kill(play->parent, SIGHUP);
	play_expect(play, "reload listeners=2 fresh=1");
	play_stop(play);
}

static void
a_port_taken_at_the_start_is_fatal(void **state)
{
	struct play *play = *state;
	SCOPED(scoped_close) int taker = -1;

	assert_int_equal(net_listen_socket(&play->ports[0], &taker, NULL), BASE_OK);
	play_start(play);
	play_expect(play, "in use by another program");
	assert_int_equal(play_end(play), NET_PARENT_EXIT_FAILED);
}

static void
a_plan_that_cannot_be_read_is_fatal(void **state)
{
	struct play *play = *state;

	play->stage->broken = true;
	play_start(play);
	play_expect(play, "troika.conf:7: no such key");
	assert_int_equal(play_end(play), NET_PARENT_EXIT_FAILED);
}

static void
a_start_that_fails_is_not_repeated(void **state)
{
	struct play *play = *state;

	play->stage->no_start = true;
	play_start(play);
	assert_int_equal(play_end(play), 3);
}

static void
a_child_may_leave_for_good(void **state)
{
	struct play *play = *state;

	play_start(play);
	play_expect(play, "start ");
	play_command(&play->ports[0], 'x');
	assert_int_equal(play_end(play), NET_CHILD_EXIT_NO_RETRY);

	play_start(play);
	play_expect(play, "start ");
	play_command(&play->ports[0], 'z');
	assert_int_equal(play_end(play), 0);
}

static void
a_killed_child_is_replaced_without_blame(void **state)
{
	struct play *play = *state;

	play_start(play);
	play_expect(play, "start ");
	/* Only one that was ready is replaced. */
	play_answers(&play->ports[0]);
	kill(play->stage->child, SIGKILL);
	play_expect(play, "start listeners=1 fresh=1 certificate=one extra=0 culprit=::9");
	play_stop(play);
}

static void
the_child_leaves_with_its_parent(void **state)
{
	struct play *play = *state;
	int status;

	play_start(play);
	play_expect(play, "start ");
	play_answers(&play->ports[0]);
	kill(play->parent, SIGKILL);
	play_expect(play, "stopping");
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
	play_start(play);
	/* The key is root's, mode 0600: only the parent could read it. */
	play_expect(play, "start listeners=1 fresh=1 certificate=one");
	play_command(&play->ports[0], 'u');
	play_expect(play, "uid=65534 root=0");
	snprintf(path, sizeof path, "%s/deep/data", play->folder);
	assert_return_code(stat(path, &status), errno);
	assert_int_equal(status.st_uid, 65534);
	play_stop(play);
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
	play_start(play);
	play_expect(play, "extra=1");
	assert_return_code(lchown(path, 65534, 65534), errno);
	kill(play->parent, SIGHUP);
	play_expect(play, "could put another file in its place");
	assert_return_code(unlink(path), errno);
	kill(play->parent, SIGHUP);
	play_expect(play, "reload listeners=1 fresh=0 certificate=one extra=0");
	assert_return_code(chown(play->folder, 65534, 65534), errno);
	kill(play->parent, SIGHUP);
	play_expect(play, "could put another file in its place");
	play_answers(&play->ports[0]);
	assert_return_code(chown(play->folder, 0, 0), errno);
	play_stop(play);
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
	play_start(play);
	unsetenv("NOTIFY_SOCKET");
	expect_notice(notices, "READY=1");
	kill(play->parent, SIGHUP);
	expect_notice(notices, "RELOADING=1\nMONOTONIC_USEC=");
	expect_notice(notices, "READY=1");
	kill(play->parent, SIGTERM);
	expect_notice(notices, "STOPPING=1");
	assert_int_equal(play_end(play), 0);
}

#define PLAY(test) cmocka_unit_test_setup_teardown(test, play_set_up, play_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAY(it_hands_over_serves_and_stops),
		PLAY(a_crash_is_survived_and_blamed),
		PLAY(a_reload_brings_ports_and_keys),
		PLAY(a_child_that_was_ready_unheard_is_replaced),
		PLAY(so_is_one_that_never_read_the_news),
		PLAY(of_many_reloads_the_last_one_counts),
		PLAY(a_broken_plan_changes_nothing),
		PLAY(a_plan_that_is_too_large_changes_nothing),
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
