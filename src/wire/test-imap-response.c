#include "base/test.h"
#include "wire/imap-response.h"

static struct buffer text;

static void
check(const char *wanted)
{
	assert_false(buffer_failed(&text));
	assert_slice_equals(buffer_slice(&text), slice_of_text(wanted), __FILE__, __LINE__);
	buffer_clear(&text);
}

static void
strings_take_the_form_that_fits(void **state)
{
	(void)state;
	wire_imap_put_astring(&text, SLICE("abc"), false);
	check("abc");
	wire_imap_put_astring(&text, SLICE("nil"), false);
	check("\"nil\"");
	wire_imap_put_astring(&text, SLICE(""), false);
	check("\"\"");
	wire_imap_put_astring(&text, SLICE("a\"b\\c"), false);
	check("\"a\\\"b\\\\c\"");
	wire_imap_put_nstring(&text, SLICE_NONE, false);
	check("NIL");
	wire_imap_put_nstring(&text, SLICE("a b"), false);
	check("\"a b\"");
	wire_imap_put_string(&text, SLICE("\u00e9"), false);
	check("{2}\r\n\u00e9");
	wire_imap_put_string(&text, SLICE("\u00e9"), true);
	check("\"\u00e9\"");
	wire_imap_put_string(&text, SLICE("\xff"), true);
	check("{1}\r\n\xff");
	wire_imap_put_string(&text, SLICE("a\r\nb"), true);
	check("{4}\r\na\r\nb");
	wire_imap_put_string(&text, SLICE("a\0b"), false);
	check("{3}\r\na?b");
}

static void
long_texts_are_literals(void **state)
{
	(void)state;
	static char bytes[2000];
	memset(bytes, 'a', sizeof bytes);
	wire_imap_put_string(&text, slice_of(bytes, sizeof bytes), false);
	assert_true(slice_starts(buffer_slice(&text), SLICE("{2000}\r\naaa")));
	buffer_clear(&text);
}

static void
mailboxes_are_encoded(void **state)
{
	(void)state;
	wire_imap_put_mailbox(&text, SLICE("INBOX"), false);
	check("INBOX");
	wire_imap_put_mailbox(&text, SLICE("\u00e9 &"), false);
	check("\"&AOk- &-\"");
	wire_imap_put_mailbox(&text, SLICE("a*b"), false);
	check("\"a*b\"");
	wire_imap_put_mailbox(&text, SLICE("\u00e9 &"), true);
	check("\"\u00e9 &\"");
	wire_imap_put_mailbox(&text, SLICE("\1a\2b\3"), false);
	check("&AAE-a&AAI-b&AAM-");
}

static void
flags_are_listed(void **state)
{
	(void)state;
	struct slice keywords[] = {SLICE("$Junk"), SLICE("x")};
	struct wire_imap_flags flags = {WIRE_IMAP_DRAFT | WIRE_IMAP_SEEN, keywords, 2};
	wire_imap_put_flags(&text, &flags, SLICE("\\Recent"));
	check("(\\Recent \\Seen \\Draft $Junk x)");
	wire_imap_put_flags(&text, &(struct wire_imap_flags){0}, SLICE_NONE);
	check("()");
}

static void
dates_are_written(void **state)
{
	(void)state;
	wire_imap_put_date_time(&text, (struct wire_date){837596665, -420});
	check("\"17-Jul-1996 02:44:25 -0700\"");
	wire_imap_put_date_time(&text, (struct wire_date){-1, 0});
	check("\"31-Dec-1969 23:59:59 +0000\"");
	wire_imap_put_date_time(&text, (struct wire_date){0, 330});
	check("\" 1-Jan-1970 05:30:00 +0530\"");
	wire_imap_put_date(&text, 8797);
	check("1-Feb-1994");
}

static void
a_full_buffer_is_told(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer little = buffer_with(4);
	assert_false(wire_imap_put_string(&little, SLICE("abc"), false));
	buffer_clear(&little);
	assert_false(wire_imap_put_literal(&little, SLICE("a")));
}

static int
begin(void **state)
{
	(void)state;
	text = buffer_with(10000);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	buffer_free(&text);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_take_the_form_that_fits),
		cmocka_unit_test(long_texts_are_literals),
		cmocka_unit_test(mailboxes_are_encoded),
		cmocka_unit_test(flags_are_listed),
		cmocka_unit_test(dates_are_written),
		cmocka_unit_test(a_full_buffer_is_told),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
