#include "base/test.h"
#include "relay/hosts.h"
#include "relay/slow.h"
#include "relay/test-office.h"
#include "relay/test-server.h"
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Servers that keep us waiting, and those behind them in the queue. */

#define CONNECTIONS 4
#define MINUTE      (60 * 1000)
#define LARGE       (1024 * 1024)

static struct office *office;
static struct server *slow, *quick; /* at 127.0.0.1 and 127.0.0.2, one port */

static const struct slice records[] = {
	SLICE_INIT("slow0.test. 300 IN A 127.0.0.1"),
	SLICE_INIT("slow1.test. 300 IN A 127.0.0.1"),
	SLICE_INIT("slow2.test. 300 IN A 127.0.0.1"),
	SLICE_INIT("slow3.test. 300 IN A 127.0.0.1"),
	SLICE_INIT("slow4.test. 300 IN A 127.0.0.1"),
	SLICE_INIT("slow5.test. 300 IN A 127.0.0.1"),
	SLICE_INIT("slow6.test. 300 IN A 127.0.0.1"),
	SLICE_INIT("slow7.test. 300 IN A 127.0.0.1"),
	SLICE_INIT("quick.test. 300 IN A 127.0.0.2"),
	SLICE_INIT("late.test. 300 IN MX 10 none.far-zone."),
	SLICE_INIT("late.test. 300 IN MX 20 slow0.test."),
	SLICE_INIT("lost.test. 300 IN MX 10 none.far-zone."),
};

static void
prepare(const char *on, enum server_deed deed, int times)
{
	office = calloc(1, sizeof *office);
	slow = calloc(1, sizeof *slow);
	quick = calloc(1, sizeof *quick);
	slow->rules[0] = (struct server_rule){.on = on, .then = deed, .times = times};
	server_start(slow);
	quick->address = "127.0.0.2";
	quick->port = slow->port;
	server_start(quick);
	office->records = records;
	office->record_count = sizeof records / sizeof *records;
	office->connections_most = CONNECTIONS;
	office->connections_per_destination = 1;
	office->port = slow->port;
}

static void
begin(const char *on, enum server_deed deed, int times)
{
	prepare(on, deed, times);
	office_open(office);
}

static void
end(void)
{
	office_close(office);
	server_stop(slow);
	server_stop(quick);
	free(office);
	free(slow);
	free(quick);
}

static void
send_to_slow(size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		char address[32];
		snprintf(address, sizeof address, "boris@slow%zu.test", i);
		office_send_to(office, address);
	}
	server_await_connections(slow, (size_t)end);
}

static void
fill_all_connections(void)
{
	send_to_slow(0, CONNECTIONS);
}

static void
await_logged(const char *what, size_t times)
{
	for (int i = 0; office_logged(office, what) < times; i++) {
		if (i == 6000)
			fail_msg("%s was logged %zu times", what,
				office_logged(office, what));
		usleep(10 * 1000);
	}
}

static void
await_heard(const char *start, size_t times)
{
	while (server_heard(slow, start) < times)
		usleep(10 * 1000);
}

static unsigned
count_slow(void)
{
	pthread_mutex_lock(&office->relay->lock);
	unsigned count = office->relay->slow;
	pthread_mutex_unlock(&office->relay->lock);
	return count;
}

static void
one_leaves_for_who_waits(const char *on, enum server_deed deed)
{
	begin(on, deed, 0);
	fill_all_connections();
	office_send_to(office, "boris@quick.test");
	office_advance(office, RELAY_SLOW_MS + 1000);
	office_await_rows(office, CONNECTIONS);
	assert_int_equal(quick->message_count, 1);
	assert_int_equal(office_logged(office, "relay.deferred"), 1);
	assert_int_equal(office_logged(office, RELAY_SLOW_WHY), 1);
	end();
}

static void
one_that_does_not_greet_leaves_for_who_waits(void **state)
{
	(void)state;
	one_leaves_for_who_waits("GREETING", SERVER_SAYS_NOTHING);
}

static void
so_does_one_whose_answer_has_no_end(void **state)
{
	(void)state;
	one_leaves_for_who_waits("EHLO", SERVER_NEVER_ENDS);
}

static void
so_does_one_that_tarries_over_a_recipient(void **state)
{
	(void)state;
	one_leaves_for_who_waits("RCPT", SERVER_SAYS_NOTHING);
}

static unsigned
count_apart(void)
{
	pthread_mutex_lock(&office->relay->lock);
	unsigned count = office->relay->apart;
	pthread_mutex_unlock(&office->relay->lock);
	return count;
}

