#include "base/test.h"
#include "wire/mime.h"

/* A tree as text: type/subtype(body) for leaves, type/subtype{…} for others. */
static void
put_shape(struct buffer *into, const struct wire_mime_part *part, struct slice message)
{
	buffer_printf(into, "%.*s/%.*s", SLICE_ARG(part->type), SLICE_ARG(part->subtype));
	if (part->kind == WIRE_MIME_LEAF) {
		buffer_printf(into, "(%.*s)",
			SLICE_ARG(slice_part(
				message, part->body_start, wire_mime_part_size(part))));
		return;
	}
	buffer_put_byte(into, '{');
	for (const struct wire_mime_part *child = part->child; child; child = child->next)
		put_shape(into, child, message);
	buffer_put_byte(into, '}');
}

struct mime_case {
	const char *message, *shape;
	unsigned oddities;
};

#define MIXED       "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define ALTERNATIVE "Content-Type: multipart/alternative; boundary=c\r\n\r\n"
#define RFC822      "Content-Type: message/rfc822\r\n\r\n"
#define END         "\r\n--b--\r\n"

static const struct mime_case CASES[] = {
	{"Subject: x\r\n\r\nhello\r\n", "text/plain(hello\r\n)", 0},
	{"Subject: x\n\nhello", "text/plain(hello)", 0},
	{"", "text/plain()", 0},
	{"Subject: x", "text/plain()", 0},
	{"\r\nbody", "text/plain(body)", 0},
	{"hello there\r\n", "text/plain(hello there\r\n)", WIRE_MIME_NO_HEADER},
	{" folded: x\r\n\r\nb", "text/plain( folded: x\r\n\r\nb)", WIRE_MIME_NO_HEADER},
	{"From a@b Mon\nA: b\n\nc", "text/plain(c)", 0},
	{MIXED "pre\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: a/b\r\n\r\ntwo" END "epi",
		"multipart/mixed{text/plain(one)a/b(two)}", 0},
	{MIXED "--b\n\none\n--b--", "multipart/mixed{text/plain(one)}", 0},
	{MIXED "--b  \r\n\r\none\r\n--b-- \t\r\n", "multipart/mixed{text/plain(one)}", 0},
	/* No final boundary; nothing behind the last one. */
	{MIXED "--b\r\n\r\none\r\n", "multipart/mixed{text/plain(one\r\n)}",
		WIRE_MIME_UNTERMINATED},
	{MIXED "--b\r\n\r\none\r\n--b\r\n", "multipart/mixed{text/plain(one)text/plain()}",
		WIRE_MIME_UNTERMINATED},
	{MIXED "--b", "multipart/mixed{text/plain()}", WIRE_MIME_UNTERMINATED},
	/* No parts at all, no boundary, an empty one: it is text. */
	{MIXED "just text\r\n", "text/plain(just text\r\n)", WIRE_MIME_UNTERMINATED},
	{MIXED "--b--\r\n", "text/plain(--b--\r\n)", 0},
	{"Content-Type: multipart/mixed\r\n\r\n--b\r\n", "text/plain(--b\r\n)", 0},
	{"Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n", "text/plain(--\r\n)",
		0},
	/* A part without a blank line; one without a header. */
	{MIXED "--b\r\nContent-Type: a/b\r\n--b\r\n\r\ntwo" END,
		"multipart/mixed{a/b()text/plain(two)}", 0},
	{MIXED "--b\r\nContent-Type: a/b\r\n\r\n--b\r\n\r\n" END,
		"multipart/mixed{a/b()text/plain()}", 0},
	{MIXED "--b\r\nno header here\r\n\r\nmore" END,
		"multipart/mixed{text/plain(no header here\r\n\r\nmore)}", 0},
	{MIXED "--b\r\n--b\r\n--b--\r\n", "multipart/mixed{text/plain()text/plain()}", 0},
	/* Nested; the outer boundary ends the inner parts, too. */
	{MIXED "--b\r\n" ALTERNATIVE
	       "--c\r\n\r\none\r\n--c\r\n\r\ntwo\r\n--c--\r\n\r\n--b\r\n"
	       "\r\nthree" END,
		"multipart/mixed{multipart/alternative{text/plain(one)text/plain(two)}"
		"text/plain(three)}",
		0},
	{MIXED "--b\r\n" ALTERNATIVE "--c\r\n\r\none\r\n--b\r\n\r\ntwo" END,
		"multipart/mixed{multipart/alternative{text/plain(one)}text/plain(two)}",
		WIRE_MIME_UNTERMINATED},
	/* One boundary is the beginning of the other. */
	{MIXED "--b\r\nContent-Type: multipart/x; "
	       "boundary=bb\r\n\r\n--bb\r\n\r\none\r\n--bb--\r\n"
	       "--bb\r\n--b\r\n\r\ntwo" END,
		"multipart/mixed{multipart/x{text/plain(one)}text/plain(two)}", 0},
	{"Content-Type: multipart/x; boundary=bb\r\n\r\n--bb\r\n" MIXED
	 "--b\r\n\r\none\r\n--bb\r\n\r\ntwo\r\n--bb--\r\n",
		"multipart/x{multipart/mixed{text/plain(one)}text/plain(two)}",
		WIRE_MIME_UNTERMINATED},
	/* The same boundary inside and outside. */
	{MIXED "--b\r\n" MIXED "--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\ntwo" END,
		"multipart/mixed{multipart/mixed{text/plain(one)}text/plain(two)}",
		WIRE_MIME_REUSED_BOUNDARY},
	/* Messages in messages. */
	{MIXED "--b\r\n" RFC822 "Subject: y\r\n\r\ninner" END,
		"multipart/mixed{message/rfc822{text/plain(inner)}}", 0},
	{MIXED "--b\r\n" RFC822 "--b\r\n" RFC822 "\r\n" END,
		"multipart/mixed{message/rfc822{text/plain()}message/rfc822{text/plain()}}",
		0},
	{RFC822 RFC822 "Subject: y\r\n\r\nx",
		"message/rfc822{message/rfc822{text/plain(x)}}", 0},
	{RFC822 "not a header\r\n", "message/rfc822{text/plain(not a header\r\n)}", 0},
	{"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: "
	 "base64\r\n\r\nQTogYg==\r\n",
		"message/rfc822{text/plain(QTogYg==\r\n)}", 0},
	{"Content-Type: message/global\r\n\r\nA: b\r\n\r\nx",
		"message/global{text/plain(x)}", 0},
	{"Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nA: "
	 "b\r\n\r\nx\r\n--b\r\n"
	 "Content-Type: text/plain\r\n\r\ny\r\n--b\r\nno header" END,
		"multipart/digest{message/rfc822{text/plain(x)}text/plain(y)"
		"message/rfc822{text/plain(no header)}}",
		0},
	{"Content-Type: message/partial; id=x\r\n\r\nA: b\r\n\r\nx",
		"message/partial(A: b\r\n\r\nx)", 0},
	/* Fields that come twice: the first counts. */
	{"Content-Type: a/b\r\nContent-Type: c/d\r\n\r\nx", "a/b(x)",
		WIRE_MIME_REPEATED_FIELD},
	{"Content-Type: garbage\r\n\r\nx", "text/plain(x)", 0},
	/* Eight bits, bare CR. */
	{"Subject: \xe9\r\n\r\nx", "text/plain(x)", WIRE_MIME_EIGHT_BIT_HEADER},
	{"Subject: x\r\n\r\n\xe9", "text/plain(\xe9)", WIRE_MIME_EIGHT_BIT_BODY},
	{MIXED "--b\r\nX: \xe9\r\n\r\nx\xe9" END, "multipart/mixed{text/plain(x\xe9)}",
		WIRE_MIME_EIGHT_BIT_HEADER | WIRE_MIME_EIGHT_BIT_BODY},
	{MIXED "--b\r\n\r\nx\r--b\r\n" END, "multipart/mixed{text/plain(x\r--b\r\n)}", 0},
};

