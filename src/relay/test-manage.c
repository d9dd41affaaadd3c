#include "base/test.h"
#include "relay/test-office.h"
#include "relay/test-server.h"
#include <unistd.h>

/* What persons do to the queue and to routes. */

static struct arena *arena;
static struct office *office;
static struct server *server;

static void
begin(void)
{
	arena = arena_create(ARENA_NO_CEILING);
	office = calloc(1, sizeof *office);
	server = calloc(1, sizeof *server);
	server->offers = "PIPELINING";
	server->rules[0] = (struct server_rule){.on = "MAIL", .reply = "450 4.2.0 later"};
	server_start(server);
	office_open(office);
	office_route(office, "example.test", "127.0.0.1", server->port);
	office_route(office, "example.net", "127.0.0.1", server->port);
}

static void
end(void)
{
	office_close(office);
	server_stop(server);
	free(office);
	free(server);
	arena_destroy(arena);
}

static const struct relay_choice all = {.all = true};
static const struct relay_choice to_net = {.domain = SLICE_INIT("Example.NET")};

static void
accept_everything(void)
{
	pthread_mutex_lock(&server->lock);
	server->rules[0].on = NULL;
	pthread_mutex_unlock(&server->lock);
}

/* Nothing is on the wire or on its way to the disk. */
static void
await_quiet(size_t count)
{
	for (bool busy = true; busy;) {
		SCOPED(arena_release)
		struct arena *scratch = arena_create(ARENA_NO_CEILING);
		struct relay_row *found;
		size_t got = office_rows(office, scratch, &found);
		busy = got != count;
		for (size_t i = 0; i < got; i++)
			busy |= found[i].state == RELAY_ACTIVE || found[i].attempts == 0;
	}
}

static void
send_two(void)
{
	static const char *const to[] = {"boris@example.test", "clara@example.net"};
	const char *id = "01JABCDEFG0123456789";
	office_send(office, &(struct office_letter){.id = id, .to = to, .to_count = 2});
	await_quiet(2);
}

static struct relay_row *
rows(size_t count)
{
	struct relay_row *found;
	office_await_rows(office, count);
	assert_int_equal(office_rows(office, arena, &found), count);
	return found;
}

static void
the_list_says_what_there_is(void **state)
{
	(void)state;
	begin();
	send_two();
	struct relay_row *list = rows(2);
	assert_slice_is(list[0].id, "01JABCDEFG0123456789-1");
	assert_slice_is(list[0].letter, "01JABCDEFG0123456789");
	assert_slice_is(list[0].sender, "anna@troika.test");
	assert_slice_is(list[0].recipient, "boris@example.test");
	assert_slice_is(list[1].recipient, "clara@example.net");
	assert_int_equal(list[0].state, RELAY_WAITING);
	assert_int_equal(list[0].attempts, 1);
	assert_int_equal(list[0].size, 163);
	assert_slice_is(list[0].last_reply, "450 4.2.0 later");
	assert_true(slice_starts(list[0].route, SLICE("smtp://127.0.0.1:")));
	assert_true(list[0].next_ms > list[0].arrived_ms);
	assert_true(list[0].expires_ms == list[0].arrived_ms + 5LL * 24 * 3600 * 1000);
	assert_int_equal(relay_list(office->relay, &all, 1, arena, &list), 1);
	assert_int_equal(relay_list(office->relay, &to_net, 0, arena, &list), 1);
	assert_slice_is(list[0].recipient, "clara@example.net");
	const struct slice ids[] = {SLICE("01jabcdefg0123456789-2"), SLICE("nonsense"),
		SLICE("01JABCDEFG0123456789-3")};
	const struct relay_choice chosen = {.ids = ids, .count = 3};
	assert_int_equal(relay_list(office->relay, &chosen, 0, arena, &list), 1);
	assert_int_equal(relay_count(office->relay), 2);
	const struct relay_choice none = {0};
	assert_int_equal(relay_list(office->relay, &none, 0, arena, &list), 0);
	end();
}

