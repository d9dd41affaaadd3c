#include "base/test.h"
#include "wire/smtp-command.h"
#include "wire/smtp-xtext.h"

static struct arena *arena;
static struct wire_smtp_command command;

static struct wire_smtp_fault
parse(struct slice line)
{
	arena_reset(arena);
	return wire_smtp_command_parse(line, arena, &command);
}

struct command_case {
	struct slice line;
	enum wire_smtp_verb verb;
	int code; /* 0: fine */
};

static const struct command_case CASES[] = {
	{SLICE_INIT("EHLO mx.example.org"), WIRE_SMTP_EHLO, 0},
	{SLICE_INIT("ehlo [192.0.2.1] "), WIRE_SMTP_EHLO, 0},
	{SLICE_INIT("HELO my_pc"), WIRE_SMTP_HELO, 0},
	{SLICE_INIT("EHLO"), WIRE_SMTP_EHLO, 501},
	{SLICE_INIT("EHLO a b"), WIRE_SMTP_EHLO, 501},
	{SLICE_INIT("DATA"), WIRE_SMTP_DATA, 0},
	{SLICE_INIT("DATA  "), WIRE_SMTP_DATA, 0},
	{SLICE_INIT("DATA x"), WIRE_SMTP_DATA, 501},
	{SLICE_INIT("RSET"), WIRE_SMTP_RSET, 0},
	{SLICE_INIT("RSET now"), WIRE_SMTP_RSET, 501},
	{SLICE_INIT("NOOP whatever"), WIRE_SMTP_NOOP, 0},
	{SLICE_INIT("QUIT"), WIRE_SMTP_QUIT, 0},
	{SLICE_INIT("VRFY anna"), WIRE_SMTP_VRFY, 0},
	{SLICE_INIT("VRFY"), WIRE_SMTP_VRFY, 501},
	{SLICE_INIT("EXPN list"), WIRE_SMTP_EXPN, 0},
	{SLICE_INIT("HELP"), WIRE_SMTP_HELP, 0},
	{SLICE_INIT("STARTTLS"), WIRE_SMTP_STARTTLS, 0},
	{SLICE_INIT("STARTTLS 1"), WIRE_SMTP_STARTTLS, 501},
	{SLICE_INIT("BDAT 100"), WIRE_SMTP_BDAT, 0},
	{SLICE_INIT("BDAT"), WIRE_SMTP_BDAT, 501},
	{SLICE_INIT("BDAT -1"), WIRE_SMTP_BDAT, 501},
	{SLICE_INIT("BDAT 18446744073709551616"), WIRE_SMTP_BDAT, 501},
	{SLICE_INIT("AUTH PLAIN"), WIRE_SMTP_AUTH, 0},
	{SLICE_INIT("AUTH"), WIRE_SMTP_AUTH, 501},
	{SLICE_INIT("AUTH PL*N"), WIRE_SMTP_AUTH, 501},
	{SLICE_INIT("AUTH PLAIN a b"), WIRE_SMTP_AUTH, 501},
	{SLICE_INIT("GET / HTTP/1.1"), WIRE_SMTP_UNKNOWN, 500},
	{SLICE_INIT(""), WIRE_SMTP_UNKNOWN, 500},
	{SLICE_INIT(" DATA"), WIRE_SMTP_UNKNOWN, 500},
	{SLICE_INIT("NOOP \t"), WIRE_SMTP_NOOP, 500},
	{SLICE_INIT("NOOP \x7f"), WIRE_SMTP_NOOP, 500},
	{SLICE_INIT("NOOP \0"), WIRE_SMTP_NOOP, 500},
	{SLICE_INIT("NOOP a\rb"), WIRE_SMTP_NOOP, 500},
	{SLICE_INIT("NOOP \xff"), WIRE_SMTP_NOOP, 500},
	{SLICE_INIT("MAIL FROM:<anna@example.org>"), WIRE_SMTP_MAIL, 0},
	{SLICE_INIT("mail from: <anna@example.org>"), WIRE_SMTP_MAIL, 0},
	{SLICE_INIT("MAIL FROM:<>"), WIRE_SMTP_MAIL, 0},
	{SLICE_INIT("MAIL FROM:<anna@example.org>SIZE=1"), WIRE_SMTP_MAIL, 501},
	{SLICE_INIT("MAIL <anna@example.org>"), WIRE_SMTP_MAIL, 501},
	{SLICE_INIT("MAIL"), WIRE_SMTP_MAIL, 501},
	{SLICE_INIT("MAIL FROM:"), WIRE_SMTP_MAIL, 501},
	{SLICE_INIT("MAIL FROM:anna@example.org"), WIRE_SMTP_MAIL, 501},
	{SLICE_INIT("MAIL FROM:<anna@exa mple.org>"), WIRE_SMTP_MAIL, 501},
	{SLICE_INIT("MAIL FROM:<> SIZE=x"), WIRE_SMTP_MAIL, 501},
	{SLICE_INIT("MAIL FROM:<> SIZE="), WIRE_SMTP_MAIL, 501},
	{SLICE_INIT("MAIL FROM:<> SIZE"), WIRE_SMTP_MAIL, 501},
	{SLICE_INIT("MAIL FROM:<> SIZE=99999999999999999999"), WIRE_SMTP_MAIL, 0},
	{SLICE_INIT("MAIL FROM:<> SIZE=000000000000000000001"), WIRE_SMTP_MAIL, 501},
	{SLICE_INIT("MAIL FROM:<> SIZE=1 SIZE=2"), WIRE_SMTP_MAIL, 501},
	{SLICE_INIT("MAIL FROM:<> BODY=9BIT"), WIRE_SMTP_MAIL, 501},
	{SLICE_INIT("MAIL FROM:<> SMTPUTF8=1"), WIRE_SMTP_MAIL, 501},
	{SLICE_INIT("MAIL FROM:<> RET=NO"), WIRE_SMTP_MAIL, 501},
	{SLICE_INIT("MAIL FROM:<> ENVID=+0D+0A"), WIRE_SMTP_MAIL, 501},
	{SLICE_INIT("MAIL FROM:<> NOTIFY=NEVER"), WIRE_SMTP_MAIL, 555},
	{SLICE_INIT("MAIL FROM:<> XYZZY"), WIRE_SMTP_MAIL, 555},
	{SLICE_INIT("MAIL FROM:<> =1"), WIRE_SMTP_MAIL, 555},
	{SLICE_INIT("RCPT TO:<boris@example.net>"), WIRE_SMTP_RCPT, 0},
	{SLICE_INIT("RCPT TO:<Postmaster>"), WIRE_SMTP_RCPT, 0},
	{SLICE_INIT("RCPT TO:<>"), WIRE_SMTP_RCPT, 501},
	{SLICE_INIT("RCPT FROM:<a@b.example>"), WIRE_SMTP_RCPT, 501},
	{SLICE_INIT("RCPT TO:<a@b.example> NOTIFY=NEVER,FAILURE"), WIRE_SMTP_RCPT, 501},
	{SLICE_INIT("RCPT TO:<a@b.example> NOTIFY="), WIRE_SMTP_RCPT, 501},
	{SLICE_INIT("RCPT TO:<a@b.example> NOTIFY"), WIRE_SMTP_RCPT, 501},
	{SLICE_INIT("RCPT TO:<a@b.example> ORCPT=rfc822"), WIRE_SMTP_RCPT, 501},
	{SLICE_INIT("RCPT TO:<a@b.example> ORCPT=;a"), WIRE_SMTP_RCPT, 501},
	{SLICE_INIT("RCPT TO:<a@b.example> ORCPT=rfc822-rfc822-rfc822-rfc822-rfc822-"
		    "rfc822-rfc822-rfc822-rfc822-rf;a"),
		WIRE_SMTP_RCPT, 501},
	{SLICE_INIT("RCPT TO:<a@b.example> SIZE=1"), WIRE_SMTP_RCPT, 555},
};