static const struct wire_message *
parse_in_pieces(struct arena *arena, struct slice message, size_t size)
{
	struct wire_mime_parser *parser = wire_mime_begin(arena);
	for (size_t at = 0; at < message.length; at += size)
		wire_mime_feed(parser, slice_part(message, at, size));
	return wire_mime_end(parser);
}

static void
test_builds_trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct slice message = slice_of_text(CASES[i].message);
		print_message("%s\n---\n", CASES[i].message);
		for (size_t size = 1; size < 40; size += 1 + size / 4) {
			SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
			SCOPED(buffer_free) struct buffer shape = buffer_with(10000);
			const struct wire_message *parsed =
				parse_in_pieces(arena, message, size);
			put_shape(&shape, parsed->top, message);
			assert_slice_equals(buffer_slice(&shape),
				slice_of_text(CASES[i].shape), __FILE__, __LINE__);
			assert_int_equal(parsed->oddities, CASES[i].oddities);
			assert_int_equal(parsed->size, message.length);
		}
	}
}

static void
test_counts_lines_and_octets(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	const struct wire_message *message = wire_mime_parse(
		arena, SLICE(MIXED "--b\r\n\r\none\r\ntwo\r\n--b\r\n" RFC822
				   "A: b\r\n\r\nx\r\n\r\n--b--\r\nend\r\n"));
	const struct wire_mime_part *one = message->top->child, *two = one->next;
	(void)state;
	assert_int_equal(message->parts, 4);
	assert_int_equal(message->lines, 15);
	assert_int_equal(wire_mime_part_size(one), 8);
	assert_int_equal(one->lines, 1);
	assert_int_equal(wire_mime_part_size(two), 11);
	assert_int_equal(two->lines, 3);
	assert_int_equal(two->child->lines, 1);
	assert_int_equal(two->child->number, 3);
	assert_int_equal(two->child->depth, 2);
	assert_int_equal(message->top->lines, 13);
	assert_ptr_equal(wire_mime_part_next(message->top), one);
	assert_ptr_equal(wire_mime_part_next(two), two->child);
	assert_null(wire_mime_part_next(two->child));
}

