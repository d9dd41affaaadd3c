#include "base/test.h"
#include "net/helper-internal.h"
#include "net/parent.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A helper process of the test's own, with small limits and programs that misbehave. */
enum { CAT, FLOOD, HANG, BUSY, BEGUN, FAIL, GREEDY, DEEDS, STARTS, MISSING, PROGRAMS };

#define SHELL(script) ((const char *const[]){"/bin/sh", "-c", script, NULL})

static const char deeds[] = "exec 2>&1; "
			    "echo secret >/tmp/troika-helper-test && echo WROTE; "
			    "read line </etc/passwd && echo READ; "
			    "kill -0 $PPID && echo SIGNALLED; "
			    "echo done";

static const struct net_program programs[PROGRAMS] = {
	[CAT] = {(const char *const[]){"/bin/cat", NULL}},
	[FLOOD] = {(const char *const[]){"/usr/bin/yes", NULL}},
	[HANG] = {(const char *const[]){"/bin/sleep", "60", NULL}},
	[BUSY] = {SHELL("while :; do :; done")},
	[BEGUN] = {SHELL("echo begun; while :; do :; done")},
	[FAIL] = {SHELL("echo some; exit 3")},
	[GREEDY] = {SHELL("a=xxxxxxxxxxxxxxxx; while :; do a=$a$a; done")},
	[DEEDS] = {SHELL(deeds)},
	[STARTS] = {SHELL("/bin/ls /usr; echo after")},
	[MISSING] = {(const char *const[]){"/usr/bin/no-such-program", NULL}},
};

struct fixture {
	int ends[2];
	pid_t process;
	struct base_log *log;
	struct net_helper *helper;
	struct buffer output;
};

static void
start_process(struct fixture *fixture, unsigned seconds)
{
	struct helper_birth birth = {.socket = fixture->ends[1],
		.parent = getpid(),
		.programs = programs,
		.count = PROGRAMS,
		.limits = {.seconds = seconds, .ms = 1500 * seconds, .memory = 64 << 20},
		.log = fixture->log};
	fixture->process = fork();
	assert_true(fixture->process >= 0);
	if (fixture->process == 0)
		helper_live(&birth);
}

static void
end_process(struct fixture *fixture)
{
	if (!fixture->process)
		return;
	kill(fixture->process, SIGKILL);
	waitpid(fixture->process, NULL, 0);
	fixture->process = 0;
}

static int
start(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	assert_non_null(fixture);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fixture->ends), 0);
	fixture->log = base_log_create(STDERR_FILENO, BASE_LOG_KEY_VALUE, BASE_LOG_WARN);
	fixture->helper = net_helper_create(fixture->ends[0], programs, PROGRAMS);
	fixture->output = buffer_with(100 * 1000);
	start_process(fixture, 1);
	*state = fixture;
	return 0;
}

static int
stop(void **state)
{
	struct fixture *fixture = *state;
	end_process(fixture);
	net_helper_destroy(fixture->helper);
	base_log_destroy(fixture->log);
	buffer_free(&fixture->output);
	scoped_close(&fixture->ends[0]);
	scoped_close(&fixture->ends[1]);
	free(fixture);
	return 0;
}

static int
file_of(const char *text)
{
	int file = memfd_create("input", MFD_CLOEXEC);
	assert_true(file >= 0);
	assert_int_equal(write(file, text, strlen(text)), strlen(text));
	return file;
}

static enum net_helper_end
run(struct fixture *fixture, unsigned program)
{
	SCOPED(scoped_close) int input = file_of("what goes in");
	buffer_clear(&fixture->output);
	return net_helper_run(fixture->helper,
		&(struct net_helper_call){.program = program, .input = input},
		&fixture->output);
}

static void
expect_output(const struct fixture *fixture, const char *text)
{
	assert_int_equal(fixture->output.length, strlen(text));
	assert_memory_equal(fixture->output.data, text, strlen(text));
}

/* --- tests ------------------------------------------------------------------------------
 */

static void
bytes_go_in_and_come_out(void **state)
{
	struct fixture *fixture = *state;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(run(fixture, CAT), NET_HELPER_DONE);
		expect_output(fixture, "what goes in");
	}
}