/* Its letter may have been taken: it would go twice (RFC 5321 4.5.3.2.6). */
static void
who_has_the_letter_whole_is_heard_out_and_others_go_on(void **state)
{
	(void)state;
	begin("END", SERVER_SAYS_NOTHING, 0);
	fill_all_connections();
	await_heard("END", CONNECTIONS);
	office_send_to(office, "boris@quick.test");
	office_advance(office, RELAY_SLOW_MS + 1000);
	await_logged("relay.slow", CONNECTIONS);
	server_await(quick, 1);
	assert_int_equal(count_apart(), 1);
	assert_int_equal(office_logged(office, "relay.deferred"), 0);
	office_advance(office, 10 * MINUTE);
	await_logged("relay.deferred", CONNECTIONS);
	while (count_apart() > 0 || count_slow() > 0)
		usleep(10 * 1000);
	end();
}

/* As a delivery there asks whose time is over, and which may not leave. */
static void
ask_as_one_of(const char *name)
{
	struct relay *relay = office->relay;
	struct relay_patience patience;
	pthread_mutex_lock(&relay->lock);
	struct relay_destination *destination =
		map_get(relay->queue.destinations, slice_of_text(name));
	assert_non_null(destination);
	relay_patience_begin(&patience, relay, destination);
	pthread_mutex_unlock(&relay->lock);
	patience.until_ms = 0;
	assert_false(relay_patience_is_over(&patience, false));
	assert_false(patience.apart);
	pthread_mutex_lock(&relay->lock);
	relay_patience_end(&patience);
	pthread_mutex_unlock(&relay->lock);
}

/* Who is beyond that holds others up until the time for the last answer is over. */
static void
as_many_are_set_apart_as_there_are_connections(void **state)
{
	(void)state;
	begin("END", SERVER_SAYS_NOTHING, 0);
	for (size_t first = 0; first < 2 * CONNECTIONS; first += CONNECTIONS) {
		send_to_slow(first, first + CONNECTIONS);
		await_heard("END", first + CONNECTIONS);
		office_advance(office, RELAY_SLOW_MS + 1000);
		await_logged("relay.slow", first + CONNECTIONS);
	}
	office_send_to(office, "boris@quick.test");
	office_advance(office, RELAY_SLOW_MS + 1000);
	for (size_t i = 0; i < 2 * CONNECTIONS; i++) {
		char name[32];
		snprintf(name, sizeof name, "mx slow%zu.test", i);
		ask_as_one_of(name);
	}
	assert_int_equal(count_apart(), CONNECTIONS);
	assert_int_equal(quick->connections, 0);
	office_advance(office, 10 * MINUTE);
	server_await(quick, 1);
	end();
}

static void
without_others_they_have_all_the_time(void **state)
{
	(void)state;
	begin("GREETING", SERVER_SAYS_NOTHING, 0);
	fill_all_connections();
	office_advance(office, 4 * MINUTE);
	await_logged("relay.slow", CONNECTIONS);
	assert_int_equal(count_slow(), CONNECTIONS);
	assert_int_equal(office_logged(office, "relay.deferred"), 0);
	office_advance(office, 6 * MINUTE);
	await_logged("nothing within 300 s", CONNECTIONS);
	end();
}

static void
known_ones_have_half_of_the_connections(void **state)
{
	(void)state;
	begin("GREETING", SERVER_SAYS_NOTHING, 0);
	fill_all_connections();
	office_advance(office, 6 * MINUTE);
	await_logged("relay.deferred", CONNECTIONS);
	office_advance(office, 30 * MINUTE);
	server_await_connections(slow, CONNECTIONS + CONNECTIONS / 2);
	office_send_to(office, "boris@quick.test");
	server_await(quick, 1);
	assert_int_equal(slow->connections, CONNECTIONS + CONNECTIONS / 2);
	assert_int_equal(count_slow(), CONNECTIONS / 2);
	end();
}

static void
who_takes_a_letter_in_time_is_slow_no_more(void **state)
{
	(void)state;
	begin("GREETING", SERVER_SAYS_NOTHING, 1);
	slow->rules[1] = (struct server_rule){.on = "DATA", .times = 1};
	slow->rules[2] = (struct server_rule){.on = "DATA", .then = SERVER_SAYS_NOTHING};
	office_send_to(office, "boris@slow0.test");
	server_await_connections(slow, 1);
	office_send_to(office, "boris@slow0.test");
	office_advance(office, 6 * MINUTE);
	await_logged("relay.deferred", 2);
	office_advance(office, 30 * MINUTE);
	server_await(slow, 1);
	await_heard("DATA", 2);
	assert_int_equal(count_slow(), 0);
	end();
}

