#include "base/test.h"
#include "wire/date.h"

struct date_case {
	const char *text;
	int64_t unix_time;
	int zone;
};

static const struct date_case CASES[] = {
	{"Thu, 1 Jan 1970 00:00:00 +0000", 0, 0},
	{"Fri, 21 Nov 1997 09:55:06 -0600", 880127706, -360},
	{"Tue, 1 Jul 2003 10:52:37 +0200", 1057049557, 120},
	{"Thu,\r\n 13\r\n  Feb\r\n  1969\r\n  23:32\r\n  -0330 (Newfoundland Time)",
		-27723480, -210},
	{"21 Nov 97 09:55:06 GMT", 880106106, 0},
	{"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", 880127706, -360},
	{"Mon, 24 Nov 104 1:2:3 EST", 1101276123, -300},
	{"Wed, 02 Oct 2002 12:00:00 PDT", 1033585200, -420},
	{"Sat Sep 14 12:34:56 2002", 1032006896, 0},
	{"2-Jan-2006 15:04:05 +0100", 1136210645, 60},
	{"2006-01-02T15:04:05.678Z", 1136214245, 0},
	{"2006-01-02T15:04:05+01:00", 1136210645, 60},
	{"Mon, 2 January 2006 15:04 GMT+0200", 1136207040, 120},
	{"Mon 2 Jan 2006 15:04:05", 1136214245, 0},
	{"2 Jan 2006", 1136160000, 0},
	{"29 Feb 2000 00:00:00 -0000", 951782400, 0},
	{"31 Dec 1999 23:59:60 +0000", 946684799, 0},
	{"1 Jan 49 00:00:00 +0000", 2493072000, 0},
	{"1 Jan 50 00:00:00 +0000", -631152000, 0},
	{"1 Jan 2000 00:00:00 +9999", 946684800, 0},
	{"Mon, 2 Jan 2006 15:04:05 X", 1136214245, 0},
};

static const char *const BROKEN[] = {"", "Monday", "32 Jan 2006",
	"29 Feb 2001 00:00:00 GMT", "0 Jan 2006", "1 Jan 2006 24:00:00 +0000",
	"1 Jan 2006 10:60 +0000", "1 Foo 2006", "Jan 2006", "1 Jan 12345", "(1 Jan 2006",
	"01/02/2006 10:00", "99999999999999999999 Jan 2006"};

static void
test_reads_dates(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct wire_date date;
		print_message("%s\n", CASES[i].text);
		assert_true(wire_date_parse(slice_of_text(CASES[i].text), &date));
		assert_int_equal(date.unix_time, CASES[i].unix_time);
		assert_int_equal(date.zone, CASES[i].zone);
	}
}

static void
test_refuses_what_is_no_date(void **state)
{
	struct wire_date date;
	(void)state;
	for (size_t i = 0; i < sizeof BROKEN / sizeof *BROKEN; i++) {
		print_message("%s\n", BROKEN[i]);
		assert_false(wire_date_parse(slice_of_text(BROKEN[i]), &date));
	}
}

static void
test_writes_dates(void **state)
{
	static const struct date_case written[] = {
		{"Fri, 21 Nov 1997 09:55:06 -0600", 880127706, -360},
		{"Thu, 01 Jan 1970 00:00:00 +0000", 0, 0},
		{"Wed, 31 Dec 1969 23:59:59 +0000", -1, 0},
		{"Mon, 02 Jan 2006 15:04:05 +0530", 1136194445, 330},
		{"Fri, 31 Dec 9999 23:59:59 +0000", INT64_MAX / 2, 0},
		{"Mon, 01 Jan 0001 00:00:00 +0000", INT64_MIN / 2, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
		SCOPED(buffer_free) struct buffer text = buffer_with(64);
		assert_true(wire_date_put(
			&text, (struct wire_date){written[i].unix_time, written[i].zone}));
		assert_slice_equals(buffer_slice(&text), slice_of_text(written[i].text),
			__FILE__, __LINE__);
	}
}

static void
test_writing_and_reading_agree(void **state)
{
	(void)state;
	for (int64_t moment = -62135000000; moment < 253402000000; moment += 123456789) {
		struct wire_date date = {moment, (int)(moment % 1400)}, again;
		SCOPED(buffer_free) struct buffer text = buffer_with(64);
		assert_true(wire_date_put(&text, date));
		assert_true(wire_date_parse(buffer_slice(&text), &again));
		assert_int_equal(again.unix_time, date.unix_time);
		assert_int_equal(again.zone, date.zone);
	}
}

static void
test_counts_days(void **state)
{
	int64_t year;
	unsigned month, day;
	(void)state;
	assert_int_equal(wire_day_of_civil(1970, 1, 1), 0);
	assert_int_equal(wire_day_of_civil(2000, 3, 1), 11017);
	assert_int_equal(wire_day_of_civil(1969, 12, 31), -1);
	for (int64_t i = -800000; i < 3000000; i += 97) {
		wire_civil_of_day(i, &year, &month, &day);
		assert_int_equal(wire_day_of_civil(year, month, day), i);
	}
	/* The writer's calendar: 23:30 on the 2nd in -0600 is the 2nd. */
	assert_int_equal(wire_date_day((struct wire_date){86400 + 5 * 3600, -360}), 0);
	assert_int_equal(wire_date_day((struct wire_date){-1, 0}), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_dates),
		cmocka_unit_test(test_refuses_what_is_no_date),
		cmocka_unit_test(test_writes_dates),
		cmocka_unit_test(test_writing_and_reading_agree),
		cmocka_unit_test(test_counts_days),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
