#include "base/encode.h"
#include "base/test.h"

/* RFC 4648 10. */
static const struct {
	struct slice raw, text;
} PAIRS[] = {
	{SLICE_INIT(""), SLICE_INIT("")},
	{SLICE_INIT("f"), SLICE_INIT("Zg==")},
	{SLICE_INIT("fo"), SLICE_INIT("Zm8=")},
	{SLICE_INIT("foo"), SLICE_INIT("Zm9v")},
	{SLICE_INIT("foob"), SLICE_INIT("Zm9vYg==")},
	{SLICE_INIT("fooba"), SLICE_INIT("Zm9vYmE=")},
	{SLICE_INIT("foobar"), SLICE_INIT("Zm9vYmFy")},
	{SLICE_INIT("\xFF\xFE\xFB\x00"), SLICE_INIT("//77AA==")},
	{SLICE_INIT("\0anna\0troika"), SLICE_INIT("AGFubmEAdHJvaWth")},
};

static void
base64_both_ways(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
		SCOPED(buffer_free) struct buffer text = buffer_with(100);
		SCOPED(buffer_free) struct buffer raw = buffer_with(100);
		assert_true(base64_put(&text, PAIRS[i].raw));
		assert_true(slice_equal(buffer_slice(&text), PAIRS[i].text));
		assert_true(slice_equal(base64_encode(arena, PAIRS[i].raw), PAIRS[i].text));
		assert_true(base64_decode(PAIRS[i].text, &raw));
		assert_true(slice_equal(buffer_slice(&raw), PAIRS[i].raw));
	}
}

static void
base64_is_strict(void **state)
{
	(void)state;
	static const char *const broken[] = {"Zg", "Zg=", "Zg===", "=",
		"====", "Z===", "Zm9v\n", "Zm 9", "Zm9v Zm9v", "Zg==Zg==", "Zm-_", "Z=9v",
		"Zh==", "Zm9=", "\xD0\xB9\xD0\xB9"};
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		SCOPED(buffer_free) struct buffer raw = buffer_with(100);
		assert_true(buffer_put(&raw, SLICE("kept")));
		assert_false(base64_decode(slice_of_text(broken[i]), &raw));
		assert_slice_is(buffer_slice(&raw), "kept");
	}
}

static void
hex_both_ways(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(buffer_free) struct buffer raw = buffer_with(100);
	assert_slice_is(hex_encode(arena, SLICE("\x00\xAB\x7F")), "00ab7f");
	assert_true(hex_decode(SLICE("00aB7F"), &raw));
	assert_slice_is(buffer_slice(&raw), "\x00\xAB\x7F");
	assert_false(hex_decode(SLICE("0"), &raw));
	assert_false(hex_decode(SLICE("0g"), &raw));
	assert_slice_is(buffer_slice(&raw), "\x00\xAB\x7F");
}

static void
ceilings_hold(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer small = buffer_with(3);
	assert_false(base64_put(&small, SLICE("f")));
	buffer_clear(&small);
	assert_false(base64_decode(SLICE("Zm9vYg=="), &small));
	buffer_clear(&small);
	assert_true(base64_decode(SLICE("Zm9v"), &small));
	assert_false(hex_put(&small, SLICE("ab")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_both_ways),
		cmocka_unit_test(base64_is_strict),
		cmocka_unit_test(hex_both_ways),
		cmocka_unit_test(ceilings_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
