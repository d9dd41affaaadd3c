#include "base/error.h"
#include "wire/smtp-reply.h"

/* As a server's answer: lines of a client's input. */
static void
read_lines(struct slice input)
{
	struct wire_smtp_reply reply;
	wire_smtp_reply_init(&reply);
	while (!slice_absent(input)) {
		enum wire_smtp_reply_step step =
			wire_smtp_reply_add(&reply, slice_cut(&input, '\n'));
		ASSERT(!buffer_failed(&reply.text));
		if (step == WIRE_SMTP_REPLY_MALFORMED)
			break;
		ASSERT(reply.code >= 200 && reply.code <= 599);
		(void)wire_smtp_offers_parse(&reply);
		if (step == WIRE_SMTP_REPLY_DONE)
			wire_smtp_reply_reset(&reply);
	}
	wire_smtp_reply_free(&reply);
}

/* As the text of a reply of ours: whatever it is, it makes one reply of whole lines. */
static void
write_text(struct slice text)
{
	SCOPED(buffer_free) struct buffer written = buffer_with(1 << 24);
	struct wire_smtp_reply reply;
	wire_smtp_reply_init(&reply);
	ASSERT(wire_smtp_reply_put(&written, 550, "5.7.1", text));
	ASSERT(slice_ends(buffer_slice(&written), SLICE("\r\n")));
	struct slice rest = slice_first(buffer_slice(&written), written.length - 2);
	enum wire_smtp_reply_step step = WIRE_SMTP_REPLY_MORE;
	while (!slice_absent(rest) && reply.lines < WIRE_SMTP_REPLY_LINES_MOST) {
		ASSERT(step == WIRE_SMTP_REPLY_MORE);
		struct slice line = slice_cut(&rest, '\n');
		ASSERT(line.length + 1 <= WIRE_SMTP_REPLY_LINE_MOST);
		step = wire_smtp_reply_add(&reply, line);
		ASSERT(reply.code == 550);
	}
	ASSERT(step == WIRE_SMTP_REPLY_DONE || !slice_absent(rest));
	wire_smtp_reply_free(&reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_lines(slice_of(data, size));
	write_text(slice_of(data, size));
	return 0;
}
