#include "base/test.h"
#include "net/dns-records.h"

struct name_case {
	struct slice wire;
	const char *text; /* NULL: refused */
};

static const struct name_case names[] = {
	{SLICE_INIT("\0"), ""},
	{SLICE_INIT("\4Mail\7Example\3nET\0"), "mail.example.net"},
	{SLICE_INIT("\5_25-a\1b\0"), "_25-a.b"},
	{SLICE_INIT("\3a.b\1c\0"), "a\\046b.c"},
	{SLICE_INIT("\2\xff\n\0"), "\\255\\010"},
	{SLICE_INIT("\1\\\0"), "\\092"},
	{SLICE_INIT(""), NULL},
	{SLICE_INIT("\3ab"), NULL},
	{SLICE_INIT("\1a"), NULL},
	{SLICE_INIT("\xc0\x0c"), NULL},
	{SLICE_INIT(
		 "\x40xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\0"),
		NULL},
};

static void
names_become_text(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(64 * 1024);

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct slice rest = names[i].wire, name;
		bool parsed = dns_name_parse(&rest, arena, &name);
		assert_int_equal(parsed, names[i].text != NULL);
		if (!parsed) {
			assert_ptr_equal(rest.data, names[i].wire.data);
			continue;
		}
		assert_true(slice_equal(name, slice_of_text(names[i].text)));
		assert_true(slice_empty(rest));
	}
}

static void
a_name_has_255_bytes_at_most(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(64 * 1024);
	char wire[300];
	struct slice rest, name;

	/* 127 labels of one byte: 254, and the root's: 255. */
	for (size_t i = 0; i < sizeof wire; i += 2) {
		wire[i] = 1;
		wire[i + 1] = '\x07';
	}
	wire[254] = 0;
	rest = slice_of(wire, sizeof wire);
	assert_true(dns_name_parse(&rest, arena, &name));
	assert_int_equal(name.length, 127 * 5 - 1);
	wire[254] = 1;
	wire[256] = 0;
	rest = slice_of(wire, sizeof wire);
	assert_false(dns_name_parse(&rest, arena, &name));
}

static void
records_become_structs(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(64 * 1024);
	struct net_dns_record record;
	char text[NET_ADDRESS_TEXT_MOST];

	assert_true(dns_record_parse(NET_DNS_A, SLICE("\300\0\2\1"), arena, &record));
	assert_slice_is(net_address_text(&record.address, text), "192.0.2.1");
	assert_true(dns_record_parse(
		NET_DNS_AAAA, SLICE(" \1\r\270\0\0\0\0\0\0\0\0\0\0\0\1"), arena, &record));
	assert_slice_is(net_address_text(&record.address, text), "2001:db8::1");
	assert_true(dns_record_parse(NET_DNS_MX, SLICE("\1\2\2mx\0"), arena, &record));
	assert_int_equal(record.preference, 258);
	assert_slice_is(record.name, "mx");
	assert_true(dns_record_parse(NET_DNS_PTR, SLICE("\1p\0"), arena, &record));
	assert_slice_is(record.name, "p");
	assert_true(dns_record_parse(NET_DNS_TXT,
		SLICE("\5v=spf\0\5"
		      "1 -al\1l"),
		arena, &record));
	assert_slice_is(record.text, "v=spf1 -all");
	assert_true(dns_record_parse(NET_DNS_TLSA, SLICE("\3\1\1abc"), arena, &record));
	assert_int_equal(record.tlsa.usage, 3);
	assert_int_equal(record.tlsa.selector, 1);
	assert_int_equal(record.tlsa.matching, 1);
	assert_slice_is(record.tlsa.data, "abc");
}

struct broken_case {
	enum net_dns_type type;
	struct slice data;
};

static const struct broken_case broken[] = {
	{NET_DNS_A, SLICE_INIT("\1\2\3")},
	{NET_DNS_A, SLICE_INIT("\1\2\3\4\5")},
	{NET_DNS_AAAA, SLICE_INIT("\1\2\3\4")},
	{NET_DNS_MX, SLICE_INIT("\1")},
	{NET_DNS_MX, SLICE_INIT("\0\1")},
	{NET_DNS_MX, SLICE_INIT("\0\1\2mx\0more")},
	{NET_DNS_CNAME, SLICE_INIT("\1a\0b")},
	{NET_DNS_TXT, SLICE_INIT("")},
	{NET_DNS_TXT, SLICE_INIT("\5abc")},
	{NET_DNS_TLSA, SLICE_INIT("\3\1\1")},
	{(enum net_dns_type)6, SLICE_INIT("\0")},
};

static void
broken_records_are_refused(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(64 * 1024);
	struct net_dns_record record;

	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
		assert_false(
			dns_record_parse(broken[i].type, broken[i].data, arena, &record));
}

static void
only_names_are_asked_for(void **state)
{
	(void)state;
	static const char *const good[] = {
		".", "a", "a.b.", "_25._tcp.mail.example", "xn--bcher-kva.example"};
	static const char *const bad[] = {"", "..", ".a", "a..b", "a b", "a\tb",
		"b\xc3\xbc", "a\\b",
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.example"};
	char long_name[255];

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(dns_name_is_askable(slice_of_text(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(dns_name_is_askable(slice_of_text(bad[i])));
	for (size_t i = 0; i < sizeof long_name; i++)
		long_name[i] = i % 2 == 0 ? 'a' : '.';
	assert_true(dns_name_is_askable(slice_of(long_name, 253)));
	assert_false(dns_name_is_askable(slice_of(long_name, 255)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_text),
		cmocka_unit_test(a_name_has_255_bytes_at_most),
		cmocka_unit_test(records_become_structs),
		cmocka_unit_test(broken_records_are_refused),
		cmocka_unit_test(only_names_are_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
