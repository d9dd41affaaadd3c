/* Dialogues of SASL, as any protocol carries them. */
#include "base/test.h"
#include "door/exchange.h"
#include "door/test-house.h"
#include "wire/takers.h"
#include <sys/socket.h>
#include <unistd.h>

/* --- a protocol of nothing but exchanges: "MECHANISM [initial]", then responses ---------
 */

struct guard {
	struct wire_line_taker line;
	struct door_exchange *exchange;
};

static net_step line_taken, checked;

static enum net_next
next_line(struct net_session *session)
{
	struct guard *guard = net_state(session);
	wire_line_taker_reset(&guard->line);
	return net_park(session,
		&(struct net_want){.taker = &guard->line.taker, .idle = true}, line_taken);
}

static enum net_next
end(struct net_session *session, struct slice said)
{
	struct guard *guard = net_state(session);
	net_put(session, said);
	net_put(session, SLICE("\r\n"));
	door_exchange_drop(guard->exchange);
	guard->exchange = NULL;
	return next_line(session);
}

static enum net_next
go_on(struct net_session *session, enum door_step step)
{
	struct guard *guard = net_state(session);
	switch (step) {
	case DOOR_CHALLENGE:
		net_put(session, SLICE("+ "));
		net_put(session, door_exchange_challenge(guard->exchange));
		net_put(session, SLICE("\r\n"));
		return next_line(session);
	case DOOR_CHECK:
		return net_park(session,
			&(struct net_want){.ticket = door_exchange_check(guard->exchange)},
			checked);
	case DOOR_WELCOME:
		return end(session, door_exchange_address(guard->exchange));
	case DOOR_REFUSED:
		return end(session, slice_of_text(base_failure_name(
					    door_exchange_outcome(guard->exchange))));
	case DOOR_BROKEN:
		return end(session, SLICE("broken"));
	case DOOR_GIVEN_UP:
		return end(session, SLICE("given up"));
	}
	return NET_CLOSE;
}

static enum net_next
checked(struct net_session *session, const struct net_event *event)
{
	struct guard *guard = net_state(session);
	if (event->why != NET_TICKET)
		return NET_CLOSE;
	return go_on(session, door_exchange_checked(guard->exchange, event->outcome));
}

static enum net_next
begin(struct net_session *session, struct slice words)
{
	struct guard *guard = net_state(session);
	struct house *house = net_owner(session);
	struct slice mechanism = slice_cut(&words, ' ');
	if (slice_equal(mechanism, SLICE("PASSWORD"))) {
		struct slice name = slice_cut(&words, ' ');
		guard->exchange = door_exchange_of_password(house->door, session,
			SLICE("guard"), SLICE("PASSWORD"), name, words);
		return go_on(session, DOOR_CHECK);
	}
	guard->exchange =
		door_exchange_create(house->door, session, SLICE("guard"), mechanism);
	if (!guard->exchange)
		return end(session, SLICE("no such mechanism"));
	return go_on(session, door_exchange_begin(guard->exchange, words));
}

static enum net_next
line_taken(struct net_session *session, const struct net_event *event)
{
	struct guard *guard = net_state(session);
	if (event->why != NET_TAKEN)
		return NET_CLOSE;
	struct slice line = wire_line_taken(&guard->line);
	return guard->exchange ? go_on(session, door_exchange_take(guard->exchange, line))
			       : begin(session, line);
}

static enum net_next
greet(struct net_session *session, const struct net_event *event)
{
	struct guard *guard = net_state(session);
	const struct house *house = net_owner(session);
	struct slice name;
	(void)event;
	wire_line_taker_init(&guard->line, 20000);
	for (size_t i = 0;
		!slice_absent(name = door_mechanism_name(house->door, session, i)); i++) {
		net_put(session, name);
		net_put(session, SLICE(" "));
	}
	net_put(session, SLICE("are offered\r\n"));
	return next_line(session);
}

static void
closed(struct net_session *session)
{
	struct guard *guard = net_state(session);
	door_exchange_drop(guard->exchange);
	wire_line_taker_free(&guard->line);
}

static const struct net_protocol guard_protocol = {
	.name = "guard",
	.session_size = sizeof(struct guard),
	.greet = greet,
	.closed = closed,
	.busy = SLICE_INIT("busy\r\n"),
};

/* --- dialogues ------------------------------------------------------------------------ */

struct line {
	const char *say, *expect;
};

#define ANNA  "anna@troika.test"
#define PLAIN "AGFubmFAdHJvaWthLnRlc3QAdHJvaWth" /* \0anna@troika.test\0troika */
#define WRONG "AGFubmFAdHJvaWthLnRlc3QAd3Jvbmc=" /* \0anna@troika.test\0wrong */
#define NAME  "YW5uYUB0cm9pa2EudGVzdA=="
#define WORD  "dHJvaWth"

