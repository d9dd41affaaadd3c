#include "base/test.h"
#include "wire/mime.h"

/* Hostile messages: a sane tree, bounded memory, and no time but what the bytes take. */

static const struct wire_message *
parse(struct arena *arena, const struct buffer *message)
{
	return wire_mime_parse(arena, buffer_slice(message));
}

static uint32_t
deepest(const struct wire_message *message)
{
	uint32_t depth = 0;
	for (const struct wire_mime_part *part = message->top; part;
		part = wire_mime_part_next(part))
		depth = part->depth > depth ? part->depth : depth;
	return depth;
}

static void
test_depth_of_multiparts(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(16 << 20);
	SCOPED(buffer_free) struct buffer text = buffer_with(1 << 20);
	(void)state;
	for (int i = 0; i < 10000; i++)
		buffer_printf(
			&text, "Content-Type: multipart/x; boundary=b%d\n\n--b%d\n", i, i);
	const struct wire_message *message = parse(arena, &text);
	assert_int_equal(deepest(message), WIRE_MIME_DEPTH);
	assert_true(message->oddities & WIRE_MIME_CAPPED);
}

static void
test_depth_of_messages(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(16 << 20);
	SCOPED(buffer_free) struct buffer text = buffer_with(1 << 20);
	(void)state;
	for (int i = 0; i < 10000; i++)
		buffer_put_text(&text, "Content-Type: message/rfc822\n\n");
	const struct wire_message *message = parse(arena, &text);
	assert_int_equal(deepest(message), WIRE_MIME_DEPTH);
	assert_int_equal(message->parts, WIRE_MIME_DEPTH + 1);
	assert_true(message->oddities & WIRE_MIME_CAPPED);
}

static void
test_number_of_parts(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(16 << 20);
	SCOPED(buffer_free) struct buffer text = buffer_with(1 << 20);
	(void)state;
	buffer_put_text(&text, "Content-Type: multipart/x; boundary=b\n\n");
	for (int i = 0; i < 100000; i++)
		buffer_put_text(&text, "--b\n\nx\n");
	buffer_put_text(&text, "--b--\n");
	const struct wire_message *message = parse(arena, &text);
	assert_in_range(message->parts, 9000, WIRE_MIME_PARTS);
	assert_int_equal(message->oddities, WIRE_MIME_CAPPED);
	assert_in_range(arena_used(arena), 0, WIRE_MIME_KEPT_BYTES + 65536);
}

static void
test_size_of_a_header(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(16 << 20);
	SCOPED(buffer_free) struct buffer text = buffer_with(8 << 20);
	(void)state;
	buffer_put_text(&text, "Subject: kept\n");
	for (int i = 0; i < 100000; i++)
		buffer_put_text(&text, "To: someone@example.org\n");
	buffer_put_text(&text, "Date: lost\n\nbody");
	struct wire_mime_parser *parser = wire_mime_begin(arena);
	wire_mime_feed(parser, buffer_slice(&text));
	const struct wire_message *message = wire_mime_end(parser);
	assert_true(message->oddities & WIRE_MIME_CAPPED);
	assert_slice_is(message->top->envelope->subject, "kept");
	assert_true(slice_absent(message->top->envelope->date));
	assert_int_equal(wire_mime_part_size(message->top), 4);
	assert_true(slice_absent(wire_mime_header(parser)));
	assert_in_range(arena_used(arena), 0, WIRE_MIME_KEPT_BYTES + 65536);
}

/* A header in each of many parts: in sum they are bounded, too. */
static void
test_size_of_all_values(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(16 << 20);
	SCOPED(buffer_free) struct buffer text = buffer_with(64 << 20);
	SCOPED(buffer_free) struct buffer line = buffer_with(1 << 20);
	(void)state;
	for (int i = 0; i < 10000; i++)
		buffer_put_text(&line, "; name=value");
	buffer_put_text(&text, "Content-Type: multipart/x; boundary=b\n\n");
	for (int i = 0; i < 100; i++) {
		buffer_put_text(&text, "--b\nContent-ID: x");
		buffer_put(&text, buffer_slice(&line));
		buffer_put_text(&text, "\nContent-Type: a/b");
		buffer_put(&text, buffer_slice(&line));
		buffer_put_text(&text, "\n\nx\n");
	}
	const struct wire_message *message = parse(arena, &text);
	assert_int_equal(message->parts, 101);
	assert_true(message->oddities & WIRE_MIME_CAPPED);
	assert_in_range(arena_used(arena), 0, WIRE_MIME_KEPT_BYTES + 65536);
}

/* An arena smaller than the limits: values are left out, nothing aborts. */
static void
test_small_arenas(void **state)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(1 << 20);
	(void)state;
	buffer_put_text(&text, "To: anna@example.org\n"
			       "Content-Type: multipart/x; boundary=b; a=b\n\n");
	for (int i = 0; i < 100; i++)
		buffer_put_text(
			&text, "--b\nContent-Type: message/rfc822\n\nA: b\nTo: b@c\n\nx\n");
	for (size_t ceiling = 16384; ceiling < 65536; ceiling += 333) {
		SCOPED(arena_release) struct arena *arena = arena_create(ceiling);
		const struct wire_message *message = parse(arena, &text);
		assert_int_equal(message->size, text.length);
	}
}

static void
test_boundaries_without_end(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(16 << 20);
	SCOPED(buffer_free) struct buffer text = buffer_with(1 << 20);
	(void)state;
	buffer_put_text(&text, "Content-Type: multipart/x; boundary=\"");
	for (int i = 0; i <= WIRE_BOUNDARY_LENGTH; i++)
		buffer_put_text(&text, "b");
	buffer_put_text(&text, "\"\n\n--bbb");
	const struct wire_message *message = parse(arena, &text);
	assert_int_equal(message->parts, 1);
	assert_true(wire_mime_part_is(message->top, "text", "plain"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_depth_of_multiparts),
		cmocka_unit_test(test_depth_of_messages),
		cmocka_unit_test(test_number_of_parts),
		cmocka_unit_test(test_size_of_a_header),
		cmocka_unit_test(test_size_of_all_values),
		cmocka_unit_test(test_small_arenas),
		cmocka_unit_test(test_boundaries_without_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
