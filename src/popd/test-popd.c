#include "base/test.h"
#include "door/test-house.h"
#include "popd/popd.h"
#include <unistd.h>

static const struct slice LETTER = SLICE_INIT("Subject: one\r\n"
					      "From: x@example.org\r\n"
					      "\r\n"
					      "first\r\n"
					      ".second\r\n"
					      "..third\r\n");

struct scene {
	struct house house;
	struct popd_context context;
};

static void
open_scene(struct scene *scene, bool clear)
{
	house_open(&scene->house, &(struct house_settings){.clear = clear});
	scene->context = (struct popd_context){
		.post = scene->house.post,
		.door = scene->house.door,
		.log = scene->house.log,
		.metrics = scene->house.metrics,
	};
	house_listen(&scene->house, &popd_protocol, &scene->context);
	house_account(&scene->house, "anna@troika.test", "troika");
}

static int
set_up_clear(void **state)
{
	*state = calloc(1, sizeof(struct scene));
	open_scene(*state, true);
	return 0;
}

static int
set_up_secure(void **state)
{
	*state = calloc(1, sizeof(struct scene));
	open_scene(*state, false);
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;
	house_close(&scene->house);
	free(scene);
	return 0;
}

static void
dial(struct scene *scene, struct peer *peer)
{
	peer_dial(peer, scene->house.port);
	peer_expect_start(peer, "+OK");
}

static void
ask(struct peer *peer, const char *command, const char *start)
{
	peer_say(peer, command);
	peer_expect_start(peer, start);
}

static void
sign_in(struct scene *scene, struct peer *peer)
{
	dial(scene, peer);
	ask(peer, "USER anna@troika.test", "+OK");
	ask(peer, "PASS troika", "+OK");
}

static void
deliver(struct scene *scene, struct slice text)
{
	house_deliver(&scene->house, "anna@troika.test", text);
}

/* Lines up to the lone dot, with "|" between them and dots unstuffed. */
static char *
lines(struct peer *peer)
{
	struct buffer text = buffer_with(64 << 20);
	const char *line;
	while (strcmp(line = peer_line(peer), ".") != 0) {
		buffer_put_text(&text, line[0] == '.' ? line + 1 : line);
		buffer_put_byte(&text, '|');
	}
	assert_true(buffer_put_byte(&text, '\0'));
	return text.data;
}

static void
assert_lines(struct peer *peer, const char *command, const char *wanted)
{
	ask(peer, command, "+OK");
	char *got = lines(peer);
	assert_string_equal(got, wanted);
	free(got);
}

/* --- before signing in ---------------------------------------------------------------- */

#define COMMON "AUTH-RESP-CODE|EXPIRE NEVER|IMPLEMENTATION Troika|PIPELINING|RESP-CODES|"

static void
no_password_is_asked_for_in_the_clear(void **state)
{
	struct peer peer;
	dial(*state, &peer);
	assert_lines(&peer, "CAPA", "STLS|TOP|UIDL|" COMMON);
	ask(&peer, "USER anna@troika.test", "-ERR");
	ask(&peer, "PASS troika", "-ERR");
	ask(&peer, "AUTH PLAIN AGFubmFAdHJvaWthLnRlc3QAdHJvaWth", "-ERR");
	ask(&peer, "AUTH", "-ERR");
	ask(&peer, "STAT", "-ERR");
	ask(&peer, "STLS", "+OK");
	peer_secure(&peer);
	assert_lines(&peer, "CAPA", "SASL PLAIN|TOP|UIDL|USER|" COMMON);
	ask(&peer, "STLS", "-ERR");
	ask(&peer, "USER anna@troika.test", "+OK");
	ask(&peer, "PASS troika", "+OK");
	ask(&peer, "STLS", "-ERR");
	ask(&peer, "QUIT", "+OK");
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
}

static void
tls_from_the_start(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	peer_dial(&peer, scene->house.tls_port);
	peer_secure(&peer);
	peer_expect_start(&peer, "+OK");
	ask(&peer, "AUTH PLAIN AGFubmFAdHJvaWthLnRlc3QAdHJvaWth", "+OK");
	peer_hang_up(&peer);
}

/* What an attacker put behind STLS must not be carried out inside TLS. */
static void
commands_behind_stls_are_thrown_away(void **state)
{
	struct peer peer;
	dial(*state, &peer);
	peer_send(&peer, SLICE("STLS\r\nUSER injected@troika.test\r\nNOOP\r\n"));
	peer_expect_start(&peer, "+OK");
	peer_secure(&peer);
	ask(&peer, "PASS troika", "-ERR Say USER first");
	ask(&peer, "QUIT", "+OK");
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
}

static void
signing_in(void **state)
{
	struct peer peer;
	dial(*state, &peer);
	ask(&peer, "PASS troika", "-ERR");
	ask(&peer, "USER anna@troika.test", "+OK");
	ask(&peer, "PASS wrong", "-ERR [AUTH]");
	ask(&peer, "PASS troika", "-ERR Say USER first");
	ask(&peer, "USER nobody@troika.test", "+OK");
	ask(&peer, "PASS troika", "-ERR [AUTH]");
	assert_lines(&peer, "AUTH", "PLAIN|");
	ask(&peer, "AUTH CRAM-MD5", "-ERR");
	ask(&peer, "AUTH PLAIN", "+ ");
	ask(&peer, "*", "-ERR");
	ask(&peer, "AUTH PLAIN", "+ ");
	ask(&peer, "no base64", "-ERR");
	ask(&peer, "AUTH PLAIN =", "-ERR");
	ask(&peer, "AUTH PLAIN", "+ ");
	ask(&peer, "AGFubmFAdHJvaWthLnRlc3QAdHJvaWth", "+OK 0 messages");
	ask(&peer, "USER anna@troika.test", "-ERR");
	peer_hang_up(&peer);
}

