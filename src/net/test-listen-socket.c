#include "base/test.h"
#include "net/listen-socket.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

static struct net_address
address(const char *text, uint16_t port)
{
	struct net_address parsed;

	assert_true(net_address_parse(slice_of_text(text), port, &parsed));
	return parsed;
}

static struct net_address
bound_at(int descriptor)
{
	struct net_address found = {.length = sizeof found.storage};

	assert_return_code(
		getsockname(descriptor, (struct sockaddr *)&found.storage, &found.length),
		0);
	return found;
}

static int
listen_at(const struct net_address *at)
{
	struct base_error error;
	int descriptor;

	if (net_listen_socket(at, &descriptor, &error) != BASE_OK)
		fail_msg("%s", error.text);
	return descriptor;
}

static bool
has_ipv6(void)
{
	SCOPED(scoped_close) int s = -1;
	struct net_address at = address("::1", 0);

	return net_listen_socket(&at, &s, NULL) == BASE_OK;
}

static void
it_listens_and_does_not_leak_into_programs(void **state)
{
	(void)state;
	struct net_address any = address("127.0.0.1", 0);
	SCOPED(scoped_close) int s = listen_at(&any);
	struct net_address at = bound_at(s);
	SCOPED(scoped_close) int client = socket(AF_INET, SOCK_STREAM, 0);

	assert_return_code(connect(client, (struct sockaddr *)&at.storage, at.length), 0);
	assert_true(fcntl(s, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(s, F_GETFL) & O_NONBLOCK);
}

static void
a_taken_port_is_said(void **state)
{
	(void)state;
	struct net_address any = address("127.0.0.1", 0);
	SCOPED(scoped_close) int s = listen_at(&any);
	struct net_address at = bound_at(s);
	struct base_error error;
	char wanted[64];
	int second;

	assert_int_equal(net_listen_socket(&at, &second, &error), BASE_EXISTS);
	assert_int_equal(second, -1);
	snprintf(wanted, sizeof wanted, "port %u is in use by another program",
		net_address_port(&at));
	assert_non_null(strstr(error.text, wanted));
}

static void
an_address_of_another_machine_is_said(void **state)
{
	(void)state;
	struct net_address far = address("192.0.2.77", 0);
	struct base_error error;
	int s;

	assert_int_equal(net_listen_socket(&far, &s, &error), BASE_NOT_FOUND);
	assert_non_null(strstr(error.text, "192.0.2.77"));
}

static void
both_families_share_a_port(void **state)
{
	(void)state;
	if (!has_ipv6())
		skip();
	struct net_address any = address("0.0.0.0", 0);
	SCOPED(scoped_close) int v4 = listen_at(&any);
	struct net_address at = bound_at(v4);
	struct net_address six = address("::", net_address_port(&at));
	SCOPED(scoped_close) int v6 = listen_at(&six);

	assert_true(v6 >= 0);
}

/* 0: refused with the right words. 1: not refused. 2: other words. */
static int
try_port_25_as_nobody(void)
{
	struct net_address at = address("127.0.0.1", 25);
	struct base_error error;
	int s;

	if (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0)
		return 3;
	enum base_failure failure = net_listen_socket(&at, &s, &error);
	if (failure == BASE_OK)
		return 1;
	return failure == BASE_DENIED && strstr(error.text, "port 25 needs root") ? 0 : 2;
}

static void
a_low_port_needs_root(void **state)
{
	(void)state;
	int status = 0;

	if (geteuid() != 0)
		skip();
	pid_t child = fork();
	if (child == 0)
		_exit(try_port_25_as_nobody());
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WEXITSTATUS(status) == 1)
		skip(); /* a machine whose unprivileged ports begin lower */
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* 0: the inherited socket is found, once for its address and not for another. */
static int
inherit(int descriptor, const struct net_address *at)
{
	struct net_address other = address("127.0.0.2", net_address_port(at));
	char self[16];

	if (dup2(descriptor, 3) != 3)
		return 1;
	snprintf(self, sizeof self, "%d", getpid());
	setenv("LISTEN_PID", self, 1);
	setenv("LISTEN_FDS", "1", 1);
	if (net_listen_inherited(&other) != -1)
		return 2;
	int copy = net_listen_inherited(at);
	return copy > 3 && (fcntl(copy, F_GETFD) & FD_CLOEXEC) ? 0 : 3;
}

static void
a_socket_of_systemd_is_found(void **state)
{
	(void)state;
	struct net_address any = address("127.0.0.1", 0);
	SCOPED(scoped_close) int s = listen_at(&any);
	struct net_address at = bound_at(s);
	int status = 0;

	assert_int_equal(net_listen_inherited(&at), -1);
	pid_t child = fork();
	if (child == 0)
		_exit(inherit(s, &at));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_listens_and_does_not_leak_into_programs),
		cmocka_unit_test(a_taken_port_is_said),
		cmocka_unit_test(an_address_of_another_machine_is_said),
		cmocka_unit_test(both_families_share_a_port),
		cmocka_unit_test(a_low_port_needs_root),
		cmocka_unit_test(a_socket_of_systemd_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
