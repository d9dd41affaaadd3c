#include "base/error.h"
#include "wire/pop3-command.h"

static bool
lies_in(struct slice part, struct slice line)
{
	return part.length == 0 ||
	       (part.data >= line.data &&
		       part.data + part.length <= line.data + line.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice line = slice_of(data, size);
	struct wire_pop3_command command;
	const char *error = wire_pop3_command_parse(line, &command);
	ASSERT(lies_in(command.name, line));
	ASSERT(lies_in(command.text, line));
	ASSERT(lies_in(command.initial, line));
	if (error)
		return 0;
	ASSERT(command.verb != WIRE_POP3_UNKNOWN);
	ASSERT(size <= WIRE_POP3_LINE_MOST - 2 || command.verb == WIRE_POP3_AUTH);
	if (command.verb == WIRE_POP3_RETR || command.verb == WIRE_POP3_TOP)
		ASSERT(command.message > 0);
	return 0;
}