static void
lines_become_commands_or_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct wire_smtp_fault fault = parse(CASES[i].line);
		if (fault.code != CASES[i].code || command.verb != CASES[i].verb)
			fail_msg("%.*s: %d %s", SLICE_ARG(CASES[i].line), fault.code,
				fault.text);
		assert_int_equal(fault.code != 0, fault.text != NULL);
		assert_int_equal(fault.code != 0, fault.enhanced != NULL);
	}
}

static void
mail_has_typed_parameters(void **state)
{
	(void)state;
	assert_int_equal(parse(SLICE("MAIL FROM:<anna@Example.ORG>  SIZE=500 body=8bitmime "
				     "SMTPUTF8 AUTH=a+2Bb@example.org RET=HDRS "
				     "ENVID=x+3Dy"))
				 .code,
		0);
	assert_slice_is(command.mail.from.local, "anna");
	assert_slice_is(command.mail.from.domain, "example.org");
	assert_true(command.mail.has_size);
	assert_int_equal(command.mail.size, 500);
	assert_int_equal(command.mail.body, WIRE_SMTP_BODY_8BITMIME);
	assert_true(command.mail.smtputf8);
	assert_slice_is(command.mail.auth, "a+b@example.org");
	assert_int_equal(command.mail.returns, WIRE_SMTP_RETURN_HEADERS);
	assert_slice_is(command.mail.envelope_id, "x=y");
	assert_int_equal(parse(SLICE("MAIL FROM:<>")).code, 0);
	assert_true(command.mail.from.null);
	assert_true(slice_absent(command.mail.auth));
}