static void
a_retry_does_not_wait(void **state)
{
	(void)state;
	size_t changed;
	begin();
	send_two();
	accept_everything();
	office_done(relay_retry(office->relay, &to_net, &changed));
	assert_int_equal(changed, 1);
	server_await(server, 1);
	assert_string_equal(server->messages[0].to[0], "<clara@example.net>");
	office_done(relay_retry(office->relay, &all, &changed));
	server_await(server, 2);
	office_expect_clean(office);
	end();
}

static void
what_is_held_stays_over_a_restart(void **state)
{
	(void)state;
	size_t changed;
	begin();
	send_two();
	accept_everything();
	office_done(relay_hold(office->relay, &all, &changed));
	assert_int_equal(changed, 2);
	office_done(relay_hold(office->relay, &all, &changed));
	assert_int_equal(changed, 0);
	office_advance(office, 3600 * 1000);
	office_reopen(office);
	office_advance(office, 3600 * 1000);
	assert_int_equal(rows(2)[1].state, RELAY_HELD);
	assert_int_equal(server->message_count, 0);
	office_done(relay_retry(office->relay, &all, &changed));
	assert_int_equal(changed, 2);
	server_await(server, 1);
	assert_int_equal(server->messages[0].to_count, 2);
	office_expect_clean(office);
	end();
}

static void
what_is_dropped_is_gone(void **state)
{
	(void)state;
	size_t changed;
	begin();
	send_two();
	office_done(relay_hold(office->relay, &to_net, &changed));
	office_done(relay_drop(office->relay, &to_net, false, &changed));
	assert_int_equal(changed, 1);
	assert_slice_is(rows(1)[0].recipient, "boris@example.test");
	assert_int_equal(office_inbox_count(office, "anna@troika.test"), 0);
	office_done(relay_drop(office->relay, &all, true, &changed));
	assert_int_equal(changed, 1);
	struct slice report = office_inbox(office, "anna@troika.test", 1, 0, arena);
	assert_true(slice_find(report, SLICE("boris@example.test")) < report.length);
	office_expect_clean(office);
	end();
}

static void
many_letters_are_dropped_at_once(void **state)
{
	(void)state;
	size_t changed;
	begin();
	for (int i = 0; i < 300; i++)
		office_send_to(office, i % 2 ? "boris@example.test" : "c@example.net");
	office_await_rows(office, 300);
	office_done(relay_hold(office->relay, &all, &changed));
	assert_int_equal(changed, 300);
	office_done(relay_drop(office->relay, &to_net, false, &changed));
	assert_int_equal(changed, 150);
	office_done(relay_drop(office->relay, &all, false, &changed));
	office_expect_clean(office);
	end();
}

/* A wish about a row that is on the wire is granted when the attempt has failed. */
static void
rows_under_way_are_changed_afterwards(void **state)
{
	(void)state;
	size_t changed;
	begin();
	server->rules[0] =
		(struct server_rule){.on = "MAIL", .then = SERVER_SAYS_NOTHING, .times = 1};
	server->rules[1] =
		(struct server_rule){.on = "MAIL", .then = SERVER_SAYS_NOTHING, .times = 1};
	office_send_to(office, "boris@example.test");
	while (rows(1)[0].state != RELAY_ACTIVE || server_heard(server, "MAIL") < 1)
		;
	office_done(relay_hold(office->relay, &all, &changed));
	assert_int_equal(changed, 1);
	while (rows(1)[0].state != RELAY_HELD) {
		office_advance(office, 6 * 60 * 1000);
		usleep(300 * 1000);
	}
	assert_int_equal(rows(1)[0].attempts, 1);
	office_reopen(office);
	assert_int_equal(rows(1)[0].state, RELAY_HELD);
	office_done(relay_retry(office->relay, &all, &changed));
	while (rows(1)[0].state != RELAY_ACTIVE || server_heard(server, "MAIL") < 2)
		;
	office_done(relay_drop(office->relay, &all, false, &changed));
	for (struct relay_row *left; office_rows(office, arena, &left) > 0;) {
		office_advance(office, 6 * 60 * 1000);
		usleep(300 * 1000);
	}
	office_expect_clean(office);
	end();
}

