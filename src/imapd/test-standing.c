/* Searches that stand, and their orders: what they may take before an answer, and keep. */
#include "imapd/searching.h"
#include "imapd/standing-order.h"
#include "imapd/test-inbox.h"
#include "post/change.h"

enum { LETTERS = 40, HALF = LETTERS / 2 };

static const struct post_order_key by_subject = {.order = POST_ORDER_SUBJECT};

struct scene {
	struct inbox inbox;
	struct imapd_context context;
	struct post_view *view;
};

/* Subjects that rise and fall, so that new ones belong in the midst of the others. */
static void
deliver(struct scene *scene)
{
	for (int i = 0; i < LETTERS; i++)
		house_deliver(&scene->inbox.house, "anna@troika.test",
			arena_printf(scene->inbox.arena, "Subject: %02d\r\n\r\n",
				i * 7 % LETTERS));
}

static int
start(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);
	inbox_open(&scene->inbox);
	scene->context.clock = scene->inbox.house.clock;
	deliver(scene);
	scene->view = post_view_newest(scene->inbox.mailbox);
	*state = scene;
	return 0;
}

static int
stop(void **state)
{
	struct scene *scene = *state;
	post_view_drop(scene->view);
	inbox_close(&scene->inbox);
	free(scene);
	return 0;
}

/* --- places ------------------------------------------------------------------------ */

static struct post_uids *
range(uint32_t first, uint32_t last)
{
	struct post_uids *uids = post_uids_create();
	post_uids_add_range(uids, first, last);
	return uids;
}

static struct imapd_standing_order *
order_of(const struct scene *scene, uint32_t last, const struct post_order_key *key)
{
	const uint32_t *uids;
	size_t count;
	SCOPED(post_uids_release) struct post_uids *first = range(1, last);
	struct post_ordering *ordering = post_order_begin(scene->view, first, key, 1);
	while (post_order_step(ordering))
		continue;
	assert_int_equal(post_order_result(ordering, &uids, &count), BASE_OK);
	assert_int_equal(count, last);
	struct imapd_standing_order *order = imapd_standing_order_new(uids, count, key, 1);
	post_order_destroy(ordering);
	return order;
}

/* What is left of the comparisons when the second half has come. */
static enum base_failure
add_second_half(const struct scene *scene, const struct post_order_key *key,
	unsigned *comparisons, struct imapd_standing_order **order)
{
	struct imapd_place places[HALF];
	SCOPED(post_uids_release) struct post_uids *added = range(HALF + 1, LETTERS);
	*order = order_of(scene, HALF, key);
	return imapd_standing_order_add(*order, scene->view, added, comparisons, places);
}

static void
in_the_midst_each_costs_the_logarithm(void **state)
{
	struct scene *scene = *state;
	unsigned comparisons = HALF * 8;
	struct imapd_place places[LETTERS];
	struct imapd_standing_order *order;
	SCOPED(post_uids_release) struct post_uids *all = range(1, LETTERS);
	assert_int_equal(
		add_second_half(scene, &by_subject, &comparisons, &order), BASE_OK);
	imapd_standing_order_take(order, all, places);
	for (uint32_t i = 0; i < LETTERS; i++)
		assert_int_equal((places[LETTERS - 1 - i].uid - 1) * 7 % LETTERS, i);
	imapd_standing_order_free(order);
}

static void
at_the_end_each_costs_one(void **state)
{
	struct scene *scene = *state;
	static const struct post_order_key by_arrival = {.order = POST_ORDER_ARRIVAL};
	unsigned comparisons = HALF;
	struct imapd_standing_order *order;
	assert_int_equal(
		add_second_half(scene, &by_arrival, &comparisons, &order), BASE_OK);
	assert_int_equal(comparisons, 0);
	imapd_standing_order_free(order);
}

static void
more_than_there_may_be_is_refused(void **state)
{
	struct scene *scene = *state;
	unsigned comparisons = HALF;
	struct imapd_standing_order *order;
	assert_int_equal(
		add_second_half(scene, &by_subject, &comparisons, &order), BASE_TOO_LARGE);
	imapd_standing_order_free(order);
}

/* --- memory ------------------------------------------------------------------------ */

/* Orders of so many, each of a search of its own. */
static const size_t counts[] = {IMAPD_PLACES_MOST - 1, 1, 1};

static void
begin_one(struct imapd_session *session, size_t count)
{
	struct arena *arena = session->call->arena;
	uint32_t *uids = ARENA_MANY(arena, uint32_t, count);
	struct imapd_searching searching = {.charset = SLICE("")};
	struct wire_imap_cursor cursor = wire_imap_cursor_over(SLICE("ALL"), arena);
	SCOPED(post_uids_release) struct post_uids *found = range(1, LETTERS);
	assert_true(wire_imap_search_keys_parse(&cursor, &searching.wanted));
	for (size_t i = 0; i < count; i++)
		uids[i] = (uint32_t)i + 1;
	imapd_standing_begin(session, &searching, found,
		imapd_standing_order_new(uids, count, &by_subject, 1));
}

static enum net_next
greet(struct net_session *net, const struct net_event *event)
{
	static const struct slice tags[] = {
		SLICE_INIT("a"), SLICE_INIT("b"), SLICE_INIT("c")};
	struct imapd_session *session = imapd_session_of(net);
	struct scene *scene = net_owner(net);
	struct imapd_selected selected = {.view = scene->view};
	(void)event;
	session->net = net;
	session->context = &scene->context;
	session->selected = &selected;
	session->call = ARENA_NEW(scene->inbox.arena, struct imapd_call);
	session->call->arena = scene->inbox.arena;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		session->call->tag = tags[i];
		begin_one(session, counts[i]);
	}
	imapd_standing_end_all(session, &selected);
	net_put(net, SLICE("done\r\n"));
	return NET_CLOSE;
}

static void
closed(struct net_session *net)
{
	(void)net;
}

static const struct net_protocol protocol = {.name = "standing",
	.session_size = sizeof(struct imapd_session),
	.greet = greet,
	.closed = closed};

static void
all_orders_together_have_a_limit(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	house_listen(&scene->inbox.house, &protocol, scene);
	peer_dial(&peer, scene->inbox.house.port);
	peer_expect_start(&peer, "* NO [NOUPDATE \"c\"]");
	peer_expect(&peer, "done");
	peer_hang_up(&peer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(in_the_midst_each_costs_the_logarithm),
		TEST(at_the_end_each_costs_one),
		TEST(more_than_there_may_be_is_refused),
		TEST(all_orders_together_have_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
