/* INPROGRESS (RFC 9585): a search that takes long, on a clock that goes as fast as it. */
#include "base/test.h"
#include "door/test-house.h"
#include "imapd/searching.h"

enum { STEPS = 11 };

struct scene {
	struct house house;
	struct imapd_context context;
	uint64_t step_ms;
	unsigned left;
};

/* Each takes so long that the slice ends with it. */
static bool
take_a_step(void *state)
{
	struct scene *scene = state;
	base_clock_advance(scene->house.clock, (int64_t)scene->step_ms);
	return --scene->left;
}

static enum net_next
finish(struct imapd_session *session, void *state)
{
	(void)state;
	net_put(session->net, SLICE("done\r\n"));
	return NET_CLOSE;
}

static enum net_next
greet(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	struct scene *scene = net_owner(net);
	struct arena *arena = arena_create(IMAPD_CALL_MEMORY);
	(void)event;
	session->net = net;
	session->context = &scene->context;
	session->call = ARENA_NEW(arena, struct imapd_call);
	session->call->arena = arena;
	session->call->tag = SLICE("a7");
	return imapd_steps(session,
		&(struct imapd_steps){.step = take_a_step, .done = finish, .state = scene});
}

static void
closed(struct net_session *net)
{
	arena_destroy(imapd_session_of(net)->call->arena);
}

static const struct net_protocol protocol = {.name = "progress",
	.session_size = sizeof(struct imapd_session),
	.greet = greet,
	.closed = closed};

static int
start(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);
	house_open(&scene->house, &(struct house_settings){.clear = true});
	scene->context.clock = scene->house.clock;
	scene->left = STEPS;
	house_listen(&scene->house, &protocol, scene);
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

/* How often the client is told, of steps that take so long each. */
static unsigned
told(struct scene *scene, uint64_t step_ms)
{
	struct peer peer;
	unsigned count = 0;
	scene->step_ms = step_ms;
	peer_dial(&peer, scene->house.port);
	for (const char *line; strcmp(line = peer_line(&peer), "done") != 0; count++)
		assert_string_equal(
			line, "* OK [INPROGRESS (\"a7\" NIL NIL)] Still working");
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
	return count;
}

static void
nothing_is_told_within_ten_seconds(void **state)
{
	/* True time goes by as well, on a busy machine some seconds. */
	assert_int_equal(told(*state, 100), 0);
}

static void
each_ten_seconds_are_told(void **state)
{
	/* After 12, 24, 36, 48 and 60 seconds. */
	assert_in_range(told(*state, 6000), 5, 6);
}

static void
a_long_step_is_told_once(void **state)
{
	assert_int_equal(told(*state, 35000), STEPS - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_told_within_ten_seconds),
		TEST(each_ten_seconds_are_told),
		TEST(a_long_step_is_told_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
