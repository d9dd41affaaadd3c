#include "base/test.h"
#include "wire/mime-decode.h"

struct decode_case {
	enum wire_encoding encoding;
	const char *raw, *decoded;
};

#define Q WIRE_ENCODING_QUOTED_PRINTABLE
#define B WIRE_ENCODING_BASE64

static const struct decode_case CASES[] = {
	{B, "aGVsbG8=", "hello"},
	{B, "aGVs\r\nbG8", "hello"},
	{B, "aGVsbG8gd29ybGQ=", "hello world"},
	{B, "!aG-Vs_bG8=", "hello"},
	{B, "aGVsbA==aGVsbA==", "hellhell"},
	{B, "a", ""},
	{B, "aG", "h"},
	{B, "====", ""},
	{B, "", ""},
	{Q, "a=3Db", "a=b"},
	{Q, "caf=c3=A9", "caf\u00e9"},
	{Q, "soft=\r\nbreak", "softbreak"},
	{Q, "soft=\nbreak", "softbreak"},
	{Q, "soft= \t\r\nbreak", "softbreak"},
	{Q, "trailing  \t\r\nx \n", "trailing\r\nx\n"},
	{Q, "a b  c", "a b  c"},
	{Q, "end ", "end"},
	{Q, "end=", "end"},
	{Q, "=", ""},
	{Q, "=4", "=4"},
	{Q, "=zz", "=zz"},
	{Q, "=4z=41", "=4zA"},
	{Q, "==41", "=A"},
	{Q, "= x", "= x"},
	{Q, "=\rx", "=\rx"},
	{Q, "a=20\r\n", "a \r\n"},
	{WIRE_ENCODING_IDENTITY, "a=3D \r\n", "a=3D \r\n"},
	{WIRE_ENCODING_UNKNOWN, "M=", "M="},
};

static void
test_decodes_in_any_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct slice raw = slice_of_text(CASES[i].raw);
		print_message("%s\n", CASES[i].raw);
		for (size_t size = 1; size < 20; size++) {
			SCOPED(buffer_free) struct buffer text = buffer_with(1000);
			struct wire_decoder decoder = wire_decoder_of(CASES[i].encoding);
			for (size_t at = 0; at < raw.length; at += size)
				assert_true(wire_decode(
					&decoder, slice_part(raw, at, size), &text));
			assert_true(wire_decode_end(&decoder, &text));
			assert_slice_equals(buffer_slice(&text),
				slice_of_text(CASES[i].decoded), __FILE__, __LINE__);
		}
	}
}

static void
test_long_runs_of_blanks(void **state)
{
	SCOPED(buffer_free) struct buffer raw = buffer_with(1000), text = buffer_with(1000);
	struct wire_decoder decoder = wire_decoder_of(Q);
	(void)state;
	for (int i = 0; i < 300; i++)
		buffer_put_text(&raw, " ");
	buffer_put_text(&raw, "x");
	assert_true(wire_decode(&decoder, buffer_slice(&raw), &text));
	assert_true(wire_decode_end(&decoder, &text));
	assert_true(slice_equal(buffer_slice(&raw), buffer_slice(&text)));
}

static void
test_knows_encodings(void **state)
{
	(void)state;
	assert_int_equal(wire_encoding_of(SLICE_NONE), WIRE_ENCODING_IDENTITY);
	assert_int_equal(wire_encoding_of(SLICE(" Base64 (x)")), B);
	assert_int_equal(wire_encoding_of(SLICE("quoted-printable;")), Q);
	assert_int_equal(wire_encoding_of(SLICE("BINARY")), WIRE_ENCODING_IDENTITY);
	assert_int_equal(wire_encoding_of(SLICE("x-uuencode")), WIRE_ENCODING_UNKNOWN);
}

struct html_case {
	const char *html, *text;
};

static const struct html_case HTML[] = {
	{"<p>Hello <b>wo</b>rld</p><p>again</p>", "Hello world\nagain"},
	{"a<br>b<BR/>c", "a\nb\nc"},
	{"<td>a</td><td>b</td>", "a b"},
	{"  a \r\n\t b  ", "a b"},
	{"<script>if (a<b) x='</p>';</script>y", "y"},
	{"<style>p{}</STYLE>y<script>never ends", "y"},
	{"a<!-- <p>b</p> -->c<!-- never ends", "ac"},
	{"<!DOCTYPE html><?xml?>x", "x"},
	{"1 < 2 && 3 > 2", "1 < 2 && 3 > 2"},
	{"&lt;&amp;&gt;&quot;&apos;&eacute;&nbsp;&euro;", "<&>\"'\u00e9 \u20ac"},
	{"&#233;&#xe9;&#XE9;&#0;&#xD800;&#1114112;",
		"\u00e9\u00e9\u00e9\ufffd\ufffd\ufffd"},
	{"&unknown; &eacute x &#; &", "&unknown; \u00e9 x &#; &"},
	{"a<b", "a"},
	{"<title>t</title>x", "x"},
	{"", ""},
};

static void
test_reads_html(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof HTML / sizeof *HTML; i++) {
		SCOPED(buffer_free) struct buffer text = buffer_with(1000);
		print_message("%s\n", HTML[i].html);
		assert_true(wire_html_text(slice_of_text(HTML[i].html), &text));
		assert_slice_equals(buffer_slice(&text), slice_of_text(HTML[i].text),
			__FILE__, __LINE__);
	}
}

