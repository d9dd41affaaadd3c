#include "base/test.h"
#include "door/test-house.h"
#include "wire/takers.h"
#include <unistd.h>

/* --- a protocol that only knocks: "name|password" or "name|password|authzid" ------------
 */

struct knock {
	struct wire_line_taker line;
	struct door_attempt *attempt;
};

static net_step line_taken, answered;

static enum net_next
next_line(struct net_session *session)
{
	struct knock *knock = net_state(session);
	wire_line_taker_reset(&knock->line);
	return net_park(session,
		&(struct net_want){.taker = &knock->line.taker, .idle = true}, line_taken);
}

static enum net_next
greet(struct net_session *session, const struct net_event *event)
{
	(void)event;
	struct knock *knock = net_state(session);
	struct house *house = net_owner(session);
	wire_line_taker_init(&knock->line, 4096);
	net_put(session,
		door_may_ask(house->door, session) ? SLICE("ask\r\n") : SLICE("no\r\n"));
	return next_line(session);
}

static enum net_next
line_taken(struct net_session *session, const struct net_event *event)
{
	struct knock *knock = net_state(session);
	struct house *house = net_owner(session);
	if (event->why != NET_TAKEN)
		return NET_CLOSE;
	struct slice rest = wire_line_taken(&knock->line);
	struct slice name = slice_cut(&rest, '|');
	struct slice password = slice_cut(&rest, '|');
	knock->attempt = door_attempt_create(
		house->door, session, SLICE("knock"), SLICE("PLAIN"), name, password);
	door_attempt_set_authzid(knock->attempt, rest);
	return net_park(session,
		&(struct net_want){.ticket = door_attempt_start(knock->attempt)}, answered);
}

static enum net_next
answered(struct net_session *session, const struct net_event *event)
{
	struct knock *knock = net_state(session);
	if (event->why != NET_TICKET)
		return NET_CLOSE;
	net_put(session, slice_of_text(base_failure_name(event->outcome)));
	if (event->outcome == BASE_OK) {
		net_put(session, SLICE(" "));
		net_put(session, door_attempt_address(knock->attempt));
	}
	net_put(session, SLICE("\r\n"));
	door_attempt_drop(knock->attempt);
	knock->attempt = NULL;
	return next_line(session);
}

static void
closed(struct net_session *session)
{
	struct knock *knock = net_state(session);
	door_attempt_drop(knock->attempt);
	wire_line_taker_free(&knock->line);
}

static const struct net_protocol knock_protocol = {
	.name = "knock",
	.session_size = sizeof(struct knock),
	.greet = greet,
	.closed = closed,
	.busy = SLICE_INIT("busy\r\n"),
};

/* --- a house with a caller ------------------------------------------------------------ */

#define ANNA "ok Anna@troika.test"

static void
start(struct house *house, struct peer *peer, struct house_settings settings)
{
	settings.clear = true;
	house_open(house, &settings);
	house_listen(house, &knock_protocol, house);
	house_account(house, "Anna@troika.test", "troika");
	house_account(house, "boris@troika.test", "troika");
	peer_dial(peer, house->port);
	peer_expect(peer, "ask");
}

static void
stop(struct house *house, struct peer *peer)
{
	peer_hang_up(peer);
	house_close(house);
}

static void
knock(struct peer *peer, const char *line, const char *wanted)
{
	peer_say(peer, line);
	peer_expect(peer, wanted);
}

