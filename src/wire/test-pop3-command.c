#include "base/test.h"
#include "wire/pop3-command.h"

struct pop3_case {
	struct slice line;
	enum wire_pop3_verb verb;
	bool right;
	const char *text;
	uint32_t message, lines;
};

static const struct pop3_case CASES[] = {
	{SLICE_INIT("USER anna@troika.test"), WIRE_POP3_USER, true, "anna@troika.test", 0,
		0},
	{SLICE_INIT("USER"), WIRE_POP3_USER, false, "", 0, 0},
	{SLICE_INIT("PASS a  b "), WIRE_POP3_PASS, true, "a  b ", 0, 0},
	{SLICE_INIT("pass \u00e9"), WIRE_POP3_PASS, true, "\u00e9", 0, 0},
	{SLICE_INIT("PASS"), WIRE_POP3_PASS, false, "", 0, 0},
	{SLICE_INIT("STAT"), WIRE_POP3_STAT, true, "", 0, 0},
	{SLICE_INIT("STAT "), WIRE_POP3_STAT, true, "", 0, 0},
	{SLICE_INIT("STAT 1"), WIRE_POP3_STAT, false, "", 0, 0},
	{SLICE_INIT("LIST"), WIRE_POP3_LIST, true, "", 0, 0},
	{SLICE_INIT("LIST 7"), WIRE_POP3_LIST, true, "", 7, 0},
	{SLICE_INIT("LIST 0"), WIRE_POP3_LIST, false, "", 0, 0},
	{SLICE_INIT("UIDL 12"), WIRE_POP3_UIDL, true, "", 12, 0},
	{SLICE_INIT("RETR 1"), WIRE_POP3_RETR, true, "", 1, 0},
	{SLICE_INIT("RETR"), WIRE_POP3_RETR, false, "", 0, 0},
	{SLICE_INIT("RETR -1"), WIRE_POP3_RETR, false, "", 0, 0},
	{SLICE_INIT("RETR 1 2"), WIRE_POP3_RETR, false, "", 0, 0},
	{SLICE_INIT("DELE 4294967296"), WIRE_POP3_DELE, false, "", 0, 0},
	{SLICE_INIT("TOP 1 0"), WIRE_POP3_TOP, true, "", 1, 0},
	{SLICE_INIT("TOP 3 10"), WIRE_POP3_TOP, true, "", 3, 10},
	{SLICE_INIT("TOP 3"), WIRE_POP3_TOP, false, "", 3, 0},
	{SLICE_INIT("AUTH"), WIRE_POP3_AUTH, true, "", 0, 0},
	{SLICE_INIT("AUTH PLAIN"), WIRE_POP3_AUTH, true, "PLAIN", 0, 0},
	{SLICE_INIT("AUTH PLAIN a b"), WIRE_POP3_AUTH, false, "PLAIN", 0, 0},
	{SLICE_INIT("APOP anna c4c9334b"), WIRE_POP3_APOP, true, "anna", 0, 0},
	{SLICE_INIT("CAPA"), WIRE_POP3_CAPA, true, "", 0, 0},
	{SLICE_INIT("STLS"), WIRE_POP3_STLS, true, "", 0, 0},
	{SLICE_INIT("NOOP"), WIRE_POP3_NOOP, true, "", 0, 0},
	{SLICE_INIT("RSET"), WIRE_POP3_RSET, true, "", 0, 0},
	{SLICE_INIT("quit"), WIRE_POP3_QUIT, true, "", 0, 0},
	{SLICE_INIT("XTND XLST"), WIRE_POP3_UNKNOWN, false, "", 0, 0},
	{SLICE_INIT(""), WIRE_POP3_UNKNOWN, false, "", 0, 0},
	{SLICE_INIT("USER a\0b"), WIRE_POP3_USER, false, "", 0, 0},
	{SLICE_INIT("USER a\tb"), WIRE_POP3_USER, false, "", 0, 0},
};

static void
lines_become_commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct wire_pop3_command command;
		const char *error = wire_pop3_command_parse(CASES[i].line, &command);
		if ((error == NULL) != CASES[i].right || command.verb != CASES[i].verb)
			fail_msg("%.*s: %s", SLICE_ARG(CASES[i].line), error);
		assert_slice_equals(
			command.text, slice_of_text(CASES[i].text), __FILE__, __LINE__);
		if (!CASES[i].right)
			continue;
		assert_int_equal(command.message, CASES[i].message);
		assert_int_equal(command.lines, CASES[i].lines);
	}
}

/* RFC 2449 4: 255 octets with the CRLF; RFC 5034 4: AUTH may be longer. */
static void
overlong_lines_are_refused(void **state)
{
	(void)state;
	char line[400] = "PASS ";
	struct slice auth = SLICE("AUTH PLAIN ");
	struct wire_pop3_command command;
	memset(line + 5, 'x', sizeof line - 5);
	assert_null(wire_pop3_command_parse(slice_of(line, 253), &command));
	assert_string_equal(wire_pop3_command_parse(slice_of(line, 254), &command),
		"The line is too long");
	memcpy(line, auth.data, auth.length);
	assert_null(wire_pop3_command_parse(slice_of(line, sizeof line), &command));
	assert_int_equal(command.initial.length, sizeof line - auth.length);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_commands),
		cmocka_unit_test(overlong_lines_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
