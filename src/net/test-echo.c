#include "net/test-echo.h"
#include "base/test-calm.h"
#include "net/certificate.h"
#include "net/deflate.h"
#include "net/listen-socket.h"
#include "net/session.h"
#include "wire/takers.h"
#include <arpa/inet.h>
#include <signal.h>
#include <unistd.h>

struct echo {
	struct wire_line_taker line;
	struct wire_octets_taker octets;
	uint64_t sum;
	uint32_t least_rate;
	uint64_t deadline;
	uint64_t many;
};

static net_step greet, command, data_taken, ticket_done, woken, drained, many, secured;

/* --- sources ----------------------------------------------------------------------------
 */

struct letters {
	struct base_source source;
	struct echo_server *server;
	uint64_t left;
	uint32_t random;
};

/* Five bits in each byte: some of it can be compressed. */
static size_t
letters_pull(struct base_source *source, char *into, size_t room)
{
	struct letters *letters = (struct letters *)(void *)source;
	size_t count = letters->left < room ? (size_t)letters->left : room;
	for (size_t i = 0; i < count; i++) {
		letters->random = letters->random * 1664525 + 1013904223;
		into[i] = (char)('A' + (letters->random >> 27));
	}
	letters->left -= count;
	return count;
}

static void
letters_close(struct base_source *source)
{
	struct letters *letters = (struct letters *)(void *)source;
	letters->server->sources_open--;
	free(letters);
}

static void
put_letters(struct net_session *session, uint64_t count)
{
	struct letters *letters = calloc(1, sizeof *letters);
	*letters = (struct letters){
		{letters_pull, letters_close}, net_owner(session), count, 1};
	letters->server->sources_open++;
	net_put_source(session, &letters->source);
}

/* --- the dialogue -----------------------------------------------------------------------
 */

static enum net_next
next_command(struct net_session *session)
{
	struct echo *echo = net_state(session);
	wire_line_taker_reset(&echo->line);
	return net_park(session,
		&(struct net_want){.taker = &echo->line.taker,
			.idle = true,
			.least_rate = echo->least_rate,
			.deadline = echo->deadline},
		command);
}

static void
answer(struct net_session *session, const char *line)
{
	net_put(session, slice_of_text(line));
	net_put(session, SLICE("\r\n"));
}

static enum net_next
greet(struct net_session *session, const struct net_event *event)
{
	struct echo *echo = net_state(session);
	struct echo_server *server = net_owner(session);
	ASSERT(event->why == NET_GREET);
	server->greeted++;
	echo->deadline = 300000;
	wire_line_taker_init(&echo->line, 1024);
	answer(session, net_spoke_early(session) ? "early" : "hello");
	return next_command(session);
}

static enum base_failure
add_octets(void *argument, struct slice bytes)
{
	struct echo *echo = net_state(argument);
	struct echo_server *server = net_owner(argument);
	for (size_t i = 0; i < bytes.length; i++)
		echo->sum += (uint8_t)bytes.data[i];
	server->octets += bytes.length;
	return BASE_OK;
}

static enum net_next
data(struct net_session *session, uint64_t count)
{
	struct echo *echo = net_state(session);
	struct echo_server *server = net_owner(session);
	echo->sum = 0;
	server->data++;
	wire_octets_taker_init(
		&echo->octets, count, (struct wire_sink){add_octets, session});
	return net_park(session,
		&(struct net_want){.taker = &echo->octets.taker,
			.least_rate = echo->least_rate,
			.deadline = echo->deadline},
		data_taken);
}

static enum net_next
data_taken(struct net_session *session, const struct net_event *event)
{
	struct echo *echo = net_state(session);
	if (event->why != NET_TAKEN)
		return command(session, event);
	char text[64];
	snprintf(text, sizeof text, "sum %llu", (unsigned long long)echo->sum);
	answer(session, text);
	return next_command(session);
}

static enum base_failure
sleep_errand(void *argument, struct arena *moved)
{
	(void)moved;
	echo_sleep_ms((unsigned)(uintptr_t)argument);
	return BASE_EXISTS;
}

static enum net_next
wait_for_ticket(struct net_session *session, struct base_ticket *ticket)
{
	if (!ticket) {
		answer(session, "full");
		return next_command(session);
	}
	return net_park(session, &(struct net_want){.ticket = ticket}, ticket_done);
}

static enum net_next
errand(struct net_session *session, uint64_t ms)
{
	struct echo_server *server = net_owner(session);
	server->errands++;
	return wait_for_ticket(session, net_errand(net_of(session), NET_LANE_DIRECTORY,
						sleep_errand, (void *)(uintptr_t)ms, NULL));
}

static enum net_next
ticket_done(struct net_session *session, const struct net_event *event)
{
	ASSERT(event->why == NET_TICKET);
	answer(session, base_failure_name(event->outcome));
	return next_command(session);
}

