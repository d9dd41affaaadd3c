#include "base/test.h"
#include "wire/address.h"

#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A64 A63 "a"

struct path_case {
	const char *text, *local, *domain;
	bool utf8, literal;
};

static const struct path_case GOOD[] = {
	{"<anna@example.org>", "anna", "example.org", false, false},
	{"<Anna@EXAMPLE.Org>", "Anna", "example.org", false, false},
	{"<\"anna b\"@example.org>", "anna b", "example.org", false, false},
	{"<\"a\\\"b\\\\\"@example.org>", "a\"b\\", "example.org", false, false},
	{"<\"a@b\"@example.org>", "a@b", "example.org", false, false},
	{"<\"a>b\"@example.org>", "a>b", "example.org", false, false},
	{"<a%b!c@example.org>", "a%b!c", "example.org", false, false},
	{"<@a.example,@b.example:anna@example.org>", "anna", "example.org", false, false},
	{"<a@[192.0.2.1]>", "a", "[192.0.2.1]", false, true},
	{"<a@[IPv6:2001:DB8:0::1]>", "a", "[IPv6:2001:db8::1]", false, true},
	{"<Postmaster>", "Postmaster", NULL, false, false},
	{"<root@Web_01.example.org>", "root", "web_01.example.org", false, false},
	{"<postMASTER@x>", "postMASTER", "x", false, false},
	{"<\u0430@example.org>", "\u0430", "example.org", true, false},
	{"<a@B\u00fccher.example>", "a", "xn--bcher-kva.example", true, false},
	{"<a@xn--bcher-kva.example>", "a", "xn--bcher-kva.example", false, false},
	{"<" A64 "@x>", A64, "x", false, false},
	{"<a@" A63 ".x>", "a", A63 ".x", false, false},
	{"<a@" A63 "." A63 "." A63 ".example>", "a", A63 "." A63 "." A63 ".example", false,
		false},
};

static const char *const BROKEN[] = {"", "anna@example.org", "<anna@example.org", "<anna>",
	"<@example.org>", "<anna@>", "<anna@.org>", "<anna@example.org.>", "<anna@a..b>",
	"<anna@-a.org>", "<anna@a-.org>", "<anna@a b.org>", "<an na@example.org>",
	"<.a@example.org>", "<a.@example.org>", "<a..b@example.org>", "< a@example.org>",
	"<a@example.org >", "<\"a@example.org>", "<\"a\"b@example.org>",
	"<a\"b\"@example.org>", "<a@b@example.org>", "<a@[192.0.2.256]>", "<a@[192.0.2.1>",
	"<a@[IPv6:xyz]>", "<a@[2001:db8::1]>", "<a@[tag:x]>", "<a(c)@example.org>", "<@a:>",
	"<@a,b:c@d>", "<@:c@d>", "<@a c@d>", "<a\x01@x>", "<\"a\x01\"@x>",
	"<\"a\\\x01\"@x>", "<\xff@x>", "<\"\xc3\"@x>", "<a@\xff>", "<a@\u2603 b>",
	"<a@xn--\u00fc.org>", "<\r\n>", "<a@b\r\n>"};

static const char *const TOO_LONG[] = {"<" A64 "a@x>",
	"<a@" A63 "." A63 "." A63 "." A63 ">", "<\"" A64 "\"@x>",
	"<" A64 "@" A63 "." A63 "." A63 ">"};

static void
test_accepts_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
		SCOPED(arena_release) struct arena *arena = arena_create(65536);
		SCOPED(buffer_free) struct buffer text = buffer_with(1000);
		struct slice whole = arena_printf(arena, "%s SIZE=1", GOOD[i].text);
		struct slice rest = whole;
		struct wire_path path, again;
		print_message("%s\n", GOOD[i].text);
		assert_int_equal(wire_path_parse(arena, &rest, &path, NULL), BASE_OK);
		assert_slice_is(rest, " SIZE=1");
		assert_slice_equals(
			path.local, slice_of_text(GOOD[i].local), __FILE__, __LINE__);
		assert_slice_equals(
			path.domain, slice_of_text(GOOD[i].domain), __FILE__, __LINE__);
		assert_int_equal(path.utf8, GOOD[i].utf8);
		assert_int_equal(path.literal, GOOD[i].literal);
		assert_false(path.null);
		assert_true(wire_path_put(&text, &path));
		rest = buffer_slice(&text);
		assert_int_equal(wire_path_parse(arena, &rest, &again, NULL), BASE_OK);
		assert_true(slice_equal(path.local, again.local));
		assert_true(slice_equal(path.domain, again.domain));
	}
}