static void
rcpt_has_typed_parameters(void **state)
{
	(void)state;
	assert_int_equal(parse(SLICE("RCPT TO:<boris@example.net> NOTIFY=SUCCESS,delay "
				     "ORCPT=rfc822;Boris+2B1@example.net"))
				 .code,
		0);
	assert_int_equal(
		command.rcpt.notify, WIRE_SMTP_NOTIFY_SUCCESS | WIRE_SMTP_NOTIFY_DELAY);
	assert_slice_is(command.rcpt.original_type, "rfc822");
	assert_slice_is(command.rcpt.original, "Boris+1@example.net");
	assert_int_equal(
		parse(SLICE("RCPT TO:<a@b.example> ORCPT=utf-8;\\x{E9}@b.example")).code,
		0);
	assert_slice_is(command.rcpt.original, "\u00e9@b.example");
	assert_int_equal(parse(SLICE("RCPT TO:<postMaster>")).code, 0);
	assert_true(slice_absent(command.rcpt.to.domain));
}

static void
chunks_are_numbers(void **state)
{
	(void)state;
	assert_int_equal(parse(SLICE("BDAT 86 last")).code, 0);
	assert_int_equal(command.chunk, 86);
	assert_true(command.last);
	assert_int_equal(parse(SLICE("BDAT 86 LEAST")).code, 501);
	assert_int_equal(command.chunk, 86);
	assert_false(command.last);
}

static void
auth_has_a_mechanism(void **state)
{
	(void)state;
	assert_int_equal(parse(SLICE("AUTH plain AGEAYg==")).code, 0);
	assert_slice_is(command.mechanism, "PLAIN");
	assert_slice_is(command.initial, "AGEAYg==");
	assert_int_equal(parse(SLICE("AUTH LOGIN")).code, 0);
	assert_true(slice_absent(command.initial));
}

static void
a_client_writes_what_a_server_reads(void **state)
{
	(void)state;
	static const struct slice LINES[] = {
		SLICE_INIT("MAIL FROM:<>\r\n"),
		SLICE_INIT("MAIL FROM:<anna@example.org> SIZE=10 BODY=BINARYMIME SMTPUTF8 "
			   "AUTH=<> RET=FULL ENVID=a+2Bb\r\n"),
		SLICE_INIT("RCPT TO:<\"a b\"@example.org>\r\n"),
		SLICE_INIT("RCPT TO:<a@example.org> NOTIFY=NEVER\r\n"),
		SLICE_INIT("RCPT TO:<a@example.org> NOTIFY=SUCCESS,FAILURE,DELAY "
			   "ORCPT=utf-8;\\x{E9}@x\r\n"),
	};
	for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++) {
		SCOPED(buffer_free) struct buffer line = buffer_with(1000);
		assert_int_equal(parse(slice_first(LINES[i], LINES[i].length - 2)).code, 0);
		if (command.verb == WIRE_SMTP_MAIL)
			assert_true(wire_smtp_mail_put(&line, &command.mail));
		else
			assert_true(wire_smtp_rcpt_put(&line, &command.rcpt));
		assert_slice_equals(buffer_slice(&line), LINES[i], __FILE__, __LINE__);
	}
}

static void
xtext_is_strict(void **state)
{
	(void)state;
	struct slice text;
	assert_true(wire_xtext_decode(SLICE("a+2Bb+3d+20"), arena, &text));
	assert_slice_is(text, "a+b= ");
	assert_false(wire_xtext_decode(SLICE("a+2"), arena, &text));
	assert_false(wire_xtext_decode(SLICE("a+2G"), arena, &text));
	assert_false(wire_xtext_decode(SLICE("a=b"), arena, &text));
	assert_false(wire_xtext_decode(SLICE("a b"), arena, &text));
	assert_false(wire_xtext_decode(SLICE("a+00"), arena, &text));
	assert_true(wire_utf8_address_decode(SLICE("\\x{1F600}\\x{5C}"), arena, &text));
	assert_slice_is(text, "\U0001F600\\");
	assert_false(wire_utf8_address_decode(SLICE("\\x{D800}"), arena, &text));
	assert_false(wire_utf8_address_decode(SLICE("\\x{110000}"), arena, &text));
	assert_false(wire_utf8_address_decode(SLICE("\\x{0A}"), arena, &text));
	assert_false(wire_utf8_address_decode(SLICE("\\x{}"), arena, &text));
	assert_false(wire_utf8_address_decode(SLICE("\\y"), arena, &text));
	assert_false(wire_utf8_address_decode(SLICE("\xff"), arena, &text));
}

static int
begin(void **state)
{
	(void)state;
	arena = arena_create(100000);
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
		cmocka_unit_test(lines_become_commands_or_replies),
		cmocka_unit_test(mail_has_typed_parameters),
		cmocka_unit_test(rcpt_has_typed_parameters),
		cmocka_unit_test(chunks_are_numbers),
		cmocka_unit_test(auth_has_a_mechanism),
		cmocka_unit_test(a_client_writes_what_a_server_reads),
		cmocka_unit_test(xtext_is_strict),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
