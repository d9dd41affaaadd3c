#include "base/buffer.h"
#include "base/test.h"
#include "wire/dsn.h"
#include "wire/header.h"
#include "wire/mime-decode.h"

static struct arena *arena;

static struct wire_dsn_recipient
no_such_user(void)
{
	return (struct wire_dsn_recipient){
		.original_type = SLICE("rfc822"),
		.original = SLICE("boris+x@example.net"),
		.final = SLICE("boris@example.net"),
		.action = WIRE_DSN_FAILED,
		.status = SLICE("5.1.1"),
		.remote = SLICE("mx.example.net"),
		.diagnostic_type = SLICE("smtp"),
		.diagnostic = SLICE("550 5.1.1 no such user\r\n\x1b"),
		.has_last_attempt = true,
		.last_attempt = {1000000000, 0},
	};
}

static struct wire_dsn_recipient
still_trying(void)
{
	return (struct wire_dsn_recipient){
		.final = SLICE("\u0431\u043e\u0440\u0438\u0441@example.net"),
		.action = WIRE_DSN_DELAYED,
		.status = SLICE("4.4.1"),
		.diagnostic_type = SLICE("smtp"),
		.diagnostic = SLICE("No answer"),
		.has_retry_until = true,
		.retry_until = {1000432000, 180},
	};
}

static struct wire_dsn_message
a_message(struct wire_dsn_recipient *recipients, size_t count)
{
	return (struct wire_dsn_message){
		.report = {.envelope_id = SLICE("env=1"),
			.reporting = SLICE("mx.troika.test"),
			.has_arrival = true,
			.arrival = {999999999, -60},
			.recipients = recipients,
			.count = count},
		.texts = &wire_dsn_english,
		.from = SLICE("Mail server <postmaster@troika.test>"),
		.to = SLICE("anna@troika.test"),
		.message_id = SLICE("<1@mx.troika.test>"),
		.date = {1000000100, 0},
		.in_reply_to = SLICE("<2@anna.test>"),
		.subject = SLICE("Lunch"),
		.boundary = SLICE("=_b0undary"),
		.original = SLICE("From: anna@troika.test\r\nSubject: Lunch\r\n"),
	};
}

static bool
holds(const struct buffer *text, const char *part)
{
	struct slice wanted = slice_of_text(part);
	return slice_find(buffer_slice(text), wanted) < text->length;
}

static void
check_same_text(struct slice got, struct slice wanted)
{
	assert_slice_equals(got, wanted, __FILE__, __LINE__);
}

static void
check_same(const struct wire_dsn_recipient *got, const struct wire_dsn_recipient *wanted)
{
	check_same_text(got->original, wanted->original);
	check_same_text(got->final, wanted->final);
	assert_int_equal(got->action, wanted->action);
	check_same_text(got->status, wanted->status);
	check_same_text(got->remote, wanted->remote);
	assert_int_equal(got->has_last_attempt, wanted->has_last_attempt);
	assert_int_equal(got->last_attempt.unix_time, wanted->last_attempt.unix_time);
	assert_int_equal(got->has_retry_until, wanted->has_retry_until);
	assert_int_equal(got->retry_until.unix_time, wanted->retry_until.unix_time);
	assert_int_equal(got->retry_until.zone, wanted->retry_until.zone);
}

static void
a_report_is_read_back(void **state)
{
	(void)state;
	struct wire_dsn_recipient recipients[] = {no_such_user(), still_trying()};
	struct wire_dsn_message message = a_message(recipients, 2);
	SCOPED(buffer_free) struct buffer text = buffer_with(100000);
	assert_true(wire_dsn_put(&text, &message));
	struct wire_dsn report;
	assert_int_equal(wire_dsn_parse(buffer_slice(&text), arena, &report), BASE_OK);
	assert_slice_is(report.envelope_id, "env=1");
	assert_slice_is(report.reporting, "mx.troika.test");
	assert_true(report.has_arrival);
	assert_int_equal(report.arrival.unix_time, 999999999);
	assert_int_equal(report.count, 2);
	check_same(&report.recipients[0], &recipients[0]);
	check_same(&report.recipients[1], &recipients[1]);
	assert_slice_is(report.recipients[0].diagnostic, "550 5.1.1 no such user");
}

static void
a_person_can_read_it(void **state)
{
	(void)state;
	struct wire_dsn_recipient recipients[] = {no_such_user()};
	struct wire_dsn_message message = a_message(recipients, 1);
	SCOPED(buffer_free) struct buffer text = buffer_with(100000);
	assert_true(wire_dsn_put(&text, &message));
	assert_true(holds(&text, "Subject: Your message could not be delivered\r\n"));
	assert_true(holds(&text, "Auto-Submitted: auto-replied\r\n"));
	assert_true(holds(&text, "This is the mail server mx.troika.test.\r\n"));
	assert_true(holds(&text, "Your message: Lunch\r\n"));
	assert_true(
		holds(&text, "It could not be delivered to:\r\n\r\n"
			     "  boris@example.net\r\n"
			     "    The server mx.example.net answered: 550 5.1.1 no such "
			     "user"));
	assert_true(holds(&text, "Please check the address"));
	assert_true(holds(&text, "Content-Type: text/rfc822-headers\r\n\r\nFrom: anna"));
	assert_false(holds(&text, "\x1b"));
}

