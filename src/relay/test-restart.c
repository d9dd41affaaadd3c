#include "base/test.h"
#include "relay/row.h"
#include "relay/test-office.h"
#include "relay/test-server.h"

/* What the queue has is still there after a stop, whole or not; and mailboxes that wait. */

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
	server_start(server);
}

static void
run(void)
{
	office_open(office);
	office_route(office, "example.test", "127.0.0.1", server->port);
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

static const char *const two[] = {"boris@example.test", "clara@example.test"};

static void
rows_go_on_after_a_restart(void **state)
{
	(void)state;
	begin();
	server->rules[0] = (struct server_rule){
		.on = "RCPT TO:<clara", .reply = "450 4.2.0 later", .times = 1};
	run();
	office_send(office, &(struct office_letter){.to = two, .to_count = 2});
	office_await_attempts(office, 1);
	office_reopen(office);
	struct relay_row *rows;
	assert_int_equal(office_rows(office, arena, &rows), 1);
	assert_slice_is(rows[0].recipient, "clara@example.test");
	assert_int_equal(rows[0].attempts, 1);
	office_advance(office, 3600 * 1000);
	server_await(server, 2);
	assert_string_equal(server->messages[1].to[0], "<clara@example.test>");
	office_expect_clean(office);
	end();
}

static void
letters_that_were_never_tried_go_out(void **state)
{
	(void)state;
	begin();
	office->idle = true;
	run();
	for (int i = 0; i < 100; i++)
		office_send(office, &(struct office_letter){.to = two, .to_count = 2});
	office->idle = false;
	office_reopen(office);
	server_await(server, 100);
	office_expect_clean(office);
	end();
}

/* --- damage ---------------------------------------------------------------------- */

static void
overwrite(struct slice key, struct slice value)
{
	struct store_turn *turn;
	for (unsigned i = 0; i < RELAY_QUEUE_SPACES; i++) {
		struct slice before;
		struct store_space *space =
			store_space_open(office->store, POST_SPACE_QUEUE_FIRST + i);
		if (store_get(space, key, arena, &before) == BASE_OK) {
			assert_int_equal(store_begin(space, STORE_CHANGE, &turn), BASE_OK);
			if (slice_absent(value))
				store_delete(turn, key);
			else
				store_put(turn, key, value);
			office_done(store_submit(&turn));
		}
		store_space_close(space);
	}
}

static const char *const ID = "01JABCDEFG0123456789";

static void
count_problem(void *argument, const char *sentence)
{
	size_t *count = argument;
	assert_true(sentence[0]);
	(*count)++;
}

/* It stays where it is; the others of its letter arrive, and the letter's bytes stay too.
 */
static void
a_row_that_cannot_be_read_is_kept(void **state)
{
	(void)state;
	char key[RELAY_KEY_MOST];
	uint64_t rows;
	size_t problems = 0;
	begin();
	office->idle = true;
	run();
	office_send(office, &(struct office_letter){.id = ID, .to = two, .to_count = 2});
	overwrite(relay_key_row(slice_of_text(ID), 1, key), SLICE("\x7f nonsense"));
	office->idle = false;
	office_reopen(office);
	server_await(server, 1);
	assert_string_equal(server->messages[0].to[0], "<clara@example.test>");
	office_await_rows(office, 0);
	assert_int_equal(office_logged(office, "relay.damaged"), 1);
	office_reopen(office);
	assert_int_equal(
		relay_check(office->relay, count_problem, &problems, &rows), BASE_OK);
	assert_int_equal(rows, 1);
	assert_int_equal(problems, 1);
	end();
}

/* Damage that comes to light only when the row's turn has come. */
static void
a_row_damaged_while_it_waits_is_held(void **state)
{
	(void)state;
	char key[RELAY_KEY_MOST];
	struct relay_row *rows;
	begin();
	office->idle = true;
	run();
	office_send(office, &(struct office_letter){.id = ID, .to = two, .to_count = 2});
	overwrite(relay_key_row(slice_of_text(ID), 2, key), SLICE(""));
	office_run(office);
	server_await(server, 1);
	office_await_rows(office, 1);
	assert_int_equal(office_rows(office, arena, &rows), 1);
	assert_int_equal(rows[0].state, RELAY_HELD);
	assert_slice_is(rows[0].recipient, "clara@example.test");
	end();
}

static void
a_letter_without_rows_is_forgotten(void **state)
{
	(void)state;
	char key[RELAY_KEY_MOST];
	uint64_t rows;
	size_t problems = 0;
	begin();
	office->idle = true;
	run();
	office_send(office, &(struct office_letter){.id = ID, .to = two, .to_count = 2});
	overwrite(relay_key_row(slice_of_text(ID), 1, key), SLICE_NONE);
	overwrite(relay_key_row(slice_of_text(ID), 2, key), SLICE_NONE);
	assert_int_equal(
		relay_check(office->relay, count_problem, &problems, &rows), BASE_OK);
	assert_int_equal(problems, 1);
	office->idle = false;
	office_reopen(office);
	office_expect_clean(office);
	end();
}

static void
rows_without_a_letter_are_left_alone(void **state)
{
	(void)state;
	char key[RELAY_KEY_MOST];
	uint64_t rows;
	size_t problems = 0;
	begin();
	office->idle = true;
	run();
	office_send(office, &(struct office_letter){.id = ID, .to = two, .to_count = 2});
	overwrite(relay_key_letter(slice_of_text(ID), key), SLICE("later format"));
	office->idle = false;
	office_reopen(office);
	office_await_rows(office, 0);
	assert_int_equal(office_logged(office, "relay.damaged"), 3);
	assert_int_equal(
		relay_check(office->relay, count_problem, &problems, &rows), BASE_OK);
	assert_int_equal(problems, 3);
	assert_int_equal(server->connections, 0);
	end();
}

/* --- mailboxes of ours ----------------------------------------------------------- */

static const char *const anna[] = {"anna@troika.test"};

static void
set_quota(uint64_t bytes)
{
	office_done(post_account_set_limits(office->post, SLICE("anna@troika.test"),
		&(struct post_quota){.bytes = bytes}, 0, NULL));
}

static void
a_full_mailbox_gets_it_when_there_is_room(void **state)
{
	(void)state;
	begin();
	run();
	set_quota(10);
	office_send(office, &(struct office_letter){
				    .to = anna, .to_count = 1, .sender = "x@example.test"});
	office_await_attempts(office, 1);
	struct relay_row *rows;
	assert_int_equal(office_rows(office, arena, &rows), 1);
	assert_slice_is(rows[0].route, "local");
	assert_slice_is(rows[0].last_reply, "the mailbox is full");
	set_quota(0);
	office_advance(office, 3600 * 1000);
	struct slice text = office_inbox(office, "anna@troika.test", 1, 0, arena);
	assert_true(slice_starts(text, SLICE("Return-Path: <x@example.test>\r\n"
					     "Delivered-To: anna@troika.test\r\n"
					     "Received: from client by mail.troika.test\r\n"
					     "From: anna@troika.test\r\n")));
	office_expect_clean(office);
	assert_int_equal(office_inbox_count(office, "anna@troika.test"), 1);
	end();
}

static void
a_mailbox_that_stays_full_is_told_of(void **state)
{
	(void)state;
	begin();
	run();
	set_quota(10);
	office_send(office, &(struct office_letter){
				    .to = anna, .to_count = 1, .sender = "x@example.test"});
	for (uint32_t attempts = 1; attempts <= 2; attempts++) {
		office_await_attempts(office, attempts);
		office_advance(office, (int64_t)6 * 24 * 3600 * 1000);
	}
	server_await(server, 1);
	assert_string_equal(server->messages[0].to[0], "<x@example.test>");
	office_expect_clean(office);
	end();
}

static void
an_address_that_is_gone_is_told_of(void **state)
{
	(void)state;
	static const char *const gone[] = {"gone@troika.test"};
	begin();
	run();
	office_send(office, &(struct office_letter){.to = gone, .to_count = 1});
	struct slice text = office_inbox(office, "anna@troika.test", 1, 0, arena);
	assert_true(slice_find(text, SLICE("Status: 5.1.1")) < text.length);
	office_expect_clean(office);
	end();
}

/* An alias made meanwhile leads elsewhere. */
static void
an_alias_is_followed(void **state)
{
	(void)state;
	static const char *const team[] = {"team@troika.test"};
	const struct slice targets[] = {SLICE("anna@troika.test"), SLICE("z@example.test")};
	begin();
	run();
	office_done(
		post_alias_add(office->post, SLICE("team@troika.test"), targets, 2, NULL));
	office_send(office, &(struct office_letter){
				    .to = team, .to_count = 1, .sender = "x@example.test"});
	server_await(server, 1);
	assert_string_equal(server->messages[0].from, "<x@example.test>");
	assert_string_equal(server->messages[0].to[0], "<z@example.test>");
	assert_int_equal(office_inbox_count(office, "anna@troika.test"), 1);
	office_expect_clean(office);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_go_on_after_a_restart),
		cmocka_unit_test(letters_that_were_never_tried_go_out),
		cmocka_unit_test(a_row_that_cannot_be_read_is_kept),
		cmocka_unit_test(a_row_damaged_while_it_waits_is_held),
		cmocka_unit_test(a_letter_without_rows_is_forgotten),
		cmocka_unit_test(rows_without_a_letter_are_left_alone),
		cmocka_unit_test(a_full_mailbox_gets_it_when_there_is_room),
		cmocka_unit_test(a_mailbox_that_stays_full_is_told_of),
		cmocka_unit_test(an_address_that_is_gone_is_told_of),
		cmocka_unit_test(an_alias_is_followed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