static void
too_many_refusals_end_the_session(void **state)
{
	struct peer peer;
	dial(*state, &peer);
	for (int i = 0; i < 4; i++) {
		ask(&peer, "USER anna@troika.test", "+OK");
		ask(&peer, "PASS wrong", "-ERR [AUTH]");
	}
	ask(&peer, "USER anna@troika.test", "+OK");
	ask(&peer, "PASS wrong", "-ERR [AUTH]");
	peer_expect_start(&peer, "-ERR Too many errors");
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
}

static void
a_maildrop_has_one_session(void **state)
{
	struct scene *scene = *state;
	struct peer first, second;
	sign_in(scene, &first);
	dial(scene, &second);
	ask(&second, "USER anna@troika.test", "+OK");
	ask(&second, "PASS troika", "-ERR [IN-USE]");
	ask(&first, "QUIT", "+OK");
	ask(&second, "USER anna@troika.test", "+OK");
	ask(&second, "PASS troika", "+OK");
	peer_hang_up(&first);
	peer_hang_up(&second);
}

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
	while (net_session_count(scene->house.net))
		usleep(1000);
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

/* --- bad input ------------------------------------------------------------------------ */

static void
everything_in_one_segment(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	deliver(scene, LETTER);
	dial(scene, &peer);
	peer_send(&peer, SLICE("CAPA\r\nUSER anna@troika.test\r\nPASS troika\r\nSTAT\r\n"
			       "TOP 1 0\r\nDELE 1\r\nNOOP\r\nQUIT\r\n"));
	peer_expect_start(&peer, "+OK");
	free(lines(&peer));
	peer_expect_start(&peer, "+OK And");
	peer_expect_start(&peer, "+OK 1 messages");
	peer_expect_start(&peer, "+OK 1 ");
	peer_expect_start(&peer, "+OK Its top");
	free(lines(&peer));
	peer_expect_start(&peer, "+OK Marked");
	peer_expect_start(&peer, "+OK Here");
	peer_expect_start(&peer, "+OK Good-bye");
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
}

static void
broken_lines_are_refused_and_the_session_goes_on(void **state)
{
	struct peer peer;
	dial(*state, &peer);
	static const struct slice lines_sent[] = {
		SLICE_INIT("NOOP\n"),
		SLICE_INIT("NO\0OP\r\n"),
		SLICE_INIT("NO\rOP\r\n"),
		SLICE_INIT("XTND XLST\r\n"),
		SLICE_INIT("\r\n"),
		SLICE_INIT("\xff\xfe\x00\r\n"),
		SLICE_INIT("APOP anna c4c9334bac560ecc979e58001b3e22fb\r\n"),
		SLICE_INIT("RETR 1\r\n"),
	};
	for (size_t i = 0; i < sizeof lines_sent / sizeof *lines_sent; i++) {
		peer_send(&peer, lines_sent[i]);
		peer_expect_start(&peer, "-ERR");
	}
	char flood[4096];
	memset(flood, 'a', sizeof flood);
	for (int i = 0; i < 256; i++)
		peer_send(&peer, slice_of(flood, sizeof flood));
	peer_send(&peer, SLICE("\r\n"));
	peer_expect_start(&peer, "-ERR The line is too long");
	ask(&peer, "CAPA", "+OK");
	free(lines(&peer));
	for (int i = 0; i < 10; i++)
		ask(&peer, "BOGUS", "-ERR");
	ask(&peer, "BOGUS", "-ERR");
	peer_expect_start(&peer, "-ERR Too many errors");
	assert_true(peer_at_end(&peer));
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
	while (net_session_count(scene->house.net))
		usleep(1000);
	char *log = house_log(&scene->house);
	assert_non_null(strstr(log, "service=pop3"));
	const char *ended = strstr(log, "pop3.ended");
	assert_non_null(ended);
	assert_non_null(strstr(ended, "account=anna@troika.test"));
	assert_non_null(strstr(ended, "retrieved=1"));
	assert_non_null(strstr(ended, "deleted=1"));
	free(log);
}

#define CLEAR(name)  cmocka_unit_test_setup_teardown(name, set_up_clear, tear_down)
#define SECURE(name) cmocka_unit_test_setup_teardown(name, set_up_secure, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SECURE(no_password_is_asked_for_in_the_clear),
		SECURE(tls_from_the_start),
		SECURE(commands_behind_stls_are_thrown_away),
		CLEAR(signing_in),
		CLEAR(too_many_refusals_end_the_session),
		CLEAR(a_maildrop_has_one_session),
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
		CLEAR(everything_in_one_segment),
		CLEAR(broken_lines_are_refused_and_the_session_goes_on),
		CLEAR(the_log_has_the_session_and_no_password),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
