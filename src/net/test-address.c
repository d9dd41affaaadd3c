#include "base/test.h"
#include "net/address.h"
#include <arpa/inet.h>
#include <netinet/in.h>

static struct net_address
address(const char *text)
{
	struct net_address parsed;
	assert_true(net_address_parse(slice_of_text(text), 25, &parsed));
	return parsed;
}

static void
parses_and_prints(void **state)
{
	(void)state;
	static const struct {
		const char *text, *printed, *with_port;
		bool v6, loopback;
	} cases[] = {
		{"192.0.2.1", "192.0.2.1", "192.0.2.1:25", false, false},
		{"127.9.9.9", "127.9.9.9", "127.9.9.9:25", false, true},
		{"2001:db8::1", "2001:db8::1", "[2001:db8::1]:25", true, false},
		{"[2001:DB8:0::1]", "2001:db8::1", "[2001:db8::1]:25", true, false},
		{"::1", "::1", "[::1]:25", true, true},
		{"::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1:25", false, false},
		{"::ffff:127.0.0.1", "127.0.0.1", "127.0.0.1:25", false, true},
		{"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
			"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
			"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:25", true, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[NET_ADDRESS_TEXT_MOST];
		struct net_address parsed = address(cases[i].text);
		assert_string_equal(net_address_text(&parsed, text).data, cases[i].printed);
		assert_string_equal(
			net_address_text_port(&parsed, text).data, cases[i].with_port);
		assert_int_equal(net_address_port(&parsed), 25);
		assert_int_equal(net_address_is_v6(&parsed), cases[i].v6);
		assert_int_equal(net_address_is_loopback(&parsed), cases[i].loopback);
	}
}

static void
refuses_what_is_no_address(void **state)
{
	(void)state;
	static const char *const cases[] = {"", "example.org", "192.0.2", "192.0.2.256",
		"192.0.2.1:25", "192.0.2.1 ", "[192.0.2.1", ":::", "2001:db8::1::2", "[]",
		"fe80::1%lo",
		"111111111111111111111111111111111111111111111111111111111111111111"};
	struct net_address parsed;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_false(net_address_parse(slice_of_text(cases[i]), 0, &parsed));
	assert_false(net_address_parse(SLICE("192.0.2.1\0.9"), 0, &parsed));
	assert_false(net_address_parse(SLICE_NONE, 0, &parsed));
}

static void
takes_what_the_kernel_gives(void **state)
{
	(void)state;
	char text[NET_ADDRESS_TEXT_MOST];
	struct net_address made;
	struct sockaddr_in6 mapped = {.sin6_family = AF_INET6, .sin6_port = htons(143)};
	assert_int_equal(inet_pton(AF_INET6, "::ffff:198.51.100.7", &mapped.sin6_addr), 1);
	net_address_of((struct sockaddr *)(void *)&mapped, sizeof mapped, &made);
	assert_slice_is(net_address_text_port(&made, text), "198.51.100.7:143");

	struct sockaddr local = {.sa_family = AF_UNIX};
	net_address_of(&local, sizeof(sa_family_t), &made);
	assert_slice_is(net_address_text_port(&made, text), "local");
	assert_true(net_address_is_loopback(&made));
}

static void
gives_the_key_of_budgets(void **state)
{
	(void)state;
	uint8_t one[8], other[8];
	struct net_address four = address("192.0.2.1");
	assert_slice_is(net_address_key(&four, one), "\xc0\x00\x02\x01");
	struct net_address six = address("2001:db8:1:2:3:4:5:6");
	struct net_address near = address("2001:db8:1:2:ffff::1");
	struct net_address far = address("2001:db8:1:3::1");
	struct slice key = net_address_key(&six, one);
	assert_int_equal(key.length, 8);
	assert_true(slice_equal(key, net_address_key(&near, other)));
	assert_false(slice_equal(key, net_address_key(&far, other)));
}

static void
knows_what_is_in_a_network(void **state)
{
	(void)state;
	static const struct {
		const char *network, *address;
		bool inside;
	} cases[] = {
		{"192.0.2.0/24", "192.0.2.255", true},
		{"192.0.2.0/24", "192.0.3.0", false},
		{"192.0.2.77/24", "192.0.2.1", true},
		{"192.0.2.128/25", "192.0.2.127", false},
		{"192.0.2.128/25", "192.0.2.129", true},
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"0.0.0.0/0", "255.1.2.3", true},
		{"0.0.0.0/0", "2001:db8::1", false},
		{"::/0", "2001:db8::1", true},
		{"::/0", "192.0.2.1", false},
		{"2001:db8::/33", "2001:db8:7fff::1", true},
		{"2001:db8::/33", "2001:db8:8000::1", false},
		{"::ffff:192.0.2.0/24", "192.0.2.9", true},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct net_network network;
		struct net_address given = address(cases[i].address);
		assert_true(net_network_parse(slice_of_text(cases[i].network), &network));
		assert_int_equal(net_network_has(&network, &given), cases[i].inside);
	}
}

static void
refuses_what_is_no_network(void **state)
{
	(void)state;
	static const char *const cases[] = {"", "/24", "192.0.2.0/", "192.0.2.0/33",
		"192.0.2.0/-1", "2001:db8::/129", "192.0.2.0/24/8", "192.0.2.0/ 8"};
	struct net_network network;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_false(net_network_parse(slice_of_text(cases[i]), &network));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_and_prints),
		cmocka_unit_test(refuses_what_is_no_address),
		cmocka_unit_test(takes_what_the_kernel_gives),
		cmocka_unit_test(gives_the_key_of_budgets),
		cmocka_unit_test(knows_what_is_in_a_network),
		cmocka_unit_test(refuses_what_is_no_network),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
