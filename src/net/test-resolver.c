#include "base/test.h"
#include "net/resolver.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * No question leaves the machine: names outside of these zones go to a server of the test,
 * which never answers, or denies everything.
 */
static const struct slice zones[] = {
	SLICE_INIT("test"), SLICE_INIT("example."), SLICE_INIT("arpa")};
static const struct slice records[] = {
	SLICE_INIT("example. 300 IN SOA ns.example. admin.example. 1 2 3 4 5"),
	SLICE_INIT("mail.example. 300 IN MX 20 second.example."),
	SLICE_INIT("mail.example. 300 IN MX 10 First.Example."),
	SLICE_INIT("mail.example. 300 IN MX 30 third.example."),
	SLICE_INIT("no-mail.example. 60 IN MX 0 ."),
	SLICE_INIT("first.example. 120 IN A 192.0.2.1"),
	SLICE_INIT("first.example. 120 IN A 192.0.2.2"),
	SLICE_INIT("first.example. 120 IN AAAA 2001:db8::1"),
	SLICE_INIT("alias.example. 300 IN CNAME alias2.example."),
	SLICE_INIT("alias2.example. 300 IN CNAME first.example."),
	SLICE_INIT("dangling.example. 300 IN CNAME nothing.example."),
	SLICE_INIT("loop.example. 300 IN CNAME loop2.example."),
	SLICE_INIT("loop2.example. 300 IN CNAME loop.example."),
	SLICE_INIT("text.example. 300 IN TXT \"v=spf1 \" \"-all\""),
	SLICE_INIT("_25._tcp.first.example. 300 IN TLSA 3 1 1 "
		   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
	SLICE_INIT("1.2.0.192.in-addr.arpa. 300 IN PTR first.example."),
};

struct fixture {
	struct base_clock *clock;
	struct net_resolver *resolver;
	struct arena *arena;
	int silent; /* a name server that never answers */
};

static struct net_address
silent_server(int *descriptor)
{
	struct net_address any, found = {.length = sizeof found.storage};

	*descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(net_address_parse(SLICE("127.0.0.1"), 0, &any));
	assert_return_code(
		bind(*descriptor, (struct sockaddr *)&any.storage, any.length), 0);
	getsockname(*descriptor, (struct sockaddr *)&found.storage, &found.length);
	return found;
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct base_error error;

	*state = f;
	f->clock = base_clock_create();
	f->arena = arena_create(1024 * 1024);
	struct net_address server = silent_server(&f->silent);
	enum base_failure failure = net_resolver_create(
		&(struct net_resolver_settings){.way = NET_RESOLVE_SERVERS,
			.servers = &server,
			.server_count = 1,
			.validate = true,
			.zones = zones,
			.zone_count = sizeof zones / sizeof *zones,
			.records = records,
			.record_count = sizeof records / sizeof *records,
			.clock = f->clock},
		&f->resolver, &error);
	if (failure != BASE_OK)
		print_error("%s\n", error.text);
	return failure == BASE_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	net_resolver_destroy(f->resolver);
	arena_destroy(f->arena);
	base_clock_destroy(f->clock);
	close(f->silent);
	free(f);
	return 0;
}

static struct net_answer
ask(struct fixture *f, const char *name, enum net_dns_type type)
{
	struct net_answer answer;

	net_resolver_ask(f->resolver, slice_of_text(name), type, 20000, f->arena, &answer);
	return answer;
}

static void
mail_exchangers_come_sorted(void **state)
{
	struct net_answer answer = ask(*state, "mail.example", NET_DNS_MX);

	assert_int_equal(answer.status, NET_DNS_FOUND);
	assert_int_equal(answer.count, 3);
	assert_int_equal(answer.records[0].preference, 10);
	assert_slice_is(answer.records[0].name, "first.example");
	assert_slice_is(answer.records[1].name, "second.example");
	assert_slice_is(answer.records[2].name, "third.example");
	assert_slice_is(answer.canonical, "mail.example");
	assert_true(answer.secure);
	assert_false(net_answer_is_null_mx(&answer));
}

static void
a_null_mx_is_known(void **state)
{
	struct net_answer answer = ask(*state, "no-mail.example.", NET_DNS_MX);

	assert_int_equal(answer.status, NET_DNS_FOUND);
	assert_true(net_answer_is_null_mx(&answer));
}

static void
addresses_are_read(void **state)
{
	char text[NET_ADDRESS_TEXT_MOST];
	struct net_answer answer = ask(*state, "FIRST.example", NET_DNS_A);

	assert_int_equal(answer.count, 2);
	assert_int_equal(answer.ttl, 120);
	assert_int_equal(answer.records[0].address.storage.ss_family, AF_INET);
	answer = ask(*state, "first.example", NET_DNS_AAAA);
	assert_int_equal(answer.count, 1);
	assert_slice_is(net_address_text(&answer.records[0].address, text), "2001:db8::1");
}

static void
aliases_are_followed(void **state)
{
	struct net_answer answer = ask(*state, "alias.example", NET_DNS_A);

	assert_int_equal(answer.status, NET_DNS_FOUND);
	assert_int_equal(answer.count, 2);
	assert_slice_is(answer.canonical, "first.example");
	assert_true(answer.secure);

	answer = ask(*state, "alias.example", NET_DNS_CNAME);
	assert_int_equal(answer.status, NET_DNS_FOUND);
	assert_slice_is(answer.records[0].name, "alias2.example");

	answer = ask(*state, "dangling.example", NET_DNS_A);
	assert_int_equal(answer.status, NET_DNS_NO_NAME);
	answer = ask(*state, "loop.example", NET_DNS_A);
	assert_int_equal(answer.status, NET_DNS_UNAVAILABLE);
	assert_non_null(strstr(answer.why, "without end"));
}

static void
text_tlsa_and_ptr(void **state)
{
	struct fixture *f = *state;
	struct net_answer answer = ask(f, "text.example", NET_DNS_TXT);
	struct net_address address;

	assert_slice_is(answer.records[0].text, "v=spf1 -all");
	answer = ask(f, "_25._tcp.first.example", NET_DNS_TLSA);
	assert_int_equal(answer.status, NET_DNS_FOUND);
	assert_int_equal(answer.records[0].tlsa.usage, 3);
	assert_int_equal(answer.records[0].tlsa.data.length, 32);

	assert_true(net_address_parse(SLICE("192.0.2.1"), 0, &address));
	struct slice name = net_resolver_reverse_name(&address, f->arena);
	assert_slice_is(name, "1.2.0.192.in-addr.arpa");
	net_resolver_ask(f->resolver, name, NET_DNS_PTR, 20000, f->arena, &answer);
	assert_int_equal(answer.status, NET_DNS_FOUND);
	assert_slice_is(answer.records[0].name, "first.example");
	assert_true(net_address_parse(SLICE("2001:db8::1"), 0, &address));
	assert_slice_is(net_resolver_reverse_name(&address, f->arena),
		"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

static void
absence_is_told_apart(void **state)
{
	struct net_answer answer = ask(*state, "nothing.example", NET_DNS_A);

	assert_int_equal(answer.status, NET_DNS_NO_NAME);
	assert_int_equal(answer.count, 0);
	answer = ask(*state, "text.example", NET_DNS_A);
	assert_int_equal(answer.status, NET_DNS_EMPTY);
	answer = ask(*state, "a name with blanks", NET_DNS_A);
	assert_int_equal(answer.status, NET_DNS_NO_NAME);
	answer = ask(*state, "", NET_DNS_MX);
	assert_int_equal(answer.status, NET_DNS_NO_NAME);
}

static void
a_silent_server_costs_the_deadline_only(void **state)
{
	struct fixture *f = *state;
	struct net_answer answer;

	net_resolver_ask(f->resolver, SLICE("www.far.invalid-zone"), NET_DNS_A, 50,
		f->arena, &answer);
	assert_int_equal(answer.status, NET_DNS_UNAVAILABLE);
	assert_string_equal(answer.why, "no answer in time");
	struct base_error why;
	assert_int_equal(
		net_resolver_check(f->resolver, 50, &why), NET_RESOLVER_UNREACHABLE);
}

static void
an_answer_too_large_for_the_arena_is_temporary(void **state)
{
	struct fixture *f = *state;
	SCOPED(arena_release) struct arena *small = arena_create(1024);
	struct net_answer answer;

	net_resolver_ask(
		f->resolver, SLICE("mail.example"), NET_DNS_MX, 20000, small, &answer);
	assert_int_equal(answer.status, NET_DNS_UNAVAILABLE);
}

/* --- many threads, and the stop ----------------------------------------------------- */

#define THREADS 16

static void *
ask_often(void *argument)
{
	struct fixture *f = argument;

	for (int i = 0; i < 50; i++) {
		SCOPED(arena_release) struct arena *arena = arena_create(64 * 1024);
		struct net_answer answer;
		net_resolver_ask(f->resolver, SLICE("mail.example"), NET_DNS_MX, 20000,
			arena, &answer);
		if (answer.status != NET_DNS_FOUND || answer.count != 3)
			return argument;
		/* Given up at once: the answer comes to nobody. */
		net_resolver_ask(
			f->resolver, SLICE("mail.example"), NET_DNS_MX, 0, arena, &answer);
	}
	return NULL;
}

static void *
ask_the_silent(void *argument)
{
	struct fixture *f = argument;
	SCOPED(arena_release) struct arena *arena = arena_create(64 * 1024);
	struct net_answer answer;

	net_resolver_ask(f->resolver, SLICE("www.far.invalid-zone"), NET_DNS_A, 60000,
		arena, &answer);
	return (void *)(uintptr_t)answer.why;
}

static void
in_threads(struct fixture *f, void *(*run)(void *), void (*meanwhile)(struct fixture *),
	const char *result)
{
	pthread_t threads[THREADS];
	void *got;

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run, f), 0);
	if (meanwhile != NULL)
		meanwhile(f);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &got);
		if (result == NULL)
			assert_null(got);
		else
			assert_string_equal(got, result);
	}
}