static void
test_refuses_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof BROKEN / sizeof *BROKEN; i++) {
		SCOPED(arena_release) struct arena *arena = arena_create(65536);
		struct slice rest = slice_of_text(BROKEN[i]);
		struct wire_path path;
		struct base_error error;
		print_message("%s\n", BROKEN[i]);
		assert_int_equal(
			wire_path_parse(arena, &rest, &path, &error), BASE_INVALID);
		assert_int_equal(rest.length, strlen(BROKEN[i]));
		assert_true(error.text[0]);
	}
}

static void
test_has_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof TOO_LONG / sizeof *TOO_LONG; i++) {
		SCOPED(arena_release) struct arena *arena = arena_create(65536);
		struct slice rest = slice_of_text(TOO_LONG[i]);
		struct wire_path path;
		print_message("%s\n", TOO_LONG[i]);
		assert_int_equal(
			wire_path_parse(arena, &rest, &path, NULL), BASE_TOO_LARGE);
	}
}

static void
test_knows_the_null_path(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(65536);
	struct slice rest = SLICE("<> BODY=8BITMIME");
	struct wire_path path;
	(void)state;
	assert_int_equal(wire_path_parse(arena, &rest, &path, NULL), BASE_OK);
	assert_true(path.null);
	assert_slice_is(rest, " BODY=8BITMIME");
}

static void
test_reads_bare_addresses(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(65536);
	struct wire_path path;
	(void)state;
	assert_int_equal(
		wire_path_parse_bare(arena, SLICE("a@B.example"), &path, NULL), BASE_OK);
	assert_slice_is(path.domain, "b.example");
	assert_int_equal(wire_path_parse_bare(arena, SLICE("a@b.example x"), &path, NULL),
		BASE_INVALID);
	assert_int_equal(wire_path_parse_bare(arena, SLICE("<a@b.example>"), &path, NULL),
		BASE_INVALID);
}

static void
test_splits_and_folds(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(65536);
	struct slice base, detail;
	(void)state;
	wire_local_split(SLICE("anna+lists+x"), '+', &base, &detail);
	assert_slice_is(base, "anna");
	assert_slice_is(detail, "lists+x");
	wire_local_split(SLICE("+anna"), '+', &base, &detail);
	assert_slice_is(base, "+anna");
	assert_true(slice_absent(detail));
	wire_local_split(SLICE("anna"), '+', &base, &detail);
	assert_slice_is(base, "anna");
	assert_true(slice_absent(detail));
	wire_local_split(SLICE("anna+"), '+', &base, &detail);
	assert_slice_is(detail, "");
	assert_slice_is(wire_local_folded(arena, SLICE("AnNa")), "anna");
	assert_slice_is(wire_local_folded(arena, SLICE("\u0410E\u0301")), "\u0430\u00e9");
	assert_slice_is(wire_local_folded(arena, SLICE("A\xff")), "a\xff");
}

static void
test_shows_domains(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(65536);
	(void)state;
	assert_slice_is(wire_domain_for_people(arena, SLICE("xn--bcher-kva.example")),
		"b\u00fccher.example");
	assert_slice_is(wire_domain_for_people(arena, SLICE("a.example")), "a.example");
	assert_slice_is(wire_domain_for_people(arena, SLICE("xn--\xff")), "xn--\xff");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepts_paths),
		cmocka_unit_test(test_refuses_others),
		cmocka_unit_test(test_has_limits),
		cmocka_unit_test(test_knows_the_null_path),
		cmocka_unit_test(test_reads_bare_addresses),
		cmocka_unit_test(test_splits_and_folds),
		cmocka_unit_test(test_shows_domains),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
