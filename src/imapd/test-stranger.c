/* How long somebody may stay who does not sign in, whatever comes meanwhile. */
#include "base/test.h"
#include "door/test-house.h"
#include "imapd/imapd.h"

enum { MINUTE = 60 * 1000, STEP = 20 * 1000 };

struct scene {
	struct house house;
	struct imapd_context context;
};

static int
start(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);
	house_open(&scene->house, &(struct house_settings){.clear = true});
	scene->context = (struct imapd_context){.post = scene->house.post,
		.door = scene->house.door,
		.clock = scene->house.clock,
		.log = scene->house.log,
		.host_name = SLICE("mail.troika.test"),
		.message_size_most = 100000,
		.metrics = imapd_metrics_register(scene->house.metrics)};
	house_listen(&scene->house, &imapd_protocol, &scene->context);
	house_account(&scene->house, "anna@troika.test", "troika");
	*state = scene;
	return 0;
}

static int
stop(void **state)
{
	struct scene *scene = *state;
	house_close(&scene->house);
	free(scene);
	return 0;
}

static void
greeted(struct scene *scene, struct peer *peer)
{
	peer_dial(peer, scene->house.port);
	peer_expect_start(peer, "* OK ");
}

static void
expect_bye(struct peer *peer)
{
	peer_expect(peer, "* BYE The sign-in took too long");
	assert_true(peer_at_end(peer));
	peer_hang_up(peer);
}

static void
commands_buy_no_time(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	greeted(scene, &peer);
	for (int i = 0; i < 2; i++) {
		house_advance(&scene->house, MINUTE);
		peer_say(&peer, "a NOOP");
		peer_expect_start(&peer, "a OK ");
	}
	house_advance(&scene->house, IMAPD_SIGN_IN_DEADLINE - 2 * MINUTE + 1);
	expect_bye(&peer);
}

/* Each octet faster than a least rate asks for. */
static void
nor_do_the_octets_of_a_literal(void **state)
{
	static char drip[IMAPD_LEAST_RATE * 60];
	static const char *const announced[] = {
		"a LOGIN {20000+}\r\n", "a LOGIN {900000+}\r\n"};
	struct scene *scene = *state;
	memset(drip, 'x', sizeof drip);
	for (size_t i = 0; i < 2; i++) {
		struct peer peer;
		greeted(scene, &peer);
		peer_send(&peer, slice_of_text(announced[i]));
		for (int at = STEP; at <= IMAPD_SIGN_IN_DEADLINE; at += STEP) {
			peer_send(&peer, slice_of(drip, sizeof drip));
			house_advance(&scene->house, STEP);
		}
		house_advance(&scene->house, 1);
		expect_bye(&peer);
	}
}

static void
nor_an_answer_that_is_never_given(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	greeted(scene, &peer);
	house_advance(&scene->house, IMAPD_SIGN_IN_DEADLINE - MINUTE);
	peer_say(&peer, "a AUTHENTICATE PLAIN");
	peer_expect_start(&peer, "+ ");
	house_advance(&scene->house, MINUTE + 1);
	expect_bye(&peer);
}

static void
who_has_signed_in_has_half_an_hour(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	greeted(scene, &peer);
	house_advance(&scene->house, IMAPD_SIGN_IN_DEADLINE - MINUTE);
	peer_say(&peer, "a LOGIN anna@troika.test troika");
	peer_expect_start(&peer, "a OK ");
	house_advance(&scene->house, 29 * MINUTE);
	peer_say(&peer, "b NOOP");
	peer_expect_start(&peer, "b OK ");
	house_advance(&scene->house, 31 * MINUTE);
	peer_expect(&peer, "* BYE Nothing came for too long");
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
}

int
main(void)
{
#define SCENE(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		SCENE(commands_buy_no_time),
		SCENE(nor_do_the_octets_of_a_literal),
		SCENE(nor_an_answer_that_is_never_given),
		SCENE(who_has_signed_in_has_half_an_hour),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
