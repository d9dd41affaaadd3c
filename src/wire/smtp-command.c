#include "wire/smtp-command.h"
#include "wire/smtp-parameter.h"

typedef struct wire_smtp_fault parse_arguments(
	struct wire_smtp_command *command, struct arena *arena);

static const struct wire_smtp_fault FINE = {0, NULL, NULL};

static struct wire_smtp_fault
fault(int code, const char *enhanced, const char *text)
{
	return (struct wire_smtp_fault){code, enhanced, text};
}

static struct wire_smtp_fault
parse_nothing(struct wire_smtp_command *command, struct arena *arena)
{
	(void)arena;
	if (command->argument.length > 0)
		return fault(501, "5.5.4", "This command takes no argument");
	return FINE;
}

static struct wire_smtp_fault
parse_anything(struct wire_smtp_command *command, struct arena *arena)
{
	(void)command;
	(void)arena;
	return FINE;
}

static struct wire_smtp_fault
parse_something(struct wire_smtp_command *command, struct arena *arena)
{
	(void)arena;
	if (command->argument.length == 0)
		return fault(501, "5.5.4", "An argument is missing");
	return FINE;
}

/* Names that are no host names are common among clients, so any word will do. */
static struct wire_smtp_fault
parse_name(struct wire_smtp_command *command, struct arena *arena)
{
	(void)arena;
	struct slice name = command->argument;
	if (name.length == 0)
		return fault(501, "5.5.4", "Your host's name is missing");
	if (name.length > WIRE_DOMAIN_LENGTH || slice_find_byte(name, ' ') < name.length)
		return fault(501, "5.5.4", "That is no host name");
	return FINE;
}

/* "FROM:<path>" and what follows, which stays in *rest. */
static struct wire_smtp_fault
parse_path(struct slice *rest, struct slice keyword, struct arena *arena,
	struct wire_path *path)
{
	bool from = slice_equal(keyword, SLICE("FROM:"));
	if (!slice_starts_nocase(*rest, keyword))
		return fault(501, "5.5.4",
			from ? "MAIL FROM:<address> was expected"
			     : "RCPT TO:<address> was expected");
	*rest = slice_from(*rest, keyword.length);
	while (rest->length > 0 && rest->data[0] == ' ')
		*rest = slice_from(*rest, 1);
	enum base_failure failure = wire_path_parse(arena, rest, path, NULL);
	if (failure != BASE_OK || (rest->length > 0 && rest->data[0] != ' '))
		return fault(501, from ? "5.1.7" : "5.1.3",
			failure == BASE_TOO_LARGE ? "The address is too long"
						  : "The address has a syntax error");
	return FINE;
}

static struct wire_smtp_fault
parse_parameters(struct slice rest, struct arena *arena,
	struct wire_smtp_fault (*take)(struct wire_smtp_parameter, struct arena *, void *),
	void *into)
{
	while (!slice_absent(rest)) {
		struct slice text = slice_cut(&rest, ' ');
		if (text.length == 0)
			continue;
		struct wire_smtp_parameter parameter = wire_smtp_parameter_of(text);
		struct wire_smtp_fault found = take(parameter, arena, into);
		if (found.code)
			return found;
	}
	return FINE;
}

static struct wire_smtp_fault
parse_mail(struct wire_smtp_command *command, struct arena *arena)
{
	struct slice rest = command->argument;
	struct wire_smtp_fault found =
		parse_path(&rest, SLICE("FROM:"), arena, &command->mail.from);
	if (found.code)
		return found;
	return parse_parameters(rest, arena, wire_smtp_take_mail_parameter, &command->mail);
}

static struct wire_smtp_fault
parse_rcpt(struct wire_smtp_command *command, struct arena *arena)
{
	struct slice rest = command->argument;
	struct wire_smtp_fault found =
		parse_path(&rest, SLICE("TO:"), arena, &command->rcpt.to);
	if (found.code)
		return found;
	if (command->rcpt.to.null)
		return fault(501, "5.1.3", "The recipient's address is empty");
	return parse_parameters(rest, arena, wire_smtp_take_rcpt_parameter, &command->rcpt);
}

