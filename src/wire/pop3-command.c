#include "wire/pop3-command.h"

typedef const char *parse_arguments(struct slice rest, struct wire_pop3_command *command);

/* rest: what follows the verb and one space; absent without a space. */
static const char *
parse_nothing(struct slice rest, struct wire_pop3_command *command)
{
	(void)command;
	return rest.length > 0 ? "This command takes no argument" : NULL;
}

static const char *
parse_text(struct slice rest, struct wire_pop3_command *command)
{
	command->text = rest;
	return rest.length == 0 ? "An argument is missing" : NULL;
}

/* RFC 1939 5: message numbers begin with 1. */
static const char *
parse_message(struct slice rest, struct wire_pop3_command *command)
{
	if (rest.length == 0)
		return "The message's number is missing";
	if (!slice_to_u32(rest, &command->message) || command->message == 0)
		return "That is no message number";
	return NULL;
}

static const char *
parse_maybe_message(struct slice rest, struct wire_pop3_command *command)
{
	return rest.length == 0 ? NULL : parse_message(rest, command);
}

static const char *
parse_top(struct slice rest, struct wire_pop3_command *command)
{
	const char *error = parse_message(slice_cut(&rest, ' '), command);
	if (error)
		return error;
	return slice_to_u32(rest, &command->lines) ? NULL
						   : "The number of lines is missing";
}

/* RFC 5034 4; without a mechanism the client wants the list of them (RFC 1734). */
static const char *
parse_auth(struct slice rest, struct wire_pop3_command *command)
{
	command->text = slice_cut(&rest, ' ');
	command->initial = rest;
	return slice_find_byte(rest, ' ') < rest.length
		       ? "Only one initial response may follow"
		       : NULL;
}

/* RFC 1939 7: a name and a digest. */
static const char *
parse_apop(struct slice rest, struct wire_pop3_command *command)
{
	command->text = slice_cut(&rest, ' ');
	command->initial = rest;
	return command->text.length > 0 && rest.length > 0 ? NULL
							   : "An argument is missing";
}

struct verb {
	struct slice name;
	enum wire_pop3_verb verb;
	parse_arguments *parse;
};

static const struct verb VERBS[] = {
	{SLICE_INIT("USER"), WIRE_POP3_USER, parse_text},
	{SLICE_INIT("PASS"), WIRE_POP3_PASS, parse_text},
	{SLICE_INIT("APOP"), WIRE_POP3_APOP, parse_apop},
	{SLICE_INIT("AUTH"), WIRE_POP3_AUTH, parse_auth},
	{SLICE_INIT("CAPA"), WIRE_POP3_CAPA, parse_nothing},
	{SLICE_INIT("STLS"), WIRE_POP3_STLS, parse_nothing},
	{SLICE_INIT("QUIT"), WIRE_POP3_QUIT, parse_nothing},
	{SLICE_INIT("STAT"), WIRE_POP3_STAT, parse_nothing},
	{SLICE_INIT("LIST"), WIRE_POP3_LIST, parse_maybe_message},
	{SLICE_INIT("RETR"), WIRE_POP3_RETR, parse_message},
	{SLICE_INIT("DELE"), WIRE_POP3_DELE, parse_message},
	{SLICE_INIT("NOOP"), WIRE_POP3_NOOP, parse_nothing},
	{SLICE_INIT("RSET"), WIRE_POP3_RSET, parse_nothing},
	{SLICE_INIT("TOP"), WIRE_POP3_TOP, parse_top},
	{SLICE_INIT("UIDL"), WIRE_POP3_UIDL, parse_maybe_message},
};

static const struct verb *
find_verb(struct slice name)
{
	for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; i++)
		if (slice_equal_nocase(VERBS[i].name, name))
			return &VERBS[i];
	return NULL;
}

static bool
has_control(struct slice line)
{
	for (size_t i = 0; i < line.length; i++)
		if ((unsigned char)line.data[i] < ' ' || line.data[i] == 0x7f)
			return true;
	return false;
}

/* A password may end in blanks; of anything else they are taken away. */
static struct slice
argument_of(const struct verb *verb, struct slice rest)
{
	while (verb->verb != WIRE_POP3_PASS && rest.length > 0 &&
		rest.data[rest.length - 1] == ' ')
		rest.length--;
	return rest;
}

const char *
wire_pop3_command_parse(struct slice line, struct wire_pop3_command *command)
{
	*command = (struct wire_pop3_command){0};
	struct slice rest = line;
	command->name = slice_cut(&rest, ' ');
	const struct verb *verb = find_verb(command->name);
	command->verb = verb ? verb->verb : WIRE_POP3_UNKNOWN;
	if (has_control(line))
		return "Control characters are not allowed";
	if (!verb)
		return "There is no such command";
	if (verb->verb != WIRE_POP3_AUTH && line.length > WIRE_POP3_LINE_MOST - 2)
		return "The line is too long";
	return verb->parse(argument_of(verb, rest), command);
}
