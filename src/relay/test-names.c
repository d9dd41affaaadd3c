#include "base/test.h"
#include "relay/hosts.h"
#include "relay/names.h"
#include "relay/test-office.h"
#include "relay/test-server.h"
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Name servers that are silent, fail, and come back. */

enum { MINUTE = 60 * 1000, OTHERS = 3 };
enum mode { SILENT, FAILING, ANSWERING };

static struct office *office;
static struct server *server;
static struct net_address name_server;
static int names;
static pthread_t answerer;
/* Their MX are known, but not where these are. */
static const struct slice records[] = {
	SLICE_INIT("far0.test. 300 IN MX 10 mx.far0.example."),
	SLICE_INIT("far1.test. 300 IN MX 10 mx.far1.example."),
	SLICE_INIT("far2.test. 300 IN MX 10 mx.far2.example."),
};
static _Atomic enum mode mode;
static atomic_bool over;

/* --- the name server ------------------------------------------------------------- */

/* Behind the question's name, type and class. */
static size_t
end_of_question(const unsigned char *packet, size_t length)
{
	size_t end = 12;
	while (end < length && packet[end] != 0)
		end += packet[end] + 1u;
	return end + 5;
}

/* Under "broken" nothing is to be had from anybody. */
static bool
is_broken(const unsigned char *packet, size_t length)
{
	return slice_find(slice_of((const char *)packet, length), SLICE("broken")) < length;
}

static size_t
fill_answer(unsigned char *packet, size_t length)
{
	static const unsigned char address[] = {
		0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1};
	size_t end = end_of_question(packet, length);
	bool fails = atomic_load(&mode) == FAILING || is_broken(packet, length);
	bool found = !fails && packet[end - 3] == NET_DNS_A;
	packet[2] = 0x80 | (packet[2] & 1);
	packet[3] = fails ? 0x82 : 0x80;
	packet[7] = found;
	packet[10] = packet[11] = 0;
	if (!found)
		return end;
	memcpy(packet + end, address, sizeof address);
	return end + sizeof address;
}

static void *
answer(void *unused)
{
	struct pollfd wait = {names, POLLIN, 0};
	while (!atomic_load(&over)) {
		unsigned char packet[2048];
		struct sockaddr_storage from;
		socklen_t from_length = sizeof from;
		if (poll(&wait, 1, 10) <= 0)
			continue;
		ssize_t got = recvfrom(
			names, packet, 1024, 0, (struct sockaddr *)&from, &from_length);
		if (got < 17 || atomic_load(&mode) == SILENT)
			continue;
		size_t length = fill_answer(packet, (size_t)got);
		(void)!sendto(
			names, packet, length, 0, (struct sockaddr *)&from, from_length);
	}
	return unused;
}

static void
start_answerer(enum mode how)
{
	assert_true(net_address_parse(SLICE("127.0.0.1"), 0, &name_server));
	struct sockaddr *at = (struct sockaddr *)&name_server.storage;
	names = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(names, at, name_server.length), 0);
	assert_int_equal(getsockname(names, at, &name_server.length), 0);
	atomic_store(&mode, how);
	atomic_store(&over, false);
	assert_int_equal(pthread_create(&answerer, NULL, answer, NULL), 0);
}

/* --- the scene ------------------------------------------------------------------- */

static void
begin(enum mode how)
{
	office = calloc(1, sizeof *office);
	server = calloc(1, sizeof *server);
	server_start(server);
	office->records = records;
	office->record_count = sizeof records / sizeof *records;
	start_answerer(how);
	office->name_server = &name_server;
	office->port = server->port;
	office->connections_most = OTHERS;
	office_open(office);
}

static void
end(void)
{
	office_close(office);
	server_stop(server);
	atomic_store(&over, true);
	pthread_join(answerer, NULL);
	close(names);
	free(office);
	free(server);
}

static void
await_logged(const char *what, size_t times)
{
	for (int i = 0; office_logged(office, what) < times; i++) {
		if (i == 15000)
			fail_msg("%s was logged %zu times", what,
				office_logged(office, what));
		usleep(10 * 1000);
	}
}

static void
send_all(const char *name, const char *zone)
{
	for (int i = 0; i < OTHERS; i++) {
		char address[48];
		snprintf(address, sizeof address, "boris@%s%d.%s", name, i, zone);
		office_send_to(office, address);
	}
}