static void
test_keeps_fields(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	const struct wire_mime_part *part = wire_mime_parse(
		arena, SLICE("To: a@b\r\nContent-ID: <i@d>\r\nto: c@d\r\n"
			     "Content-Description: some\r\n thing\r\n"
			     "Content-Transfer-Encoding: BASE64 (x)\r\n"
			     "Content-MD5: Q2hl\r\nContent-Location: http://x\r\n"
			     "Content-Language: en, (c) de\r\n"
			     "Content-Disposition: attachment; filename=\"f g\"\r\n"
			     "Subject:\r\nDate: today\r\nsubject: other\r\n"
			     "Message-ID: <m@d>\r\nIn-Reply-To: <r@d>\r\n\r\n"))
						    ->top;
	(void)state;
	assert_slice_is(part->id, "<i@d>");
	assert_slice_is(part->description, "some thing");
	assert_slice_is(part->encoding, "base64");
	assert_slice_is(part->md5, "Q2hl");
	assert_slice_is(part->location, "http://x");
	assert_int_equal(part->language_count, 2);
	assert_slice_is(part->languages[1], "de");
	assert_slice_is(part->disposition.kind, "attachment");
	assert_slice_is(wire_mime_file_name(arena, part), "f g");
	assert_slice_is(part->envelope->to, "a@b, c@d");
	assert_slice_is(part->envelope->date, "today");
	assert_slice_is(part->envelope->message_id, "<m@d>");
	assert_slice_is(part->envelope->in_reply_to, "<r@d>");
	assert_slice_is(part->envelope->subject, "");
	assert_false(slice_absent(part->envelope->subject));
	assert_true(slice_absent(part->envelope->cc));
}

static void
test_gives_the_top_header(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	struct wire_mime_parser *parser = wire_mime_begin(arena);
	(void)state;
	wire_mime_feed(parser, SLICE("A: b\r\nC"));
	assert_slice_is(wire_mime_header(parser), "A: b\r\nC");
	wire_mime_feed(parser, SLICE(": d\r\n\r\nbody"));
	assert_slice_is(wire_mime_header(parser), "A: b\r\nC: d\r\n\r\n");
	wire_mime_end(parser);
	assert_slice_is(wire_mime_header(parser), "A: b\r\nC: d\r\n\r\n");
}

static void
test_notes_nul(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	(void)state;
	const struct wire_message *message =
		wire_mime_parse(arena, slice_of("A: b\0c\r\n\r\n\0", 11));
	assert_int_equal(message->oddities, WIRE_MIME_NUL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_builds_trees),
		cmocka_unit_test(test_counts_lines_and_octets),
		cmocka_unit_test(test_keeps_fields),
		cmocka_unit_test(test_gives_the_top_header),
		cmocka_unit_test(test_notes_nul),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
