#include "base/encode.h"
#include "base/test.h"
#include "wire/sasl.h"

struct plain_case {
	struct slice raw;
	bool right;
	const char *authorize, *authenticate, *password;
};

/* RFC 4616 2. */
static const struct plain_case CASES[] = {
	{SLICE_INIT("\0tim\0tanstaaftanstaaf"), true, "", "tim", "tanstaaftanstaaf"},
	{SLICE_INIT("Ursel\0Kurt\0xipj3plmq"), true, "Ursel", "Kurt", "xipj3plmq"},
	{SLICE_INIT("\0\u00e9\0\u00e9"), true, "", "\u00e9", "\u00e9"},
	{SLICE_INIT(""), false, "", "", ""},
	{SLICE_INIT("\0tim"), false, "", "", ""},
	{SLICE_INIT("\0tim\0"), false, "", "", ""},
	{SLICE_INIT("\0\0secret"), false, "", "", ""},
	{SLICE_INIT("\0tim\0a\0b"), false, "", "", ""},
	{SLICE_INIT("\0tim\0\xff"), false, "", "", ""},
	{SLICE_INIT("\0\xff\0a"), false, "", "", ""},
	{SLICE_INIT("\xff\0tim\0a"), false, "", "", ""},
};

static void
plain_goes_both_ways(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(10000);
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		SCOPED(buffer_free) struct buffer base64 = buffer_with(1000);
		struct wire_sasl_plain plain;
		struct slice encoded = base64_encode(arena, CASES[i].raw);
		assert_int_equal(
			wire_sasl_plain_decode(encoded, arena, &plain), CASES[i].right);
		if (!CASES[i].right)
			continue;
		assert_slice_equals(plain.authorize, slice_of_text(CASES[i].authorize),
			__FILE__, __LINE__);
		assert_slice_equals(plain.authenticate,
			slice_of_text(CASES[i].authenticate), __FILE__, __LINE__);
		assert_slice_equals(plain.password, slice_of_text(CASES[i].password),
			__FILE__, __LINE__);
		assert_true(wire_sasl_plain_put(&base64, &plain));
		assert_slice_equals(buffer_slice(&base64), encoded, __FILE__, __LINE__);
	}
}

static void
what_is_no_base64_is_refused(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(10000);
	struct wire_sasl_plain plain;
	struct slice text;
	assert_false(wire_sasl_plain_decode(SLICE("="), arena, &plain));
	assert_false(wire_sasl_plain_decode(SLICE("AHRpbQB*"), arena, &plain));
	assert_false(wire_sasl_login_decode(SLICE(""), arena, &text));
	assert_false(wire_sasl_login_decode(SLICE("YQ"), arena, &text));
}

static void
parts_are_bounded(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(100000);
	static char raw[WIRE_SASL_PART_MOST + 4];
	memset(raw, 'x', sizeof raw);
	raw[0] = raw[2] = '\0';
	struct wire_sasl_plain plain;
	struct slice right = base64_encode(arena, slice_of(raw, sizeof raw - 1));
	struct slice wrong = base64_encode(arena, slice_of(raw, sizeof raw));
	assert_true(wire_sasl_plain_decode(right, arena, &plain));
	assert_int_equal(plain.password.length, WIRE_SASL_PART_MOST);
	assert_false(wire_sasl_plain_decode(wrong, arena, &plain));
	SCOPED(arena_release) struct arena *little = arena_create(100);
	assert_false(wire_sasl_plain_decode(right, little, &plain));
}

static void
login_is_two_texts(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(10000);
	struct slice text;
	assert_true(wire_sasl_login_decode(SLICE("dHJvaWth"), arena, &text));
	assert_slice_is(text, "troika");
	assert_true(
		wire_sasl_login_decode(SLICE(WIRE_SASL_LOGIN_NAME_PROMPT), arena, &text));
	assert_slice_is(text, "Username:");
	assert_true(wire_sasl_login_decode(
		SLICE(WIRE_SASL_LOGIN_PASSWORD_PROMPT), arena, &text));
	assert_slice_is(text, "Password:");
	assert_true(wire_sasl_is_cancel(SLICE("*")));
	assert_false(wire_sasl_is_cancel(SLICE("**")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_goes_both_ways),
		cmocka_unit_test(what_is_no_base64_is_refused),
		cmocka_unit_test(parts_are_bounded),
		cmocka_unit_test(login_is_two_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
