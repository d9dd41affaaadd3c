#include "base/error.h"
#include "wire/smtp-command.h"

/* What a client would write for a command that was understood, without its CRLF. */
static struct slice
write_again(const struct wire_smtp_command *command, struct buffer *line)
{
	if (command->verb == WIRE_SMTP_MAIL)
		ASSERT(wire_smtp_mail_put(line, &command->mail));
	else
		ASSERT(wire_smtp_rcpt_put(line, &command->rcpt));
	return slice_first(buffer_slice(line), line->length - 2);
}

/* Written and read again, a command must stay what it is. */
static void
check_round_trip(const struct wire_smtp_command *command, struct arena *arena)
{
	SCOPED(buffer_free) struct buffer first = buffer_with(1 << 20);
	SCOPED(buffer_free) struct buffer second = buffer_with(1 << 20);
	struct wire_smtp_command again;
	struct slice line = write_again(command, &first);
	struct wire_smtp_fault fault = wire_smtp_command_parse(line, arena, &again);
	ASSERT(fault.code == 0);
	ASSERT(again.verb == command->verb);
	ASSERT(slice_equal(line, write_again(&again, &second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > WIRE_SMTP_LINE_MOST)
		return 0;
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	struct wire_smtp_command command;
	struct wire_smtp_fault fault =
		wire_smtp_command_parse(slice_of(data, size), arena, &command);
	ASSERT(!fault.code || (fault.code >= 400 && fault.code <= 599 && fault.text));
	if (!fault.code &&
		(command.verb == WIRE_SMTP_MAIL || command.verb == WIRE_SMTP_RCPT))
		check_round_trip(&command, arena);
	return 0;
}
