#include "base/test.h"
#include "wire/body-structure.h"
#include "wire/envelope.h"

struct envelope_case {
	const char *message, *envelope;
};

static const struct envelope_case ENVELOPES[] = {
	{"", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"},
	/* RFC 3501 8. */
	{"Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
	 "From: Terry Gray <gray@cac.washington.edu>\r\n"
	 "Subject: IMAP4rev1 WG mtg summary and minutes\r\n"
	 "To: imap@cac.washington.edu\r\n"
	 "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
	 "Message-Id: <B27397-0100000@cac.washington.edu>\r\n\r\n",
		"(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" "
		"\"IMAP4rev1 WG mtg summary and minutes\" "
		"((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
		"((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
		"((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
		"((NIL NIL \"imap\" \"cac.washington.edu\")) "
		"((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")"
		"(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL "
		"\"<B27397-0100000@cac.washington.edu>\")"},
	{"Subject:\r\nSender: s@x\r\nReply-To:\r\nTo: undisclosed:;\r\nFrom: f\r\n"
	 "Bcc: <@r:u@h>\r\nIn-Reply-To: <a@b>\r\n\r\n",
		"(NIL \"\" ((NIL NIL \"f\" \"MISSING_DOMAIN\")) ((NIL NIL \"s\" \"x\")) "
		"((NIL NIL \"f\" \"MISSING_DOMAIN\")) "
		"((NIL NIL \"undisclosed\" NIL)(NIL NIL NIL NIL)) NIL "
		"((NIL \"@r\" \"u\" \"h\")) \"<a@b>\" NIL)"},
	{"Subject: \"a\\b\" =?utf-8?q?=C3=A9?=\r\nFrom: Nobody <>\r\n\r\n",
		"(NIL \"\\\"a\\\\b\\\" =?utf-8?q?=C3=A9?=\" "
		"((\"Nobody\" NIL \"MISSING_MAILBOX\" \"MISSING_DOMAIN\")) "
		"((\"Nobody\" NIL \"MISSING_MAILBOX\" \"MISSING_DOMAIN\")) "
		"((\"Nobody\" NIL \"MISSING_MAILBOX\" \"MISSING_DOMAIN\")) "
		"NIL NIL NIL NIL NIL)"},
	{"Subject: caf\xe9\r\n\r\n",
		"(NIL {4}\r\ncaf\xe9 NIL NIL NIL NIL NIL NIL NIL NIL)"},
};

static void
test_renders_envelopes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ENVELOPES / sizeof *ENVELOPES; i++) {
		SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
		SCOPED(buffer_free) struct buffer text = buffer_with(10000);
		const struct wire_message *message =
			wire_mime_parse(arena, slice_of_text(ENVELOPES[i].message));
		assert_true(wire_envelope_put(&text, message->top->envelope));
		assert_slice_equals(buffer_slice(&text),
			slice_of_text(ENVELOPES[i].envelope), __FILE__, __LINE__);
	}
}

static void
test_renders_nothing(void **state)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(1000), few = buffer_with(10);
	(void)state;
	assert_true(wire_envelope_put(&text, NULL));
	assert_slice_is(buffer_slice(&text), "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
	assert_false(wire_envelope_put(&few, NULL));
}

#define NO_ENVELOPE "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"

struct body_case {
	const char *message, *body, *structure;
};

static const struct body_case BODIES[] = {
	{"A: b\r\n\r\nhello\r\n",
		"(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 7 1)",
		"(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 7 1 "
		"NIL NIL NIL NIL)"},
	{"Content-Type: IMAGE/Png; name=\"a \\\"b\\\"\"\r\nContent-ID: <x>\r\n"
	 "Content-Description: d\xe9\r\nContent-Transfer-Encoding: Base64\r\nContent-MD5: "
	 "M=\r\n"
	 "Content-Disposition: inline; filename*=utf-8''%C3%A9; size=1\r\n"
	 "Content-Language: en, de\r\nContent-Location: http://x\r\n\r\nAAAA",
		"(\"image\" \"png\" (\"name\" \"a \\\"b\\\"\") \"<x>\" {2}\r\nd\xe9 "
		"\"base64\" 4)",
		"(\"image\" \"png\" (\"name\" \"a \\\"b\\\"\") \"<x>\" {2}\r\nd\xe9 "
		"\"base64\" 4 "
		"\"M=\" (\"inline\" (\"filename*\" \"utf-8''%C3%A9\" \"size\" \"1\")) "
		"(\"en\" \"de\") \"http://x\")"},
	{"Content-Type: text/plain; format=flowed\r\nContent-Disposition: "
	 "attachment\r\n\r\n",
		"(\"text\" \"plain\" (\"format\" \"flowed\" \"charset\" \"us-ascii\") NIL "
		"NIL "
		"\"7bit\" 0 0)",
		"(\"text\" \"plain\" (\"format\" \"flowed\" \"charset\" \"us-ascii\") NIL "
		"NIL "
		"\"7bit\" 0 0 NIL (\"attachment\" NIL) NIL NIL)"},
	{"Content-Type: multipart/mixed; boundary=b\r\nContent-Language: en\r\n\r\n"
	 "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\nx\r\ny\r\n--b\r\n"
	 "Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nz\r\n\r\n--b--\r\n",
		"((\"text\" \"html\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 4 1)"
		"(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 18 "
		"(NIL \"in\" NIL NIL NIL NIL NIL NIL NIL NIL) "
		"(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 3 1) 3)"
		" \"mixed\")",
		"((\"text\" \"html\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 4 1 NIL NIL "
		"NIL NIL)"
		"(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 18 "
		"(NIL \"in\" NIL NIL NIL NIL NIL NIL NIL NIL) "
		"(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 3 1 "
		"NIL NIL NIL NIL) 3 NIL NIL NIL NIL)"
		" \"mixed\" (\"boundary\" \"b\") NIL (\"en\") NIL)"},
	{"Content-Type: message/global\r\n\r\n\r\nz",
		"(\"message\" \"global\" NIL NIL NIL \"7bit\" 3)",
		"(\"message\" \"global\" NIL NIL NIL \"7bit\" 3 NIL NIL NIL NIL)"},
};