static void
expect_well(const char *name)
{
	pthread_mutex_lock(&office->relay->lock);
	const struct relay_destination *destination =
		map_get(office->relay->queue.destinations, slice_of_text(name));
	assert_non_null(destination);
	assert_int_equal(destination->failures, 0);
	assert_int_equal(destination->window, RELAY_WINDOW_FIRST);
	pthread_mutex_unlock(&office->relay->lock);
}

static size_t
count_attempts(void)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct relay_row *rows;
	size_t attempts = 0, count = office_rows(office, arena, &rows);
	assert_int_equal(count, OTHERS);
	for (size_t i = 0; i < count; i++)
		attempts += rows[i].attempts;
	return attempts;
}

/* Each was tried, and the results are durable. */
static void
await_first_attempts(void)
{
	await_logged("relay.deferred", OTHERS);
	while (count_attempts() < OTHERS)
		usleep(10 * 1000);
}

static void
fall_silent(const char *name, const char *zone)
{
	send_all(name, zone);
	office_advance(office, RELAY_WAIT_RESOLVER + 1000);
	if (strcmp(name, "far") == 0) /* one more look-up */
		office_advance(office, RELAY_WAIT_RESOLVER + 1000);
	await_first_attempts();
	office_advance(office, RELAY_NAMES_WAIT_MS + 1000);
	await_logged("relay.names-silent", 1);
}

/* Whatever was tried meanwhile has come to its end. */
static void
stay_silent(int minutes)
{
	for (int i = 0; i < minutes; i++) {
		office_advance(office, MINUTE - RELAY_WAIT_RESOLVER - 1000);
		office_advance(office, RELAY_WAIT_RESOLVER + 1000);
	}
}

/* --- silence --------------------------------------------------------------------- */

static void
once_they_answer_all_goes_on(void **state)
{
	(void)state;
	begin(SILENT);
	fall_silent("other", "example");
	stay_silent(20);
	assert_int_equal(count_attempts(), OTHERS);
	assert_true(office_logged(office, "relay.deferred") > OTHERS);
	expect_well("mx other0.example");
	expect_well("mx other2.example");
	assert_int_equal(base_metric_value(office->relay->metrics.silent), 1);
	atomic_store(&mode, ANSWERING);
	office_advance(office, RELAY_NAMES_WAIT_MS + 1000);
	office_advance(office, RELAY_NAMES_SILENT_MS + 1000);
	server_await(server, OTHERS);
	office_await_rows(office, 0);
	assert_int_equal(office_logged(office, "relay.names-silent"), 1);
	assert_int_equal(office_logged(office, "relay.names-answer"), 1);
	assert_int_equal(base_metric_value(office->relay->metrics.silent), 0);
	end();
}

/* All at once. Of the waiting only libunbound's is by a clock that does not jump. */
static void
advance_until_connected(size_t connections)
{
	while (server_open_connections(server) < connections) {
		office_advance(office, RELAY_NAMES_SILENT_MS + 1000);
		usleep(500 * 1000);
	}
}

/* The slow would have one connection of three. */
static void
nobody_is_slow_for_it(void **state)
{
	(void)state;
	begin(SILENT);
	server->rules[0] =
		(struct server_rule){.on = "GREETING", .then = SERVER_SAYS_NOTHING};
	fall_silent("far", "test");
	await_logged("relay.slow", OTHERS);
	atomic_store(&mode, ANSWERING);
	office_advance(office, RELAY_NAMES_WAIT_MS + 1000);
	advance_until_connected(OTHERS);
	end();
}

static void
those_that_fail_all_questions_are_silent_too(void **state)
{
	(void)state;
	begin(FAILING);
	send_all("other", "example");
	await_first_attempts();
	await_logged("relay.names-silent", 1);
	assert_int_equal(count_attempts(), OTHERS);
	expect_well("mx other0.example");
	end();
}

/* --- one domain ------------------------------------------------------------------ */

static void
a_domain_whose_own_fail_is_asked_again_soon(void **state)
{
	(void)state;
	begin(ANSWERING);
	office_send_to(office, "boris@broken.example");
	office_await_attempts(office, 1);
	office_advance(office, RELAY_PAUSE_NAMES_MS * 5 / 4 + 1000);
	office_await_attempts(office, 2);
	send_all("other", "example");
	server_await(server, OTHERS);
	assert_int_equal(office_logged(office, "relay.names-silent"), 0);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(once_they_answer_all_goes_on),
		cmocka_unit_test(nobody_is_slow_for_it),
		cmocka_unit_test(those_that_fail_all_questions_are_silent_too),
		cmocka_unit_test(a_domain_whose_own_fail_is_asked_again_soon),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