static struct wire_smtp_fault
parse_bdat(struct wire_smtp_command *command, struct arena *arena)
{
	(void)arena;
	struct slice rest = command->argument;
	if (!slice_to_u64(slice_cut(&rest, ' '), &command->chunk))
		return fault(501, "5.5.4", "BDAT needs the chunk's size");
	command->last = slice_equal_nocase(rest, SLICE("LAST"));
	if (rest.length > 0 && !command->last)
		return fault(501, "5.5.4", "Only LAST may follow the chunk's size");
	return FINE;
}

/* sasl-mech (RFC 4422 3.1): 1 to 20 letters, digits, "-" and "_". */
static bool
is_mechanism(struct slice s)
{
	for (size_t i = 0; i < s.length; i++) {
		char c = s.data[i];
		if (!byte_is_alpha(c) && !byte_is_digit(c) && c != '-' && c != '_')
			return false;
	}
	return s.length >= 1 && s.length <= 20;
}

static struct wire_smtp_fault
parse_auth(struct wire_smtp_command *command, struct arena *arena)
{
	struct slice rest = command->argument;
	struct slice mechanism = slice_cut(&rest, ' ');
	if (!is_mechanism(mechanism))
		return fault(501, "5.5.4", "AUTH needs a mechanism");
	if (!arena_has_room(arena, mechanism.length + 1))
		return fault(452, "4.3.1", "The command is too large");
	char *upper = arena_text(arena, mechanism);
	for (size_t i = 0; i < mechanism.length; i++)
		upper[i] = byte_upper(upper[i]);
	command->mechanism = slice_of(upper, mechanism.length);
	command->initial = rest;
	if (slice_find_byte(rest, ' ') < rest.length)
		return fault(501, "5.5.4", "Only one initial response may follow");
	return FINE;
}

struct verb {
	struct slice name;
	enum wire_smtp_verb verb;
	parse_arguments *parse;
};

static const struct verb VERBS[] = {
	{SLICE_INIT("EHLO"), WIRE_SMTP_EHLO, parse_name},
	{SLICE_INIT("HELO"), WIRE_SMTP_HELO, parse_name},
	{SLICE_INIT("MAIL"), WIRE_SMTP_MAIL, parse_mail},
	{SLICE_INIT("RCPT"), WIRE_SMTP_RCPT, parse_rcpt},
	{SLICE_INIT("DATA"), WIRE_SMTP_DATA, parse_nothing},
	{SLICE_INIT("BDAT"), WIRE_SMTP_BDAT, parse_bdat},
	{SLICE_INIT("RSET"), WIRE_SMTP_RSET, parse_nothing},
	{SLICE_INIT("NOOP"), WIRE_SMTP_NOOP, parse_anything},
	{SLICE_INIT("QUIT"), WIRE_SMTP_QUIT, parse_nothing},
	{SLICE_INIT("VRFY"), WIRE_SMTP_VRFY, parse_something},
	{SLICE_INIT("EXPN"), WIRE_SMTP_EXPN, parse_something},
	{SLICE_INIT("HELP"), WIRE_SMTP_HELP, parse_anything},
	{SLICE_INIT("STARTTLS"), WIRE_SMTP_STARTTLS, parse_nothing},
	{SLICE_INIT("AUTH"), WIRE_SMTP_AUTH, parse_auth},
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

static struct slice
without_blanks(struct slice s)
{
	while (s.length > 0 && s.data[s.length - 1] == ' ')
		s.length--;
	while (s.length > 0 && s.data[0] == ' ')
		s = slice_from(s, 1);
	return s;
}

struct wire_smtp_fault
wire_smtp_command_parse(
	struct slice line, struct arena *arena, struct wire_smtp_command *command)
{
	*command = (struct wire_smtp_command){0};
	size_t end = slice_find_byte(line, ' ');
	command->name = slice_first(line, end);
	command->argument = without_blanks(slice_from(line, end));
	const struct verb *verb = find_verb(command->name);
	command->verb = verb ? verb->verb : WIRE_SMTP_UNKNOWN;
	if (has_control(line))
		return fault(500, "5.5.2", "Control characters are not allowed");
	if (!slice_is_utf8(line))
		return fault(500, "5.5.2", "That is not valid UTF-8");
	if (!verb)
		return fault(500, "5.5.1", "There is no such command");
	return verb->parse(command, arena);
}