static void
a_delay_says_until_when(void **state)
{
	(void)state;
	struct wire_dsn_recipient recipients[] = {still_trying()};
	struct wire_dsn_message message = a_message(recipients, 1);
	message.whole = true;
	SCOPED(buffer_free) struct buffer text = buffer_with(100000);
	assert_true(wire_dsn_put(&text, &message));
	assert_true(holds(&text, "Subject: Your message is delayed\r\n"));
	assert_true(holds(&text, "Final-Recipient: utf-8; \\x{431}\\x{43E}"));
	assert_true(holds(&text, "Will-Retry-Until: Fri, 14 Sep 2001 04:46:40 +0300\r\n"));
	assert_true(holds(&text, "Content-Type: message/rfc822\r\n"));
	/* The address is not ASCII, so the text is carried in base64. */
	assert_true(holds(&text, "charset=utf-8\r\nContent-Transfer-Encoding: base64"));
}

/* Any language: the subject as an encoded word, the text in base64. */
static void
texts_may_be_in_another_language(void **state)
{
	(void)state;
	struct wire_dsn_texts russian = wire_dsn_english;
	russian.subject_failed = "Письмо не доставлено";
	russian.failed = "Его не удалось доставить:";
	struct wire_dsn_recipient recipients[] = {no_such_user()};
	struct wire_dsn_message message = a_message(recipients, 1);
	message.texts = &russian;
	SCOPED(buffer_free) struct buffer text = buffer_with(100000);
	assert_true(wire_dsn_put(&text, &message));
	assert_true(slice_is_ascii(buffer_slice(&text)));

	struct wire_header subject;
	assert_true(wire_header_find(buffer_slice(&text), SLICE("Subject"), &subject));
	assert_slice_is(wire_header_text(arena, subject.raw), "Письмо не доставлено");
	const struct wire_mime_part *part =
		wire_mime_parse(arena, buffer_slice(&text))->top->child;
	SCOPED(buffer_free) struct buffer readable = buffer_with(100000);
	assert_true(wire_mime_text(part,
		slice_part(buffer_slice(&text), part->body_start,
			part->body_end - part->body_start),
		&readable));
	assert_true(holds(&readable, "Его не удалось доставить:"));
	assert_true(holds(&readable, "boris@example.net"));
}

static void
header_lines_can_not_be_forged(void **state)
{
	(void)state;
	struct wire_dsn_recipient recipients[] = {no_such_user()};
	recipients[0].remote = SLICE("mx\r\nAction: delivered");
	struct wire_dsn_message message = a_message(recipients, 1);
	message.to = SLICE("anna@troika.test>\r\nBcc: <all@example.net");
	message.subject = SLICE("a\r\nb");
	SCOPED(buffer_free) struct buffer text = buffer_with(100000);
	assert_true(wire_dsn_put(&text, &message));
	assert_false(holds(&text, "\r\nBcc:"));
	struct wire_dsn report;
	assert_int_equal(wire_dsn_parse(buffer_slice(&text), arena, &report), BASE_OK);
	assert_int_equal(report.recipients[0].action, WIRE_DSN_FAILED);
}

static void
what_others_send_is_understood(void **state)
{
	(void)state;
	struct wire_dsn report;
	struct slice body = SLICE("reporting-mta: mx.example.org\n"
				  "X-Foo: bar\n\n\n"
				  "Final-Recipient: RFC822;<a@example.org>\n"
				  "Action: Failed (gave up)\n"
				  "Status: 5.2.2 (full)\n"
				  "Diagnostic-Code: smtp; 552 mailbox\n   full\n\n"
				  "Original-Recipient: rfc822;b@example.org\n"
				  "Action: delayed\nStatus: 4.0.0\n\n"
				  "Final-Recipient: rfc822;c@example.org\n"
				  "Action: exploded\nStatus: 5.0.0\n");
	assert_int_equal(wire_dsn_status_parse(body, arena, &report), BASE_OK);
	assert_slice_is(report.reporting, "mx.example.org");
	assert_int_equal(report.count, 2);
	assert_slice_is(report.recipients[0].final, "a@example.org");
	assert_slice_is(report.recipients[0].status, "5.2.2");
	assert_slice_is(report.recipients[0].diagnostic, "552 mailbox   full");
	assert_slice_is(report.recipients[1].final, "b@example.org");
	assert_int_equal(report.recipients[1].action, WIRE_DSN_DELAYED);
}

static void
what_is_no_report_is_none(void **state)
{
	(void)state;
	struct wire_dsn report;
	assert_int_equal(wire_dsn_status_parse(SLICE(""), arena, &report), BASE_INVALID);
	assert_int_equal(wire_dsn_status_parse(SLICE("Action: failed\n"), arena, &report),
		BASE_INVALID);
	assert_int_equal(
		wire_dsn_parse(SLICE("Subject: hello\r\n\r\nhello\r\n"), arena, &report),
		BASE_NOT_FOUND);
}

static int
begin(void **state)
{
	(void)state;
	arena = arena_create(10000000);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_destroy(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_is_read_back),
		cmocka_unit_test(a_person_can_read_it),
		cmocka_unit_test(a_delay_says_until_when),
		cmocka_unit_test(texts_may_be_in_another_language),
		cmocka_unit_test(header_lines_can_not_be_forged),
		cmocka_unit_test(what_others_send_is_understood),
		cmocka_unit_test(what_is_no_report_is_none),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
