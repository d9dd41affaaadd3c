#include "popd/test-scene.h"

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
	assert_lines(&peer, "CAPA", "SASL PLAIN LOGIN|TOP|UIDL|USER|" COMMON);
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
	assert_lines(&peer, "AUTH", "PLAIN|LOGIN|");
	ask(&peer, "AUTH CRAM-MD5", "-ERR");
	ask(&peer, "AUTH PLAIN", "+ ");
	ask(&peer, "*", "-ERR");
	ask(&peer, "AUTH PLAIN", "+ ");
	ask(&peer, "no base64", "-ERR");
	ask(&peer, "AUTH PLAIN =", "-ERR");
	ask(&peer, "AUTH LOGIN", "+ VXNlcm5hbWU6");
	ask(&peer, "YW5uYUB0cm9pa2EudGVzdA==", "+ UGFzc3dvcmQ6");
	ask(&peer, "d3Jvbmc=", "-ERR [AUTH]");
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
commands_without_a_sign_in_have_an_end(void **state)
{
	struct peer peer;
	dial(*state, &peer);
	for (int i = 0; i < POPD_STRANGER_MOST; i++)
		ask(&peer, "USER anna@troika.test", "+OK");
	peer_expect_start(&peer, "-ERR Too many commands");
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
	sign_in(*state, &peer);
	for (int i = 0; i < POPD_STRANGER_MOST; i++)
		ask(&peer, "NOOP", "+OK");
	ask(&peer, "QUIT", "+OK");
	peer_hang_up(&peer);
}

static void
nor_does_each_of_them_buy_time(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	dial(scene, &peer);
	for (int i = 0; i < 9; i++) {
		house_advance(&scene->house, POPD_SIGN_IN_MS / 10);
		ask(&peer, "USER anna@troika.test", "+OK");
	}
	ask(&peer, "AUTH PLAIN", "+ ");
	house_advance(&scene->house, POPD_SIGN_IN_MS / 10 + 1);
	peer_expect(&peer, "-ERR The sign-in took too long");
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SECURE(no_password_is_asked_for_in_the_clear),
		SECURE(tls_from_the_start),
		SECURE(commands_behind_stls_are_thrown_away),
		CLEAR(signing_in),
		CLEAR(too_many_refusals_end_the_session),
		CLEAR(commands_without_a_sign_in_have_an_end),
		CLEAR(nor_does_each_of_them_buy_time),
		CLEAR(a_maildrop_has_one_session),
		CLEAR(everything_in_one_segment),
		CLEAR(broken_lines_are_refused_and_the_session_goes_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