static void
knock_delayed(struct house *house, struct peer *peer, const char *line, const char *wanted)
{
	peer_say(peer, line);
	/* The clock stands still but for us: push it until the delay is over. */
	for (int i = 0; i < 200 && peer->got.length == 0; i++) {
		char byte;
		house_advance(house, 500);
		usleep(2000);
		if (recv(peer->descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
			break;
	}
	peer_expect(peer, wanted);
}

static int64_t
outcomes(struct house *house, const char *labels)
{
	return house_metric(house, "troika_door_attempts_total", labels);
}

/* --- tests ---------------------------------------------------------------------------- */

static void
who_comes_in(void **state)
{
	(void)state;
	struct house house;
	struct peer peer;
	struct base_error error;
	start(&house, &peer, (struct house_settings){0});
	knock(&peer, "anna@troika.test|troika", ANNA);
	knock(&peer, "ANNA@Troika.Test|troika", ANNA);
	knock(&peer, "anna@troika.test|troika|anna@troika.test", ANNA);
	knock(&peer, "anna@troika.test|troika|boris@troika.test", "denied");
	knock(&peer, "anna@troika.test|troika|nobody@troika.test", "denied");
	knock(&peer, "anna@troika.test|Troika", "denied");
	knock(&peer, "anna@troika.test|", "denied");
	house_done(post_account_set_enabled(
		house.post, SLICE("boris@troika.test"), false, &error));
	knock_delayed(&house, &peer, "boris@troika.test|troika", "denied");
	knock_delayed(&house, &peer, "nobody@troika.test|troika", "denied");
	knock_delayed(&house, &peer, "|troika", "denied");
	stop(&house, &peer);
}

static void
a_remembered_password_costs_no_hash(void **state)
{
	(void)state;
	struct house house;
	struct peer peer;
	struct base_error error;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice secret;
	start(&house, &peer, (struct house_settings){0});
	for (int i = 0; i < 50; i++)
		knock(&peer, "anna@troika.test|troika", ANNA);
	assert_int_equal(outcomes(&house, "outcome=\"accepted\""), 1);
	assert_int_equal(outcomes(&house, "outcome=\"recognised\""), 49);
	house_advance(&house, 11 * 60 * 1000);
	knock(&peer, "anna@troika.test|troika", ANNA);
	assert_int_equal(outcomes(&house, "outcome=\"accepted\""), 2);
	assert_int_equal(
		door_secret_of_password(house.door, SLICE("other"), arena, &secret, &error),
		BASE_OK);
	house_done(post_account_set_secret(
		house.post, SLICE("anna@troika.test"), secret, &error));
	knock(&peer, "anna@troika.test|troika", "denied");
	knock(&peer, "anna@troika.test|other", ANNA);
	house_done(post_account_set_enabled(
		house.post, SLICE("anna@troika.test"), false, &error));
	knock(&peer, "anna@troika.test|other", "denied");
	stop(&house, &peer);
}

static void
guessing_is_stopped_and_the_owner_is_not(void **state)
{
	(void)state;
	struct house house;
	struct peer peer;
	char line[64];
	start(&house, &peer, (struct house_settings){.failures_per_hour = 8});
	knock(&peer, "anna@troika.test|troika", ANNA);
	for (int i = 0; i < 7; i++) {
		snprintf(line, sizeof line, "anna@troika.test|guess%d", i);
		knock_delayed(&house, &peer, line, "denied");
	}
	knock_delayed(&house, &peer, "nobody@troika.test|guess", "denied");
	knock_delayed(&house, &peer, "anna@troika.test|guess", "too-large");
	/* The right one too, from who was not here before; and who was is let in. */
	knock_delayed(&house, &peer, "boris@troika.test|troika", "too-large");
	knock(&peer, "anna@troika.test|troika", ANNA);
	house_advance(&house, 60 * 60 * 1000);
	peer_hang_up(&peer);
	peer_dial(&peer, house.port);
	peer_expect(&peer, "ask");
	knock(&peer, "boris@troika.test|troika", "ok boris@troika.test");
	stop(&house, &peer);
}

static void
repeating_one_mistake_is_no_guessing(void **state)
{
	(void)state;
	struct house house;
	struct peer peer;
	start(&house, &peer, (struct house_settings){.failures_per_hour = 8});
	for (int i = 0; i < 20; i++)
		knock_delayed(&house, &peer, "anna@troika.test|old", "denied");
	knock(&peer, "anna@troika.test|troika", ANNA);
	assert_int_equal(outcomes(&house, "outcome=\"limited\""), 0);
	stop(&house, &peer);
}

static void
an_old_hash_is_renewed(void **state)
{
	(void)state;
	struct house house;
	struct peer peer;
	struct base_error error;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice secret;
	struct post_account_info info;
	start(&house, &peer, (struct house_settings){0});
	assert_int_equal(
		door_secret_of_hash(SLICE("{MD5-CRYPT}$1$RspPXjJ0$mlXJlj8bPYAo2Oab2AOZv0"),
			arena, &secret, &error),
		BASE_OK);
	house_done(post_account_set_secret(
		house.post, SLICE("anna@troika.test"), secret, &error));
	knock(&peer, "anna@troika.test|troikb", "denied");
	knock(&peer, "anna@troika.test|troika", ANNA);
	knock(&peer, "anna@troika.test|troika", ANNA);
	assert_int_equal(
		post_account_find(house.post, SLICE("anna@troika.test"), arena, &info),
		BASE_OK);
	for (int i = 0; i < 2000 && !slice_starts(info.secret, SLICE("$argon2id$")); i++) {
		usleep(1000);
		assert_int_equal(post_account_find(house.post, SLICE("anna@troika.test"),
					 arena, &info),
			BASE_OK);
	}
	assert_true(slice_starts(info.secret, SLICE("$argon2id$v=19$m=64,t=1,p=1$")));
	knock(&peer, "anna@troika.test|troika", ANNA);
	stop(&house, &peer);
}

static void
nobody_signs_in_in_the_clear(void **state)
{
	(void)state;
	struct house house;
	struct peer peer, secure;
	house_open(&house, &(struct house_settings){0});
	house_listen(&house, &knock_protocol, &house);
	house_account(&house, "Anna@troika.test", "troika");
	peer_dial(&peer, house.port);
	peer_expect(&peer, "no");
	knock(&peer, "anna@troika.test|troika", "denied");
	peer_dial(&secure, house.tls_port);
	peer_secure(&secure);
	peer_expect(&secure, "ask");
	knock(&secure, "anna@troika.test|troika", ANNA);
	peer_hang_up(&secure);
	stop(&house, &peer);
}

static void
the_log_names_everything_but_passwords(void **state)
{
	(void)state;
	struct house house;
	struct peer peer;
	start(&house, &peer, (struct house_settings){0});
	knock(&peer, "anna@troika.test|troika", ANNA);
	knock(&peer, "anna@troika.test|hunter2-wrong", "denied");
	char *log = house_log(&house);
	assert_non_null(strstr(log, "door.signed-in"));
	assert_non_null(strstr(log, "door.refused"));
	assert_non_null(strstr(log, "wrong-password"));
	assert_non_null(strstr(log, "service=knock"));
	assert_non_null(strstr(log, "address=127.0.0.1"));
	assert_null(strstr(log, "hunter2"));
	assert_null(strstr(log, "argon2"));
	free(log);
	stop(&house, &peer);
}

/* Sessions that end while their attempt waits or hashes, and a stop in the middle. */
static void
callers_who_do_not_wait(void **state)
{
	(void)state;
	struct house house;
	struct peer peer, others[20];
	char line[64];
	start(&house, &peer, (struct house_settings){.failures_per_hour = 1000});
	for (int i = 0; i < 20; i++) {
		peer_dial(&others[i], house.port);
		peer_expect(&others[i], "ask");
		snprintf(line, sizeof line, "anna@troika.test|guess%d", i);
		peer_say(&others[i], line);
	}
	for (int i = 0; i < 10; i++)
		peer_hang_up(&others[i]);
	house_advance(&house, 1000);
	knock_delayed(&house, &peer, "anna@troika.test|troika", ANNA);
	for (int i = 10; i < 20; i++)
		peer_hang_up(&others[i]);
	peer_say(&peer, "anna@troika.test|more");
	stop(&house, &peer);
}

/* A whole office behind one address comes back at the same moment, all with the right one.
 */
static void
a_hundred_right_passwords_at_once(void **state)
{
	(void)state;
	enum { MANY = 100 };
	struct house house;
	struct peer peer;
	static struct peer others[MANY];
	char line[64];
	start(&house, &peer, (struct house_settings){.failures_per_hour = 8});
	for (int i = 0; i < MANY; i++) {
		snprintf(line, sizeof line, "u%d@troika.test", i);
		house_account(&house, line, "troika");
		peer_dial(&others[i], house.port);
		peer_expect(&others[i], "ask");
	}
	for (int i = 0; i < MANY; i++) {
		snprintf(line, sizeof line, "u%d@troika.test|troika", i);
		peer_say(&others[i], line);
	}
	for (int i = 0; i < MANY; i++) {
		peer_expect_start(&others[i], "ok u");
		peer_hang_up(&others[i]);
	}
	stop(&house, &peer);
}

/* More than the lane takes: said at once, and nothing is charged for it. */
static void
a_full_lane_refuses_and_charges_nothing(void **state)
{
	(void)state;
	enum { MANY = 60 };
	struct house house;
	struct peer peer;
	static struct peer others[MANY];
	char line[64];
	unsigned busy = 0;
	start(&house, &peer,
		(struct house_settings){.failures_per_hour = 1000, .hash_queue = 1});
	for (int i = 0; i < 5; i++) {
		snprintf(line, sizeof line, "anna@troika.test|first%d", i);
		knock_delayed(&house, &peer, line, "denied");
	}
	/* These wait, and are all due at the same moment. */
	for (int i = 0; i < MANY; i++) {
		peer_dial(&others[i], house.port);
		peer_expect(&others[i], "ask");
		snprintf(line, sizeof line, "anna@troika.test|guess%d", i);
		peer_say(&others[i], line);
	}
	usleep(100000);
	house_advance(&house, 20000);
	for (int i = 0; i < MANY; i++) {
		bool is_busy = strcmp(peer_line(&others[i]), "unavailable") == 0;
		busy += is_busy;
		peer_hang_up(&others[i]);
	}
	assert_true(busy > 0);
	assert_int_equal(outcomes(&house, "outcome=\"failed\""), busy);
	stop(&house, &peer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_comes_in),
		cmocka_unit_test(a_remembered_password_costs_no_hash),
		cmocka_unit_test(guessing_is_stopped_and_the_owner_is_not),
		cmocka_unit_test(repeating_one_mistake_is_no_guessing),
		cmocka_unit_test(an_old_hash_is_renewed),
		cmocka_unit_test(nobody_signs_in_in_the_clear),
		cmocka_unit_test(the_log_names_everything_but_passwords),
		cmocka_unit_test(callers_who_do_not_wait),
		cmocka_unit_test(a_hundred_right_passwords_at_once),
		cmocka_unit_test(a_full_lane_refuses_and_charges_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