static void
what_is_not_installed_is_known(void **state)
{
	struct fixture *fixture = *state;
	assert_true(net_helper_has(fixture->helper, CAT));
	assert_false(net_helper_has(fixture->helper, MISSING));
	assert_false(net_helper_has(fixture->helper, PROGRAMS));
	assert_int_equal(run(fixture, MISSING), NET_HELPER_FAILED);
}

static void
output_has_a_ceiling(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(run(fixture, FLOOD), NET_HELPER_CUT);
	assert_int_equal(fixture->output.length, 100 * 1000);
	assert_int_equal(run(fixture, CAT), NET_HELPER_DONE);
}

static void
what_takes_too_long_is_killed(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(run(fixture, HANG), NET_HELPER_KILLED);
	assert_int_equal(run(fixture, BUSY), NET_HELPER_KILLED);
	assert_int_equal(run(fixture, CAT), NET_HELPER_DONE);
}

static void
what_fails_keeps_what_it_said(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(run(fixture, FAIL), NET_HELPER_FAILED);
	expect_output(fixture, "some\n");
}

static void
memory_has_a_limit(void **state)
{
	struct fixture *fixture = *state;
	enum net_helper_end end = run(fixture, GREEDY);
	assert_true(end == NET_HELPER_FAILED || end == NET_HELPER_KILLED);
}

static void
a_program_is_walled_in(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(run(fixture, DEEDS), NET_HELPER_DONE);
	struct slice said = buffer_slice(&fixture->output);
	assert_true(slice_ends(said, SLICE("done\n")));
	assert_true(slice_find(said, SLICE("WROTE")) == said.length);
	assert_true(slice_find(said, SLICE("SIGNALLED")) == said.length);
	assert_int_not_equal(access("/tmp/troika-helper-test", F_OK), 0);
	(void)run(fixture, STARTS);
	assert_true(slice_find(buffer_slice(&fixture->output), SLICE("lib")) ==
		    fixture->output.length);
}

static bool
says_no(void *argument)
{
	(void)argument;
	return false;
}

static void
a_job_that_is_given_up_ends(void **state)
{
	struct fixture *fixture = *state;
	SCOPED(scoped_close) int input = file_of("");
	assert_int_equal(net_helper_run(fixture->helper,
				 &(struct net_helper_call){
					 .program = HANG, .input = input, .go_on = says_no},
				 &fixture->output),
		NET_HELPER_UNAVAILABLE);
	assert_int_equal(run(fixture, CAT), NET_HELPER_DONE);
}

/* Not before it has taken the job: one that waits at the socket is for the next process. */
static bool
kill_once_begun(void *argument)
{
	struct fixture *fixture = argument;
	if (fixture->output.length)
		end_process(fixture);
	return true;
}

/* The next one takes over at the same socket, also what was asked meanwhile. */
static void
its_death_is_told_and_survived(void **state)
{
	struct fixture *fixture = *state;
	SCOPED(scoped_close) int input = file_of("");
	end_process(fixture);
	start_process(fixture, 100);
	assert_int_equal(net_helper_run(fixture->helper,
				 &(struct net_helper_call){.program = BEGUN,
					 .input = input,
					 .go_on = kill_once_begun,
					 .argument = fixture},
				 &fixture->output),
		NET_HELPER_GONE);
	start_process(fixture, 1);
	assert_int_equal(run(fixture, CAT), NET_HELPER_DONE);
	expect_output(fixture, "what goes in");
}

static void
without_a_process_nothing_is_there(void **state)
{
	struct fixture *fixture = *state;
	end_process(fixture);
	scoped_close(&fixture->ends[1]);
	assert_false(net_helper_has(fixture->helper, CAT));
	assert_int_equal(run(fixture, CAT), NET_HELPER_UNAVAILABLE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bytes_go_in_and_come_out),
		TEST(what_is_not_installed_is_known),
		TEST(output_has_a_ceiling),
		TEST(what_takes_too_long_is_killed),
		TEST(what_fails_keeps_what_it_said),
		TEST(memory_has_a_limit),
		TEST(a_program_is_walled_in),
		TEST(a_job_that_is_given_up_ends),
		TEST(its_death_is_told_and_survived),
		TEST(without_a_process_nothing_is_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