static void
test_renders_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof BODIES / sizeof *BODIES; i++) {
		SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
		SCOPED(buffer_free) struct buffer body = buffer_with(10000);
		SCOPED(buffer_free) struct buffer structure = buffer_with(10000);
		const struct wire_message *message =
			wire_mime_parse(arena, slice_of_text(BODIES[i].message));
		assert_true(wire_body_put(&body, message->top, WIRE_BODY, false));
		assert_slice_equals(buffer_slice(&body), slice_of_text(BODIES[i].body),
			__FILE__, __LINE__);
		assert_true(wire_body_put(
			&structure, message->top, WIRE_BODY_STRUCTURE, false));
		assert_slice_equals(buffer_slice(&structure),
			slice_of_text(BODIES[i].structure), __FILE__, __LINE__);
	}
}

/* IMAP4rev2 sees into message/global. */
static void
test_renders_global_messages(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	SCOPED(buffer_free) struct buffer body = buffer_with(10000);
	const struct wire_message *message =
		wire_mime_parse(arena, SLICE("Content-Type: message/global\r\n\r\n\r\nz"));
	(void)state;
	assert_true(wire_body_put(&body, message->top, WIRE_BODY, true));
	assert_slice_is(buffer_slice(&body),
		"(\"message\" \"global\" NIL NIL NIL \"7bit\" 3 " NO_ENVELOPE
		" (\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 1 0) 1)");
}

struct adapted_case {
	const char *message, *ascii, *utf8;
};

static const struct adapted_case ADAPTED[] = {
	{"From: \xD1\x8E <a@\xD1\x84.\xD1\x80\xD1\x84>\r\nSubject: caf\xE9\r\n\r\n",
		"(NIL {4}\r\ncaf\xE9 ((\"=?utf-8?b?0Y4=?=\" NIL \"a\" "
		"\"xn--t1a.xn--p1ai\"))",
		"(NIL {4}\r\ncaf\xE9 ((\"\xD1\x8E\" NIL \"a\" "
		"\"\xD1\x84.\xD1\x80\xD1\x84\"))"},
	{"From: \xD1\x8E@x.org\r\nSubject: \xD1\x8E\r\n\r\n",
		"(NIL \"=?utf-8?b?0Y4=?=\" ((\"=?utf-8?b?0Y5AeC5vcmc=?=\" NIL \"invalid\" "
		"\"internationalized-address.invalid\"))",
		"(NIL \"\xD1\x8E\" ((NIL NIL \"\xD1\x8E\" \"x.org\"))"},
};

static void
check_adapted(struct slice rendered, bool utf8, const char *start)
{
	SCOPED(buffer_free) struct buffer adapted = buffer_with(10000);
	assert_true(wire_envelope_adapt(rendered, utf8, &adapted));
	assert_slice_equals(slice_first(buffer_slice(&adapted), strlen(start)),
		slice_of_text(start), __FILE__, __LINE__);
}

/* RFC 6858 2, RFC 9755 3. */
static void
test_adapts_envelopes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ADAPTED / sizeof *ADAPTED; i++) {
		SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
		SCOPED(buffer_free) struct buffer rendered = buffer_with(10000);
		const struct wire_message *message =
			wire_mime_parse(arena, slice_of_text(ADAPTED[i].message));
		assert_true(wire_envelope_put(&rendered, message->top->envelope));
		check_adapted(buffer_slice(&rendered), false, ADAPTED[i].ascii);
		check_adapted(buffer_slice(&rendered), true, ADAPTED[i].utf8);
	}
	SCOPED(buffer_free) struct buffer none = buffer_with(100);
	assert_false(wire_envelope_adapt(SLICE("(NIL \"x\" (("), false, &none));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_renders_envelopes),
		cmocka_unit_test(test_renders_nothing),
		cmocka_unit_test(test_adapts_envelopes),
		cmocka_unit_test(test_renders_bodies),
		cmocka_unit_test(test_renders_global_messages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
