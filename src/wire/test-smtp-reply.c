#include "base/test.h"
#include "wire/smtp-reply.h"

static void
replies_are_written(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer text = buffer_with(10000);
	assert_true(wire_smtp_reply_text(&text, 250, "2.1.0", "Ok"));
	assert_true(wire_smtp_reply_text(&text, 250, NULL, "mx.example.org\nSIZE 1\nDSN"));
	assert_true(wire_smtp_reply_put(&text, 550, "5.1.1", SLICE("no\r\x1b[0m\0one")));
	assert_true(wire_smtp_reply_text(&text, 334, NULL, ""));
	assert_true(slice_equal(
		buffer_slice(&text), SLICE("250 2.1.0 Ok\r\n"
					   "250-mx.example.org\r\n250-SIZE 1\r\n250 DSN\r\n"
					   "550 5.1.1 no??[0m?one\r\n"
					   "334 \r\n")));
}

static void
long_texts_are_broken(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer long_text = buffer_with(10000);
	SCOPED(buffer_free) struct buffer text = buffer_with(10000);
	for (int i = 0; i < 200; i++)
		buffer_put_text(&long_text, "\u0442\u0440\u043e\u0439\u043a\u0430 ");
	for (int i = 0; i < 1500; i++)
		buffer_put_text(&long_text, "x");
	assert_true(wire_smtp_reply_put(&text, 554, "5.7.1", buffer_slice(&long_text)));
	struct slice rest = buffer_slice(&text);
	size_t lines = 0;
	while (rest.length > 0) {
		struct slice line = slice_cut(&rest, '\n');
		assert_true(line.length + 1 <= WIRE_SMTP_REPLY_LINE_MOST);
		assert_true(slice_starts(
			line, rest.length ? SLICE("554-5.7.1 ") : SLICE("554 5.7.1 ")));
		assert_true(slice_is_utf8(line));
		lines++;
	}
	assert_in_range(lines, 8, 12);
}

/* Reads lines parted by CRLF; the step of the last one. */
static enum wire_smtp_reply_step
read_reply(struct wire_smtp_reply *reply, const char *lines)
{
	struct slice rest = slice_of_text(lines);
	enum wire_smtp_reply_step step = WIRE_SMTP_REPLY_MORE;
	while (!slice_absent(rest)) {
		assert_int_equal(step, WIRE_SMTP_REPLY_MORE);
		step = wire_smtp_reply_add(reply, slice_cut(&rest, '\n'));
	}
	return step;
}

struct reply_case {
	const char *lines;
	enum wire_smtp_reply_step step;
	int code;
	const char *status, *text;
};

static const struct reply_case CASES[] = {
	{"250 2.1.5 fine", WIRE_SMTP_REPLY_DONE, 250, "2.1.5", "fine\n"},
	{"250", WIRE_SMTP_REPLY_DONE, 250, "", "\n"},
	{"250 ", WIRE_SMTP_REPLY_DONE, 250, "", "\n"},
	{"250 2.0.0", WIRE_SMTP_REPLY_DONE, 250, "2.0.0", "\n"},
	{"550-5.1.1 no\n550 5.1.1 one", WIRE_SMTP_REPLY_DONE, 550, "5.1.1", "no\none\n"},
	{"250-a\n550 b", WIRE_SMTP_REPLY_DONE, 550, "", "a\nb\n"},
	{"250-a", WIRE_SMTP_REPLY_MORE, 250, "", "a\n"},
	{"550 4.1.1 odd", WIRE_SMTP_REPLY_DONE, 550, "", "4.1.1 odd\n"},
	{"550 5.1.1234 odd", WIRE_SMTP_REPLY_DONE, 550, "", "5.1.1234 odd\n"},
	{"220 a\x1b b", WIRE_SMTP_REPLY_DONE, 220, "", "a  b\n"},
	{"25", WIRE_SMTP_REPLY_MALFORMED, 0, "", ""},
	{"", WIRE_SMTP_REPLY_MALFORMED, 0, "", ""},
	{"650 x", WIRE_SMTP_REPLY_MALFORMED, 0, "", ""},
	{"250x", WIRE_SMTP_REPLY_MALFORMED, 0, "", ""},
	{"HTTP/1.1 400", WIRE_SMTP_REPLY_MALFORMED, 0, "", ""},
};

static void
replies_are_read(void **state)
{
	(void)state;
	struct wire_smtp_reply reply;
	wire_smtp_reply_init(&reply);
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		wire_smtp_reply_reset(&reply);
		assert_int_equal(read_reply(&reply, CASES[i].lines), CASES[i].step);
		if (CASES[i].step == WIRE_SMTP_REPLY_MALFORMED)
			continue;
		assert_int_equal(reply.code, CASES[i].code);
		assert_int_equal(wire_smtp_reply_class(&reply), CASES[i].code / 100);
		assert_string_equal(reply.status, CASES[i].status);
		assert_slice_equals(buffer_slice(&reply.text), slice_of_text(CASES[i].text),
			__FILE__, __LINE__);
	}
	wire_smtp_reply_free(&reply);
}

static void
endless_replies_end(void **state)
{
	(void)state;
	static char text[5000];
	struct wire_smtp_reply reply;
	wire_smtp_reply_init(&reply);
	struct slice beginning = SLICE("250-");
	memset(text, 'x', sizeof text);
	memcpy(text, beginning.data, beginning.length);
	for (int i = 0; i < WIRE_SMTP_REPLY_LINES_MOST; i++)
		assert_int_equal(wire_smtp_reply_add(&reply, slice_of(text, sizeof text)),
			WIRE_SMTP_REPLY_MORE);
	assert_int_equal(wire_smtp_reply_add(&reply, slice_of(text, sizeof text)),
		WIRE_SMTP_REPLY_MALFORMED);
	assert_int_equal(reply.text.length, WIRE_SMTP_REPLY_TEXT_MOST);
	assert_false(buffer_failed(&reply.text));
	wire_smtp_reply_free(&reply);
}

static void
offers_are_read(void **state)
{
	(void)state;
	struct wire_smtp_reply reply;
	wire_smtp_reply_init(&reply);
	read_reply(&reply,
		"250-SIZE 99\n250-pipelining\n250-size 52428800\n250-8BITMIME\n"
		"250-AUTH=LOGIN\n250-AUTH PLAIN X-OTHER\n250-XYZZY\n250 STARTTLS");
	struct wire_smtp_offers offers = wire_smtp_offers_parse(&reply);
	assert_int_equal(offers.size, 52428800);
	assert_int_equal(
		offers.offers, WIRE_OFFERS_PIPELINING | WIRE_OFFERS_SIZE |
				       WIRE_OFFERS_8BITMIME | WIRE_OFFERS_AUTH_LOGIN |
				       WIRE_OFFERS_AUTH_PLAIN | WIRE_OFFERS_STARTTLS);
	wire_smtp_reply_reset(&reply);
	read_reply(&reply, "250-mx\n250 SIZE");
	offers = wire_smtp_offers_parse(&reply);
	assert_int_equal(offers.offers, WIRE_OFFERS_SIZE);
	assert_int_equal(offers.size, 0);
	wire_smtp_reply_reset(&reply);
	read_reply(&reply, "250 DSN");
	assert_int_equal(wire_smtp_offers_parse(&reply).offers, 0);
	wire_smtp_reply_free(&reply);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_written),
		cmocka_unit_test(long_texts_are_broken),
		cmocka_unit_test(replies_are_read),
		cmocka_unit_test(endless_replies_end),
		cmocka_unit_test(offers_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
