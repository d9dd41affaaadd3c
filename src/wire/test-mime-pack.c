#include "base/test.h"
#include "wire/body-structure.h"

#define MESSAGE                                                                    \
	"Subject: top\r\nTo: a@b\r\nContent-Type: multipart/mixed; boundary=a; "   \
	"x*=u''y\r\n"                                                              \
	"\r\n--a\r\nContent-ID: <i>\r\nContent-Language: en, de\r\n\r\none\r\n"    \
	"--a\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; " \
	"filename=f\r\n"                                                           \
	"\r\nSubject:\r\n\r\ninner\r\n--a--\r\n"

static void
render(struct buffer *into, const struct wire_message *message)
{
	assert_true(wire_body_put(into, message->top, WIRE_BODY_STRUCTURE, false));
}

static void
test_comes_back_as_it_was(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	SCOPED(buffer_free) struct buffer packed = buffer_with(10000);
	SCOPED(buffer_free) struct buffer again = buffer_with(10000);
	SCOPED(buffer_free) struct buffer before = buffer_with(10000);
	SCOPED(buffer_free) struct buffer after = buffer_with(10000);
	const struct wire_message *message = wire_mime_parse(arena, SLICE(MESSAGE));
	const struct wire_message *unpacked;
	(void)state;
	assert_true(wire_mime_pack(message, true, &packed));
	assert_int_equal(
		wire_mime_unpack(arena, buffer_slice(&packed), 0, &unpacked), BASE_OK);
	render(&before, message);
	render(&after, unpacked);
	assert_true(slice_equal(buffer_slice(&before), buffer_slice(&after)));
	assert_true(wire_mime_pack(unpacked, true, &again));
	assert_true(slice_equal(buffer_slice(&packed), buffer_slice(&again)));
	assert_int_equal(unpacked->size, message->size);
	assert_int_equal(unpacked->lines, message->lines);
	assert_int_equal(unpacked->parts, 4);
	assert_slice_is(unpacked->top->envelope->subject, "top");
	assert_true(slice_absent(unpacked->top->envelope->from));
	assert_false(slice_absent(unpacked->top->child->next->child->envelope->subject));
}

static void
test_leaves_envelopes_out(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	SCOPED(buffer_free) struct buffer packed = buffer_with(10000);
	const struct wire_message *message = wire_mime_parse(arena, SLICE(MESSAGE));
	(void)state;
	assert_true(wire_mime_pack(message, false, &packed));
	assert_int_equal(
		wire_mime_unpack(arena, buffer_slice(&packed), 0, &message), BASE_OK);
	assert_null(message->top->envelope);
}

static void
test_counts_what_stands_in_front(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	SCOPED(buffer_free) struct buffer packed = buffer_with(10000);
	const struct wire_message *message = wire_mime_parse(arena, SLICE(MESSAGE));
	const struct wire_message *shifted;
	(void)state;
	assert_true(wire_mime_pack(message, true, &packed));
	assert_int_equal(
		wire_mime_unpack(arena, buffer_slice(&packed), 1000, &shifted), BASE_OK);
	assert_int_equal(shifted->size, message->size + 1000);
	assert_int_equal(shifted->top->header_start, 0);
	assert_int_equal(shifted->top->body_start, message->top->body_start + 1000);
	assert_int_equal(shifted->top->child->header_start,
		message->top->child->header_start + 1000);
	assert_int_equal(
		shifted->top->child->body_end, message->top->child->body_end + 1000);
}

static void
test_refuses_damage(void **state)
{
	SCOPED(buffer_free) struct buffer packed = buffer_with(10000);
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	const struct wire_message *message = wire_mime_parse(arena, SLICE(MESSAGE));
	(void)state;
	assert_true(wire_mime_pack(message, true, &packed));
	for (size_t length = 0; length < packed.length; length++)
		assert_int_equal(
			wire_mime_unpack(arena, slice_first(buffer_slice(&packed), length),
				0, &message),
			BASE_INVALID);
	buffer_put_byte(&packed, 0);
	assert_int_equal(
		wire_mime_unpack(arena, buffer_slice(&packed), 0, &message), BASE_INVALID);
	buffer_cut(&packed, packed.length - 1);
	packed.data[0]++;
	assert_int_equal(
		wire_mime_unpack(arena, buffer_slice(&packed), 0, &message), BASE_INVALID);
	packed.data[0]--;
	SCOPED(arena_release) struct arena *small = arena_create(1000);
	assert_int_equal(
		wire_mime_unpack(small, buffer_slice(&packed), 0, &message), BASE_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comes_back_as_it_was),
		cmocka_unit_test(test_leaves_envelopes_out),
		cmocka_unit_test(test_counts_what_stands_in_front),
		cmocka_unit_test(test_refuses_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
