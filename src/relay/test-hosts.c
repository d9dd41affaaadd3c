#include "base/test.h"
#include "relay/hosts.h"

/* The order in which MX are asked. */

static struct net_dns_record
mx(const char *name, uint16_t preference)
{
	return (struct net_dns_record){
		.name = slice_of_text(name), .preference = preference};
}

static void
better_ones_come_first_and_ties_vary(void **state)
{
	(void)state;
	struct net_dns_record records[] = {
		mx("a", 10), mx("b", 20), mx("c", 20), mx("d", 20), mx("e", 30)};
	const struct net_answer answer = {.records = records, .count = 5};
	bool seen[3] = {false};
	for (uint64_t chance = 0; chance < 200; chance++) {
		struct relay_hosts hosts = {0};
		relay_hosts_order(
			&answer, SLICE("mail.troika.test"), chance * 2654435761U, &hosts);
		assert_int_equal(hosts.count, 5);
		assert_slice_is(hosts.list[0].name, "a");
		assert_slice_is(hosts.list[4].name, "e");
		seen[hosts.list[1].name.data[0] - 'b'] = true;
		unsigned all = 0;
		for (size_t i = 1; i < 4; i++)
			all |= 1U << (hosts.list[i].name.data[0] - 'b');
		assert_int_equal(all, 7);
	}
	assert_true(seen[0] && seen[1] && seen[2]);
}

static void
we_and_worse_ones_are_left_out(void **state)
{
	(void)state;
	struct net_dns_record records[] = {
		mx("a", 10), mx("b", 20), mx("mail.troika.test", 20), mx("e", 30)};
	struct net_answer answer = {.records = records, .count = 4};
	struct relay_hosts hosts = {0};
	relay_hosts_order(&answer, SLICE("Mail.Troika.Test"), 1, &hosts);
	assert_int_equal(hosts.count, 1);
	assert_slice_is(hosts.list[0].name, "a");
	answer.records = records + 1;
	answer.count = 3;
	relay_hosts_order(&answer, SLICE("mail.troika.test"), 1, &hosts);
	assert_int_equal(hosts.count, 0);
}

static void
the_root_is_nobody(void **state)
{
	(void)state;
	struct net_dns_record records[] = {mx("", 0), mx("a", 10)};
	const struct net_answer answer = {.records = records, .count = 2};
	struct relay_hosts hosts = {0};
	relay_hosts_order(&answer, SLICE("mail.troika.test"), 1, &hosts);
	assert_int_equal(hosts.count, 1);
	assert_slice_is(hosts.list[0].name, "a");
}

static void
many_are_cut(void **state)
{
	(void)state;
	struct net_dns_record records[100];
	for (size_t i = 0; i < 100; i++)
		records[i] = mx("host", (uint16_t)i);
	const struct net_answer answer = {.records = records, .count = 100};
	struct relay_hosts hosts = {0};
	relay_hosts_order(&answer, SLICE("mail.troika.test"), 1, &hosts);
	assert_int_equal(hosts.count, RELAY_HOSTS_MOST);
	assert_int_equal(hosts.list[RELAY_HOSTS_MOST - 1].preference, RELAY_HOSTS_MOST - 1);
}

/* RFC 7672 1.3.1: who swallows an answer must not turn DANE off. */
static void
an_answer_that_is_not_there_takes_no_proof_away(void **state)
{
	static const struct net_answer proven = {.status = NET_DNS_FOUND, .secure = true},
				       none = {.status = NET_DNS_EMPTY, .secure = true},
				       away = {.status = NET_DNS_UNAVAILABLE},
				       bogus = {.status = NET_DNS_BOGUS},
				       plain = {.status = NET_DNS_FOUND};
	struct relay_proof proof = {.secure = true};
	(void)state;
	relay_proof_note(&proof, &proven);
	relay_proof_note(&proof, &none);
	assert_true(proof.secure && !proof.temporary);
	relay_proof_note(&proof, &away);
	assert_true(proof.secure && proof.temporary);
	relay_proof_note(&proof, &bogus);
	assert_true(proof.secure && proof.temporary);
	relay_proof_note(&proof, &plain);
	assert_false(proof.secure);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_that_is_not_there_takes_no_proof_away),
		cmocka_unit_test(better_ones_come_first_and_ties_vary),
		cmocka_unit_test(we_and_worse_ones_are_left_out),
		cmocka_unit_test(the_root_is_nobody),
		cmocka_unit_test(many_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