static const struct html_case OFFICE[] = {
	{"<?xml "
	 "version=\"1.0\"?><w:p><w:r><w:t>Hel</w:t></w:r><w:r><w:t>lo</w:t></w:r></w:p>",
		"\nHello\n"},
	{"<w:p/>\n  <w:t> a</w:t><w:tab/>b &amp;&#233;&x;", "\n a b &\u00e9&x;"},
	{"<c r='A1' t=\"s\"><v>7</v></c><c><v>8</v></c>", "   8 "},
	{"<c t=\"s\"/>x<f>SUM(A1)</f>y<f/>z", " xyz"},
	{"<text:h>a<text:s/>b</text:h><text:line-break/>c", "\na b\n\nc"},
	{"<!-- <t>no</t> --><![CDATA[a<b]]>c<t x='>'>d<t never ends", "a<bcd"},
	{"<f>never ends", ""},
	{"", ""},
};

static void
test_reads_office_documents(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof OFFICE / sizeof *OFFICE; i++) {
		SCOPED(buffer_free) struct buffer text = buffer_with(1000);
		print_message("%s\n", OFFICE[i].html);
		assert_true(wire_office_text(slice_of_text(OFFICE[i].html), &text));
		assert_slice_equals(buffer_slice(&text), slice_of_text(OFFICE[i].text),
			__FILE__, __LINE__);
	}
}

static struct slice
preview_of(struct arena *arena, struct slice message)
{
	const struct wire_message *parsed = wire_mime_parse(arena, message);
	const struct wire_mime_part *part = wire_preview_part(parsed->top);
	return part ? wire_preview(arena, part,
			      slice_part(
				      message, part->body_start, wire_mime_part_size(part)))
		    : SLICE_NONE;
}

#define MIXED "Content-Type: multipart/mixed; boundary=b\r\n\r\n"

static const struct html_case PREVIEWS[] = {
	{"A: b\r\n\r\n  Hello,\r\n\r\n   world\u00a0! ", "Hello, world !"},
	{"Content-Type: text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: "
	 "base64\r\n\r\n"
	 "8NLJ18XU",
		"\u041f\u0440\u0438\u0432\u0435\u0442"},
	{MIXED "--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b\r\nContent-Type: "
	       "text/html\r\n\r\n"
	       "<style>x</style><p>Hi</p>\u200c \u034f \u200c "
	       "&zwnj;&nbsp;there\r\n--b--\r\n",
		"Hi there"},
	{MIXED "--b\r\nContent-Disposition: attachment\r\n\r\nnot this\r\n--b\r\n\r\n"
	       "but this\r\n--b--\r\n",
		"but this"},
	{MIXED "--b\r\nContent-Type: message/rfc822\r\n\r\nA: b\r\n\r\nnot "
	       "this\r\n--b\r\n\r\n"
	       "but this\r\n--b--\r\n",
		"but this"},
	{MIXED "--b\r\nContent-Type: message/rfc822\r\n\r\nA: b\r\n\r\nnot "
	       "this\r\n--b--\r\n",
		""},
	{"Content-Type: image/png\r\n\r\nx", ""},
};

static void
test_previews(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof PREVIEWS / sizeof *PREVIEWS; i++) {
		SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
		print_message("%s\n", PREVIEWS[i].html);
		assert_slice_equals(preview_of(arena, slice_of_text(PREVIEWS[i].html)),
			slice_of_text(PREVIEWS[i].text), __FILE__, __LINE__);
	}
}

/* Text that begins late is found; no more than the limit is taken; no character is cut. */
static size_t
length_of_preview(struct arena *arena, const char *word, size_t count)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(1 << 20);
	buffer_put(&text, SLICE("Content-Type: text/plain\r\n\r\n"));
	for (size_t i = 0; i < count; i++)
		buffer_put(&text, slice_of_text(word));
	return preview_of(arena, buffer_slice(&text)).length;
}

/* Wherever the last character falls; behind a blank there is always one more. */
static void
test_previews_end_in_time(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	assert_int_equal(length_of_preview(arena, "x", 900), WIRE_PREVIEW_CHARACTERS);
	assert_int_equal(length_of_preview(arena, "x ", 900), WIRE_PREVIEW_CHARACTERS + 1);
	assert_int_equal(length_of_preview(arena, "xy\r\n", 900), WIRE_PREVIEW_CHARACTERS);
	assert_int_equal(length_of_preview(arena, "x", 20), 20);
	assert_int_equal(length_of_preview(arena, "x \t", 20), 39);
}

static void
test_previews_of_long_mail(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	SCOPED(buffer_free) struct buffer text = buffer_with(1 << 20);
	(void)state;
	buffer_put_text(&text, "Content-Type: text/html; charset=utf-8\r\n\r\n<style>");
	for (int i = 0; i < 2000; i++)
		buffer_put_text(&text, "p { color: red }\r\n");
	buffer_put_text(&text, "</style>");
	for (int i = 0; i < 10000; i++)
		buffer_put_text(&text, "\u20ac");
	struct slice preview = preview_of(arena, buffer_slice(&text));
	assert_int_equal(preview.length, 3 * WIRE_PREVIEW_CHARACTERS);
	assert_true(slice_is_utf8(preview));
	assert_true(slice_starts(preview, SLICE("\u20ac\u20ac")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decodes_in_any_pieces),
		cmocka_unit_test(test_long_runs_of_blanks),
		cmocka_unit_test(test_knows_encodings),
		cmocka_unit_test(test_reads_html),
		cmocka_unit_test(test_reads_office_documents),
		cmocka_unit_test(test_previews),
		cmocka_unit_test(test_previews_of_long_mail),
		cmocka_unit_test(test_previews_end_in_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