static enum net_next
wait(struct net_session *session)
{
	struct echo *echo = net_state(session);
	struct echo_server *server = net_owner(session);
	wire_line_taker_reset(&echo->line);
	server->waiting = net_handle(session);
	server->waits++;
	return net_park(session,
		&(struct net_want){.taker = &echo->line.taker, .woken = true, .idle = true},
		woken);
}

static enum net_next
woken(struct net_session *session, const struct net_event *event)
{
	if (event->why != NET_WOKEN)
		return command(session, event);
	char text[64];
	snprintf(text, sizeof text, "woken %u", event->wakes);
	answer(session, text);
	return wait(session);
}

static enum net_next
drain(struct net_session *session)
{
	put_letters(session, 1024 * 1024);
	return net_park(session, &(struct net_want){.drained = true}, drained);
}

static enum net_next
drained(struct net_session *session, const struct net_event *event)
{
	if (event->why != NET_DRAINED)
		return NET_CLOSE;
	answer(session, "drained");
	return next_command(session);
}

static enum net_next
many(struct net_session *session, const struct net_event *event)
{
	(void)event;
	struct echo *echo = net_state(session);
	char line[1024];
	memset(line, 'm', sizeof line);
	while (echo->many > 0) {
		if (net_full(session))
			return NET_MORE;
		net_put(session, slice_of(line, sizeof line));
		echo->many--;
	}
	answer(session, "");
	return next_command(session);
}

static enum net_next
start_many(struct net_session *session, uint64_t count)
{
	struct echo *echo = net_state(session);
	echo->many = count;
	answer(session, "many");
	return net_park(session, &(struct net_want){.drained = true}, many);
}

static enum net_next
start_tls(struct net_session *session)
{
	if (!net_tls_offered(session)) {
		answer(session, "no");
		return next_command(session);
	}
	answer(session, "go");
	net_start_tls(session);
	return net_park(session, &(struct net_want){.deadline = 60000}, secured);
}

static enum net_next
deflated(struct net_session *session, const struct net_event *event)
{
	ASSERT(event->why == NET_DRAINED);
	ASSERT(net_start_deflate(session));
	return next_command(session);
}

static enum net_next
start_deflate(struct net_session *session)
{
	answer(session, "go");
	return net_park(session, &(struct net_want){.drained = true}, deflated);
}

static enum net_next
memory(struct net_session *session)
{
	char text[64];
	snprintf(text, sizeof text, "%zu", net_deflate_memory(session->deflate));
	answer(session, text);
	return next_command(session);
}

static enum net_next
secured(struct net_session *session, const struct net_event *event)
{
	if (event->why != NET_SECURED)
		return NET_CLOSE;
	ASSERT(net_secured(session));
	ASSERT(net_tls_version(session).length > 0);
	ASSERT(net_tls_cipher(session).length > 0);
	net_put(session, SLICE("secured "));
	net_put(session, net_tls_server_name(session));
	answer(session, "");
	return next_command(session);
}

static enum net_next
account(struct net_session *session, struct slice name)
{
	answer(session, net_account_enter(session, name, 2) ? "in" : "too many");
	return next_command(session);
}

/* What the blame page says; with one worker nobody else writes to it. */
static enum net_next
carried(struct net_session *session)
{
	struct echo_server *server = net_owner(session);
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	net_put(session, net_blame_carried(server->blame, 10, arena));
	answer(session, "");
	arena_destroy(arena);
	return next_command(session);
}

static enum net_next
setting(struct net_session *session, struct slice verb, uint64_t number)
{
	struct echo *echo = net_state(session);
	if (slice_equal(verb, SLICE("SLOW")))
		echo->least_rate = 100;
	if (slice_equal(verb, SLICE("SHORT")))
		echo->deadline = number;
	if (slice_equal(verb, SLICE("BUSY")))
		echo_sleep_ms(20);
	if (slice_equal(verb, SLICE("BIG")))
		put_letters(session, number);
	answer(session, "ok");
	return next_command(session);
}

static enum net_next
run_line(struct net_session *session, struct slice line)
{
	struct slice rest = line;
	struct slice verb = slice_cut(&rest, ' ');
	uint64_t number = 0;
	bool numbered = slice_to_u64(rest, &number);
	if (slice_equal(verb, SLICE("DATA")) && numbered)
		return data(session, number);
	if (slice_equal(verb, SLICE("MANY")) && numbered)
		return start_many(session, number);
	if (slice_equal(verb, SLICE("ERRAND")) && numbered)
		return errand(session, number);
	if (slice_equal(verb, SLICE("DONE")))
		return wait_for_ticket(session, base_ticket_completed(BASE_QUOTA));
	if (slice_equal(verb, SLICE("WAIT")))
		return wait(session);
	if (slice_equal(verb, SLICE("DRAIN")))
		return drain(session);
	if (slice_equal(verb, SLICE("COMPRESS")))
		return start_deflate(session);
	if (slice_equal(verb, SLICE("MEMORY")))
		return memory(session);
	if (slice_equal(verb, SLICE("STARTTLS")))
		return start_tls(session);
	if (slice_equal(verb, SLICE("CARRIED")))
		return carried(session);
	if (slice_equal(verb, SLICE("ACCOUNT")))
		return account(session, rest);
	if (slice_equal(verb, SLICE("SLOW")) || slice_equal(verb, SLICE("SHORT")) ||
		slice_equal(verb, SLICE("BUSY")) || slice_equal(verb, SLICE("BIG")))
		return setting(session, verb, number);
	net_put(session, line);
	answer(session, "");
	if (slice_equal(verb, SLICE("LEAVE")))
		return NET_LEFT;
	return slice_equal(verb, SLICE("QUIT")) ? NET_CLOSE : next_command(session);
}

