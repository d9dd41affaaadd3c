#include "base/test.h"
#include "net/budget.h"

struct entered {
	struct net_budget_entry *address, *network;
};

static enum net_admission
enter(struct net_budget *budget, const char *from, uint64_t now, struct entered *entered)
{
	struct net_address peer;
	assert_true(net_address_parse(slice_of_text(from), 0, &peer));
	return net_budget_enter(budget, &peer, now, &entered->address, &entered->network);
}

static void
leave(struct net_budget *budget, const struct entered *entered)
{
	net_budget_leave(budget, entered->address, entered->network);
}

static void
counts_addresses_and_networks(void **state)
{
	(void)state;
	struct net_budget *budget = net_budget_create(&(struct net_budgets){
		.connections_per_address = 2, .connections_per_network = 3});
	struct entered one, two, three, refused;
	assert_int_equal(enter(budget, "192.0.2.1", 0, &one), NET_ADMITTED);
	assert_int_equal(enter(budget, "192.0.2.1", 0, &two), NET_ADMITTED);
	assert_int_equal(enter(budget, "192.0.2.1", 0, &refused), NET_OVER_ADDRESS);
	assert_int_equal(enter(budget, "192.0.2.2", 0, &three), NET_ADMITTED);
	assert_int_equal(enter(budget, "192.0.2.3", 0, &refused), NET_OVER_NETWORK);
	leave(budget, &one);
	assert_int_equal(enter(budget, "192.0.2.1", 0, &one), NET_ADMITTED);
	leave(budget, &one);
	leave(budget, &two);
	leave(budget, &three);
	assert_int_equal(net_budget_entries(budget), 0);
	net_budget_destroy(budget);
}

static void
takes_an_ipv6_net_for_one_address(void **state)
{
	(void)state;
	struct net_budget *budget = net_budget_create(&(struct net_budgets){
		.connections_per_address = 1, .connections_per_network = 2});
	struct entered one, two, refused;
	assert_int_equal(enter(budget, "2001:db8:1:1::1", 0, &one), NET_ADMITTED);
	assert_int_equal(enter(budget, "2001:db8:1:1::2", 0, &refused), NET_OVER_ADDRESS);
	assert_int_equal(enter(budget, "2001:db8:1:2::1", 0, &two), NET_ADMITTED);
	assert_int_equal(enter(budget, "2001:db8:1:3::1", 0, &refused), NET_OVER_NETWORK);
	leave(budget, &one);
	leave(budget, &two);
	net_budget_destroy(budget);
}

static void
lets_connections_flow_at_their_rate(void **state)
{
	(void)state;
	struct net_budget *budget =
		net_budget_create(&(struct net_budgets){.connections_per_second = 2});
	struct entered one;
	uint64_t now = 5000;
	for (int i = 0; i < 2 * NET_BUDGET_BURST_S; i++) {
		assert_int_equal(enter(budget, "192.0.2.1", now, &one), NET_ADMITTED);
		leave(budget, &one);
	}
	assert_int_equal(enter(budget, "192.0.2.1", now, &one), NET_OVER_RATE);
	assert_int_equal(enter(budget, "192.0.2.1", now + 499, &one), NET_OVER_RATE);
	assert_int_equal(enter(budget, "192.0.2.1", now + 500, &one), NET_ADMITTED);
	leave(budget, &one);
	assert_int_equal(enter(budget, "192.0.2.1", now + 500, &one), NET_OVER_RATE);
	net_budget_sweep(budget, now + 1000);
	assert_int_equal(net_budget_entries(budget), 1);
	net_budget_sweep(budget, now + 1000 * (NET_BUDGET_BURST_S + 1));
	assert_int_equal(net_budget_entries(budget), 0);
	net_budget_destroy(budget);
}

static void
bounds_all_sessions(void **state)
{
	(void)state;
	struct net_budget *budget = net_budget_create(&(struct net_budgets){.sessions = 1});
	struct entered one, refused;
	assert_int_equal(enter(budget, "192.0.2.1", 0, &one), NET_ADMITTED);
	assert_int_equal(enter(budget, "198.51.100.1", 0, &refused), NET_OVER_SESSIONS);
	/* The administrator still comes in. */
	struct net_budget_entry *address, *network;
	assert_int_equal(
		net_budget_enter(budget, &(struct net_address){0}, 0, &address, &network),
		NET_ADMITTED);
	net_budget_leave(budget, address, network);
	leave(budget, &one);
	assert_int_equal(enter(budget, "198.51.100.1", 0, &one), NET_ADMITTED);
	leave(budget, &one);
	net_budget_destroy(budget);
}

static void
counts_accounts(void **state)
{
	(void)state;
	struct net_budget *budget = net_budget_create(&(struct net_budgets){0});
	struct net_budget_member one = {0}, two = {0}, three = {0}, boris = {0};
	struct slice anna = SLICE("anna@troika.test");
	assert_true(net_budget_enter_account(budget, anna, 2, &one));
	assert_true(net_budget_enter_account(budget, anna, 2, &two));
	assert_false(net_budget_enter_account(budget, anna, 2, &three));
	assert_true(net_budget_enter_account(budget, anna, 2, &one)); /* is in already */
	assert_true(
		net_budget_enter_account(budget, SLICE("boris@troika.test"), 2, &boris));
	net_budget_leave_account(budget, &one);
	assert_true(net_budget_enter_account(budget, anna, 2, &three));
	/* To another one: it leaves the first. */
	assert_true(net_budget_enter_account(budget, SLICE("boris@troika.test"), 2, &two));
	assert_false(net_budget_enter_account(budget, SLICE("boris@troika.test"), 2, &one));
	assert_true(net_budget_enter_account(budget, anna, 0, &one));
	struct net_budget_member *all[] = {&one, &two, &three, &boris, &boris};
	for (size_t i = 0; i < 5; i++)
		net_budget_leave_account(budget, all[i]);
	assert_int_equal(net_budget_entries(budget), 0);
	net_budget_destroy(budget);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_addresses_and_networks),
		cmocka_unit_test(takes_an_ipv6_net_for_one_address),
		cmocka_unit_test(lets_connections_flow_at_their_rate),
		cmocka_unit_test(bounds_all_sessions),
		cmocka_unit_test(counts_accounts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
