#include "wire/smtp-reply.h"

#define CODE_LENGTH 4 /* "250-" */

static bool
is_text(char c)
{
	return (unsigned char)c >= ' ' && c != 0x7f;
}

/* How much of the text fits on a line: at a blank if there is one, never inside UTF-8. */
static size_t
fitting(struct slice text, size_t room)
{
	if (text.length <= room)
		return text.length;
	size_t blank = slice_find_last_byte(slice_first(text, room), ' ');
	if (blank > 0 && blank < room)
		return blank;
	while (room > 1 && ((unsigned char)text.data[room] & 0xc0) == 0x80)
		room--;
	return room;
}

static void
put_clean(struct buffer *into, struct slice text)
{
	for (size_t i = 0; i < text.length; i++)
		buffer_put_byte(into, is_text(text.data[i]) ? text.data[i] : '?');
}

static void
put_line(struct buffer *into, int code, bool last, struct slice enhanced, struct slice text)
{
	buffer_printf(into, "%03d%c", code, last ? ' ' : '-');
	buffer_put(into, enhanced);
	if (enhanced.length > 0)
		buffer_put_byte(into, ' ');
	put_clean(into, text);
	buffer_put_text(into, "\r\n");
}

/* One line of the text, as one or more of the reply. */
static void
put_text(struct buffer *into, int code, bool last, struct slice enhanced, struct slice text)
{
	size_t room = WIRE_SMTP_REPLY_LINE_MOST - CODE_LENGTH - enhanced.length - 3;
	for (;;) {
		size_t length = fitting(text, room);
		struct slice part = slice_first(text, length);
		text = slice_from(text, length);
		if (text.length > 0 && text.data[0] == ' ')
			text = slice_from(text, 1);
		put_line(into, code, last && text.length == 0, enhanced, part);
		if (text.length == 0)
			return;
	}
}

bool
wire_smtp_reply_put(struct buffer *into, int code, const char *enhanced, struct slice text)
{
	struct slice status = slice_of_text(enhanced);
	do {
		struct slice line = slice_cut(&text, '\n');
		put_text(into, code, slice_absent(text), status, line);
	} while (!slice_absent(text));
	return !buffer_failed(into);
}

bool
wire_smtp_reply_text(struct buffer *into, int code, const char *enhanced, const char *text)
{
	return wire_smtp_reply_put(into, code, enhanced, slice_of_text(text));
}