static void
many_ask_at_once(void **state)
{
	in_threads(*state, ask_often, NULL, NULL);
}

static void
stop_soon(struct fixture *f)
{
	usleep(30000);
	net_resolver_stop(f->resolver);
}

static void
a_stop_ends_all_waiting(void **state)
{
	in_threads(*state, ask_the_silent, stop_soon, "the server stops");
	struct net_answer answer = ask(*state, "mail.example", NET_DNS_MX);
	assert_int_equal(answer.status, NET_DNS_UNAVAILABLE);
}

/* --- a server that drops signatures ------------------------------------------------- */

/* Every name does not exist, says it, unsigned; until a packet of one byte comes. */
static void *
deny(void *argument)
{
	int descriptor = *(int *)argument;
	unsigned char packet[2048];
	struct sockaddr_storage from;

	for (;;) {
		socklen_t length = sizeof from;
		ssize_t got = recvfrom(descriptor, packet, sizeof packet, 0,
			(struct sockaddr *)&from, &length);
		if (got == 1)
			return NULL;
		if (got < 12)
			continue;
		packet[2] = 0x80 | (packet[2] & 1); /* an answer */
		packet[3] = 0x80 | 3;               /* NXDOMAIN */
		packet[10] = packet[11] = 0;        /* no OPT record */
		/* Keeps the question: its name ends at a zero, type and class follow. */
		size_t end = 12;
		while (end < (size_t)got && packet[end] != 0)
			end += packet[end] + 1u;
		(void)!sendto(
			descriptor, packet, end + 5, 0, (struct sockaddr *)&from, length);
	}
}