static const struct line lines[] = {
	/* PLAIN, with an initial response and without */
	{"PLAIN " PLAIN, ANNA},
	{"plain", "+ "},
	{PLAIN, ANNA},
	{"PLAIN " WRONG, "denied"},
	/* acting as oneself, and as somebody else (RFC 4616 2) */
	{"PLAIN YW5uYUB0cm9pa2EudGVzdABhbm5hQHRyb2lrYS50ZXN0AHRyb2lrYQ==", ANNA},
	{"PLAIN Ym9yaXNAdHJvaWthLnRlc3QAYW5uYUB0cm9pa2EudGVzdAB0cm9pa2E=", "denied"},
	/* LOGIN */
	{"LOGIN", "+ VXNlcm5hbWU6"},
	{NAME, "+ UGFzc3dvcmQ6"},
	{WORD, ANNA},
	{"LOGIN " NAME, "+ UGFzc3dvcmQ6"},
	{WORD, ANNA},
	{"LOGIN " NAME, "+ UGFzc3dvcmQ6"},
	{"d3Jvbmc=", "denied"},
	/* a name and a password as they are */
	{"PASSWORD anna@troika.test troika", ANNA},
	{"PASSWORD anna@troika.test wrong", "denied"},
	/* given up, at each place where that can be said */
	{"PLAIN", "+ "},
	{"*", "given up"},
	{"LOGIN", "+ VXNlcm5hbWU6"},
	{"*", "given up"},
	{"LOGIN " NAME, "+ UGFzc3dvcmQ6"},
	{"*", "given up"},
	/* broken: no base64, empty where something is needed, not what is asked for */
	{"PLAIN *", "broken"},
	{"PLAIN =", "broken"},
	{"PLAIN", "+ "},
	{"", "broken"},
	{"PLAIN AGFubmE", "broken"},
	{"PLAIN " NAME, "broken"},
	{"LOGIN =", "broken"},
	{"LOGIN " PLAIN, "broken"},
	{"LOGIN " NAME, "+ UGFzc3dvcmQ6"},
	{"", "broken"},
	{"CRAM-MD5", "no such mechanism"},
	{"PLAINS " PLAIN, "no such mechanism"},
	/* and the session is as good as before */
	{"PLAIN " PLAIN, ANNA},
};

static void
start(struct house *house, struct peer *peer, bool clear)
{
	house_open(
		house, &(struct house_settings){.clear = clear, .failures_per_hour = 1000});
	house_listen(house, &guard_protocol, house);
	house_account(house, ANNA, "troika");
	peer_dial(peer, house->port);
}

static void
stop(struct house *house, struct peer *peer)
{
	peer_hang_up(peer);
	house_close(house);
}

/* A wrong password repeated is kept waiting; the clock stands still but for us. */
static void
expect(struct house *house, struct peer *peer, const char *wanted)
{
	char byte;
	for (int i = 0; i < 200 && peer->got.length == 0; i++) {
		if (recv(peer->descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
			break;
		house_advance(house, 500);
		usleep(2000);
	}
	peer_expect(peer, wanted);
}

static void
every_dialogue_ends_as_it_should(void **state)
{
	struct house house;
	struct peer peer;
	(void)state;
	start(&house, &peer, true);
	peer_expect(&peer, "PLAIN LOGIN are offered");
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		peer_say(&peer, lines[i].say);
		expect(&house, &peer, lines[i].expect);
	}
	stop(&house, &peer);
}

static void
nothing_is_offered_in_the_clear(void **state)
{
	struct house house;
	struct peer peer;
	(void)state;
	start(&house, &peer, false);
	peer_expect(&peer, "are offered");
	peer_say(&peer, "PLAIN " PLAIN);
	peer_expect(&peer, "no such mechanism");
	stop(&house, &peer);
}

static void
responses_are_bounded(void **state)
{
	static char long_one[DOOR_RESPONSE_MOST + 5];
	struct house house;
	struct peer peer;
	(void)state;
	start(&house, &peer, true);
	peer_expect(&peer, "PLAIN LOGIN are offered");
	memset(long_one, 'A', sizeof long_one - 1);
	peer_say(&peer, "PLAIN");
	peer_expect(&peer, "+ ");
	peer_say(&peer, long_one);
	peer_expect(&peer, "broken");
	stop(&house, &peer);
}

/* In the middle of each state; ASan says what was forgotten. */
static void
peers_leave_at_any_time(void **state)
{
	static const char *const words[] = {"PLAIN", "LOGIN " NAME, "PLAIN " WRONG};
	struct house house;
	struct peer peer;
	(void)state;
	start(&house, &peer, true);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		peer_say(&peer, words[i]);
		peer_hang_up(&peer);
		peer_dial(&peer, house.port);
	}
	peer_say(&peer, "PLAIN " PLAIN);
	peer_expect(&peer, "PLAIN LOGIN are offered");
	peer_expect(&peer, ANNA);
	stop(&house, &peer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_dialogue_ends_as_it_should),
		cmocka_unit_test(nothing_is_offered_in_the_clear),
		cmocka_unit_test(responses_are_bounded),
		cmocka_unit_test(peers_leave_at_any_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