static enum net_next
command(struct net_session *session, const struct net_event *event)
{
	struct echo *echo = net_state(session);
	struct echo_server *server = net_owner(session);
	switch (event->why) {
	case NET_TAKEN:
		return run_line(session, wire_line_taken(&echo->line));
	case NET_ENDED:
		server->ended++;
		answer(session, "ended");
		return NET_CLOSE;
	case NET_DEADLINE:
		server->deadlines++;
		answer(session, "too late");
		return NET_CLOSE;
	case NET_STOPPING:
		server->stoppings++;
		answer(session, "stopping");
		return NET_CLOSE;
	case NET_DISMISSED:
		answer(session, "dismissed");
		return NET_CLOSE;
	default:
		return NET_CLOSE;
	}
}

static void
closed(struct net_session *session)
{
	struct echo *echo = net_state(session);
	struct echo_server *server = net_owner(session);
	wire_line_taker_free(&echo->line);
	server->closed++;
}

/* --- the server -------------------------------------------------------------------------
 */

static uint16_t
listen_on(struct echo_server *server, const char *name, bool implicit_tls)
{
	struct net_address address;
	struct net_listener_settings listener = {.name = name,
		.implicit_tls = implicit_tls,
		.offers_tls = !implicit_tls,
		.protocol = &server->protocol,
		.owner = server};
	assert_true(net_address_parse(SLICE("127.0.0.1"), 0, &address));
	assert_int_equal(net_listen_socket(&address, &listener.descriptor, NULL), BASE_OK);
	struct sockaddr_in bound = {0};
	socklen_t length = sizeof bound;
	assert_int_equal(getsockname(listener.descriptor, (struct sockaddr *)(void *)&bound,
				 &length),
		0);
	assert_int_equal(net_listen(server->net, &listener, NULL), BASE_OK);
	return ntohs(bound.sin_port);
}

static void
set_certificate(struct echo_server *server)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice name = SLICE("echo.test");
	struct net_certificate made = {.name = SLICE("echo.pem")};
	int64_t now = base_clock_wall_ms(server->clock) / 1000;
	assert_int_equal(net_certificate_self_signed(&name, 1,
				 (struct net_certificate_times){now - 60, now + 86400},
				 arena, &made.chain, &made.key, NULL),
		BASE_OK);
	assert_int_equal(net_set_certificates(server->net, &made, 1, NULL), BASE_OK);
	arena_destroy(arena);
}

void
echo_create(struct echo_server *server, struct net_settings settings)
{
	memset(server, 0, sizeof *server);
	signal(SIGPIPE, SIG_IGN); /* the peers', who write to what is closed */
	server->clock = base_clock_create();
	server->metrics = base_metrics_create();
	server->protocol = (struct net_protocol){.name = "echo",
		.session_size = sizeof(struct echo),
		.greet = greet,
		.closed = closed,
		.busy = SLICE("busy\r\n")};
	server->blame = settings.blame;
	settings.clock = server->clock;
	settings.metrics = server->metrics;
	server->log = settings.log;
	assert_int_equal(net_create(&settings, &server->net, NULL), BASE_OK);
	set_certificate(server);
	server->port = listen_on(server, "echo", false);
	server->tls_port = listen_on(server, "echos", true);
}

void
echo_go(struct echo_server *server)
{
	assert_int_equal(net_start(server->net, NULL), BASE_OK);
}

void
echo_start(struct echo_server *server, struct net_settings settings)
{
	echo_create(server, settings);
	echo_go(server);
}

void
echo_stop(struct echo_server *server)
{
	net_stop(server->net);
	assert_int_equal(net_session_count(server->net), 0);
	assert_int_equal(server->greeted, server->closed);
	assert_int_equal(server->sources_open, 0);
	net_destroy(server->net);
	server->net = NULL;
	base_metrics_destroy(server->metrics);
	base_clock_destroy(server->clock);
}

void
echo_wake(struct echo_server *server, unsigned why)
{
	net_wake(server->waiting, why);
}

void
echo_advance(struct echo_server *server, int64_t ms)
{
	test_await_calm();
	base_clock_advance(server->clock, ms);
	net_clock_advanced(server->net);
}

void
echo_sleep_ms(unsigned ms)
{
	usleep(ms * 1000);
}