static enum net_dns_status
ask_the_denying(const struct net_address *server, bool validate,
	enum net_resolver_health *health, struct base_error *why)
{
	struct base_clock *clock = base_clock_create();
	SCOPED(arena_release) struct arena *arena = arena_create(64 * 1024);
	struct net_resolver *resolver;
	struct net_answer answer;

	assert_int_equal(net_resolver_create(
				 &(struct net_resolver_settings){.way = NET_RESOLVE_SERVERS,
					 .servers = server,
					 .server_count = 1,
					 .validate = validate,
					 .clock = clock},
				 &resolver, NULL),
		BASE_OK);
	net_resolver_ask(
		resolver, SLICE("www.far.invalid-zone"), NET_DNS_A, 20000, arena, &answer);
	*health = net_resolver_check(resolver, 20000, why);
	net_resolver_trust(resolver, true);
	struct net_answer trusted;
	net_resolver_ask(
		resolver, SLICE("www.far.invalid-zone"), NET_DNS_A, 20000, arena, &trusted);
	assert_int_equal(trusted.status, NET_DNS_NO_NAME);
	assert_false(trusted.secure);
	net_resolver_destroy(resolver);
	base_clock_destroy(clock);
	return answer.status;
}

static void
dropped_signatures_are_bogus_and_said(void **state)
{
	(void)state;
	SCOPED(scoped_close) int descriptor = -1;
	struct net_address server = silent_server(&descriptor);
	enum net_resolver_health health;
	struct base_error why;
	pthread_t thread;

	pthread_create(&thread, NULL, deny, &descriptor);
	assert_int_equal(ask_the_denying(&server, true, &health, &why), NET_DNS_BOGUS);
	assert_int_equal(health, NET_RESOLVER_DOES_NOT_VALIDATE);
	assert_non_null(strstr(why.text, "DANE never applies"));
	assert_int_equal(ask_the_denying(&server, false, &health, &why), NET_DNS_NO_NAME);
	assert_int_equal(health, NET_RESOLVER_UNREACHABLE);
	SCOPED(scoped_close) int s = socket(AF_INET, SOCK_DGRAM, 0);
	sendto(s, "x", 1, 0, (struct sockaddr *)&server.storage, server.length);
	pthread_join(thread, NULL);
}

