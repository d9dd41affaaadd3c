#include "base/test.h"
#include "wire/address.h"

/* What a header's addresses are, written as (name|route|local|domain), groups as g:…; */
static void
put_shape(struct buffer *into, const struct wire_address *address)
{
	if (address->kind == WIRE_GROUP_START) {
		buffer_printf(into, "g:%.*s{", SLICE_ARG(address->name));
		return;
	}
	if (address->kind == WIRE_GROUP_END) {
		buffer_put_byte(into, '}');
		return;
	}
	buffer_printf(into, "(%.*s|%.*s|%.*s|%.*s)", SLICE_ARG(address->name),
		SLICE_ARG(address->route), SLICE_ARG(address->local),
		SLICE_ARG(address->domain));
}

struct address_case {
	const char *text, *shape;
};

static const struct address_case CASES[] = {
	{"anna@example.org", "(||anna|example.org)"},
	{"Anna <anna@example.org>", "(Anna||anna|example.org)"},
	{"anna@example.org (Anna A.)", "(Anna A.||anna|example.org)"},
	{"\"Doe, Jane\" <jane@example.org>, b@c", "(Doe, Jane||jane|example.org)(||b|c)"},
	{"\"Joe \\\"Q\\\" \\\\\" <a@b>", "(Joe \"Q\" \\||a|b)"},
	{"John Q. Public <j@x>", "(John Q. Public||j|x)"},
	{"a@b <a@b>", "(a@b||a|b)"},
	{"=?utf-8?Q?a,_b?= <a@b>", "(=?utf-8?Q?a,_b?=||a|b)"},
	{"[List] Foo <a@b>", "([List] Foo||a|b)"},
	{"\"john doe\"@x", "(||john doe|x)"},
	{"a@[192.0.2.1]", "(||a|[192.0.2.1])"},
	{"<a@[IPv6:2001:db8::1]>", "(||a|[IPv6:2001:db8::1])"},
	{"a@[ IPv6:2001:db8::1 ], b@[192.0.2.1\r\n ]",
		"(||a|[IPv6:2001:db8::1])(||b|[192.0.2.1])"},
	{"J @ [Acme Inc] <j@x>", "(J @ [Acme Inc]||j|x)"},
	{"<@a.x,@b.y:u@h>", "(|@a.x,@b.y|u|h)"},
	{"R <  @a.x  ,\r\n @b.y : u@h>, c@d", "(R|@a.x,@b.y|u|h)(||c|d)"},
	{"undisclosed-recipients:;", "g:undisclosed-recipients{}"},
	{"A Group: a@b, C <c@d>;, e@f", "g:A Group{(||a|b)(C||c|d)}(||e|f)"},
	{"Group: a@b", "g:Group{(||a|b)}"},
	{",, a@b ,,", "(||a|b)"},
	{"", ""},
	{"  \r\n ", ""},
	{"<>", ""},
	{"Nobody <>", "(Nobody|||)"},
	{"anna", "(||anna|)"},
	{"anna boris", "(anna boris|||)"},
	{"\"Anna B.\"", "(Anna B.|||)"},
	{"Anna \"B.\", c@d", "(Anna B.|||)(||c|d)"},
	{"anna (Anna B.)", "(Anna B.||anna|)"},
	{"G: anna boris, c;", "g:G{(anna boris|||)(||c|)}"},
	{"<anna@example.org", "(||anna|example.org)"},
	{"Anna <anna@example.org, b@c", "(Anna||anna|example.org)(||b|c)"},
	{"\"Anna <anna@example.org>", "(Anna||anna|example.org)"},
	{"(Anna <anna@example.org>", "(Anna||anna|example.org)"},
	{"a@b; c@d", "(||a|b)(||c|d)"},
	{"a@b c@d", "(||a|b)(||c|d)"},
	{"<a@b> <c@d>", "(||a|b)(||c|d)"},
	{"<a@b> trailing words, c@d", "(||a|b)(||c|d)"},
	{"Foo Bar foo@bar", "(Foo Bar||foo|bar)"},
	{"<a@b@c>", "(||a@b|c)"},
	{"<mailto:a@b>", "(||a|b)"},
	{"<Undisclosed-Recipient:;@example.org>", "(||Undisclosed-Recipient|example.org)"},
	{"<<a@b>>", "(||a|b)"},
	{"a@", "(||a|)"},
	{"\u042f <\u0430@\u0431.example>", "(\u042f||\u0430|\u0431.example)"},
	/* RFC 5322, appendix A.5 and A.6. */
	{"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
		"(Pete||pete|silly.test)"},
	{"A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n"
	 "         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end)",
		"g:A Group{(Chris Jones||c|public.example)(||joe|example.org)"
		"(John||jdoe|one.test)}"},
	{"(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;",
		"g:Hidden recipients{}"},
	{"Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
		"(Mary Smith|@node.test|mary|example.net)(||jdoe|test.example)"},
	{"Joe Q. Public <john.q.public@example.com>",
		"(Joe Q. Public||john.q.public|example.com)"},
};