/* With those that travel with it: whose fault it was nobody can tell. */
static void
a_row_that_crashes_the_server_twice_is_held(void **state)
{
	(void)state;
	size_t changed;
	const struct slice id = SLICE("01JABCDEFG0123456789-1");
	begin();
	send_two();
	office_done(relay_blamed(office->relay, id));
	assert_int_equal(rows(2)[0].state, RELAY_WAITING);
	office_reopen(office);
	office_done(relay_blamed(office->relay, id));
	assert_int_equal(rows(2)[0].state, RELAY_HELD);
	assert_slice_is(rows(2)[0].last_reply,
		"held: the server crashed twice while delivering it");
	assert_int_equal(rows(2)[1].state, RELAY_HELD);
	struct base_ticket *unknown =
		relay_blamed(office->relay, SLICE("01JABCDEFG0123456789-9"));
	assert_int_equal(base_ticket_await(unknown), BASE_NOT_FOUND);
	accept_everything();
	office_done(relay_retry(office->relay, &all, &changed));
	office_expect_clean(office);
	end();
}

/* --- routes ---------------------------------------------------------------------- */

static void
routes_are_kept_and_listed(void **state)
{
	(void)state;
	struct relay_route_info *routes;
	struct base_error error = {0};
	begin();
	office_done(relay_route_add(office->relay, SLICE("Gr\xc3\xbcn.Example"),
		SLICE("SMTPS://Mail.Example.NET"), &error));
	office_done(relay_route_add(office->relay, SLICE("*"), SLICE("mx"), &error));
	assert_null(
		relay_route_add(office->relay, SLICE("not a domain"), SLICE("mx"), &error));
	assert_int_equal(error.failure, BASE_INVALID);
	assert_null(relay_route_add(
		office->relay, SLICE("example.org"), SLICE("lmtp://x"), &error));
	assert_null(relay_route_remove(office->relay, SLICE("example.org"), &error));
	assert_int_equal(error.failure, BASE_NOT_FOUND);
	office_done(relay_route_remove(office->relay, SLICE("EXAMPLE.net"), &error));
	office_reopen(office);
	assert_int_equal(relay_routes(office->relay, arena, &routes), 3);
	assert_slice_is(routes[0].domain, "*");
	assert_slice_is(routes[0].target, "mx");
	assert_slice_is(routes[1].domain, "example.test");
	assert_slice_is(routes[2].domain, "xn--grn-ioa.example");
	assert_slice_is(routes[2].target, "smtps://mail.example.net:465");
	end();
}

static void
a_new_route_holds_for_what_waits(void **state)
{
	(void)state;
	size_t changed;
	struct server *other = calloc(1, sizeof *other);
	other->offers = "";
	begin();
	server_start(other);
	send_two();
	office_route(office, "example.test", "127.0.0.1", other->port);
	office_done(relay_retry(office->relay, &all, &changed));
	server_await(other, 1);
	assert_string_equal(other->messages[0].to[0], "<boris@example.test>");
	await_quiet(1);
	assert_slice_is(rows(1)[0].recipient, "clara@example.net");
	office_done(relay_route_remove(office->relay, SLICE("example.net"), NULL));
	assert_slice_is(rows(1)[0].route, "mx");
	end();
	server_stop(other);
	free(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_says_what_there_is),
		cmocka_unit_test(a_retry_does_not_wait),
		cmocka_unit_test(what_is_held_stays_over_a_restart),
		cmocka_unit_test(what_is_dropped_is_gone),
		cmocka_unit_test(many_letters_are_dropped_at_once),
		cmocka_unit_test(rows_under_way_are_changed_afterwards),
		cmocka_unit_test(a_row_that_crashes_the_server_twice_is_held),
		cmocka_unit_test(routes_are_kept_and_listed),
		cmocka_unit_test(a_new_route_holds_for_what_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
