#include "wire/smtp-reply.h"

void
wire_smtp_reply_init(struct wire_smtp_reply *reply)
{
	*reply = (struct wire_smtp_reply){.text = buffer_with(WIRE_SMTP_REPLY_TEXT_MOST)};
}

void
wire_smtp_reply_free(struct wire_smtp_reply *reply)
{
	buffer_free(&reply->text);
}

void
wire_smtp_reply_reset(struct wire_smtp_reply *reply)
{
	struct buffer text = reply->text;
	buffer_clear(&text);
	*reply = (struct wire_smtp_reply){.text = text};
}

int
wire_smtp_reply_class(const struct wire_smtp_reply *reply)
{
	return reply->code / 100;
}

/* Up to three digits (RFC 3463 2). */
static size_t
number_length(struct slice s)
{
	size_t length = 0;
	while (length < s.length && length < 4 && byte_is_digit(s.data[length]))
		length++;
	return length > 3 ? 0 : length;
}

size_t
wire_enhanced_status_length(struct slice text)
{
	if (text.length < 5 || !strchr("245", text.data[0]) || text.data[1] != '.')
		return 0;
	size_t subject = number_length(slice_from(text, 2));
	size_t dot = 2 + subject;
	if (subject == 0 || dot >= text.length || text.data[dot] != '.')
		return 0;
	size_t detail = number_length(slice_from(text, dot + 1));
	size_t end = dot + 1 + detail;
	bool alone = end == text.length || text.data[end] == ' ';
	return detail > 0 && alone ? end : 0;
}

/* "250", then "-" or a blank or the end. */
static bool
read_code(struct slice line, int *code)
{
	if (line.length < 3 || line.data[0] < '2' || line.data[0] > '5')
		return false;
	if (!byte_is_digit(line.data[1]) || !byte_is_digit(line.data[2]))
		return false;
	if (line.length > 3 && line.data[3] != '-' && line.data[3] != ' ')
		return false;
	*code = (line.data[0] - '0') * 100 + (line.data[1] - '0') * 10 + line.data[2] - '0';
	return true;
}

/* Takes the enhanced code off the text; the last line's counts. */
static struct slice
read_status(struct wire_smtp_reply *reply, struct slice text)
{
	size_t length = wire_enhanced_status_length(text);
	if (length == 0 || text.data[0] != '0' + wire_smtp_reply_class(reply))
		return text;
	memcpy(reply->status, text.data, length);
	reply->status[length] = '\0';
	return slice_from(text, length + 1);
}

static void
add_text(struct buffer *into, struct slice text)
{
	size_t room = into->ceiling - into->length;
	if (room == 0)
		return;
	for (size_t i = 0; i < text.length && i + 1 < room; i++)
		buffer_put_byte(
			into, (unsigned char)text.data[i] < ' ' ? ' ' : text.data[i]);
	buffer_put_byte(into, '\n');
}

enum wire_smtp_reply_step
wire_smtp_reply_add(struct wire_smtp_reply *reply, struct slice line)
{
	if (++reply->lines > WIRE_SMTP_REPLY_LINES_MOST || !read_code(line, &reply->code))
		return WIRE_SMTP_REPLY_MALFORMED;
	add_text(&reply->text, read_status(reply, slice_from(line, 4)));
	return line.length > 3 && line.data[3] == '-' ? WIRE_SMTP_REPLY_MORE
						      : WIRE_SMTP_REPLY_DONE;
}