static void
put_shapes(struct buffer *into, const struct wire_addresses *addresses)
{
	for (const struct wire_address *address = addresses->first; address;
		address = address->next)
		put_shape(into, address);
}

static void
test_reads_what_mail_has(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		SCOPED(arena_release) struct arena *arena = arena_create(65536);
		SCOPED(buffer_free) struct buffer shape = buffer_with(65536);
		SCOPED(buffer_free) struct buffer text = buffer_with(65536);
		struct wire_addresses first = {NULL}, again = {NULL};
		print_message("%s\n", CASES[i].text);
		wire_addresses_parse(arena, slice_of_text(CASES[i].text), &first);
		put_shapes(&shape, &first);
		assert_slice_equals(buffer_slice(&shape), slice_of_text(CASES[i].shape),
			__FILE__, __LINE__);
		wire_addresses_put(&text, &first);
		wire_addresses_parse(arena, buffer_slice(&text), &again);
		buffer_clear(&shape);
		put_shapes(&shape, &again);
		assert_slice_equals(buffer_slice(&shape), slice_of_text(CASES[i].shape),
			__FILE__, __LINE__);
	}
}

static void
test_writes_addresses(void **state)
{
	static const struct address_case written[] = {
		{"Anna   B <a@b>", "Anna B <a@b>"},
		{"a@b (Dr. No)", "\"Dr. No\" <a@b>"},
		{"\"a b\"@c", "\"a b\"@c"},
		{"a..b@c", "\"a..b\"@c"},
		{"G: a@b,c@d; , e@f", "G: a@b, c@d;, e@f"},
		{"=?utf-8?q?=C3=A9?= <a@b>", "=?utf-8?q?=C3=A9?= <a@b>"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
		SCOPED(arena_release) struct arena *arena = arena_create(65536);
		SCOPED(buffer_free) struct buffer text = buffer_with(65536);
		struct wire_addresses addresses = {NULL};
		wire_addresses_parse(arena, slice_of_text(written[i].text), &addresses);
		assert_true(wire_addresses_put(&text, &addresses));
		assert_slice_equals(buffer_slice(&text), slice_of_text(written[i].shape),
			__FILE__, __LINE__);
	}
}

static void
test_stops_at_its_limits(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(arena_release) struct arena *small = arena_create(2000);
	SCOPED(buffer_free) struct buffer text = buffer_with(1 << 20);
	struct wire_addresses addresses = {NULL}, few = {NULL};
	(void)state;
	for (int i = 0; i < WIRE_ADDRESSES_MOST + 5; i++)
		buffer_put_text(&text, "a@b,");
	wire_addresses_parse(arena, buffer_slice(&text), &addresses);
	assert_int_equal(addresses.count, WIRE_ADDRESSES_MOST);
	assert_true(addresses.cut);
	wire_addresses_parse(small, buffer_slice(&text), &few);
	assert_true(few.cut && few.count > 0 && few.count < 20);
}

static void
test_adds_up_fields(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(65536);
	struct wire_addresses addresses = {NULL};
	(void)state;
	wire_addresses_parse(arena, SLICE("a@b"), &addresses);
	wire_addresses_parse(arena, SLICE("c@d"), &addresses);
	assert_int_equal(addresses.count, 2);
	assert_slice_is(addresses.last->local, "c");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_what_mail_has),
		cmocka_unit_test(test_writes_addresses),
		cmocka_unit_test(test_stops_at_its_limits),
		cmocka_unit_test(test_adds_up_fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