static void
a_large_letters_time_is_not_the_last_answers(void **state)
{
	(void)state;
	SCOPED(scoped_free) char *text = malloc(LARGE);
	assert_non_null(text);
	memset(text, 'x', LARGE);
	for (size_t i = 60; i < LARGE; i += 60) {
		text[i - 2] = '\r';
		text[i - 1] = '\n';
	}
	prepare("END", SERVER_SAYS_NOTHING, 0);
	office->connections_most = 1;
	office_open(office);
	office_send(
		office, &(struct office_letter){.to = (const char *[]){"boris@slow0.test"},
				.to_count = 1,
				.text = text,
				.text_length = LARGE});
	await_heard("END", 1);
	office_send_to(office, "boris@quick.test");
	office_advance(office, RELAY_SLOW_MS + 1000);
	await_logged("relay.slow", 1);
	server_await(quick, 1);
	end();
}

static void
of_one_connection_the_slow_have_what_nobody_wants(void **state)
{
	(void)state;
	prepare("GREETING", SERVER_SAYS_NOTHING, 0);
	office->connections_most = 1;
	office_open(office);
	for (size_t times = 1; times <= 2; times++) {
		if (times == 1)
			office_send_to(office, "boris@slow0.test");
		server_await_connections(slow, times);
		office_send_to(office, "boris@quick.test");
		office_advance(office, RELAY_SLOW_MS + 1000);
		server_await(quick, times);
		await_logged("relay.deferred", times);
		office_advance(office, 20 * MINUTE);
	}
	end();
}

/* It was we who had no time: the pauses are those of a first attempt. */
static void
who_is_given_up_for_others_has_not_failed(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct relay_row *row;
	prepare("GREETING", SERVER_SAYS_NOTHING, 0);
	office->connections_most = 1;
	office_open(office);
	office_send_to(office, "boris@slow0.test");
	for (size_t times = 1; times <= 3; times++) {
		server_await_connections(slow, times);
		office_send_to(office, "boris@quick.test");
		office_advance(office, RELAY_SLOW_MS + 1000);
		await_logged(RELAY_SLOW_WHY, times);
		server_await(quick, times);
		if (times < 3)
			office_advance(office, 20 * MINUTE);
	}
	office_await_rows(office, 1);
	assert_int_equal(office_rows(office, arena, &row), 1);
	assert_int_equal(row->attempts, 1);
	end();
}

/* --- whose time it is ------------------------------------------------------------ */

static void
many_recipients_take_their_time(void **state)
{
	(void)state;
	enum { RECIPIENTS = 100 };
	char texts[RECIPIENTS][32];
	const char *to[RECIPIENTS];
	for (int i = 0; i < RECIPIENTS; i++) {
		snprintf(texts[i], sizeof texts[i], "boris%d@slow0.test", i);
		to[i] = texts[i];
	}
	prepare("RCPT", SERVER_GOES_ON, 0);
	slow->rules[0].after_ms = 300;
	office->idle = true;
	office_open(office);
	slow->clock = office->clock;
	office_send(office, &(struct office_letter){.to = to, .to_count = RECIPIENTS});
	office_run(office);
	server_await(slow, 1);
	office_await_rows(office, 0);
	assert_int_equal(slow->messages[0].to_count, RECIPIENTS);
	assert_int_equal(office_logged(office, "relay.slow"), 0);
	end();
}

/* The store takes no results: that is not the server's fault. */
static void
our_own_slowness_is_nobodys(void **state)
{
	(void)state;
	begin("VRFY", SERVER_GOES_ON, 0);
	struct relay *relay = office->relay;
	pthread_mutex_lock(&relay->lock);
	relay->under_way += RELAY_SETTLING_MOST;
	pthread_mutex_unlock(&relay->lock);
	office_send_to(office, "boris@slow0.test");
	office_advance(office, RELAY_SLOW_MS + 1000);
	pthread_mutex_lock(&relay->lock);
	relay->under_way -= RELAY_SETTLING_MOST;
	pthread_mutex_unlock(&relay->lock);
	server_await(slow, 1);
	office_await_rows(office, 0);
	assert_int_equal(office_logged(office, "relay.slow"), 0);
	end();
}

/* --- a name server that answers late ------------------------------------------------- */

static int
name_server(struct net_address *address)
{
	assert_true(net_address_parse(SLICE("127.0.0.1"), 0, address));
	struct sockaddr *at = (struct sockaddr *)&address->storage;
	int made = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(made, at, address->length), 0);
	assert_int_equal(getsockname(made, at, &address->length), 0);
	return made;
}

struct question {
	unsigned char packet[2048];
	size_t length;
	struct sockaddr_storage from;
	socklen_t from_length;
};

static void
hear_question(int descriptor, struct question *question)
{
	question->from_length = sizeof question->from;
	ssize_t got = recvfrom(descriptor, question->packet, sizeof question->packet, 0,
		(struct sockaddr *)&question->from, &question->from_length);
	assert_true(got >= 12);
	question->length = (size_t)got;
}

