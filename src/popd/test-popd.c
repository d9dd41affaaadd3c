#include "popd/test-scene.h"
#include <unistd.h>

/* --- reading -------------------------------------------------------------------------- */

static void
a_letter_is_read(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	deliver(scene, LETTER);
	deliver(scene, SLICE("Subject: two\r\n\r\nlast line without an end"));
	sign_in(scene, &peer);
	ask(&peer, "STAT", "+OK 2 ");
	ask(&peer, "RETR 1", "+OK");
	char *whole = lines(&peer);
	const char *own = strstr(whole, "Subject: one|From: x@example.org|"
					"|first|.second|..third|");
	assert_non_null(own);
	assert_non_null(strstr(whole, "Return-Path: <sender@example.org>|"));
	assert_non_null(strstr(whole, "Delivered-To: anna@troika.test|"));
	free(whole);
	ask(&peer, "RETR 2", "+OK");
	whole = lines(&peer);
	assert_non_null(strstr(whole, "|last line without an end|"));
	free(whole);
	ask(&peer, "RETR 3", "-ERR");
	ask(&peer, "RETR 0", "-ERR");
	ask(&peer, "RETR x", "-ERR");
	ask(&peer, "RETR", "-ERR");
	peer_hang_up(&peer);
}

static void
the_top_of_a_letter(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	deliver(scene, LETTER);
	sign_in(scene, &peer);
	static const struct {
		const char *command, *end;
	} rows[] = {
		{"TOP 1 0", "From: x@example.org||"},
		{"TOP 1 2", "||first|.second|"},
		{"TOP 1 99", "|first|.second|..third|"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ask(&peer, rows[i].command, "+OK");
		char *top = lines(&peer);
		assert_true(slice_ends(slice_of_text(top), slice_of_text(rows[i].end)));
		free(top);
	}
	ask(&peer, "TOP 1", "-ERR");
	ask(&peer, "TOP 2 0", "-ERR");
	peer_hang_up(&peer);
}

/* RFC 1939 5: what STAT, LIST and RETR say about sizes agrees to the octet. */
static void
sizes_agree(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	deliver(scene, LETTER);
	deliver(scene, LETTER);
	sign_in(scene, &peer);
	unsigned count, number;
	unsigned long long all, one, octets;
	peer_say(&peer, "STAT");
	assert_int_equal(sscanf(peer_line(&peer), "+OK %u %llu", &count, &all), 2);
	peer_say(&peer, "LIST 1");
	assert_int_equal(sscanf(peer_line(&peer), "+OK %u %llu", &number, &one), 2);
	peer_say(&peer, "RETR 1");
	assert_int_equal(sscanf(peer_line(&peer), "+OK %llu octets", &octets), 1);
	char *whole = lines(&peer);
	size_t lines_in_it = 0;
	for (const char *at = whole; (at = strchr(at, '|')); at++)
		lines_in_it++;
	assert_int_equal(strlen(whole) + lines_in_it, one);
	free(whole);
	assert_true(count == 2 && one == octets && all == 2 * one);
	ask(&peer, "DELE 2", "+OK");
	peer_say(&peer, "STAT");
	assert_int_equal(sscanf(peer_line(&peer), "+OK %u %llu", &count, &all), 2);
	assert_true(count == 1 && all == one);
	peer_hang_up(&peer);
}

static void
nul_does_not_reach_the_client(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	deliver(scene, SLICE("Subject: nul\r\n\r\na\0b\0\0c\r\n"));
	sign_in(scene, &peer);
	ask(&peer, "RETR 1", "+OK");
	char *whole = lines(&peer);
	assert_non_null(strstr(whole, "|a\x80"
				      "b\x80\x80"
				      "c|"));
	free(whole);
	peer_hang_up(&peer);
}

static void
a_large_letter_passes_and_commands_behind_it_wait(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	const size_t count = 60000;
	struct buffer text = buffer_with(8 << 20);
	buffer_put_text(&text, "Subject: large\r\n\r\n");
	for (size_t i = 0; i < count; i++)
		buffer_printf(&text, ".%06zu and so on until the line is long\r\n", i);
	deliver(scene, buffer_slice(&text));
	buffer_free(&text);
	sign_in(scene, &peer);
	peer_send(&peer, SLICE("RETR 1\r\nNOOP\r\nRETR 1\r\nQUIT\r\n"));
	for (int round = 0; round < 2; round++) {
		peer_expect_start(&peer, "+OK");
		while (strcmp(peer_line(&peer), "") != 0)
			;
		for (size_t i = 0; i < count; i++) {
			char line[80];
			snprintf(line, sizeof line,
				"..%06zu and so on until the line is long", i);
			peer_expect(&peer, line);
		}
		peer_expect(&peer, ".");
		peer_expect_start(&peer, "+OK");
	}
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
}

/* Who asks for much and reads nothing is let go; the clock says so, not we. */
static void
a_peer_that_never_reads(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	struct buffer text = buffer_with(32 << 20);
	buffer_put_text(&text, "Subject: large\r\n\r\n");
	while (text.length < 20 << 20)
		buffer_put_text(
			&text, "a line of a letter that is larger than a socket\r\n");
	deliver(scene, buffer_slice(&text));
	buffer_free(&text);
	sign_in(scene, &peer);
	peer_say(&peer, "RETR 1");
	for (int i = 0; i < 1000 && net_session_count(scene->house.net); i++) {
		house_advance(&scene->house, 11000);
		usleep(5000);
	}
	assert_int_equal(net_session_count(scene->house.net), 0);
	peer_hang_up(&peer);
}

/* --- listing -------------------------------------------------------------------------- */

static void
lists_and_unique_ids(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	for (int i = 0; i < 3; i++)
		deliver(scene, LETTER);
	sign_in(scene, &peer);
	ask(&peer, "UIDL", "+OK");
	char *before = lines(&peer);
	ask(&peer, "DELE 2", "+OK");
	ask(&peer, "LIST", "+OK");
	char *list = lines(&peer);
	assert_true(list[0] == '1' && strstr(list, "|3 ") && !strstr(list, "|2 "));
	ask(&peer, "LIST 2", "-ERR");
	ask(&peer, "UIDL 2", "-ERR");
	ask(&peer, "RETR 2", "-ERR");
	ask(&peer, "TOP 2 0", "-ERR");
	ask(&peer, "DELE 2", "-ERR");
	ask(&peer, "RSET", "+OK");
	assert_lines(&peer, "UIDL", before);
	ask(&peer, "DELE 1", "+OK");
	ask(&peer, "QUIT", "+OK");
	peer_hang_up(&peer);

	/* Ids stay with their messages when numbers move. */
	char id[80], line[96];
	assert_int_equal(sscanf(strstr(before, "|2 "), "|2 %70[^|]", id), 1);
	snprintf(line, sizeof line, "+OK 1 %s", id);
	sign_in(scene, &peer);
	ask(&peer, "UIDL 1", line);
	free(before);
	free(list);
	peer_hang_up(&peer);
}

static void
a_long_list_comes_whole_and_in_order(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	const unsigned count = 2 * POPD_LISTED_AT_ONCE + 7;
	for (unsigned i = 0; i < count; i++)
		deliver(scene, LETTER);
	sign_in(scene, &peer);
	ask(&peer, "STAT", "+OK 1007 ");
	static const char *const commands[] = {"LIST", "UIDL"};
	for (int which = 0; which < 2; which++) {
		ask(&peer, commands[which], "+OK");
		for (unsigned i = 1; i <= count; i++) {
			char start[16];
			snprintf(start, sizeof start, "%u ", i);
			peer_expect_start(&peer, start);
		}
		peer_expect(&peer, ".");
	}
	peer_hang_up(&peer);
}

/* --- deleting ------------------------------------------------------------------------- */

static void
only_quit_deletes(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	deliver(scene, LETTER);
	deliver(scene, LETTER);
	sign_in(scene, &peer);
	ask(&peer, "DELE 1", "+OK");
	peer_hang_up(&peer);
	await_end_of_sessions(scene);
	sign_in(scene, &peer);
	ask(&peer, "STAT", "+OK 2 ");
	ask(&peer, "DELE 1", "+OK");
	ask(&peer, "RSET", "+OK");
	ask(&peer, "QUIT", "+OK");
	peer_hang_up(&peer);
	sign_in(scene, &peer);
	ask(&peer, "STAT", "+OK 2 ");
	ask(&peer, "DELE 1", "+OK");
	ask(&peer, "DELE 2", "+OK");
	ask(&peer, "QUIT", "+OK");
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
	sign_in(scene, &peer);
	ask(&peer, "STAT", "+OK 0 0");
	assert_lines(&peer, "LIST", "");
	assert_lines(&peer, "UIDL", "");
	peer_hang_up(&peer);
}

static void
ten_idle_minutes_delete_nothing(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	deliver(scene, LETTER);
	sign_in(scene, &peer);
	ask(&peer, "DELE 1", "+OK");
	house_advance(&scene->house, 9 * 60 * 1000);
	ask(&peer, "NOOP", "+OK");
	house_advance(&scene->house, POPD_IDLE_MS + 1000);
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
	sign_in(scene, &peer);
	ask(&peer, "STAT", "+OK 1 ");
	peer_hang_up(&peer);
}

/* What comes or goes meanwhile does not move the numbers. */
static void
the_maildrop_is_frozen(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	struct base_error error;
	struct post_mailbox *inbox;
	struct post_account *account;
	deliver(scene, LETTER);
	deliver(scene, LETTER);
	sign_in(scene, &peer);
	deliver(scene, LETTER);
	assert_int_equal(post_account_open(scene->house.post, POST_ACCOUNT_FIRST, &account),
		BASE_OK);
	assert_int_equal(post_mailbox_open(account, SLICE("INBOX"), &inbox), BASE_OK);
	struct post_uids *first = post_uids_create(), *expunged = NULL;
	post_uids_add(first, 1);
	house_done(post_expunge(inbox, first, false, &expunged, &error));
	post_uids_destroy(first);
	post_uids_destroy(expunged);
	post_mailbox_close(inbox);
	post_account_close(account);
	ask(&peer, "STAT", "+OK 2 ");
	ask(&peer, "RETR 1", "+OK");
	free(lines(&peer));
	ask(&peer, "RETR 3", "-ERR");
	ask(&peer, "DELE 1", "+OK");
	ask(&peer, "DELE 2", "+OK");
	ask(&peer, "QUIT", "+OK");
	peer_hang_up(&peer);
	sign_in(scene, &peer);
	ask(&peer, "STAT", "+OK 1 ");
	peer_hang_up(&peer);
}

static void
the_log_has_the_session_and_no_password(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	deliver(scene, LETTER);
	sign_in(scene, &peer);
	ask(&peer, "RETR 1", "+OK");
	free(lines(&peer));
	ask(&peer, "DELE 1", "+OK");
	ask(&peer, "QUIT", "+OK");
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
	await_end_of_sessions(scene);
	char *log = house_log(&scene->house);
	assert_non_null(strstr(log, "service=pop3"));
	const char *ended = strstr(log, "pop3.ended");
	assert_non_null(ended);
	assert_non_null(strstr(ended, "account=anna@troika.test"));
	assert_non_null(strstr(ended, "retrieved=1"));
	assert_non_null(strstr(ended, "deleted=1"));
	free(log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLEAR(a_letter_is_read),
		CLEAR(the_top_of_a_letter),
		CLEAR(sizes_agree),
		CLEAR(nul_does_not_reach_the_client),
		CLEAR(a_large_letter_passes_and_commands_behind_it_wait),
		CLEAR(a_peer_that_never_reads),
		CLEAR(lists_and_unique_ids),
		CLEAR(a_long_list_comes_whole_and_in_order),
		CLEAR(only_quit_deletes),
		CLEAR(ten_idle_minutes_delete_nothing),
		CLEAR(the_maildrop_is_frozen),
		CLEAR(the_log_has_the_session_and_no_password),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