/* --- settings ----------------------------------------------------------------------- */

static void
wrong_settings_are_said(void **state)
{
	(void)state;
	struct base_clock *clock = base_clock_create();
	struct net_resolver *resolver;
	struct base_error error;
	struct slice bad = SLICE("mail.example. IN MX ten");

	assert_int_equal(
		net_resolver_create(
			&(struct net_resolver_settings){
				.records = &bad, .record_count = 1, .clock = clock},
			&resolver, &error),
		BASE_INVALID);
	assert_null(resolver);
	assert_non_null(strstr(error.text, "ten"));
	assert_int_equal(
		net_resolver_create(&(struct net_resolver_settings){.validate = true,
					    .anchor = "/nonexistent/root.key",
					    .clock = clock},
			&resolver, &error),
		BASE_NOT_FOUND);
	assert_non_null(strstr(error.text, "dns-root-data"));
	base_clock_destroy(clock);
}

#define RESOLVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RESOLVER(mail_exchangers_come_sorted),
		RESOLVER(a_null_mx_is_known),
		RESOLVER(addresses_are_read),
		RESOLVER(aliases_are_followed),
		RESOLVER(text_tlsa_and_ptr),
		RESOLVER(absence_is_told_apart),
		RESOLVER(a_silent_server_costs_the_deadline_only),
		RESOLVER(an_answer_too_large_for_the_arena_is_temporary),
		RESOLVER(many_ask_at_once),
		RESOLVER(a_stop_ends_all_waiting),
		cmocka_unit_test(dropped_signatures_are_bogus_and_said),
		cmocka_unit_test(wrong_settings_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