/* Where its name ends, at a zero; type and class follow. */
static size_t
end_of_name(const struct question *question)
{
	size_t end = 12;
	while (end < question->length && question->packet[end] != 0)
		end += question->packet[end] + 1u;
	return end;
}

/* net_resolver_probe's. */
static bool
is_probe(const struct question *question)
{
	static const unsigned char com[] = {3, 'c', 'o', 'm'};
	size_t end = end_of_name(question);
	return end > sizeof com &&
	       memcmp(question->packet + end - sizeof com, com, sizeof com) == 0;
}

/* NXDOMAIN; the question stays. */
static void
deny(int descriptor, struct question *question)
{
	unsigned char *packet = question->packet;
	size_t end = end_of_name(question);
	packet[2] = 0x80 | (packet[2] & 1);
	packet[3] = 0x80 | 3;
	packet[10] = packet[11] = 0;
	(void)!sendto(descriptor, packet, end + 5, 0, (struct sockaddr *)&question->from,
		question->from_length);
}

static void
deny_until_logged(int descriptor, const char *what, const char *another)
{
	struct question question;
	struct pollfd wait = {descriptor, POLLIN, 0};
	while (office_logged(office, what) + office_logged(office, another) == 0)
		if (poll(&wait, 1, 10) > 0) {
			hear_question(descriptor, &question);
			deny(descriptor, &question);
		}
}

/* One connection and a silent server; names are asked for at the socket returned. */
static int
begin_with_names(struct net_address *address)
{
	int names = name_server(address);
	prepare("GREETING", SERVER_SAYS_NOTHING, 0);
	office->connections_most = 1;
	office->name_server = address;
	office_open(office);
	return names;
}

/* Its first MX does not exist, and to learn that took all the time there was. */
static void
who_leaves_before_all_hosts_were_asked_comes_back(void **state)
{
	(void)state;
	struct net_address address;
	struct question first;
	SCOPED(scoped_close) int names = begin_with_names(&address);
	office_send_to(office, "boris@late.test");
	hear_question(names, &first);
	office_send_to(office, "boris@quick.test");
	office_advance(office, RELAY_SLOW_MS + 1000);
	deny(names, &first);
	deny_until_logged(names, "relay.deferred", "relay.bounced");
	server_await(quick, 1);
	assert_int_equal(office_logged(office, "relay.bounced"), 0);
	assert_int_equal(office_logged(office, RELAY_SLOW_WHY), 1);
	assert_int_equal(slow->connections, 0);
	end();
}

/* Its only MX has no address that comes in time; others wait, so only one is asked for. */
static void
who_leaves_asks_for_nothing_more(void **state)
{
	(void)state;
	struct net_address address;
	struct question first;
	SCOPED(scoped_close) int names = begin_with_names(&address);
	office_send_to(office, "boris@lost.test");
	hear_question(names, &first);
	office_send_to(office, "boris@quick.test");
	office_advance(office, RELAY_WAIT_RESOLVER + 1000);
	server_await(quick, 1);
	await_logged("relay.deferred", 1);
	assert_int_equal(office_logged(office, RELAY_SLOW_WHY), 1);
	/* The same question may have come again and again, and whether anybody answers. */
	struct pollfd wait = {names, POLLIN, 0};
	for (struct question more; poll(&wait, 1, 0) > 0;) {
		hear_question(names, &more);
		if (is_probe(&more))
			continue;
		assert_int_equal(more.packet[end_of_name(&more) + 2], NET_DNS_AAAA);
	}
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_does_not_greet_leaves_for_who_waits),
		cmocka_unit_test(so_does_one_whose_answer_has_no_end),
		cmocka_unit_test(so_does_one_that_tarries_over_a_recipient),
		cmocka_unit_test(who_has_the_letter_whole_is_heard_out_and_others_go_on),
		cmocka_unit_test(as_many_are_set_apart_as_there_are_connections),
		cmocka_unit_test(without_others_they_have_all_the_time),
		cmocka_unit_test(known_ones_have_half_of_the_connections),
		cmocka_unit_test(who_takes_a_letter_in_time_is_slow_no_more),
		cmocka_unit_test(a_large_letters_time_is_not_the_last_answers),
		cmocka_unit_test(of_one_connection_the_slow_have_what_nobody_wants),
		cmocka_unit_test(who_is_given_up_for_others_has_not_failed),
		cmocka_unit_test(many_recipients_take_their_time),
		cmocka_unit_test(our_own_slowness_is_nobodys),
		cmocka_unit_test(who_leaves_before_all_hosts_were_asked_comes_back),
		cmocka_unit_test(who_leaves_asks_for_nothing_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
